//! Secrets that files of the operator name and do not hold: in a variable of the environment or in a file of
//! their own.
//!
//! A secret is never part of a problem. One that is missing is reported apart, since it stops only those
//! who need it: `stillup check` sends no messages.

use std::path::Path;

use super::{
    files,
    problem::ConfigProblem,
    table::Table,
    value::{Text, quoted},
};
use model::site_request::Secret;

/// Reader of secrets; files are below a folder.
#[derive(Debug)]
pub(super) struct Secrets<'f> {
    pub(super) folder: &'f Path,
    /// Secrets that are not where they should be, or are none.
    pub(super) missing: Vec<ConfigProblem>,
}

/// The keys of one secret: of the variable, and of the file that holds it.
pub(super) struct SecretKeys {
    pub(super) env: &'static str,
    pub(super) file: &'static str,
}

impl SecretKeys {
    pub(super) fn is_given(&self, table: &Table<'_, '_>) -> bool {
        table.has(self.env) || table.has(self.file)
    }

    /// The key that is given.
    pub(super) fn key(&self, table: &Table<'_, '_>) -> &'static str {
        if table.has(self.env) { self.env } else { self.file }
    }
}

impl<'f> Secrets<'f> {
    pub(super) fn below(folder: &'f Path) -> Self {
        Self { folder, missing: Vec::new() }
    }

    /// The text of a variable.
    pub(super) fn variable(name: &str) -> Result<String, String> {
        std::env::var(name)
            .map_err(|_| format!("there is no environment variable {}; set it", quoted(name)))
    }

    /// The text of a file.
    pub(super) fn file(&self, path: &str) -> Result<String, String> {
        let read = files::read(&self.folder.join(path), "write the secret into it");
        read.map_err(|problem| problem.to_string())
    }

    /// The secret named by these keys; `None` when neither key is there, or it cannot be read.
    pub(super) fn read(&mut self, table: &mut Table<'_, '_>, keys: &SecretKeys) -> Option<Secret> {
        let variable = table.get::<Text>(keys.env).map(String::from);
        let path = table.get::<Text>(keys.file).map(String::from);
        if variable.is_some() && path.is_some() {
            table.wrong(keys.file, format!("stands beside {}; keep one of the two", keys.env));
        }
        let (key, text) = match (variable, path) {
            (Some(name), _) => (keys.env, Self::variable(&name)),
            (None, Some(path)) => (keys.file, self.file(&path)),
            (None, None) => return None,
        };
        let text = text.and_then(|text| match text.trim() {
            "" => Err("the secret is empty".to_owned()),
            text => Ok(text.to_owned()),
        });
        text.map_err(|text| self.missing.push(table.problem(key, text))).ok().map(Secret::from)
    }

    /// The same for a secret that must be there.
    pub(super) fn require(
        &mut self,
        table: &mut Table<'_, '_>,
        keys: &SecretKeys,
        what: &str,
    ) -> Option<Secret> {
        if !keys.is_given(table) {
            let text = format!(
                "is missing: {what} is a secret; write {} = \"NAME\" or {} = \"path\"",
                keys.env, keys.file
            );
            table.missing(keys.env, &text);
        }
        self.read(table, keys)
    }
}

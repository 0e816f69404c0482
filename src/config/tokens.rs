//! `[[token]]`: the operator's tokens, of which only hashes are kept. Pure.

use toml::Value;

use super::{
    notice_keys::{At, Id},
    problem::ConfigProblem,
    table::{self, Table},
    value::{shown, text, values},
};
use model::{moment::Moment, permission::Permission};

/// Tokens at most.
const MAX_TOKENS: usize = 200;

/// A token, of which only this is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorToken {
    /// The name of its holder, which the audit shows.
    pub name: Box<str>,
    /// The part of it that is no secret.
    pub id: Box<str>,
    /// The SHA-256 of all of it.
    pub sha256: [u8; 32],
    /// Permissions.
    pub may: Vec<Permission>,
    /// Moment when it was made.
    pub added_at: Moment,
}

values! {
    /// A SHA-256 in hexadecimal digits.
    Hash([u8; 32]) = hash;
    /// One permission.
    May(Permission) = |value| Permission::parse(&text(value)?);
}

/// Reads tokens from the text of a file.
///
/// # Errors
/// Fails with every problem of the text, in the order of its lines.
pub fn tokens(text: &str, file: &str) -> Result<Vec<OperatorToken>, Vec<ConfigProblem>> {
    table::parse_whole(file, text, |top| {
        let mut ids: Vec<Box<str>> = Vec::new();
        top.sections("token", MAX_TOKENS, |table, number| {
            let token = read(table, number)?;
            if ids.contains(&token.id) {
                table.wrong("id", "is taken by another [[token]]");
            }
            ids.push(token.id.clone());
            Some(token)
        })
    })
}

fn read(table: &mut Table<'_, '_>, number: usize) -> Option<OperatorToken> {
    table.set_subject_from("token", number, "name");
    for key in ["name", "id", "sha256", "may", "added_at"] {
        table.require(key, "is missing; make tokens with: stillup token add NAME --may …");
    }
    let name = table.get::<Id>("name").map(String::from);
    let id = table.get::<Id>("id").map(String::from);
    let sha256 = table.get::<Hash>("sha256").map(|Hash(hash)| hash);
    let may: Option<Vec<May>> = table.get("may");
    let added_at = table.get::<At>("added_at").map(Into::into);
    Some(OperatorToken {
        name: name?.into(),
        id: id?.into(),
        sha256: sha256?,
        may: may?.into_iter().map(Into::into).collect(),
        added_at: added_at?,
    })
}

fn hash(value: &Value) -> Result<[u8; 32], String> {
    let wrong = || format!("{} is not a SHA-256 in 64 hexadecimal digits", shown(value));
    let text =
        value.as_str().filter(|text| text.len() == 64 && text.is_ascii()).ok_or_else(wrong)?;
    let mut hash = [0; 32];
    for (place, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).map_err(|_| wrong())?;
    }
    Ok(hash)
}

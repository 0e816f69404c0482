//! Sites that programs add beside the catalogue: `added.toml`, in the shape of the catalogue.
//!
//! The catalogue's own file wins, and has the last word: what is added is read by its reader, together
//! with it, and what the two of them drop together is held against the same guard.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::watch;
use toml::{Table, Value};
use xxhash_rust::xxh3::xxh3_64;

use super::{Refusal, files::KeptList, notices::wrong};
use crate::config::{Catalogue, ConfigProblem, Defaults, problem_lines, removals};
use model::{moment::Moment, name::Slug, scope::Scope, site::Site};

/// Sites in the file at most.
const MAX_SITES: usize = 10_000;
/// Removals within this time count together, as those of one change of a file do.
const TOGETHER: Duration = Duration::from_hours(1);

/// The sites that were added.
#[derive(Debug)]
pub struct AddedSites {
    list: KeptList<Table>,
    file: String,
    source: PathBuf,
    defaults: Defaults,
    /// The last removals, oldest first.
    removed: Mutex<VecDeque<(Moment, Slug)>>,
}

/// A precondition of a change: it is given the tag of the entry that there is.
pub type Precondition<'p> = &'p (dyn Fn(Option<&str>) -> Result<(), Refusal> + Sync);

impl AddedSites {
    /// Those of a data directory, beside the catalogue in `source`.
    pub fn open(dir: &Path, source: &Path, defaults: Defaults) -> Self {
        let path = dir.join("added.toml");
        Self {
            file: path.display().to_string(),
            list: KeptList::open(path, read, write),
            source: source.into(),
            defaults,
            removed: Mutex::default(),
        }
    }

    /// Changes of the entries.
    pub fn follow(&self) -> watch::Receiver<Arc<[Table]>> {
        self.list.follow()
    }

    /// The list of entries.
    pub(super) fn list(&self) -> &KeptList<Table> {
        &self.list
    }

    /// Takes the file if it is another one than at the last look.
    pub(super) fn look(&self) {
        self.list.look();
    }

    /// Reason why the file as it is was not taken.
    pub(super) fn problem(&self) -> Option<String> {
        self.list.problem()
    }

    /// Tag of the entry of a site, another one after each change; `None` when it was not added here.
    pub fn tag(&self, slug: &str) -> Option<String> {
        let list = self.list.list();
        list.iter().find(|entry| slug_of(entry) == Some(slug)).map(tag)
    }

    /// A catalogue with what was added.
    ///
    /// # Errors
    /// Fails with every problem of what was added.
    pub fn joined(&self, catalogue: Catalogue) -> Result<Catalogue, Vec<ConfigProblem>> {
        catalogue.with_added(&self.list.list(), &self.file, &self.defaults)
    }

    /// Adds or replaces a site, which has these keys; `current` are the sites in force. Returns the site,
    /// and whether it is new.
    ///
    /// # Errors
    /// Fails when a value is wrong, when the catalogue has the site, when the precondition does not hold,
    /// or when it cannot be kept.
    pub fn put(
        &self,
        slug: &str,
        mut keys: Table,
        current: &[Slug],
        precondition: Precondition<'_>,
    ) -> Result<(Arc<Site>, bool), Refusal> {
        if keys.get("slug").is_some_and(|given| given.as_str() != Some(slug)) {
            return Err(wrong("slug", "is another one than in the address"));
        }
        if let Some(key) = keys.iter().find(|(_, value)| names_a_secret(value)).map(|(key, _)| key)
        {
            return Err(wrong(
                key,
                "names a secret of this machine; only the catalogue's own file may do that",
            ));
        }
        keys.insert("slug".to_owned(), slug.into());
        self.list.edit(|entries| {
            let place = entries.iter().position(|entry| slug_of(entry) == Some(slug));
            self.not_in_the_file(slug)?;
            precondition(place.map(|place| tag(&entries[place])).as_deref())?;
            match place {
                Some(place) => entries[place] = keys,
                None if entries.len() >= MAX_SITES => {
                    return Err(Refusal::Conflict(format!("{MAX_SITES} sites were added already")));
                }
                None => entries.push(keys),
            }
            let all = self.own()?.with_added(entries, &self.file, &self.defaults);
            let all = all.map_err(Refusal::Wrong)?;
            removals::accept(current, all.slugs(), None)
                .map_err(|refused| Refusal::Conflict(refused.to_string()))?;
            let site = all.sites().iter().find(|site| site.slug.as_str() == slug);
            let site = site.ok_or_else(|| wrong("slug", "is not a slug of a site"))?;
            Ok((site.clone(), place.is_none()))
        })
    }

    /// Removes a site that was added; `confirmed` is the number of removals within an hour that is meant.
    ///
    /// # Errors
    /// Fails when it was not added here, when it would be one removal too many, when the precondition
    /// does not hold, or when it cannot be kept.
    pub fn remove(
        &self,
        slug: &Slug,
        current: &[Slug],
        confirmed: Option<usize>,
        precondition: Precondition<'_>,
        now: Moment,
    ) -> Result<(), Refusal> {
        self.list.edit(|entries| {
            let place = entries.iter().position(|entry| slug_of(entry) == Some(slug.as_str()));
            let Some(place) = place else {
                self.not_in_the_file(slug.as_str())?;
                return Err(Refusal::NotThere(
                    "No site of the catalogue has this slug.".to_owned(),
                ));
            };
            precondition(Some(&tag(&entries[place])))?;
            self.guard(slug, current, confirmed, now)?;
            entries.remove(place);
            Ok(())
        })
    }

    /// Holds a removal, with those of the last hour, against the guard of the catalogue.
    fn guard(
        &self,
        slug: &Slug,
        current: &[Slug],
        confirmed: Option<usize>,
        now: Moment,
    ) -> Result<(), Refusal> {
        // A poisoned lock guards a list that is whole: going on is better.
        let mut removed = self.removed.lock().unwrap_or_else(PoisonError::into_inner);
        removed.retain(|(at, gone)| *at + TOGETHER > now && !current.contains(gone));
        let before = current.iter().chain(removed.iter().map(|(_, gone)| gone));
        let after = current.iter().filter(|known| *known != slug);
        if let Err(refused) = removals::accept(before, after, confirmed) {
            let (number, of) = (refused.slugs.len(), refused.of);
            return Err(Refusal::Conflict(format!(
                "this would be {number} of {of} sites removed within an hour, so nothing was changed; if it \
                 is meant, confirm the number: ?confirm_removals={number}"
            )));
        }
        removed.push_back((now, slug.clone()));
        Ok(())
    }

    /// The names of a scope that no site of the catalogue has; none where it cannot be read.
    pub fn unknown_in(&self, scope: &Scope) -> Scope {
        let own = Catalogue::load_without_secrets(&self.source, &self.defaults);
        let Ok(catalogue) = own.and_then(|own| self.joined(own)) else { return Scope::default() };
        scope.unknown(catalogue.sites().iter().map(|site| &**site))
    }

    fn own(&self) -> Result<Catalogue, Refusal> {
        Catalogue::load(&self.source, &self.defaults).map_err(|problems| {
            let problems = problem_lines(&problems);
            Refusal::Conflict(format!(
                "the catalogue cannot be read now: {problems}; nothing was changed"
            ))
        })
    }

    fn not_in_the_file(&self, slug: &str) -> Result<(), Refusal> {
        if self.own()?.slugs().any(|known| known.as_str() == slug) {
            let text =
                format!("the site {slug} stands in the catalogue's own file; change it there");
            return Err(Refusal::Conflict(text));
        }
        Ok(())
    }
}

fn slug_of(entry: &Table) -> Option<&str> {
    entry.get("slug").and_then(Value::as_str)
}

/// Tag of an entry.
fn tag(entry: &Table) -> String {
    let text = toml::to_string(entry).unwrap_or_default();
    format!("{:016x}", xxh3_64(text.as_bytes()))
}

/// Returns whether a value refers to the environment or to a file of this machine.
fn names_a_secret(value: &Value) -> bool {
    match value {
        Value::Table(table) => {
            table.contains_key("env")
                || table.contains_key("file")
                || table.values().any(names_a_secret)
        }
        Value::Array(items) => items.iter().any(names_a_secret),
        _ => false,
    }
}

/// The entries of a file, which the catalogue's reader checks.
fn read(text: &str, file: &str) -> Result<Vec<Table>, Vec<ConfigProblem>> {
    let wrong = |text: String| vec![ConfigProblem::new(file, text)];
    let top: Table =
        toml::from_str(text).map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    let mut entries = Vec::new();
    for (key, value) in top {
        let Value::Array(items) = value else {
            return Err(wrong(format!("{key} is not a list of [[site]]")));
        };
        for item in items {
            match item {
                Value::Table(entry) if key == "site" => entries.push(entry),
                _ => return Err(wrong(format!("{key} is not a list of [[site]]"))),
            }
        }
    }
    Ok(entries)
}

fn write(entries: &[Table]) -> String {
    let mut top = Table::new();
    let all = entries.iter().cloned().map(Value::Table).collect();
    top.insert("site".to_owned(), Value::Array(all));
    toml::to_string(&top).unwrap_or_default()
}

//! The catalogue: the list of sites in force, from `sites.toml`.
//!
//! Pure but for [`Catalogue::load`], which reads one file. A catalogue is whole or it is not there:
//! one problem anywhere and nothing of the file is used.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use super::{
    files,
    problem::ConfigProblem,
    site::{self, Defaults},
    table::{self, Table},
    value::quoted,
};
use model::{name::Slug, site::Site};

const HINT: &str = "name the catalogue of sites with --sites or STILLUP_SITES, or write one: \
                    [[site]], and below it url = \"https://slack.com/\"";

/// The sites in force, in the order of the file; slugs are unique, and there is one site at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    sites: Vec<Arc<Site>>,
    text: Box<str>,
}

impl Catalogue {
    /// Reads a catalogue from its text.
    ///
    /// # Errors
    /// Fails with every problem of the text, in the order of its lines.
    pub fn parse(text: &str, file: &str, defaults: &Defaults) -> Result<Self, Vec<ConfigProblem>> {
        let (sites, problems) = table::parse(file, text, |top| sites(top, defaults, |_, _| {}));
        if problems.is_empty() { Ok(Self { sites, text: text.into() }) } else { Err(problems) }
    }

    /// Reads a catalogue from its file.
    ///
    /// # Errors
    /// Fails with every problem of the file.
    pub fn load(path: &Path, defaults: &Defaults) -> Result<Self, Vec<ConfigProblem>> {
        let text = files::read(path, HINT).map_err(|problem| vec![problem])?;
        Self::parse(&text, &path.display().to_string(), defaults)
    }

    /// The same with sites that were added beside it, whose entries come from `file`. One that the
    /// catalogue has itself by now is left out: the catalogue wins.
    ///
    /// # Errors
    /// Fails with every problem of what was added.
    pub fn with_added(
        mut self,
        added: &[toml::Table],
        file: &str,
        defaults: &Defaults,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let own: HashSet<&str> = self.slugs().map(Slug::as_str).collect();
        let is_own = |entry: &toml::Table| {
            entry.get("slug").and_then(toml::Value::as_str).is_some_and(|slug| own.contains(slug))
        };
        let new: Vec<toml::Value> =
            added.iter().filter(|entry| !is_own(entry)).cloned().map(Into::into).collect();
        if new.is_empty() {
            return Ok(self);
        }
        let top = toml::Table::from_iter([("site".to_owned(), toml::Value::Array(new))]);
        let text = toml::to_string(&top)
            .map_err(|error| vec![ConfigProblem::new(file, error.to_string())])?;
        let (more, mut problems) = table::parse(file, &text, |top| sites(top, defaults, |_, _| {}));
        let taken = |name: &str| {
            let has = |site: &&Arc<Site>| {
                site.slug.as_str() == name || site.aliases.iter().any(|alias| **alias == *name)
            };
            self.sites.iter().find(has)
        };
        for site in &more {
            let names =
                std::iter::once(site.slug.as_str()).chain(site.aliases.iter().map(|a| &**a));
            for (name, owner) in names.filter_map(|name| Some((name, taken(name)?))) {
                let text = format!("{} is a name of \"{}\" already", quoted(name), owner.slug);
                let key = if name == site.slug.as_str() { "slug" } else { "aliases" };
                let place = format!("site {}", quoted(site.slug.as_str()));
                problems.push(ConfigProblem::new(file, text).about(&place, key));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        self.sites.extend(more);
        self.text = format!("{}\n{text}", self.text).into();
        Ok(self)
    }

    /// The text that it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The sites, in the order of the file.
    pub fn sites(&self) -> &[Arc<Site>] {
        &self.sites
    }

    /// Their slugs, in the order of the file.
    pub fn slugs(&self) -> impl ExactSizeIterator<Item = &Slug> {
        self.sites.iter().map(|site| &site.slug)
    }
}

/// Reads every `[[site]]` of a file; `more` reads the keys that a site has beside those of a
/// catalogue.
pub(super) fn sites(
    top: &mut Table<'_, '_>,
    defaults: &Defaults,
    mut more: impl FnMut(&mut Table<'_, '_>, Option<&Site>),
) -> Vec<Arc<Site>> {
    let mut names = TakenNames::default();
    let given = top.count("site");
    let sites = top.sections("site", usize::MAX, |table, number| {
        let site = site::read(table, number, defaults);
        more(table, site.as_ref());
        let site = site?;
        names.take(table, &site);
        Some(Arc::new(site))
    });
    match given {
        None => top.missing_in_file(
            "there is no [[site]]; write one, and below it url = \"https://slack.com/\"",
        ),
        Some(0) => top
            .wrong("site", "is empty; write a [[site]], and below it url = \"https://slack.com/\""),
        Some(_) => {}
    }
    sites
}

/// The names of the sites so far, with the lines that give them: no two sites may share one.
#[derive(Default)]
struct TakenNames {
    slugs: HashMap<Slug, usize>,
    /// With the slug of the site.
    aliases: HashMap<Box<str>, (Slug, usize)>,
}

impl TakenNames {
    /// Takes the names of a site; reports each that another site has.
    fn take(&mut self, table: &mut Table<'_, '_>, site: &Site) {
        let slug = &site.slug;
        let key = if table.has("slug") { "slug" } else { "url" };
        if let Some(first) = self.slugs.get(slug) {
            let text = format!(
                "the slug \"{slug}\" is taken by the site at line {first}; remove one of the \
                 two, or give it another slug"
            );
            table.wrong(key, text);
        } else if let Some((owner, first)) = self.aliases.get(slug.as_str()) {
            let text = format!(
                "the slug \"{slug}\" is an alias of \"{owner}\" already, at line {first}; remove \
                 one of the two"
            );
            table.wrong(key, text);
        } else {
            self.slugs.insert(slug.clone(), table.line_of(key));
        }
        for (place, alias) in site.aliases.iter().enumerate() {
            self.take_alias(table, slug, (place, alias));
        }
    }

    fn take_alias(
        &mut self,
        table: &mut Table<'_, '_>,
        slug: &Slug,
        (place, alias): (usize, &str),
    ) {
        let taken = if let Some((owner, first)) = self.aliases.get(alias) {
            format!("an alias of \"{owner}\" already, at line {first}")
        } else if let Some(first) = self.slugs.get(alias).filter(|_| *alias != *slug.as_str()) {
            format!("the slug of the site at line {first}")
        } else {
            let line = table.line_of_item("aliases", place);
            self.aliases.insert(alias.into(), (slug.clone(), line));
            return;
        };
        let text = format!("{} is {taken}; remove one of the two", quoted(alias));
        table.wrong_item("aliases", place, text);
    }
}

#[cfg(test)]
mod tests;

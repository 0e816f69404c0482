//! The catalogue: the list of sites in force, from `sites.toml`.
//!
//! Pure but for [`Catalogue::load`], which reads one file. A catalogue is whole or it is not there:
//! one problem anywhere and nothing of the file is used.

use std::{collections::HashMap, path::Path, sync::Arc};

use toml::de::{DeTable, DeValue};

use super::{
    file,
    keys::Keys,
    problem::Problem,
    report::{self, Report},
    site::{self, Defaults},
    value::quoted,
};
use crate::model::{name::Slug, site::Site};

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
    /// With every problem of the text, in the order of its lines.
    pub fn parse(text: &str, file: &str, defaults: &Defaults) -> Result<Self, Vec<Problem>> {
        let (sites, problems) = report::read(file, text, |top, report| {
            let sites = sites(top, report, defaults);
            Keys::asking(top, &["site"], report).done();
            sites
        });
        if problems.is_empty() { Ok(Self { sites, text: text.into() }) } else { Err(problems) }
    }

    /// Reads a catalogue from its file.
    ///
    /// # Errors
    /// With every problem of the file.
    pub fn load(path: &Path, defaults: &Defaults) -> Result<Self, Vec<Problem>> {
        let text = file::read(path, HINT).map_err(|problem| vec![problem])?;
        Self::parse(&text, &path.display().to_string(), defaults)
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

/// Reads every `[[site]]` of a file.
fn sites(top: &DeTable<'_>, report: &mut Report<'_>, defaults: &Defaults) -> Vec<Arc<Site>> {
    sites_with(top, report, defaults, |_, _| {})
}

/// The same, where sites have keys beside those of a catalogue: `more` reads them.
pub(super) fn sites_with(
    top: &DeTable<'_>,
    report: &mut Report<'_>,
    defaults: &Defaults,
    mut more: impl FnMut(&mut Keys<'_, '_>, Option<&Site>),
) -> Vec<Arc<Site>> {
    let mut sites = Vec::new();
    let Some(value) = top.get("site") else {
        let text = "there is no [[site]]; write one, and below it url = \"https://slack.com/\"";
        report.push(report.whole(text).absent());
        return sites;
    };
    let DeValue::Array(items) = value.get_ref() else {
        let text = "is a list of sections: write [[site]], with two brackets";
        report.push(report.problem(value.span().start, text).about("", "site"));
        return sites;
    };
    if items.is_empty() {
        let text = "is empty; write a [[site]], and below it url = \"https://slack.com/\"";
        report.push(report.problem(value.span().start, text).about("", "site"));
    }
    let mut names = Names::default();
    for (number, item) in items.iter().enumerate() {
        let begins = item.span().start;
        let DeValue::Table(table) = item.get_ref() else {
            let text = "is not a site: write [[site]], and its keys below it";
            report.push(report.problem(begins, text).about("", "site"));
            continue;
        };
        let mut keys = Keys::new(table, begins, report);
        let site = site::read(&mut keys, number + 1, defaults);
        more(&mut keys, site.as_ref());
        if let Some(site) = site {
            names.take(&mut keys, &site);
            sites.push(Arc::new(site));
        }
        keys.done();
    }
    sites
}

/// Which site has which name, and the line where it says so: no two sites may answer to one.
#[derive(Default)]
struct Names {
    slugs: HashMap<Slug, usize>,
    /// With the slug of the site.
    aliases: HashMap<Box<str>, (Slug, usize)>,
}

impl Names {
    /// Takes the names of a site; tells of each that another has.
    fn take(&mut self, keys: &mut Keys<'_, '_>, site: &Site) {
        let slug = &site.slug;
        let key = if keys.has("slug") { "slug" } else { "url" };
        if let Some(first) = self.slugs.get(slug) {
            let text = format!(
                "the slug \"{slug}\" is taken by the site at line {first}; remove one of the \
                 two, or give it another slug"
            );
            keys.wrong(key, text);
        } else if let Some((owner, first)) = self.aliases.get(slug.as_str()) {
            let text = format!(
                "the slug \"{slug}\" is an alias of \"{owner}\" already, at line {first}; remove \
                 one of the two"
            );
            keys.wrong(key, text);
        } else {
            self.slugs.insert(slug.clone(), keys.line_of(key));
        }
        for (place, alias) in site.aliases.iter().enumerate() {
            self.take_alias(keys, slug, (place, alias));
        }
    }

    fn take_alias(&mut self, keys: &mut Keys<'_, '_>, slug: &Slug, (place, alias): (usize, &str)) {
        let taken = if let Some((owner, first)) = self.aliases.get(alias) {
            format!("an alias of \"{owner}\" already, at line {first}")
        } else if let Some(first) = self.slugs.get(alias).filter(|_| *alias != *slug.as_str()) {
            format!("the slug of the site at line {first}")
        } else {
            let line = keys.line_of_item("aliases", place);
            self.aliases.insert(alias.into(), (slug.clone(), line));
            return;
        };
        let text = format!("{} is {taken}; remove one of the two", quoted(alias));
        keys.wrong_item("aliases", place, text);
    }
}

#[cfg(test)]
mod tests;

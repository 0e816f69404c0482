//! The catalogue: the list of sites in force, from `sites.toml` or from every `*.toml` of a folder.
//!
//! Pure but for [`Catalogue::load`], which reads these files and the secrets that they name. A
//! catalogue is whole or it is not there: one problem anywhere and nothing of the files is used.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    files,
    problem::ConfigProblem,
    secrets::Secrets,
    site::{self, Defaults},
    table::{self, Table},
    value::quoted,
};
use model::{name::Slug, site::Site};

/// The fix for a catalogue that is not there.
const NO_CATALOGUE: &str = "name the catalogue of sites with --sites or STILLUP_SITES, or write one: \
                    [[site]], and below it url = \"https://slack.com/\"";

/// Files of a folder at most.
const MAX_FILES: usize = 10_000;

/// The sites in force, in the order of the files; slugs are unique, and there is one site at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    sites: Vec<Arc<Site>>,
    text: Box<str>,
    missing: Vec<ConfigProblem>,
}

impl Catalogue {
    /// Reads a catalogue from its text; files that it names are beside `file`.
    ///
    /// # Errors
    /// Fails with every problem of the text, in the order of its lines.
    pub fn parse(text: &str, file: &str, defaults: &Defaults) -> Result<Self, Vec<ConfigProblem>> {
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        let mut reader = CatalogueReader::new(folder, defaults);
        reader.read(file, text);
        reader.finish(text)
    }

    /// Reads a catalogue from its file, or from every `*.toml` of its folder.
    ///
    /// # Errors
    /// Fails with every problem of the files, and with every secret that is not where they say.
    pub fn load(path: &Path, defaults: &Defaults) -> Result<Self, Vec<ConfigProblem>> {
        let catalogue = Self::load_without_secrets(path, defaults)?;
        if catalogue.missing.is_empty() { Ok(catalogue) } else { Err(catalogue.missing) }
    }

    /// The same where secrets may be missing.
    ///
    /// # Errors
    /// Fails with every problem of the files.
    pub fn load_without_secrets(
        path: &Path,
        defaults: &Defaults,
    ) -> Result<Self, Vec<ConfigProblem>> {
        if path.is_dir() {
            return Self::load_folder(path, defaults);
        }
        let text = files::read(path, NO_CATALOGUE).map_err(|problem| vec![problem])?;
        Self::parse(&text, &path.display().to_string(), defaults)
    }

    /// Reads the copy of a catalogue that was once loaded from `source`: files that it names are
    /// where they were.
    ///
    /// # Errors
    /// As [`Catalogue::load_without_secrets`].
    pub fn load_copy(
        copy: &Path,
        source: &Path,
        defaults: &Defaults,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let text = files::read(copy, NO_CATALOGUE).map_err(|problem| vec![problem])?;
        let folder = if source.is_dir() { Some(source) } else { source.parent() };
        let mut reader = CatalogueReader::new(folder.unwrap_or(Path::new("")), defaults);
        reader.read(&copy.display().to_string(), &text);
        reader.finish(&text)
    }

    fn load_folder(folder: &Path, defaults: &Defaults) -> Result<Self, Vec<ConfigProblem>> {
        let problem = |text: String| vec![ConfigProblem::new(folder.display().to_string(), text)];
        let paths =
            catalogue_files(folder).map_err(|error| problem(format!("cannot be read: {error}")))?;
        if paths.len() > MAX_FILES {
            return Err(problem(format!(
                "has more than {MAX_FILES} files; is it the right folder?"
            )));
        }
        let mut reader = CatalogueReader::new(folder, defaults);
        reader.in_parts = true;
        let mut all = toml::value::Array::new();
        for path in &paths {
            match files::read(path, NO_CATALOGUE) {
                Ok(text) => {
                    reader.read(&path.display().to_string(), &text);
                    let table = toml::from_str(text.trim_start_matches('\u{feff}'));
                    let mut table: toml::Table = table.unwrap_or_default();
                    if let Some(toml::Value::Array(sites)) = table.remove("site") {
                        all.extend(sites);
                    }
                }
                Err(problem) => reader.problems.push(problem),
            }
        }
        if reader.sites.is_empty() && reader.problems.is_empty() {
            return Err(problem("has no [[site]] in any file *.toml".to_owned()));
        }
        let all = toml::Table::from_iter([("site".to_owned(), toml::Value::Array(all))]);
        // What was read can be written.
        reader.finish(&toml::to_string(&all).unwrap_or_default())
    }

    /// Secrets that are not where the catalogue says.
    pub fn missing_secrets(&self) -> &[ConfigProblem] {
        &self.missing
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
            if site.request.is_confidential() {
                let text =
                    "name a secret of this machine; only the catalogue's own file may do that";
                let place = format!("site {}", quoted(site.slug.as_str()));
                problems.push(ConfigProblem::new(file, text).about(&place, "headers"));
            }
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

    /// Its text: that of its file, or of all files of its folder in one.
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

/// The files of a folder that are part of a catalogue, in the order of their names. A Kubernetes
/// `ConfigMap` keeps its files behind links, in folders whose names begin with a dot.
///
/// # Errors
/// Fails when the folder cannot be read.
pub fn catalogue_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_toml = path.extension().is_some_and(|extension| extension == "toml");
        if is_toml && !name.starts_with('.') && !path.is_dir() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// A catalogue that is being read, file by file.
struct CatalogueReader<'a> {
    defaults: &'a Defaults,
    secrets: Secrets<'a>,
    names: TakenNames,
    /// True if a file may be without sites, since others follow.
    in_parts: bool,
    sites: Vec<Arc<Site>>,
    problems: Vec<ConfigProblem>,
}

impl<'a> CatalogueReader<'a> {
    fn new(folder: &'a Path, defaults: &'a Defaults) -> Self {
        let secrets = Secrets::below(folder);
        let (sites, problems) = (Vec::new(), Vec::new());
        Self { defaults, secrets, names: TakenNames::default(), in_parts: false, sites, problems }
    }

    fn read(&mut self, file: &str, text: &str) {
        self.names.file = file.into();
        let (sites, problems) = table::parse(file, text, |top| self.sites(top, |_, _| {}));
        self.sites.extend(sites);
        self.problems.extend(problems);
    }

    fn finish(self, text: &str) -> Result<Catalogue, Vec<ConfigProblem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        Ok(Catalogue { sites: self.sites, text: text.into(), missing: self.secrets.missing })
    }

    fn sites(
        &mut self,
        top: &mut Table<'_, '_>,
        mut more: impl FnMut(&mut Table<'_, '_>, Option<&Site>),
    ) -> Vec<Arc<Site>> {
        let given = top.count("site");
        let sites = top.sections("site", usize::MAX, |table, number| {
            let site = site::read(table, number, self.defaults, &mut self.secrets);
            more(table, site.as_ref());
            let site = site?;
            self.names.take(table, &site);
            Some(Arc::new(site))
        });
        match given {
            _ if self.in_parts => {}
            None => top.missing_in_file(
                "there is no [[site]]; write one, and below it url = \"https://slack.com/\"",
            ),
            Some(0) => top.wrong(
                "site",
                "is empty; write a [[site]], and below it url = \"https://slack.com/\"",
            ),
            Some(_) => {}
        }
        sites
    }
}

/// Reads every `[[site]]` of a story; `more` reads the keys that a site has beside those of a
/// catalogue. Nothing is sent to the sites themselves, so that their secrets are not needed.
pub(super) fn sites(
    top: &mut Table<'_, '_>,
    defaults: &Defaults,
    more: impl FnMut(&mut Table<'_, '_>, Option<&Site>),
) -> Vec<Arc<Site>> {
    CatalogueReader::new(Path::new(""), defaults).sites(top, more)
}

/// The names of the sites so far, with the places that give them: no two sites may share one.
#[derive(Default)]
struct TakenNames {
    /// The file that is being read.
    file: Arc<str>,
    slugs: HashMap<Slug, SourceLine>,
    /// With the slug of the site.
    aliases: HashMap<Box<str>, (Slug, SourceLine)>,
}

/// A line of a file.
struct SourceLine {
    file: Arc<str>,
    line: usize,
}

impl SourceLine {
    /// The place in words, for a problem in this file.
    fn seen_from(&self, file: &str) -> String {
        let Self { file: here, line } = self;
        if **here == *file { format!("line {line}") } else { format!("{here}:{line}") }
    }
}

impl TakenNames {
    /// Takes the names of a site; reports each that another site has.
    fn take(&mut self, table: &mut Table<'_, '_>, site: &Site) {
        let slug = &site.slug;
        let key = if table.has("slug") { "slug" } else { "url" };
        if let Some(first) = self.slugs.get(slug) {
            let text = format!(
                "the slug \"{slug}\" is taken by the site at {}; remove one of the two, or \
                 give it another slug",
                first.seen_from(&self.file)
            );
            table.wrong(key, text);
        } else if let Some((owner, first)) = self.aliases.get(slug.as_str()) {
            let text = format!(
                "the slug \"{slug}\" is an alias of \"{owner}\" already, at {}; remove one of the \
                 two",
                first.seen_from(&self.file)
            );
            table.wrong(key, text);
        } else {
            let place = self.place(table.line_of(key));
            self.slugs.insert(slug.clone(), place);
        }
        for (place, alias) in site.aliases.iter().enumerate() {
            self.take_alias(table, slug, (place, alias));
        }
    }

    fn place(&self, line: usize) -> SourceLine {
        SourceLine { file: self.file.clone(), line }
    }

    fn take_alias(
        &mut self,
        table: &mut Table<'_, '_>,
        slug: &Slug,
        (place, alias): (usize, &str),
    ) {
        let taken = if let Some((owner, first)) = self.aliases.get(alias) {
            format!("an alias of \"{owner}\" already, at {}", first.seen_from(&self.file))
        } else if let Some(first) = self.slugs.get(alias).filter(|_| *alias != *slug.as_str()) {
            format!("the slug of the site at {}", first.seen_from(&self.file))
        } else {
            let place = self.place(table.line_of_item("aliases", place));
            self.aliases.insert(alias.into(), (slug.clone(), place));
            return;
        };
        let text = format!("{} is {taken}; remove one of the two", quoted(alias));
        table.wrong_item("aliases", place, text);
    }
}

#[cfg(test)]
mod tests;

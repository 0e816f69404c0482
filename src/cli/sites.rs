//! `stillup sites`: work on the catalogue of a service, and read the lists of other tools.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::{Args, Subcommand};

use super::{EXIT_FAILED, complain, fail_with, note, say};
use crate::{
    app,
    config::{Catalogue, Config, Flags, show_duration},
    lists::{ListKind, ReadOptions, read},
};
use model::site::Site;

/// Exit code of `diff` for a file that differs.
const EXIT_DIFFERS: u8 = 2;
/// Exit code of `read` for a list that could not be read.
const EXIT_UNREAD: u8 = 2;
/// Files of a folder, or of a pattern, that are read at most.
const MAX_FILES: usize = 1_000;
/// Bytes of a list that is read at most.
const MAX_LIST: u64 = 64 << 20;

#[derive(Debug, Subcommand)]
pub(super) enum SitesCommand {
    /// Apply the catalogue as its file is now, even if that drops many sites
    Apply(ApplyArguments),
    /// Validate a catalogue, a file or a folder: exit 0 if it is valid, 1 if not
    Check(CatalogueArguments),
    /// Print what a catalogue would change: exit 0 nothing, 1 it is invalid, 2 something
    Diff(CatalogueArguments),
    /// Convert the list of another tool to a catalogue: exit 0 all of it, 1 something left out, 2 not read
    Read(ReadArguments),
}

#[derive(Debug, Args)]
pub(super) struct ApplyArguments {
    #[command(flatten)]
    flags: Flags,
    /// Confirm that it drops exactly this many sites
    #[arg(long, value_name = "N")]
    confirm_removals: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct CatalogueArguments {
    /// The catalogue: a file, or a folder of *.toml
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct ReadArguments {
    /// The list, or a folder of Gatus; "-" is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Kind of list; found from its content unless given
    #[arg(long, value_name = "KIND")]
    from: Option<ListKind>,
    /// Read sites as well that the other tool does not show to the public
    #[arg(long)]
    publish: bool,
    /// Make a tag of this label of Prometheus' targets; may be given several times
    #[arg(long, value_name = "LABEL")]
    tag_label: Vec<String>,
    /// The file of Prometheus' blackbox exporter that says what its modules ask for
    #[arg(long, value_name = "FILE")]
    modules: Option<PathBuf>,
}

pub(super) async fn run(command: SitesCommand) -> ExitCode {
    match command {
        SitesCommand::Apply(arguments) => apply(arguments).await,
        SitesCommand::Check(arguments) => check(&arguments),
        SitesCommand::Diff(arguments) => diff(&arguments),
        SitesCommand::Read(arguments) => read_list(&arguments),
    }
}

async fn apply(arguments: ApplyArguments) -> ExitCode {
    let config = match Config::load(&arguments.flags) {
        Ok(config) => config,
        Err(problems) => return fail_with(&problems),
    };
    match app::apply(&config, arguments.confirm_removals).await {
        Ok(text) => {
            say(text);
            ExitCode::SUCCESS
        }
        Err(why) => {
            complain(why);
            ExitCode::from(EXIT_FAILED)
        }
    }
}

/// Settings and catalogue; tells of secrets that are not there, which stop no comparison.
fn loaded(arguments: &CatalogueArguments) -> Result<(Config, Catalogue), ExitCode> {
    let config = Config::load(&arguments.flags).map_err(|problems| fail_with(&problems))?;
    let catalogue = Catalogue::load_without_secrets(&arguments.file, &config.defaults());
    let catalogue = catalogue.map_err(|problems| fail_with(&problems))?;
    for missing in catalogue.missing_secrets() {
        note(format_args!("{missing} before it is served"));
    }
    Ok((config, catalogue))
}

fn check(arguments: &CatalogueArguments) -> ExitCode {
    match loaded(arguments) {
        Ok((_, catalogue)) => {
            say(format_args!("{}: {}", arguments.file.display(), sites(catalogue.sites().len())));
            ExitCode::SUCCESS
        }
        Err(code) => code,
    }
}

fn sites(count: usize) -> String {
    format!("{count} {}", if count == 1 { "site" } else { "sites" })
}

fn diff(arguments: &CatalogueArguments) -> ExitCode {
    let (config, catalogue) = match loaded(arguments) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    let current = match app::catalogue_in_force(&config, arguments.flags.sites.is_some()) {
        Ok(current) => current,
        Err(problems) => return fail_with(&problems),
    };
    let lines = changes(&without_secrets(&current), &without_secrets(catalogue.sites()));
    for line in &lines {
        say(line);
    }
    ExitCode::from(if lines.is_empty() { 0 } else { EXIT_DIFFERS })
}

/// The sites without the values that stand outside of the catalogue, and are no part of it.
fn without_secrets(sites: &[Arc<Site>]) -> Vec<Arc<Site>> {
    let bare = |site: &Arc<Site>| {
        let mut site = Site::clone(site);
        for header in site.request.headers.iter_mut().filter(|header| header.hidden) {
            header.value = None;
        }
        Arc::new(site)
    };
    sites.iter().map(bare).collect()
}

/// The differences between two lists of sites, a line a site: `+` added, `-` removed, `~` changed.
fn changes(old: &[Arc<Site>], new: &[Arc<Site>]) -> Vec<String> {
    let find =
        |among: &[Arc<Site>], site: &Site| among.iter().find(|s| s.slug == site.slug).cloned();
    let gone = old.iter().filter(|site| find(new, site).is_none());
    let gone = gone.map(|site| format!("- {}", site.slug.as_str()));
    let others = new.iter().filter_map(|site| match find(old, site) {
        None => Some(format!("+ {} {}", site.slug.as_str(), site.url)),
        Some(before) if before == *site => None,
        Some(before) => {
            Some(format!("~ {}: {}", site.slug.as_str(), differences(&before, site).join(", ")))
        }
    });
    gone.chain(others).collect()
}

/// The keys in which two versions of a site differ. Values that may be secret are not shown.
fn differences(old: &Site, new: &Site) -> Vec<String> {
    let shown = |key: &str, old: &str, new: &str| format!("{key} {old} → {new}");
    let mut all = Vec::new();
    if old.url != new.url {
        all.push(shown("url", old.url.as_str(), new.url.as_str()));
    }
    if old.name != new.name {
        all.push(shown("name", &format!("{:?}", old.name), &format!("{:?}", new.name)));
    }
    for (key, old, new) in
        [("interval", old.interval, new.interval), ("timeout", old.timeout, new.timeout)]
    {
        if old != new {
            all.push(shown(key, &show_duration(old), &show_duration(new)));
        }
    }
    let (before, after) = (&old.request, &new.request);
    let others = [
        ("slow_after", old.slow_after != new.slow_after),
        ("provider", old.provider != new.provider),
        ("depends_on", old.depends_on != new.depends_on),
        ("expect_status", old.expect.statuses != new.expect.statuses),
        ("expect_text", old.expect.text != new.expect.text),
        ("forbid_text", old.expect.forbidden_text != new.expect.forbidden_text),
        ("expect_json", old.expect.json != new.expect.json),
        ("method", before.method != after.method),
        ("headers", before.headers != after.headers),
        ("body", before.body != after.body),
        ("max_redirects", before.max_redirects != after.max_redirects),
        ("status_page", old.status_page != new.status_page),
        ("private", old.private != new.private),
        ("tags", old.tags != new.tags),
        ("aliases", old.aliases != new.aliases),
    ];
    all.extend(others.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key.to_owned()));
    all
}

fn read_list(arguments: &ReadArguments) -> ExitCode {
    let file = arguments.file.display();
    let failed = |why: &dyn std::fmt::Display| {
        complain(format_args!("{file}: {why}"));
        ExitCode::from(EXIT_UNREAD)
    };
    let read_files = || -> Result<_, String> {
        let modules = arguments.modules.as_deref().map(bytes_of).transpose();
        Ok((lists_of(&arguments.file)?, modules.map_err(|why| format!("--modules {why}"))?))
    };
    let (lists, modules) = match read_files() {
        Ok(read) => read,
        Err(why) => return failed(&why),
    };
    let folder = arguments.file.parent().unwrap_or(Path::new(""));
    let options = ReadOptions {
        kind: arguments.from.or(arguments.file.is_dir().then_some(ListKind::Gatus)),
        publish: arguments.publish,
        tag_labels: &arguments.tag_label,
        modules: modules.as_deref(),
        env: |name: &str| std::env::var(name).ok(),
        files: &|pattern: &str| matching(folder, pattern),
    };
    match read(&lists, &options) {
        Ok(list) => {
            say(list.toml.trim_end());
            for line in &list.report {
                note(line);
            }
            ExitCode::from(u8::from(list.incomplete))
        }
        Err(why) => failed(&why),
    }
}

/// The list of a file, or those of the files of YAML in a folder.
fn lists_of(path: &Path) -> Result<Vec<Vec<u8>>, String> {
    if !path.is_dir() {
        return Ok(vec![bytes_of(path)?]);
    }
    let mut lists = Vec::new();
    for ending in ["*.yaml", "*.yml"] {
        lists.extend(matching(path, ending).unwrap_or_default());
    }
    if lists.is_empty() { Err("is a folder without files of YAML".to_owned()) } else { Ok(lists) }
}

/// The files of a folder that fit a pattern, which may have one `*` in the name of the file; in the order of their
/// names.
fn matching(folder: &Path, pattern: &str) -> Result<Vec<Vec<u8>>, String> {
    let path = folder.join(pattern);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((begin, end)) = name.split_once('*') else { return Ok(vec![bytes_of(&path)?]) };
    let fits = |name: &str| {
        name.len() >= begin.len() + end.len() && name.starts_with(begin) && name.ends_with(end)
    };
    let entries = path.parent().unwrap_or(folder).read_dir();
    let entries = entries.map_err(|error| format!("cannot be read: {error}"))?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let fitting =
        |file: &PathBuf| file.file_name().and_then(|name| name.to_str()).is_some_and(fits);
    let mut files: Vec<PathBuf> = files.filter(fitting).take(MAX_FILES).collect();
    files.sort();
    files.iter().map(|file| bytes_of(file)).collect()
}

/// Content of a file; the error follows on its name.
fn bytes_of(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().take(MAX_LIST + 1).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(MAX_LIST + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > MAX_LIST {
        return Err("is larger than 64MiB; is it the right file?".to_owned());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Defaults;

    fn parsed(text: &str) -> Catalogue {
        Catalogue::parse(text, "sites.toml", &Defaults::default()).unwrap()
    }

    #[test]
    fn changes_name_sites_and_keys_and_no_secret() {
        let old = parsed(
            "[[site]]\nurl = \"https://a.nl/\"\nheaders = { X-Key = \"swordfish\" }\n\
             [[site]]\nurl = \"https://b.nl/\"\n[[site]]\nurl = \"https://c.nl/\"\n",
        );
        let new = parsed(
            "[[site]]\nurl = \"https://d.nl/\"\n[[site]]\nurl = \"https://c.nl/\"\n\
             [[site]]\nurl = \"https://a.nl/\"\ninterval = \"30s\"\nheaders = { X-Key = \"mackerel\" }\n",
        );
        let told = changes(old.sites(), new.sites());
        assert_eq!(told, ["- b.nl", "+ d.nl https://d.nl/", "~ a.nl: interval 1m → 30s, headers"]);
        assert!(changes(old.sites(), old.sites()).is_empty());
    }
}

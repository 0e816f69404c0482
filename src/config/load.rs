//! From what was typed to what holds: flag before environment before file before default.
//!
//! Reads files, and the environment through [`Machine::here`]; has no other effects.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use url::Url;

use super::{
    catalogue::Catalogue,
    file,
    flags::{Flags, given},
    keys::Keys,
    machine::Machine,
    network, notify,
    problem::Problem,
    report,
    secret::DatabaseUrl,
    sections,
    settings::Config,
    typed::Typed,
    value,
};
use crate::model::name::Region;

/// Where the catalogue is when nobody says where.
pub(super) const SITES: &str = "sites.toml";

/// Reads settings and catalogue.
///
/// # Errors
/// With every problem of all files, flags and variables at once.
pub fn load(flags: &Flags) -> Result<(Config, Catalogue), Vec<Problem>> {
    both(flags, &Machine::here())
}

pub(super) fn both(flags: &Flags, machine: &Machine) -> Result<(Config, Catalogue), Vec<Problem>> {
    let (config, mut problems) = settings(flags, machine);
    problems.extend(config.notify.channels().err().into_iter().flatten());
    match config.catalogue() {
        Ok(catalogue) if problems.is_empty() => Ok((config, catalogue)),
        Ok(_) => Err(problems),
        Err(more) => {
            problems.extend(more);
            Err(problems)
        }
    }
}

/// Reads the settings; they hold only if there is no problem.
pub(super) fn settings(flags: &Flags, machine: &Machine) -> (Config, Vec<Problem>) {
    let named = given(flags.config.as_ref());
    let path = flags.settings();
    let path = path.as_path();
    let mut problems = Vec::new();
    let mut text = String::new();
    if named.is_some() || path.exists() {
        let hint = "--config or STILLUP_CONFIG names it; correct the name, or leave it out";
        match file::read(path, hint) {
            Ok(read) => text = read,
            Err(problem) => problems.push(problem),
        }
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let typed = Typed::of(flags, &mut problems);
    let name = path.display().to_string();
    let (mut config, more) = report::read(&name, &text, |top, report| {
        let mut keys = Keys::new(top, 0, report);
        let config = checked(&mut keys, folder, typed);
        keys.done();
        config
    });
    problems.extend(more);
    if config.data_dir.as_os_str().is_empty() {
        config.data_dir = machine.data_dir().unwrap_or_default();
    }
    if config.data_dir.as_os_str().is_empty() {
        let text = "there is no home directory to keep data in; name a directory";
        problems.push(Problem::new("--data-dir or STILLUP_DATA_DIR", text));
    }
    (config, problems)
}

/// Reads the file's keys, and lets what was typed go before them. A path in the file starts from
/// the file's folder.
fn checked(keys: &mut Keys<'_, '_>, folder: &Path, typed: Typed) -> Config {
    let listen = keys.get("listen", |v| {
        let text = value::text(v)?;
        network::listen(&text)
    });
    let listen = typed.listen.or(listen).unwrap_or((Ipv4Addr::LOCALHOST, 8080).into());
    let public_url = keys.get("public_url", |v| public_url(&value::text(v)?));
    let public_url = public_url.unwrap_or_else(|| reached_at(listen));
    let region = keys.get("region", |v| Region::new(&value::text(v)?).map_err(|e| e.to_string()));
    let data_dir = keys.get("data_dir", value::text).map(|text| folder.join(text));
    let sites = keys.get("sites", value::text).map(|text| folder.join(text));
    let database_url =
        keys.get("database_url", |v| DatabaseUrl::parse(v.as_str().unwrap_or_default()));
    let own_name = format!("stillup/{} (+{public_url})", env!("CARGO_PKG_VERSION"));
    Config {
        listen,
        public_url,
        region: region.unwrap_or_default(),
        data_dir: typed.data_dir.or(data_dir).unwrap_or_default(),
        database_url: typed.database_url.or(database_url),
        sites: typed.sites.or(sites).unwrap_or_else(|| SITES.into()),
        probe: keys.section("probe", "probe.", |keys| sections::probe(keys, folder, own_name)),
        judge: keys.section("judge", "judge.", |keys| sections::judge(keys, folder)),
        lookup: keys.section("lookup", "lookup.", sections::lookup),
        retention: keys.section("retention", "retention.", sections::retention),
        web: keys.section("web", "web.", sections::web),
        notify: notify::read(keys, folder),
    }
}

/// Reads the address that visitors use, which has no path: our pages have theirs from its root.
fn public_url(text: &str) -> Result<String, String> {
    let wrong = || "is not scheme and host; write such as \"https://up.example\"".to_owned();
    let url = Url::parse(text).map_err(|_| wrong())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let open = url.username().is_empty() && url.password().is_none();
    let fits = matches!(url.scheme(), "http" | "https") && url.has_host() && bare && open;
    if fits { Ok(url.as_str().trim_end_matches('/').to_owned()) } else { Err(wrong()) }
}

/// How the machine itself reaches what listens there.
fn reached_at(listen: SocketAddr) -> String {
    if listen.ip().is_unspecified() {
        return format!("http://localhost:{}", listen.port());
    }
    format!("http://{listen}")
}

#[cfg(test)]
mod tests;

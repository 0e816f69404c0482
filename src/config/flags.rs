//! The flags of the command line, and the variables of the environment that replace them.
//!
//! Flags go before environment because `clap` does it so; an empty value counts as not given.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::builder::{OsStringValueParser, TypedValueParser};

use super::{database_url::DatabaseUrl, problem::ConfigProblem, value};
use model::site_request::Secret;

/// The file of the settings, unless another is named.
const SETTINGS_FILE: &str = "stillup.toml";

/// The flags that every command with a configuration has.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// The settings [default: stillup.toml, if there is one]
    #[arg(long, env = "STILLUP_CONFIG", value_name = "FILE", value_parser = path())]
    pub config: Option<PathBuf>,
    /// The catalogue of sites [default: sites.toml]
    #[arg(long, env = "STILLUP_SITES", value_name = "FILE", value_parser = path())]
    pub sites: Option<PathBuf>,
    /// Address that pages and API are served at [default: 127.0.0.1:8080]
    #[arg(long, env = "STILLUP_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The Postgres to use [default: a private one under the data directory]
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<Secret>,
    /// Directory for data [default: /var/lib/stillup as root, else ~/.local/share/stillup]
    #[arg(long, env = "STILLUP_DATA_DIR", value_name = "DIR", value_parser = path())]
    pub data_dir: Option<PathBuf>,
}

impl Flags {
    /// The file that the settings are read from.
    pub fn settings(&self) -> PathBuf {
        given(self.config.as_ref()).unwrap_or(Path::new(SETTINGS_FILE)).to_owned()
    }

    /// Checks each flag; a wrong one is reported, by both of its names, and counts as not given.
    pub(super) fn check(&self, problems: &mut Vec<ConfigProblem>) -> CheckedFlags {
        let mut tell = |flag: &str, text: String| problems.push(ConfigProblem::new(flag, text));
        let text = self.listen.as_deref().filter(|text| !text.is_empty());
        let listen = text.and_then(|text| {
            value::listen(text).map_err(|why| tell("--listen or STILLUP_LISTEN", why)).ok()
        });
        let text = self.database_url.as_ref().map(Secret::expose).filter(|t| !t.is_empty());
        let database_url = text.and_then(|text| {
            DatabaseUrl::parse(text).map_err(|why| tell("--database-url or DATABASE_URL", why)).ok()
        });
        CheckedFlags {
            listen,
            database_url,
            sites: given(self.sites.as_ref()).map(Path::to_owned),
            data_dir: given(self.data_dir.as_ref()).map(Path::to_owned),
        }
    }
}

/// The flags that replace keys of the settings, each checked.
#[derive(Debug)]
pub(super) struct CheckedFlags {
    pub(super) listen: Option<SocketAddr>,
    pub(super) database_url: Option<DatabaseUrl>,
    pub(super) sites: Option<PathBuf>,
    pub(super) data_dir: Option<PathBuf>,
}

/// Takes an empty value too, which the parser of paths that `clap` has would refuse.
fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// A path that was given, unless it is empty.
pub(super) fn given(path: Option<&PathBuf>) -> Option<&Path> {
    path.map(PathBuf::as_path).filter(|path| !path.as_os_str().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, clap::Parser)]
    struct CommandLine {
        #[command(flatten)]
        flags: Flags,
    }

    #[test]
    fn flags_are_read_and_an_empty_one_is_none() {
        let all = ["--config", "c", "--sites", "", "--listen", "l", "--database-url", "u:pw"];
        let flags = CommandLine::parse_from(["stillup"].iter().chain(&all)).flags;
        assert_eq!(given(flags.config.as_ref()), Some(Path::new("c")));
        assert_eq!(given(flags.sites.as_ref()), None);
        assert!(!format!("{flags:?}").contains("pw"));
        assert_eq!(flags.database_url.unwrap().expose(), "u:pw");
    }

    #[test]
    fn each_flag_has_its_variable_and_the_secret_one_is_hidden() {
        use clap::CommandFactory;
        let command = CommandLine::command();
        let variables: Vec<_> = command
            .get_arguments()
            .filter_map(|a| {
                Some((a.get_long()?, a.get_env()?.to_str()?, a.is_hide_env_values_set()))
            })
            .collect();
        assert_eq!(
            variables,
            [
                ("config", "STILLUP_CONFIG", false),
                ("sites", "STILLUP_SITES", false),
                ("listen", "STILLUP_LISTEN", false),
                ("database-url", "DATABASE_URL", true),
                ("data-dir", "STILLUP_DATA_DIR", false),
            ]
        );
    }
}

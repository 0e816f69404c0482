//! What was typed on the command line, or stands in the environment in its place.
//!
//! Nothing is checked here. Flags go before environment because `clap` says so; an empty value is
//! one that was not given.

use std::path::{Path, PathBuf};

use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::model::secret::Secret;

/// Where the settings are when nobody says where.
const SETTINGS: &str = "stillup.toml";

/// The flags that every command with a configuration has.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// The settings [default: stillup.toml, if there is one]
    #[arg(long, env = "STILLUP_CONFIG", value_name = "FILE", value_parser = path())]
    pub config: Option<PathBuf>,
    /// The catalogue of sites [default: sites.toml]
    #[arg(long, env = "STILLUP_SITES", value_name = "FILE", value_parser = path())]
    pub sites: Option<PathBuf>,
    /// Where pages and API are served [default: 127.0.0.1:8080]
    #[arg(long, env = "STILLUP_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The Postgres to use [default: a private one under the data directory]
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<Secret>,
    /// Where data is kept [default: /var/lib/stillup as root, else ~/.local/share/stillup]
    #[arg(long, env = "STILLUP_DATA_DIR", value_name = "DIR", value_parser = path())]
    pub data_dir: Option<PathBuf>,
}

impl Flags {
    /// Where the settings are read from.
    pub fn settings(&self) -> PathBuf {
        given(self.config.as_ref()).unwrap_or(Path::new(SETTINGS)).to_owned()
    }
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
    struct Program {
        #[command(flatten)]
        flags: Flags,
    }

    #[test]
    fn flags_are_read_and_an_empty_one_is_none() {
        let all = ["--config", "c", "--sites", "", "--listen", "l", "--database-url", "u:pw"];
        let flags = Program::parse_from(["stillup"].iter().chain(&all)).flags;
        assert_eq!(given(flags.config.as_ref()), Some(Path::new("c")));
        assert_eq!(given(flags.sites.as_ref()), None);
        assert!(!format!("{flags:?}").contains("pw"));
        assert_eq!(flags.database_url.unwrap().expose(), "u:pw");
    }

    #[test]
    fn each_flag_has_its_variable_and_the_secret_one_is_hidden() {
        use clap::CommandFactory;
        let command = Program::command();
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

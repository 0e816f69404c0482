//! `stillup probe`: probes for a service in another place.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use url::Url;

use super::{fail_with, finish};
use crate::{
    app::{self, ProbeOrder},
    config::{Config, Flags},
};
use model::address::node_url;

#[derive(Debug, Args)]
pub(super) struct ProbeArguments {
    /// The address of a service to report to, or several; the first decides what is probed
    #[arg(long = "core", required = true, num_args = 1.., value_name = "URL", value_parser = node_url)]
    cores: Vec<Url>,
    /// The file with the token that stillup agents add printed; its owner alone may read it
    #[arg(long, env = "STILLUP_TOKEN_FILE", value_name = "FILE")]
    token_file: PathBuf,
    /// Let the service have private addresses of this network probed
    #[arg(long)]
    allow_private: bool,
    /// The settings, of which `[probe]`, `[judge] controls` and `data_dir` count [default: stillup.toml, if there is one]
    #[arg(long, env = "STILLUP_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory for sites and unsent checks [default: /var/lib/stillup as root, else
    /// ~/.local/share/stillup]
    #[arg(long, env = "STILLUP_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(super) async fn run(probe: ProbeArguments) -> ExitCode {
    let ProbeArguments { cores, token_file, allow_private, config, data_dir } = probe;
    let flags = Flags { config, data_dir, ..Flags::default() };
    let config = match Config::load(&flags) {
        Ok(config) => config,
        Err(problems) => return fail_with(&problems),
    };
    finish(app::probe(&config, ProbeOrder { cores, token_file, allow_private }).await)
}

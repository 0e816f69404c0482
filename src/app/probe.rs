//! `stillup probe`: an agent, which probes for nodes in other places.

use std::{
    fs,
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use tokio::net::TcpListener;
use url::Url;

use super::{files, lifecycle::Lifecycle, serve::settings};
use crate::{
    agents::agent,
    config::Config,
    private_postgres::DataDir,
    token::{Token, TokenKind},
};
use prober::{clock::Clock, probe::Prober};

/// Bytes of a file with a token.
const MAX_FILE: u64 = 4 << 10;

/// Flags of an agent, beside its settings.
#[derive(Clone, Debug)]
pub struct ProbeOrder {
    /// The nodes that it reports to.
    pub cores: Vec<Url>,
    /// The file with its token.
    pub token_file: PathBuf,
    /// True if it may look at private addresses.
    pub allow_private: bool,
}

/// Probes for nodes until a signal.
///
/// # Errors
/// Fails when it cannot start, or no node knows its token.
pub async fn probe(config: &Config, order: ProbeOrder) -> Result<()> {
    let token = read_token(&order.token_file)?;
    let mut life = Lifecycle::new()?;
    let room = files::room(config.probe.concurrency.get() as usize);
    let data = DataDir::claim(&config.data_dir)?;
    let listen = config.probe.listen.0;
    let cannot = || format!("cannot listen on {listen} ([probe] listen) for /healthz and /metrics");
    let listener = TcpListener::bind(listen).await.with_context(cannot)?;
    tracing::info!(
        data = %config.data_dir.display(),
        "health and metrics are at http://{}/", listener.local_addr().with_context(cannot)?
    );
    let parts = agent::AgentParts {
        cores: order.cores,
        token,
        data: data.path().to_owned(),
        allow_private: order.allow_private,
        prober: Prober::new(&settings(config))?,
        clock: Clock::system(),
        concurrency: room.probes,
        controls: config.judge.controls.clone(),
        ca_file: config.probe.ca_file.clone(),
        listener,
    };
    let stop = life.stop();
    life.start("agent", agent::run(parts, stop));
    let fate = life.run().await;
    drop(data);
    tracing::info!("stopped");
    fate
}

/// The token in a file that only its owner may read.
pub(super) fn read_token(path: &Path) -> Result<Token> {
    let shown = path.display();
    let mut file = fs::File::open(path).with_context(|| format!("{shown} cannot be read"))?;
    let meta = file.metadata().with_context(|| format!("{shown} cannot be read"))?;
    // The mode of a systemd credential shows more rights than others have.
    let credential =
        std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|dir| path.starts_with(dir));
    if meta.mode() & 0o077 != 0 && !credential {
        bail!("{shown} may be read by others than its owner: chmod 600 {shown}");
    }
    let mut text = String::new();
    file.by_ref()
        .take(MAX_FILE)
        .read_to_string(&mut text)
        .with_context(|| format!("{shown} cannot be read"))?;
    let token = Token::read(TokenKind::Agent, text.trim());
    token.with_context(|| format!("{shown} holds no token; stillup agents add prints one"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_token_that_others_may_read_is_refused_and_never_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let token = Token::generate(TokenKind::Agent).unwrap();
        for (text, mode, want) in [
            (format!("{}\n", token.expose()), 0o600, None),
            (token.expose().to_owned(), 0o400, None),
            (token.expose().to_owned(), 0o640, Some("chmod 600")),
            (token.expose().to_owned(), 0o604, Some("chmod 600")),
            (format!("x{}", token.expose()), 0o600, Some("holds no token")),
            (String::new(), 0o600, Some("holds no token")),
        ] {
            drop(fs::remove_file(&path));
            fs::write(&path, &text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match (read_token(&path), want) {
                (Ok(read), None) => assert_eq!(read, token),
                (Err(told), Some(want)) => {
                    let told = format!("{told:#}");
                    assert!(told.contains(want) && !told.contains(token.expose()), "{told}");
                }
                (read, want) => panic!("{mode:o}: {read:?}, not {want:?}"),
            }
        }
        assert!(read_token(&dir.path().join("none")).is_err());
    }
}

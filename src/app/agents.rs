//! `stillup agents`: which probers in other places may report to this service, and their tokens.

use anyhow::{Context, Result, bail};

use super::archive::OpenRecord;
use crate::{
    config::Config,
    store::{AgentRow, AgentToken, Store, TokenAdded},
    token::{Token, TokenKind},
};
use model::{
    moment::Moment,
    name::{AgentName, Region},
};
use prober::clock::Clock;

/// A token that was made just now.
#[derive(Debug)]
pub struct NewToken {
    /// The token.
    pub token: Token,
    /// Number of tokens that the agent has now.
    pub of: usize,
}

/// Makes a token for an agent, and the agent if it is new. It works beside a running service, which
/// knows the token within seconds.
///
/// # Errors
/// Fails when the region is another than before or our own, the agent has two tokens already, or
/// Postgres cannot be reached.
pub async fn add_agent(config: &Config, name: &AgentName, region: &Region) -> Result<NewToken> {
    let own = config.nodes.name.as_ref() == Some(name);
    if *region == config.region && !own {
        bail!(
            "this service looks from {region} itself: give the agent another region, or the service \
             another name for its own (region in stillup.toml); a token for this node itself is made for \
             the name in [nodes]"
        );
    }
    with_store(config, async |store| {
        let token = Token::generate(TokenKind::Agent).ok().context("the system has no random numbers")?;
        let kept = AgentToken {
            id: token.id().into(),
            sha256: token.sha256(),
            added_at: Clock::system().now(),
        };
        match store.add_agent_token(name, region, &kept).await? {
            TokenAdded::Added(of) => Ok(NewToken { token, of }),
            TokenAdded::OtherRegion(known) => bail!(
                "{name} looks from {known}: remove it first (stillup agents remove {name}), or give this \
                 one another name"
            ),
            TokenAdded::Full(tokens) => {
                let oldest = tokens.first().map_or("ID", |token| &token.id);
                bail!(
                    "{name} has {} tokens already; end the one that is not used any more first: \
                     stillup agents remove {name} --token {oldest}",
                    tokens.len()
                )
            }
        }
    })
    .await
}

/// Every agent, and the moment now.
///
/// # Errors
/// Fails when Postgres cannot be reached.
pub async fn list_agents(config: &Config) -> Result<(Vec<AgentRow>, Moment)> {
    let agents = with_store(config, async |store| Ok(store.agents().await?)).await?;
    Ok((agents, Clock::system().now()))
}

/// Removes an agent, or one of its tokens alone. The service refuses it from then on.
///
/// # Errors
/// Fails when there is none, or Postgres cannot be reached.
pub async fn remove_agent(config: &Config, name: &AgentName, token: Option<&str>) -> Result<()> {
    with_store(config, async |store| match token {
        None if store.remove_agent(name).await? => Ok(()),
        None => bail!("there is no agent {name}"),
        Some(id) if store.remove_agent_token(name, id).await? => Ok(()),
        Some(id) => bail!("{name} has no token {id}"),
    })
    .await
}

async fn with_store<T>(config: &Config, work: impl AsyncFnOnce(&Store) -> Result<T>) -> Result<T> {
    let open = OpenRecord::new(config).await?;
    let done = work(&open.store).await;
    let closed = open.close().await;
    let done = done?;
    closed?;
    Ok(done)
}

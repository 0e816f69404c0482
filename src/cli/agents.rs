//! `stillup agents`: which probers in other places may report, and their tokens.

use std::{fmt::Write, process::ExitCode};

use clap::{Args, Subcommand};

use super::{fail_with, finish, note, rough_duration, say};
use crate::{
    app,
    config::{Config, Flags},
    store::AgentRow,
};
use model::{
    moment::Moment,
    name::{AgentName, Region},
};

#[derive(Debug, Subcommand)]
pub(super) enum AgentsCommand {
    /// Let an agent in: its token is printed once, and kept nowhere
    Add(AddAgent),
    /// Show the agents, their tokens, and how they are
    List(Flags),
    /// End an agent, or one of its tokens, at once
    Remove(RemoveAgent),
}

#[derive(Debug, Args)]
pub(super) struct AddAgent {
    /// The name of the agent: 1 to 63 of a-z, 0-9 and '-'
    #[arg(value_parser = AgentName::new)]
    name: AgentName,
    /// Region of the agent, which several agents may share
    #[arg(long, value_parser = Region::new)]
    region: Region,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct RemoveAgent {
    /// The name of the agent
    #[arg(value_parser = AgentName::new)]
    name: AgentName,
    /// End this token alone, by the part of it between its underscores
    #[arg(long, value_name = "ID")]
    token: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

pub(super) async fn run(command: AgentsCommand) -> ExitCode {
    let flags = match &command {
        AgentsCommand::Add(AddAgent { flags, .. })
        | AgentsCommand::List(flags)
        | AgentsCommand::Remove(RemoveAgent { flags, .. }) => flags,
    };
    let config = match Config::load(flags) {
        Ok(config) => config,
        Err(problems) => return fail_with(&problems),
    };
    let done = match command {
        AgentsCommand::Add(AddAgent { name, region, .. }) => add(&config, &name, &region).await,
        AgentsCommand::List(_) => list(&config).await,
        AgentsCommand::Remove(RemoveAgent { name, token, .. }) => {
            app::remove_agent(&config, &name, token.as_deref()).await
        }
    };
    finish(done)
}

/// The token stands alone on the standard output, so that it can go straight into a file.
async fn add(config: &Config, name: &AgentName, region: &Region) -> anyhow::Result<()> {
    let added = app::add_agent(config, name, region).await?;
    say(added.token.expose());
    let text = "this token is shown once. Put it into a file that its owner alone may read, and start: \
                stillup probe --core URL --token-file FILE";
    note(text);
    if added.of > 1 {
        note(format_args!(
            "{name} has {} tokens now; once it runs with the new one, end the old one: \
             stillup agents remove {name} --token ID",
            added.of
        ));
    }
    Ok(())
}

async fn list(config: &Config) -> anyhow::Result<()> {
    let (agents, now) = app::list_agents(config).await?;
    for agent in &agents {
        say(line(agent, now));
    }
    if agents.is_empty() {
        note("there are no agents: stillup agents add NAME --region REGION");
    }
    Ok(())
}

/// An agent in a line.
fn line(agent: &AgentRow, now: Moment) -> String {
    let mut line = format!("{} in {}", agent.name, agent.region);
    // Writing to memory cannot fail.
    let _ = match &agent.seen {
        None => write!(line, ", never seen"),
        Some(seen) => {
            let voting = seen
                .why_not
                .as_deref()
                .map_or("votes".to_owned(), |why| format!("does not vote: {why}"));
            write!(
                line,
                ", seen {} ago, version {}, its clock {}, {voting}",
                age(seen.at, now),
                seen.version,
                offset(seen.clock_offset_ms)
            )
        }
    };
    for token in &agent.tokens {
        let _ = write!(line, "; token {}, {} old", token.id, age(token.added_at, now));
    }
    line
}

fn age(then: Moment, now: Moment) -> String {
    rough_duration(now.since(then))
}

/// By how much an agent's clock is wrong, in words.
fn offset(ahead_ms: i64) -> String {
    let seconds = std::time::Duration::from_millis(ahead_ms.unsigned_abs()).as_secs_f64();
    match ahead_ms {
        -1_000..=1_000 => "right".to_owned(),
        1_001.. => format!("{seconds:.1} s behind"),
        _ => format!("{seconds:.1} s ahead"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{AgentSeen, AgentToken};
    use std::time::Duration;

    #[test]
    fn an_agent_is_one_line_with_all_that_is_known_of_it() {
        let now = Moment::from_millis(1_790_000_000_000);
        let token = |id: &str, hours| AgentToken {
            id: id.into(),
            sha256: [0; 32],
            added_at: now - Duration::from_hours(hours),
        };
        let mut agent = AgentRow {
            name: AgentName::new("syd-1").unwrap(),
            region: Region::new("sydney").unwrap(),
            added_at: now,
            tokens: vec![token("aa", 50), token("bb", 0)],
            seen: None,
            clock_correction_ms: 0,
        };
        assert_eq!(
            line(&agent, now),
            "syd-1 in sydney, never seen; token aa, 2d old; token bb, 0s old"
        );
        agent.seen = Some(AgentSeen {
            at: now - Duration::from_secs(150),
            version: "0.1.0".into(),
            clock_offset_ms: -300_000,
            why_not: Some("its clock is wrong".into()),
        });
        agent.tokens.clear();
        assert_eq!(
            line(&agent, now),
            "syd-1 in sydney, seen 2m ago, version 0.1.0, its clock 300.0 s ahead, does not vote: its \
             clock is wrong"
        );
    }
}

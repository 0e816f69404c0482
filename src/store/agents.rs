//! Agents: which there are, by which tokens they are known, and how they were when last seen.

use super::{Store, StoreError, WRITE_TIMEOUT, within};
use model::{
    moment::Moment,
    name::{AgentName, Region},
};

/// Tokens of one agent at most: the current one, and its successor.
const MAX_TOKENS: usize = 2;

/// An agent as Postgres has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRow {
    /// Its name.
    pub name: AgentName,
    /// Region of the agent.
    pub region: Region,
    /// Moment when it was added.
    pub added_at: Moment,
    /// The tokens that let it in, oldest first.
    pub tokens: Vec<AgentToken>,
    /// State of the agent at its last report.
    pub seen: Option<AgentSeen>,
    /// Milliseconds that are added to its moments: a check that is sent again has the same one.
    pub clock_correction_ms: i64,
}

/// A token, of which only this is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentToken {
    /// The part of it that is no secret.
    pub id: Box<str>,
    /// The SHA-256 of all of it.
    pub sha256: [u8; 32],
    /// Moment when it was made.
    pub added_at: Moment,
}

/// State of an agent at its last report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSeen {
    /// Moment of the report, by our clock.
    pub at: Moment,
    /// The version of its program.
    pub version: Box<str>,
    /// By how many milliseconds our clock is ahead of its own.
    pub clock_offset_ms: i64,
    /// Reason why its checks do not count for verdicts; `None`: they do.
    pub why_not: Option<Box<str>>,
}

/// Result of adding a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenAdded {
    /// Added; the agent has this many now.
    Added(usize),
    /// The agent of this name is of another region.
    OtherRegion(Region),
    /// It has as many as it may have: these.
    Full(Vec<AgentToken>),
}

impl Store {
    /// Every agent, in the order of their names.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        within(WRITE_TIMEOUT, async {
            let rows = sqlx::query!(
                r#"SELECT name, region, a.added_at, last_seen_at, version, clock_offset_ms, why_not,
                     clock_correction_ms, t.id AS "id?", t.sha256 AS "sha256?", t.added_at AS "token_added_at?"
                 FROM agents a LEFT JOIN agent_tokens t ON t.agent = a.name
                 ORDER BY name, t.added_at, t.id"#
            )
            .fetch_all(&self.pool)
            .await?;
            let mut agents: Vec<AgentRow> = Vec::new();
            for row in rows {
                // A name that is none was not written by us.
                let (Ok(name), Ok(region)) = (AgentName::new(&row.name), Region::new(&row.region))
                else {
                    continue;
                };
                if agents.last().is_none_or(|last| last.name != name) {
                    let seen = row.last_seen_at.map(|at| AgentSeen {
                        at: at.into(),
                        version: row.version.unwrap_or_default().into(),
                        clock_offset_ms: row.clock_offset_ms.unwrap_or_default(),
                        why_not: row.why_not.map(Into::into),
                    });
                    let (added_at, tokens) = (row.added_at.into(), Vec::new());
                    let clock_correction_ms = row.clock_correction_ms;
                    let agent =
                        AgentRow { name, region, added_at, tokens, seen, clock_correction_ms };
                    agents.push(agent);
                }
                let token = row.id.zip(row.sha256).zip(row.token_added_at);
                if let (Some(agent), Some(((id, sha256), at))) = (agents.last_mut(), token)
                    && let Ok(sha256) = sha256.try_into()
                {
                    agent.tokens.push(AgentToken { id: id.into(), sha256, added_at: at.into() });
                }
            }
            Ok(agents)
        })
        .await
    }

    /// Adds a token of an agent, and the agent if it is new.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn add_agent_token(
        &self,
        name: &AgentName,
        region: &Region,
        token: &AgentToken,
    ) -> Result<TokenAdded, StoreError> {
        let at = token.added_at.to_datetime();
        within(WRITE_TIMEOUT, async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query!(
                "INSERT INTO agents (name, region, added_at) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
                name.as_str(),
                region.as_str(),
                at
            )
            .execute(&mut *transaction)
            .await?;
            // Locked, so that two who add at once do not make three.
            let known =
                sqlx::query_scalar!("SELECT region FROM agents WHERE name = $1 FOR UPDATE", name.as_str())
                    .fetch_one(&mut *transaction)
                    .await?;
            if let Ok(known) = Region::new(&known)
                && known != *region
            {
                return Ok(TokenAdded::OtherRegion(known));
            }
            let rows = sqlx::query!(
                "SELECT id, sha256, added_at FROM agent_tokens WHERE agent = $1 ORDER BY added_at, id",
                name.as_str()
            )
            .fetch_all(&mut *transaction)
            .await?;
            if rows.len() >= MAX_TOKENS {
                let token = |id: String, sha256: Vec<u8>, at: time::OffsetDateTime| AgentToken {
                    id: id.into(),
                    sha256: sha256.try_into().unwrap_or_default(),
                    added_at: at.into(),
                };
                let tokens = rows.into_iter().map(|row| token(row.id, row.sha256, row.added_at));
                return Ok(TokenAdded::Full(tokens.collect()));
            }
            sqlx::query!(
                "INSERT INTO agent_tokens (id, agent, sha256, added_at) VALUES ($1, $2, $3, $4)",
                &*token.id,
                name.as_str(),
                &token.sha256[..],
                at
            )
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(TokenAdded::Added(rows.len() + 1))
        })
        .await
    }

    /// Removes an agent with all of its tokens; false when there is none of this name.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn remove_agent(&self, name: &AgentName) -> Result<bool, StoreError> {
        within(WRITE_TIMEOUT, async {
            let gone = sqlx::query!("DELETE FROM agents WHERE name = $1", name.as_str())
                .execute(&self.pool)
                .await?;
            Ok(gone.rows_affected() > 0)
        })
        .await
    }

    /// Removes one token of an agent; false when it has none with this id.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn remove_agent_token(&self, name: &AgentName, id: &str) -> Result<bool, StoreError> {
        within(WRITE_TIMEOUT, async {
            let gone = sqlx::query!(
                "DELETE FROM agent_tokens WHERE agent = $1 AND id = $2",
                name.as_str(),
                id
            )
            .execute(&self.pool)
            .await?;
            Ok(gone.rows_affected() > 0)
        })
        .await
    }

    /// Keeps the corrections of agents' clocks, for the next run and for other nodes.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn keep_clock_corrections(
        &self,
        corrections: &[(AgentName, i64)],
    ) -> Result<(), StoreError> {
        let (names, millis): (Vec<String>, Vec<i64>) =
            corrections.iter().map(|(name, millis)| (name.as_str().to_owned(), millis)).unzip();
        within(WRITE_TIMEOUT, async {
            sqlx::query!(
                "UPDATE agents a SET clock_correction_ms = n.millis
                 FROM unnest($1::text[], $2::bigint[]) AS n (name, millis) WHERE a.name = n.name",
                &names,
                &millis
            )
            .execute(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }

    /// Notes the state of agents, for readers of Postgres.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn note_agents(&self, seen: &[(AgentName, AgentSeen)]) -> Result<(), StoreError> {
        let names: Vec<String> = seen.iter().map(|(name, _)| name.as_str().to_owned()).collect();
        let times: Vec<time::OffsetDateTime> =
            seen.iter().map(|(_, s)| s.at.to_datetime()).collect();
        let versions: Vec<String> =
            seen.iter().map(|(_, s)| super::rows::text(&s.version)).collect();
        let offsets: Vec<i64> = seen.iter().map(|(_, s)| s.clock_offset_ms).collect();
        let reasons: Vec<Option<String>> =
            seen.iter().map(|(_, s)| s.why_not.as_deref().map(super::rows::text)).collect();
        within(WRITE_TIMEOUT, async {
            sqlx::query!(
                "UPDATE agents a SET last_seen_at = n.at, version = n.version,
                     clock_offset_ms = n.offset_ms, why_not = n.why_not, voting = n.why_not IS NULL
                 FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[], $5::text[])
                     AS n (name, at, version, offset_ms, why_not)
                 WHERE a.name = n.name",
                &names,
                &times,
                &versions,
                &offsets,
                &reasons as &[Option<String>]
            )
            .execute(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }
}

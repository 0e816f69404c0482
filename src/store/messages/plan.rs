//! New verdicts become messages: read, decided by the caller, written; all in one transaction.
//!
//! One process at a time plans; the others go on. A plan that is cut leaves everything as it was.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Store, StoreError, WRITE_TIMEOUT, events, within};
use crate::store::rows::{cause, cause_columns, json, notes, status};
use model::{
    moment::Moment,
    name::Slug,
    notification::{
        channel_state::{ChannelState, Subject, VerdictNews},
        rule::Topic,
    },
    provider::ProviderEvent,
    verdict::{SelfDoubt, Status, Verdict},
};

/// New verdicts that are planned at once.
const MAX_BATCH: i64 = 1_000;

/// A new verdict of a site, for a channel.
#[derive(Clone, Debug)]
pub struct Published {
    /// The channel.
    pub channel: String,
    /// The site.
    pub slug: Slug,
    /// The verdict.
    pub news: VerdictNews,
}

/// State of a channel for a site.
#[derive(Clone, Debug)]
pub struct ChannelKnowledge {
    /// The channel.
    pub channel: String,
    /// The site.
    pub slug: Slug,
    /// State for one subject of the site.
    pub case: ChannelState,
}

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct MessageDraft {
    /// The channel.
    pub channel: String,
    /// Content of the message, as its writer will read it back.
    pub message: serde_json::Value,
    /// The moment when it may be sent.
    pub not_before: Moment,
}

/// Input of a plan.
#[derive(Clone, Debug, Default)]
pub struct Unplanned {
    /// The requested channels, and the moment when each was added.
    pub added: Vec<(String, Moment)>,
    /// New verdicts, in the order of their moments.
    pub news: Vec<Published>,
    /// Every case that they, or the time, may change.
    pub cases: Vec<ChannelKnowledge>,
    /// The provider events that go on, and those of which a channel waits for the end.
    pub events: Vec<ProviderEvent>,
    /// Provider events that the channels were notified of.
    pub told: Vec<NotifiedEvent>,
    /// True if there is more news than this.
    pub more: bool,
}

/// A provider event that a channel was notified of, but not yet of its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotifiedEvent {
    /// The channel.
    pub channel: String,
    /// The slug of the provider.
    pub provider: Box<str>,
    /// The moment when the event began.
    pub started_at: Moment,
}

/// Result of a plan.
#[derive(Clone, Debug, Default)]
pub struct PlanResult {
    /// Cases that are not as they were.
    pub cases: Vec<ChannelKnowledge>,
    /// Messages.
    pub drafts: Vec<MessageDraft>,
    /// Provider events that a channel is notified of now.
    pub opened: Vec<NotifiedEvent>,
    /// Events whose end a channel is notified of now.
    pub closed: Vec<NotifiedEvent>,
}

impl Store {
    /// Passes these channels' new verdicts, and every state that they or time may change, to
    /// `decide`, and keeps what it decides; returns the number of messages to send.
    ///
    /// Nothing is done, and `None` returned, while another process plans.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses; nothing has changed then.
    pub async fn plan_messages(
        &self,
        names: &[String],
        now: Moment,
        decide: impl FnOnce(Unplanned) -> PlanResult + Send,
    ) -> Result<Option<usize>, StoreError> {
        within(WRITE_TIMEOUT, async {
            if !self.has_work(names, now).await? {
                return Ok(Some(0));
            }
            let mut transaction = self.begin().await?;
            let Some(added) = claim(names, &mut transaction).await? else { return Ok(None) };
            let (ids, sites, news) = take_news(names, &mut transaction).await?;
            let (events, told) = events::read(names, &mut transaction).await?;
            let cases = cases(names, &sites, &events, &mut transaction).await?;
            let more = ids.len() as i64 == MAX_BATCH;
            let planned = decide(Unplanned { added, news, cases, events, told, more });
            events::write(&planned.opened, &planned.closed, &mut transaction).await?;
            write_cases(&planned.cases, &mut transaction).await?;
            write_drafts(&planned.drafts, now, &mut transaction).await?;
            sqlx::query!("DELETE FROM news WHERE id = ANY($1)", &ids)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(Some(planned.drafts.len()))
        })
        .await
    }

    async fn has_work(&self, names: &[String], now: Moment) -> Result<bool, StoreError> {
        let work = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM news WHERE channel = ANY($1))
                OR EXISTS (
                    SELECT FROM notify_cases WHERE ready_at <= $2 AND channel = ANY($1)
                )
                OR EXISTS (SELECT FROM provider_events WHERE ended_at IS NULL)
                OR EXISTS (SELECT FROM notify_events WHERE channel = ANY($1)) AS "work!""#,
            names,
            now.to_datetime()
        );
        Ok(work.fetch_one(&self.pool).await?)
    }
}

/// Takes the right to queue messages, until the transaction ends; false while another process has it. Two
/// processes must not both find that a message is not there.
pub(super) async fn alone(to: &mut PgConnection) -> Result<bool, StoreError> {
    let free = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock(hashtext('stillup messages')) AS "free!""#
    );
    Ok(free.fetch_one(to).await?)
}

/// The right to plan, until the transaction ends; returns the moment when each channel was added.
async fn claim(
    names: &[String],
    to: &mut PgConnection,
) -> Result<Option<Vec<(String, Moment)>>, StoreError> {
    if !alone(to).await? {
        return Ok(None);
    }
    let rows =
        sqlx::query!("SELECT name, added_at FROM notify_channels WHERE name = ANY($1)", names)
            .fetch_all(&mut *to)
            .await?;
    Ok(Some(rows.into_iter().map(|row| (row.name, row.added_at.into())).collect()))
}

/// The oldest news: their numbers, their sites', and what they say.
async fn take_news(
    names: &[String],
    to: &mut PgConnection,
) -> Result<(Vec<i64>, Vec<i32>, Vec<Published>), StoreError> {
    let rows = sqlx::query!(
        "SELECT n.id, n.channel, n.site_id, s.slug, n.at, n.since, n.status, n.failure,
             n.restricted, n.failure_detail, n.unstable, n.doubt, n.notes, n.withdrawn_since
         FROM news n JOIN sites s ON s.id = n.site_id
         WHERE n.channel = ANY($1) ORDER BY n.at, n.id LIMIT $2",
        names,
        MAX_BATCH
    )
    .fetch_all(to)
    .await?;
    let (mut ids, mut sites, mut news) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        ids.push(row.id);
        let verdict =
            verdict(row.status, row.since, row.restricted, row.failure, row.failure_detail);
        let doubt = row.doubt.and_then(|n| SelfDoubt::from_number(u8::try_from(n).ok()?));
        let notes = notes(row.notes);
        let verdict = verdict.map(|v| Verdict { unstable: row.unstable, doubt, notes, ..v });
        // Values that this version does not know are left out.
        let (Ok(slug), Some(verdict)) = (Slug::new(&row.slug), verdict) else { continue };
        sites.push(row.site_id);
        let withdrawn = row.withdrawn_since.map(Moment::from);
        let news_of_it = VerdictNews { at: row.at.into(), verdict, withdrawn };
        news.push(Published { channel: row.channel, slug, news: news_of_it });
    }
    Ok((ids, sites, news))
}

/// The cases of these sites, and those that wait.
async fn cases(
    names: &[String],
    sites: &[i32],
    events: &[ProviderEvent],
    to: &mut PgConnection,
) -> Result<Vec<ChannelKnowledge>, StoreError> {
    let slugs: Vec<String> =
        events.iter().flat_map(|event| &event.sites).map(ToString::to_string).collect();
    let rows = sqlx::query!(
        "SELECT c.channel, s.slug, c.subject, c.at, c.since, c.status, c.failure, c.restricted,
             c.failure_detail, c.notes, c.told, c.began_at, c.ready_at, c.unstable, c.restless,
             c.tellings, c.over_at
         FROM notify_cases c JOIN sites s ON s.id = c.site_id
         WHERE c.channel = ANY($1) AND (
             c.ready_at IS NOT NULL OR c.site_id = ANY($2) OR s.slug = ANY($3)
         )",
        names,
        sites,
        &slugs
    )
    .fetch_all(to)
    .await?;
    let known = rows.into_iter().filter_map(|row| {
        let verdict =
            verdict(row.status, row.since, row.restricted, row.failure, row.failure_detail)?;
        let verdict = Verdict { unstable: row.unstable, notes: notes(row.notes), ..verdict };
        let case = ChannelState {
            subject: Subject::from_number(u8::try_from(row.subject).ok()?)?,
            news: VerdictNews { at: row.at.into(), verdict, withdrawn: None },
            restless: row.restless,
            tellings: u8::try_from(row.tellings).unwrap_or(u8::MAX),
            over: row.over_at.map(Moment::from),
            told: row.told.and_then(topic),
            began: row.began_at.map(Moment::from),
            ready: row.ready_at.map(Moment::from),
        };
        Some(ChannelKnowledge { channel: row.channel, slug: Slug::new(&row.slug).ok()?, case })
    });
    Ok(known.collect())
}

fn verdict(
    word: i16,
    since: Option<OffsetDateTime>,
    restricted: bool,
    failure: Option<i16>,
    detail: Option<serde_json::Value>,
) -> Option<Verdict> {
    let since = since.map(Moment::from);
    let (status, cause) = (status(word)?, cause(failure, detail));
    Some(Verdict { status, restricted, since, cause, ..Verdict::none_yet() })
}

/// The number of a note among the topics, beside those of the bad statuses.
const NOTES: i16 = 6;

/// Topic of a message by its number.
fn topic(number: i16) -> Option<Topic> {
    if number == NOTES { Some(Topic::Notes) } else { Topic::of(status(number)?) }
}

async fn write_cases(cases: &[ChannelKnowledge], to: &mut PgConnection) -> Result<(), StoreError> {
    let small = |status: Status| i16::from(status as u8);
    for ChannelKnowledge { channel, slug, case } in cases {
        let Verdict { status, restricted, since, cause, unstable, notes, .. } = &case.news.verdict;
        let told = case.told.map(|topic| topic.status().map_or(NOTES, small));
        let (failure, detail) = cause_columns(cause.as_ref());
        sqlx::query!(
            "INSERT INTO notify_cases (channel, site_id, at, since, status, failure, restricted,
                 failure_detail, told, began_at, ready_at, unstable, restless, tellings, over_at,
                 subject, notes)
             SELECT $1, s.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17
             FROM sites s WHERE s.slug = $2
             ON CONFLICT (channel, site_id, subject) DO UPDATE
             SET at = EXCLUDED.at, since = EXCLUDED.since, status = EXCLUDED.status,
                 failure = EXCLUDED.failure, restricted = EXCLUDED.restricted,
                 failure_detail = EXCLUDED.failure_detail, told = EXCLUDED.told, began_at = EXCLUDED.began_at,
                 ready_at = EXCLUDED.ready_at, unstable = EXCLUDED.unstable,
                 restless = EXCLUDED.restless, tellings = EXCLUDED.tellings,
                 over_at = EXCLUDED.over_at, notes = EXCLUDED.notes",
            channel,
            slug.as_str(),
            case.news.at.to_datetime(),
            since.map(Moment::to_datetime),
            small(*status),
            failure,
            restricted,
            detail,
            told,
            case.began.map(Moment::to_datetime),
            case.ready.map(Moment::to_datetime),
            unstable,
            case.restless,
            i16::from(case.tellings),
            case.over.map(Moment::to_datetime),
            i16::from(case.subject.number()),
            serde_json::to_value(notes).unwrap_or_default(),
        )
        .execute(&mut *to)
        .await?;
    }
    Ok(())
}

pub(super) async fn write_drafts(
    drafts: &[MessageDraft],
    now: Moment,
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    for draft in drafts {
        sqlx::query!(
            "INSERT INTO messages (channel, made_at, message, next_at) VALUES ($1, $2, $3, $4)",
            draft.channel,
            now.to_datetime(),
            json(draft.message.clone()),
            draft.not_before.to_datetime(),
        )
        .execute(&mut *to)
        .await?;
    }
    Ok(())
}

//! Copies of what people say, for queries: notices with their updates, and planned work. The truth is in the operator's
//! files; nothing is read back from here.

use super::{Store, StoreError, WRITE_TIMEOUT, within};
use model::{
    moment::Moment,
    notice::{Notice, NoticeUpdate},
    planned::PlannedWork,
    scope::Scope,
};

/// A scope by columns.
struct ScopeColumns {
    sites: Vec<String>,
    tags: Vec<String>,
    providers: Vec<String>,
}

impl ScopeColumns {
    fn of(scope: &Scope) -> Self {
        let words = |words: &[Box<str>]| words.iter().map(|word| text(word)).collect();
        Self {
            sites: scope.sites.iter().map(ToString::to_string).collect(),
            tags: words(&scope.tags),
            providers: words(&scope.providers),
        }
    }
}

/// Text that Postgres accepts, its lines as they are.
fn text(raw: &str) -> String {
    raw.replace('\0', "")
}

impl Store {
    /// Copies a notice as it is now.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn copy_notice(&self, notice: &Notice) -> Result<(), StoreError> {
        let scope = ScopeColumns::of(&notice.scope);
        within(WRITE_TIMEOUT, async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query!(
                "INSERT INTO notices (id, title, impact, state, sites, tags, providers, started_at, opened_at,
                     updated_at, resolved_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                 ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, impact = EXCLUDED.impact,
                     state = EXCLUDED.state, sites = EXCLUDED.sites, tags = EXCLUDED.tags,
                     providers = EXCLUDED.providers, started_at = EXCLUDED.started_at,
                     opened_at = EXCLUDED.opened_at, updated_at = EXCLUDED.updated_at,
                     resolved_at = EXCLUDED.resolved_at",
                &*notice.id,
                text(&notice.title),
                notice.impact.word(),
                notice.state().word(),
                &scope.sites,
                &scope.tags,
                &scope.providers,
                notice.started_at.to_datetime(),
                notice.opened_at().to_datetime(),
                notice.updated_at().to_datetime(),
                notice.resolved_at().map(Moment::to_datetime),
            )
            .execute(&mut *transaction)
            .await?;
            for NoticeUpdate { id, at, state, text: words, .. } in &notice.updates {
                sqlx::query!(
                    "INSERT INTO notice_updates (id, notice, at, state, text) VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (id) DO UPDATE SET at = EXCLUDED.at, state = EXCLUDED.state,
                         text = EXCLUDED.text",
                    &**id,
                    &*notice.id,
                    at.to_datetime(),
                    state.word(),
                    text(words),
                )
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// Copies planned work as it is now.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn copy_planned(&self, work: &PlannedWork) -> Result<(), StoreError> {
        let (scope, times) = (ScopeColumns::of(&work.scope), &work.times);
        let except: Vec<String> = times.except.iter().map(ToString::to_string).collect();
        let done = sqlx::query!(
            "INSERT INTO planned_work (id, name, text, sites, tags, providers, starts, time_zone, lasts, rrule,
                 except_days, announced_at, cancelled_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7::text::timestamp, $8, make_interval(secs => $9), $10,
                 $11::text[]::date[], $12, $13)
             ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, text = EXCLUDED.text, sites = EXCLUDED.sites,
                 tags = EXCLUDED.tags, providers = EXCLUDED.providers, starts = EXCLUDED.starts,
                 time_zone = EXCLUDED.time_zone, lasts = EXCLUDED.lasts, rrule = EXCLUDED.rrule,
                 except_days = EXCLUDED.except_days, announced_at = EXCLUDED.announced_at,
                 cancelled_at = EXCLUDED.cancelled_at",
            &*work.id,
            text(&work.name),
            text(&work.text),
            &scope.sites,
            &scope.tags,
            &scope.providers,
            times.starts.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            times.zone_name(),
            times.lasts.as_secs_f64(),
            times.repeats.as_ref().map(ToString::to_string),
            &except,
            work.announced_at.map(Moment::to_datetime),
            work.cancelled_at.map(Moment::to_datetime),
        )
        .execute(&self.pool);
        within(WRITE_TIMEOUT, async { Ok(done.await.map(drop)?) }).await
    }
}

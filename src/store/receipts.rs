//! Receipts: copies of the checks that opened and closed an outage, kept with it, so that the evidence
//! outlives the checks themselves.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    RecordedCheck, Store, StoreError,
    checks::CheckRow,
    ids,
    rows::{self, FAILED, OK, RESTRICTED},
};
use model::{
    moment::Moment,
    name::Region,
    outcome::{Answer, Failure, Phases},
    verdict::{Outage, Status},
};

/// Checks that are copied at most, for the beginning of an outage and for its end.
const MAX_RECEIPTS: i64 = 20;

/// A check as an outage keeps it: the columns of the table of checks, with names in place of
/// numbers.
#[derive(Debug, Serialize, Deserialize)]
struct Receipt {
    at: Moment,
    region: Region,
    outcome: ReceiptOutcome,
    failure: Option<Failure>,
    http_status: Option<u16>,
    dns_us: Option<u32>,
    connect_us: Option<u32>,
    tls_us: Option<u32>,
    wait_us: Option<u32>,
    transfer_us: Option<u32>,
    attempts: u8,
    failure_detail: Option<Value>,
}

/// The names of outcomes, as the table `outcomes` has them.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ReceiptOutcome {
    Ok,
    Restricted,
    Failed,
}

impl From<RecordedCheck> for Receipt {
    fn from(row: RecordedCheck) -> Self {
        let (outcome, failure, failure_detail) = match &row.answer {
            Answer::Ok => (ReceiptOutcome::Ok, None, None),
            Answer::Restricted(note) => (ReceiptOutcome::Restricted, None, rows::detail(note)),
            Answer::Failed(cause) => {
                (ReceiptOutcome::Failed, Some(cause.failure), rows::detail(&cause.detail))
            }
        };
        let Phases { dns, connect, tls, wait, transfer } = row.phases;
        Self {
            at: row.at,
            region: row.region,
            outcome,
            failure,
            http_status: row.http_status,
            dns_us: dns,
            connect_us: connect,
            tls_us: tls,
            wait_us: wait,
            transfer_us: transfer,
            attempts: row.attempts,
            failure_detail,
        }
    }
}

impl Receipt {
    /// The check; `None` for a failure that this version does not know.
    fn check(self) -> Option<RecordedCheck> {
        let outcome = match self.outcome {
            ReceiptOutcome::Ok => OK,
            ReceiptOutcome::Restricted => RESTRICTED,
            ReceiptOutcome::Failed => FAILED,
        };
        let failure = self.failure.map(rows::failure_number);
        Some(RecordedCheck {
            at: self.at,
            region: self.region,
            answer: rows::answer(outcome, failure, self.failure_detail)?,
            http_status: self.http_status,
            phases: Phases {
                dns: self.dns_us,
                connect: self.connect_us,
                tls: self.tls_us,
                wait: self.wait_us,
                transfer: self.transfer_us,
            },
            attempts: self.attempts,
        })
    }
}

/// The checks of receipts that this version can read.
pub(super) fn read(receipts: Value) -> impl Iterator<Item = RecordedCheck> {
    let all = if let Value::Array(all) = receipts { all } else { Vec::new() };
    all.into_iter().filter_map(|one| serde_json::from_value::<Receipt>(one).ok()?.check())
}

/// Copies the checks that opened an outage, and those that closed it, unless they are copied
/// already: from its first check to the one that settled its status, and from the first good one
/// on.
pub(super) async fn keep(
    site: i32,
    outage: &Outage,
    settled: Moment,
    (opened, closed): (bool, bool),
    to: &mut PgConnection,
) -> Result<(), StoreError> {
    let start = outage.started_at.to_datetime();
    let status = outage.status as i16;
    if !opened {
        // The checks of a slow site are good ones.
        let bad = outage.status != Status::Slow;
        let copies = copies(site, (outage.started_at, settled), bad, &mut *to).await?;
        sqlx::query!(
            "UPDATE outages SET opened_by = $4 WHERE site_id = $1 AND started_at = $2 AND status = $3",
            site,
            start,
            status,
            copies
        )
        .execute(&mut *to)
        .await?;
    }
    if let Some(end) = outage.ended_at.filter(|_| !closed) {
        let copies = copies(site, (end, settled), false, &mut *to).await?;
        sqlx::query!(
            "UPDATE outages SET closed_by = $4 WHERE site_id = $1 AND started_at = $2 AND status = $3",
            site,
            start,
            status,
            copies
        )
        .execute(to)
        .await?;
    }
    Ok(())
}

/// Copies of the first failed checks of a site, or of the first that did not fail, from the one moment to the
/// other.
async fn copies(
    site: i32,
    (from, last): (Moment, Moment),
    failed: bool,
    to: &mut PgConnection,
) -> Result<Value, StoreError> {
    let regions = ids::regions(&mut *to).await?;
    let ids: Vec<i16> = regions.keys().copied().collect();
    let rows = sqlx::query_as!(
        CheckRow,
        "SELECT site_id, region_id, at, outcome, failure, http_status, dns_us, connect_us, tls_us, wait_us,
             transfer_us, attempts, failure_detail
         FROM checks
         WHERE site_id = $1 AND region_id = ANY($2) AND at >= $3 AND at <= $4 AND (outcome = $5) = $6
         ORDER BY at, region_id LIMIT $7",
        site,
        &ids,
        from.to_datetime(),
        last.to_datetime(),
        FAILED,
        failed,
        MAX_RECEIPTS
    );
    let mut receipts = Vec::new();
    for row in rows.fetch_all(to).await? {
        let Some(region) = regions.get(&row.region_id) else { continue };
        // A receipt always has its JSON.
        receipts.extend(serde_json::to_value(Receipt::from(row.check(region.clone())?)).ok());
    }
    Ok(Value::Array(receipts))
}

impl Store {
    /// The copies of checks of a site from the one moment to the other, of the newest outages, at most so
    /// many of these.
    pub(super) async fn receipts(
        &self,
        site: i32,
        (from, last): (Moment, Moment),
        outages: u32,
    ) -> Result<Vec<RecordedCheck>, StoreError> {
        let (from, last): (OffsetDateTime, OffsetDateTime) =
            (from.to_datetime(), last.to_datetime());
        let rows = sqlx::query!(
            "SELECT opened_by, closed_by FROM outages
             WHERE site_id = $1 AND started_at <= $3 AND changed_at >= $2
             ORDER BY started_at DESC LIMIT $4",
            site,
            from,
            last,
            i64::from(outages)
        );
        let rows = rows.fetch_all(&self.readers).await?;
        let all = rows.into_iter().flat_map(|row| read(row.opened_by).chain(read(row.closed_by)));
        let (from, last) = (Moment::from(from), Moment::from(last));
        Ok(all.filter(|row| row.at >= from && row.at <= last).collect())
    }
}

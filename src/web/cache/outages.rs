//! The newest outages as the record has them, for feeds and Statuspage: more than the board holds of
//! a site that keeps failing.
//!
//! What was read stays as it was while Postgres is away, so that no entry leaves a feed because of
//! that; the board, which is always newer, is laid over it. Outages of one site follow one another:
//! what is beyond the newest here, and not on the board, ended before all that are.

use std::{sync::Arc, time::Duration};

use super::queries::Recall;
use crate::{
    model::name::Slug,
    store::{OutageRow, OutagesWanted, Store},
    web::Shared,
};

/// How long a read serves; the board has what comes meanwhile.
const FRESH: Duration = Duration::from_secs(30);
/// Outages that are read of one site.
const OF_SITE: u32 = 50;
/// Outages that are read of all sites; those of sites that have left the catalogue are among them.
const OF_ALL: u32 = 200;
/// Outages that are remembered at most; about 4 MB.
const MOST: usize = 12_800;

type Rows = Arc<[OutageRow]>;

/// The outages that were read, of one site or of all.
#[derive(Debug)]
pub(in crate::web) struct Outages(Recall<Option<Slug>, Rows>);

impl Default for Outages {
    fn default() -> Self {
        Self(Recall::new(FRESH, MOST))
    }
}

impl Outages {
    /// The newest outages of this site, or of all sites; none when the record was never read.
    pub(in crate::web) async fn of(&self, shared: &Shared, slug: Option<&Slug>) -> Rows {
        let ask = async |store: Store| {
            Ok(Rows::from(match slug {
                Some(slug) => store.outages(slug, OF_SITE).await?,
                None => store.outages_page(&OutagesWanted::newest(OF_ALL)).await?,
            }))
        };
        let read = self.0.get(shared, slug.cloned(), |rows| rows.len(), ask).await;
        read.map(|(rows, _)| rows).unwrap_or_default()
    }
}

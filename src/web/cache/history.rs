//! Histories of sites, for charts, badges and the API.

use std::{sync::Arc, time::Duration};

use super::queries::Recall;
use crate::{
    model::{
        history::{History, Range},
        moment::Moment,
        name::Slug,
    },
    store::Store,
    web::Shared,
};

/// How long an answer is as good as a new one.
const FRESH: Duration = Duration::from_secs(15);
/// Buckets that are kept, of all answers together; about 5 MB.
const BUCKETS: usize = 40_000;

/// Which stretch of time is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::web) enum Stretch {
    /// The last so many hours or days, until now, in the buckets that suit it.
    Last(Duration),
    /// The same in one bucket.
    AsOne(Duration),
    /// This one.
    Exactly(Range),
}

impl Stretch {
    fn range(self, now: Moment) -> Range {
        match self {
            Self::Last(window) => Range::last(window, now),
            Self::AsOne(window) => Range::last(window, now).as_one(),
            Self::Exactly(range) => range,
        }
    }
}

/// What is remembered of a site.
#[derive(Clone, Debug)]
pub(in crate::web) struct Recalled {
    /// Its history; `as_of` says when it was read.
    pub(in crate::web) history: Arc<History>,
    /// Whether that was just now, as Postgres is there.
    pub(in crate::web) fresh: bool,
}

/// The histories that were read.
#[derive(Debug)]
pub(in crate::web) struct Histories(Recall<(Slug, Stretch), Arc<History>>);

impl Default for Histories {
    fn default() -> Self {
        Self(Recall::new(FRESH, BUCKETS))
    }
}

impl Histories {
    /// A site's history; `None` when Postgres is away and it is not remembered.
    pub(in crate::web) async fn of(
        &self,
        shared: &Shared,
        slug: &Slug,
        stretch: Stretch,
    ) -> Option<Recalled> {
        let now = shared.now();
        let ask =
            async |store: Store| Ok(Arc::new(store.history(slug, stretch.range(now), now).await?));
        let weigh = |history: &Arc<History>| history.buckets.len();
        let (history, fresh) = self.0.get(shared, (slug.clone(), stretch), weigh, ask).await?;
        Some(Recalled { history, fresh })
    }
}

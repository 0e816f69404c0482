//! The one way in which the tests of this folder wait for a state: they poll until it is there, and
//! fail at a deadline.

use std::{fmt::Debug, time::Duration};

use tokio::time::{Instant, sleep};

/// Limit of a wait for what must come: far more than it takes. It is no promise of the program's, and
/// only ends a test that would wait for ever; a machine that has other things to do makes no test
/// fail.
pub(crate) const SOON: Duration = Duration::from_mins(2);

/// Time between two polls.
const PAUSE: Duration = Duration::from_millis(50);

/// One look: the state that was waited for, or else what is there instead.
pub(crate) trait Awaited {
    /// The state that was waited for.
    type Seen;

    /// The state, or what is there instead, for the failure.
    fn seen(self) -> Result<Self::Seen, String>;
}

impl<T> Awaited for Option<T> {
    type Seen = T;

    fn seen(self) -> Result<T, String> {
        self.ok_or_else(String::new)
    }
}

impl<T, E: Debug> Awaited for Result<T, E> {
    type Seen = T;

    fn seen(self) -> Result<T, String> {
        self.map_err(|instead| format!(": {instead:?}"))
    }
}

/// Polls until the state is there, and returns it; fails when it is not there within `limit`.
pub(crate) async fn until<L: Awaited>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> L,
) -> L::Seen {
    let end = Instant::now() + limit;
    loop {
        match look().await.seen() {
            Ok(seen) => return seen,
            Err(instead) => {
                assert!(Instant::now() < end, "not within {limit:?}: {what}{instead}");
                sleep(PAUSE).await;
            }
        }
    }
}

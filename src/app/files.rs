//! Open files: as many as the machine allows, divided so that neither probes nor visitors take
//! those that the journal needs.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::web;
use prober::probe;

/// Files for all but probes and visitors: journal, record, log, messages, lookups.
const RESERVED_FILES: usize = 128;
/// Files that one probe may hold at a time: connections to some addresses, and to a name server.
const FILES_PER_PROBE: usize = probe::MAX_CONNECTIONS + 1;
/// Visitors' connections at least.
const MIN_VISITORS: usize = 16;

/// Largest numbers at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FdBudget {
    /// Probes.
    pub(super) probes: usize,
    /// Connections of visitors.
    pub(super) visitors: usize,
}

/// Raises the limit of open files as far as allowed, and divides it; `probes` is the configured
/// number.
pub(super) fn room(probes: usize) -> FdBudget {
    let limit = raised();
    let room = share(limit, probes);
    if room.probes < probes {
        tracing::warn!(
            limit,
            "the limit of open files leaves room for {} probes at a time, not {probes}; raise it \
             (ulimit -n, or LimitNOFILE=), or lower [probe] concurrency",
            room.probes
        );
    }
    room
}

/// The limit of open files, raised as far as an unprivileged process may.
fn raised() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let most = Rlimit { current: maximum, maximum };
    let limit = if setrlimit(Resource::Nofile, most).is_ok() { maximum } else { current };
    // No limit is none.
    limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// Half of what is not ours is for probes at most.
fn share(limit: usize, probes: usize) -> FdBudget {
    let rest = limit.saturating_sub(RESERVED_FILES);
    let probes = probes.min(rest / 2 / FILES_PER_PROBE).max(1);
    let visitors =
        rest.saturating_sub(probes * FILES_PER_PROBE).clamp(MIN_VISITORS, web::MAX_CONNECTIONS);
    FdBudget { probes, visitors }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_open_at_a_time_fits_below_the_limit() {
        let room = |probes, visitors| FdBudget { probes, visitors };
        assert_eq!(share(usize::MAX, 512), room(512, 4_096));
        assert_eq!(share(1_024, 512), room(64, 448));
        assert_eq!(share(1_024, 10), room(10, 826));
        assert_eq!(share(256, 512), room(9, 65));
        assert_eq!(share(64, 512), room(1, 16));
        for limit in [200, 256, 1_024, 4_096, 65_536] {
            let FdBudget { probes, visitors } = share(limit, 10_000);
            assert!(RESERVED_FILES + probes * FILES_PER_PROBE + visitors <= limit, "{limit}");
        }
    }
}

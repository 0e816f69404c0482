//! Finds the DNS operator of each site's name, rarely and one at a time: while an operator fails it
//! cannot be looked up, so it must be known before.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::time::{sleep, timeout};
use url::Host;

use crate::board::{Board, LiveSite};
use model::{moment::Moment, name::Slug, provider::of_name_servers, verdict::Status};
use prober::{clock::Clock, probe::Prober};

/// Time between two look-ups.
const LOOKUP_INTERVAL: Duration = Duration::from_secs(1);
/// Time until another look, when nothing is due.
const IDLE_INTERVAL: Duration = Duration::from_mins(1);
/// Time limit of one look-up.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);
/// Age at which an operator is looked up again.
const REFRESH_AFTER: Duration = Duration::from_hours(24);
/// Wait after a failed look-up.
const RETRY_AFTER: Duration = Duration::from_hours(2);

/// Finds out who answers for names.
#[derive(Clone)]
pub(super) struct OperatorFinder {
    pub(super) prober: Prober,
    pub(super) board: Arc<Board>,
    pub(super) clock: Clock,
}

impl OperatorFinder {
    /// Runs for ever.
    pub(super) async fn run(self) {
        let mut tried: HashMap<Slug, Moment> = HashMap::new();
        loop {
            let now = self.clock.now();
            tried.retain(|_, at| now.since(*at) < RETRY_AFTER);
            let sites = self.board.sites();
            let Some((slug, name)) = sites.iter().find_map(|live| due(live, &tried, now)) else {
                sleep(IDLE_INTERVAL).await;
                continue;
            };
            tried.insert(slug.clone(), now);
            let asked = timeout(LOOKUP_TIMEOUT, self.prober.name_servers(&name)).await;
            let servers = asked.ok().flatten().unwrap_or_default();
            if let Some(operator) = of_name_servers(servers.iter().map(String::as_str)) {
                self.board.set_names(&slug, &operator, now);
            }
            sleep(LOOKUP_INTERVAL).await;
        }
    }
}

/// The site's slug and host, if a look-up is due: it is up, and its operator is unknown or old.
fn due(live: &LiveSite, tried: &HashMap<Slug, Moment>, now: Moment) -> Option<(Slug, String)> {
    let site = &live.site;
    let well = matches!(live.verdict.status, Status::Up | Status::Slow);
    let old = live.names.as_ref().is_none_or(|(_, at)| now.since(*at) >= REFRESH_AFTER);
    if site.private || !well || !old || tried.contains_key(&site.slug) {
        return None;
    }
    match site.url.host()? {
        Host::Domain(name) => Some((site.slug.clone(), name.to_owned())),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{judge::SiteState, site::Site};

    #[test]
    fn a_site_is_due_while_it_is_well_and_nothing_new_is_known() {
        let now = Moment::from_millis(1_700_000_000_000);
        for (url, status, known, tried, want) in [
            ("https://www.a.example/", Status::Up, None, false, true),
            ("https://www.a.example/", Status::Slow, Some(25), false, true),
            ("https://www.a.example/", Status::Up, Some(23), false, false),
            ("https://www.a.example/", Status::Up, None, true, false),
            ("https://www.a.example/", Status::Down, None, false, false),
            ("https://www.a.example/", Status::Unknown, None, false, false),
            ("https://192.0.2.1/", Status::Up, None, false, false),
        ] {
            let slug = Slug::new("a.example").unwrap();
            let board = Board::new();
            board.set_catalogue(&[Arc::new(Site::new(slug.clone(), url.parse().unwrap()))]);
            let mut state = SiteState::default();
            state.verdict.status = status;
            board.show_state(&slug, &state, &[]);
            if let Some(hours) = known {
                board.set_names(&slug, "dyn", now - Duration::from_hours(hours));
            }
            let tried = tried.then(|| (slug.clone(), now)).into_iter().collect();
            let live = board.site("a.example").unwrap();
            let name = due(&live, &tried, now).map(|(_, name)| name);
            assert_eq!(
                name.as_deref(),
                want.then_some("www.a.example"),
                "{url} {status:?} {known:?}"
            );
        }
    }
}

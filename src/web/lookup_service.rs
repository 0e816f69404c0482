//! Lookups for page and API: the catalogue's sites are answered from the board, others are probed.

use std::time::Duration;

use super::{
    Shared,
    extractors::client_ip::ClientIp,
    search,
    views::{lookup::LookupView, site::SiteView},
};
use crate::{
    i18n::Lang,
    lookup::{Coming, LookupAnswer, LookupRefusal, LookupStart, Lookups, RefusalReason},
};
use model::{
    domain::readable,
    target::{Refused, Target},
};

/// Seconds after which a machine that too many lookups led to may be probed again.
const PUT_OFF_SECONDS: u64 = 30;

/// Reply to a visitor.
#[derive(Debug)]
pub(super) enum LookupReply {
    /// An answer.
    Answer(Box<LookupView>),
    /// A lookup is under way.
    Coming(Coming),
    /// Nothing new.
    Refused(Refusing),
}

/// Reason for having nothing new, with the last known answer.
#[derive(Debug)]
pub(super) struct Refusing {
    /// Reason.
    pub(super) why: RefusalReason,
    /// Seconds after which another request may succeed, if waiting helps.
    pub(super) retry_after: Option<u64>,
    /// The last answer.
    pub(super) last: Option<Box<LookupView>>,
}

impl Refusing {
    /// The reason in words, in English for programs.
    pub(super) fn words(&self) -> String {
        self.words_in(Lang::En)
    }

    /// The reason in words for visitors.
    pub(super) fn words_in(&self, t: Lang) -> String {
        match &self.why {
            RefusalReason::Off => t.say("refusing-off").into_owned(),
            RefusalReason::Target(refused) => refusal(t, refused),
            RefusalReason::Budget => {
                t.one("refusing-budget", "wait", self.retry_after.unwrap_or(1))
            }
            RefusalReason::Busy => t.say("refusing-busy").into_owned(),
        }
    }
}

/// The site of the catalogue that a text names, by slug, address or name for people.
pub(super) fn catalogued(shared: &Shared, text: &str) -> Option<SiteView> {
    let board = &shared.web.board;
    let slug = search::named(board, text)?;
    Some(SiteView::new(board.site(&slug)?, shared.now()))
}

/// Reason why a text can be no target, before any probe.
pub(super) fn not_a_target(shared: &Shared, text: &str) -> Option<Refused> {
    let known = search::named(&shared.web.board, text).is_some();
    if known { None } else { shared.web.lookups.read(text).err() }
}

/// Looks up a text that a visitor typed; `again` requests a new probe although there is an answer.
pub(super) fn ask(shared: &Shared, text: &str, client: ClientIp, again: bool) -> LookupReply {
    let Some(view) = catalogued(shared, text) else {
        return match shared.web.lookups.read(text) {
            Ok(target) => look_up(shared, &target, client, again),
            Err(refused) => LookupReply::Refused(target_refused(refused)),
        };
    };
    let from_board = || LookupReply::Answer(Box::new(LookupView::of_site(&view)));
    // The board has the answer for a watched site. When that is stale, a probe of a public site
    // tells more.
    if view.fresh || view.live.site.private {
        return from_board();
    }
    match shared.web.lookups.read(view.live.site.url.as_str()) {
        Ok(target) => match look_up(shared, &target, client, again) {
            LookupReply::Refused(_) => from_board(),
            better => better,
        },
        Err(_) => from_board(),
    }
}

fn target_refused(refused: Refused) -> Refusing {
    Refusing { why: RefusalReason::Target(refused), retry_after: None, last: None }
}

fn look_up(shared: &Shared, target: &Target, client: ClientIp, again: bool) -> LookupReply {
    match shared.web.lookups.ask(target, client.key(), again) {
        Ok(LookupStart::Known(answered)) if answered.is_put_off() => {
            LookupReply::Refused(put_off())
        }
        Ok(LookupStart::Known(answered)) => {
            LookupReply::Answer(Box::new(lookup_view(shared, &answered)))
        }
        Ok(LookupStart::Coming(coming)) => LookupReply::Coming(coming),
        Err(LookupRefusal { why, retry_after, last }) => LookupReply::Refused(Refusing {
            why,
            retry_after: retry_after.map(whole_seconds),
            last: last.map(|last| Box::new(lookup_view(shared, &last))),
        }),
    }
}

/// Too many lookups lead to the same machine: it was not probed.
fn put_off() -> Refusing {
    Refusing { why: RefusalReason::Busy, retry_after: Some(PUT_OFF_SECONDS), last: None }
}

/// View of a lookup's answer.
pub(super) fn lookup_view(shared: &Shared, answered: &LookupAnswer) -> LookupView {
    LookupView::of_lookup(answered, shared.web.lookups.serves(), shared.now())
}

/// Asks, and waits for the answer; `None` when our own lookup broke.
pub(super) async fn settled(
    shared: &Shared,
    text: &str,
    client: ClientIp,
    again: bool,
) -> Option<Result<Box<LookupView>, Refusing>> {
    match ask(shared, text, client, again) {
        LookupReply::Answer(told) => Some(Ok(told)),
        LookupReply::Refused(refusing) => Some(Err(refusing)),
        LookupReply::Coming(mut coming) => {
            let answered = coming.answer().await?;
            if answered.is_put_off() {
                return Some(Err(put_off()));
            }
            Some(Ok(Box::new(lookup_view(shared, &answered))))
        }
    }
}

/// Rounded up, so that a request after that is not refused again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1_000).max(1) as u64
}

/// Longest duration of a lookup.
pub(super) fn patience(lookups: &Lookups) -> Duration {
    lookups.longest() + Duration::from_secs(2)
}

/// Sentence with the reason why a target cannot be looked up.
pub(super) fn refusal(t: Lang, why: &Refused) -> String {
    match why {
        Refused::Empty => t.say("refused-empty").into_owned(),
        Refused::TooLong => t.say("refused-long").into_owned(),
        Refused::Scheme => t.say("refused-scheme").into_owned(),
        Refused::Credentials => t.say("refused-credentials").into_owned(),
        Refused::NotAName => t.say("refused-name").into_owned(),
        Refused::NoDot(meant) => t.one("refused-dot", "meant", &*readable(meant)),
        Refused::Port(port) => t.one("refused-port", "port", port.to_string()),
        Refused::Special(address) => t.one("refused-special", "address", address.to_string()),
        Refused::FileName(ending) => t.one("refused-file", "ending", *ending),
        Refused::SpecialName(ending) => t.one("refused-ending", "ending", *ending),
    }
}

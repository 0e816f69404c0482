//! The operator's page as it is shown.

use std::{collections::HashMap, time::Duration};

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::{
    agents::AgentView,
    board::Board,
    i18n::Lang,
    operator::{Access, AuditLine},
    web::{
        Shared,
        extractors::locale::Locale,
        links,
        pages::{
            components::{Html, Stamp},
            layout::Layout,
            notices::{NoticeRow, WorkRow},
            operate::RefusedForm,
            page_with,
        },
    },
};
use model::{
    moment::Moment,
    name::Slug,
    notice::{Impact, NoticeState},
    permission::Permission,
    report::WhyNot,
    scope::Scope,
};

/// Lines of the audit.
const MAX_LINES: usize = 50;
/// Certificates that end within this time are shown.
const ENDS_SOON: Duration = Duration::from_hours(24 * 21);
/// Rows of a list at most.
const MAX_ROWS: usize = 50;
/// Durations of the buttons, in minutes.
const BUTTONS: [u64; 3] = [30, 60, 120];

#[derive(Template)]
#[template(path = "operate_sign_in.html")]
struct SignInPage {
    layout: Layout,
    action: String,
    wrong: Option<String>,
}

/// The form to sign in.
pub(super) fn sign_in(
    shared: &Shared,
    locale: &Locale,
    status: StatusCode,
    wrong: Option<String>,
) -> Response {
    let t = locale.lang;
    let page =
        SignInPage { layout: layout(shared, locale), action: locale.href("/operate/in"), wrong };
    page_with(t, status, &page)
}

fn layout(shared: &Shared, locale: &Locale) -> Layout {
    let (title, text) = (locale.lang.say("operate-title"), locale.lang.say("operate-text"));
    let layout = Layout::hidden(shared, locale, title.into_owned(), text.into_owned());
    Layout { path: "/operate".to_owned(), ..layout }
}

#[derive(Template)]
#[template(path = "operate.html")]
struct OperatePage {
    layout: Layout,
    name: String,
    wrong: Option<String>,
    /// The fields of a form that are wrong.
    wrong_fields: Vec<WrongField>,
    filled: Filled,
    /// Sentence on which node records, where there are several.
    recorder: Option<String>,
    /// Things that wait for somebody.
    waits: Vec<Waiting>,
    notices: Vec<NoticeRow>,
    may_notice: bool,
    states: Vec<(&'static str, String)>,
    impacts: Vec<(&'static str, String)>,
    works: Vec<WorkRow>,
    /// Sentences on names in them that no site has, by their ids.
    unknown_of: HashMap<Box<str>, String>,
    may_plan: bool,
    buttons: Vec<(String, String)>,
    certificates: Vec<CertificateRow>,
    changes: Vec<AuditRow>,
    out: String,
    open: String,
    update: String,
    plan: String,
    cancel: String,
}

impl OperatePage {
    /// A field of the form at this place, if it is wrong.
    fn wrong_field(&self, place: &str, name: &str) -> Option<&WrongField> {
        self.wrong_fields.iter().find(|field| field.place == place && field.name == name)
    }
}

/// A field that is wrong.
struct WrongField {
    /// Action of its form, or the notice that it is about.
    place: String,
    name: &'static str,
    /// The rule that it breaks.
    why: String,
    /// True if it is the first one.
    first: bool,
}

impl WrongField {
    fn all_of(refused: &RefusedForm<'_>) -> Vec<Self> {
        let fields = refused.refusal.fields.iter().enumerate();
        let field = |(number, (name, why)): (usize, &(&'static str, String))| Self {
            place: refused.place().to_owned(),
            name,
            why: why.clone(),
            first: number == 0,
        };
        fields.map(field).collect()
    }
}

/// The fields of a form that changed nothing, so that no word is lost.
#[derive(Default)]
struct Filled {
    title: String,
    text: String,
    impact: String,
    sites: String,
    tags: String,
    update_of: String,
    update_text: String,
    update_state: String,
    plan_name: String,
    plan_sites: String,
    plan_tags: String,
}

impl Filled {
    fn of(refused: &RefusedForm<'_>) -> Self {
        let of = |action: &str, name: &str| refused.field(action, name);
        Self {
            title: of("notice", "title"),
            text: of("notice", "text"),
            impact: of("notice", "impact"),
            sites: of("notice", "sites"),
            tags: of("notice", "tags"),
            update_of: of("update", "id"),
            update_text: of("update", "text"),
            update_state: of("update", "state"),
            plan_name: of("plan", "name"),
            plan_sites: of("plan", "sites"),
            plan_tags: of("plan", "tags"),
        }
    }
}

/// Something that waits for somebody.
struct Waiting {
    sentence: String,
    /// The reason as the log has it, in English.
    detail: Option<String>,
}

/// A certificate that ends soon.
struct CertificateRow {
    name: String,
    href: String,
    when: Html,
}

/// A line of the audit.
struct AuditRow {
    at: Stamp,
    by: Box<str>,
    action: Box<str>,
    subject: Box<str>,
    detail: Box<str>,
}

/// The page, with what was wrong with the last form.
pub(super) fn page(
    shared: &Shared,
    locale: &Locale,
    access: &Access,
    refused: Option<RefusedForm<'_>>,
) -> Response {
    let status = refused.as_ref().map_or(StatusCode::OK, |refused| refused.refusal.status);
    let filled = refused.as_ref().map(Filled::of).unwrap_or_default();
    let wrong_fields = refused.as_ref().map(WrongField::all_of).unwrap_or_default();
    let wrong = refused.map(|refused| refused.refusal.why);
    let (t, now, operator) = (locale.lang, shared.second(), &shared.web.operator);
    let (notices, works) = (operator.notices(), operator.planned());
    let open = notices.iter().rev().filter(|notice| notice.is_open());
    let mut due: Vec<_> = works
        .iter()
        .filter_map(|work| Some((work.at(now).or_else(|| work.next(now))?, work)))
        .collect();
    due.sort_by_key(|(stretch, _)| *stretch);
    due.truncate(MAX_ROWS);
    let open: Vec<_> = open.take(MAX_ROWS).collect();
    let scopes = open.iter().map(|notice| (&*notice.id, &notice.scope));
    let scopes = scopes.chain(due.iter().map(|(_, work)| (&*work.id, &work.scope)));
    let unknown_of = unknown_of(shared, t, scopes);
    let option = |value: &'static str, prefix: &str| {
        (value, t.say(&format!("{prefix}-{value}")).into_owned())
    };
    let notice_states = NoticeState::ALL.iter().filter(|state| **state != NoticeState::Postmortem);
    let choice = |minutes: &u64| {
        let label = t.one("operate-plan-button", "long", t.duration(Duration::from_mins(*minutes)));
        (format!("{minutes}m"), label)
    };
    let page = OperatePage {
        layout: layout(shared, locale),
        name: access.name.to_string(),
        wrong,
        wrong_fields,
        filled,
        recorder: recorder(shared, t),
        waits: waits(shared, t, now),
        notices: open.iter().map(|it| NoticeRow::whole(shared, locale, it, now)).collect(),
        may_notice: access.may(Permission::Notices),
        states: notice_states.map(|state| option(state.word(), "notice-state")).collect(),
        impacts: Impact::ALL.iter().map(|impact| option(impact.word(), "notice-impact")).collect(),
        works: due.into_iter().map(|it| WorkRow::whole(shared, locale, it, now)).collect(),
        unknown_of,
        may_plan: access.may(Permission::Planned),
        buttons: BUTTONS.iter().map(choice).collect(),
        certificates: certificates(shared, locale, now),
        changes: changes(shared, t, now),
        out: locale.href("/operate/out"),
        open: locale.href("/operate/notice"),
        update: locale.href("/operate/update"),
        plan: locale.href("/operate/plan"),
        cancel: locale.href("/operate/cancel"),
    };
    page_with(t, status, &page)
}

/// Sentences on the names that no site has, by the ids of what names them.
fn unknown_of<'s>(
    shared: &Shared,
    t: Lang,
    scopes: impl Iterator<Item = (&'s str, &'s Scope)>,
) -> HashMap<Box<str>, String> {
    let sites = shared.web.board.sites();
    let sentence = |(id, scope): (&str, &Scope)| {
        let unknown = scope.unknown(sites.iter().map(|live| &*live.site));
        let names =
            unknown.sites.iter().map(Slug::as_str).chain(unknown.tags.iter().map(|tag| &**tag));
        let names = names.collect::<Vec<_>>().join(", ");
        (!names.is_empty()).then(|| (id.into(), t.one("operate-no-site-has", "names", names)))
    };
    scopes.filter_map(sentence).collect()
}

/// The newest lines of the audit.
fn changes(shared: &Shared, t: Lang, now: Moment) -> Vec<AuditRow> {
    let lines = shared.web.operator.last_changes(MAX_LINES).into_iter();
    let row = |line: AuditLine| AuditRow {
        at: Stamp::second_of(t, line.at, now),
        by: line.by,
        action: line.action,
        subject: line.subject,
        detail: line.detail,
    };
    lines.map(row).collect()
}

/// Sentence on which node records, where there are several.
fn recorder(shared: &Shared, t: Lang) -> Option<String> {
    let node = shared.web.board.store_health().recorder?;
    let id = if node.here { "operate-records-here" } else { "operate-records-elsewhere" };
    Some(t.one(id, "node", &*node.name))
}

/// Things that wait for somebody: files that were not taken, channels that do not deliver, the record, agents.
fn waits(shared: &Shared, t: Lang, now: Moment) -> Vec<Waiting> {
    let board = &shared.web.board;
    let problems = shared.web.operator.problems().into_iter().map(|problem| Waiting {
        sentence: t.say("operate-not-taken").into_owned(),
        detail: Some(problem),
    });
    let others = sentences(shared, t, now, board);
    problems.chain(others.into_iter().map(|sentence| Waiting { sentence, detail: None })).collect()
}

/// Sentences on channels that do not deliver, on the record and on agents.
fn sentences(shared: &Shared, t: Lang, now: Moment, board: &Board) -> Vec<String> {
    let mut waits = Vec::new();
    for (name, told) in board.channels() {
        if told.failed > 0 || told.waiting > 0 {
            let counts = [
                ("name", (&*name).into()),
                ("waiting", told.waiting.into()),
                ("failed", told.failed.into()),
            ];
            waits.push(t.with("operate-channel", counts));
        }
    }
    let record = board.store_health();
    if let Some(since) = record.away_since {
        let counts =
            [("long", t.duration(now.since(since)).into()), ("n", record.waiting().into())];
        waits.push(t.with("operate-away", counts));
    }
    if record.refused_rows > 0 {
        waits.push(t.one("operate-set-aside", "n", record.refused_rows));
    }
    if record.held_since.is_some() || record.refusing.is_some() {
        waits.push(t.say("operate-held").into_owned());
    }
    let agents = shared.web.agents.iter().flat_map(crate::agents::Agents::views);
    waits.extend(agents.filter_map(|agent| Some(without_vote(t, &agent, agent.why_not?, now))));
    waits
}

/// A sentence on an agent, or a node that is one, whose checks do not count.
fn without_vote(t: Lang, agent: &AgentView, why: WhyNot, now: Moment) -> String {
    let (id, long) = match (why, agent.last_seen) {
        (WhyNot::Silent, Some(last)) => ("operate-agent-silent".to_owned(), now.since(last)),
        (WhyNot::Silent, None) => ("operate-agent-never".to_owned(), Duration::ZERO),
        (other, _) => (format!("operate-agent-{}", other.word()), Duration::ZERO),
    };
    let args = [
        ("name", agent.name.as_str().to_owned().into()),
        ("region", agent.region.as_str().to_owned().into()),
        ("long", t.duration(long).into()),
    ];
    t.with(&id, args)
}

fn certificates(shared: &Shared, locale: &Locale, now: Moment) -> Vec<CertificateRow> {
    let sites = shared.web.board.sites();
    let soon = sites.iter().filter_map(|live| {
        let certificate = live.certificate().filter(|it| it.ends_within(ENDS_SOON, now))?;
        Some((certificate.ends_at, live))
    });
    let mut soon: Vec<_> = soon.collect();
    soon.sort_by_key(|(end, _)| *end);
    let row = |(end, live): (Moment, &std::sync::Arc<crate::board::LiveSite>)| CertificateRow {
        name: live.site.name.to_string(),
        href: locale.href(&links::site(live.site.slug.as_str())),
        when: Html::said(
            locale.lang,
            "operate-ends-html",
            [("at", Stamp::day(locale.lang, end).arg())],
        ),
    };
    soon.into_iter().take(MAX_ROWS).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::AgentCounts;
    use model::name::{AgentName, Region};

    #[test]
    fn an_agent_without_a_vote_is_told_with_the_reason_in_both_languages() {
        let now = Moment::parse("2026-11-30T12:00:00Z").unwrap();
        let agent = |last_seen| AgentView {
            name: AgentName::new("sydney-1").unwrap(),
            region: Region::new("sydney").unwrap(),
            version: None,
            rules: None,
            last_seen,
            sites: 0,
            clock_offset_ms: 0,
            why_not: None,
            counts: AgentCounts::default(),
        };
        let hour = Duration::from_hours(1);
        for (last, why, english, dutch) in [
            (
                Some(now - hour),
                WhyNot::Silent,
                "has not reported for 1 hour.",
                "heeft al 1 uur niets gemeld.",
            ),
            (None, WhyNot::Silent, "has not reported yet.", "heeft nog niets gemeld."),
            (Some(now), WhyNot::Clock, "its clock is wrong", "de klok loopt verkeerd"),
            (Some(now), WhyNot::Rules, "it runs another version", "er draait een andere versie"),
            (Some(now), WhyNot::Overload, "it cannot keep up", "er is te veel te doen"),
            (
                Some(now),
                WhyNot::Network,
                "its own network does not work",
                "het eigen netwerk werkt niet",
            ),
        ] {
            for (t, words) in [(Lang::En, english), (Lang::Nl, dutch)] {
                let told = without_vote(t, &agent(last), why, now);
                assert!(
                    told.starts_with("Agent sydney-1 in sydney ") && told.contains(words),
                    "{told}"
                );
            }
        }
    }
}

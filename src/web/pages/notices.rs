//! Words of people: open notices and planned work, beside the verdicts. `/notices/{id}`: one notice for good.
//!
//! Texts are plain; addresses in them become links, and nothing in them is markup.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{
    components::{Html, Stamp},
    error_page,
    layout::Layout,
};
use crate::{
    board::LiveSite,
    i18n::{Arg, Lang},
    web::{
        RECORD_TIMEOUT, Shared,
        extractors::{locale::Locale, params::PathSegment},
        links,
    },
};
use model::{
    moment::Moment,
    monthly::{TimeByStatus, outside, planned_within},
    notice::{Notice, NoticeState},
    planned::{PlannedWork, Stretch},
    scope::Scope,
};

/// Notices and planned works that a page shows at most.
const MAX_SHOWN: usize = 10;
/// Subjects of one of them that a page names.
const MAX_SUBJECTS: usize = 5;
/// Time over which uptime is told with and without planned work.
const MONTH: std::time::Duration = std::time::Duration::from_hours(24 * 30);
/// Planned work is shown so long before it begins.
const AHEAD: std::time::Duration = std::time::Duration::from_hours(7 * 24);

/// Words of people, for a page.
#[derive(Debug, Default)]
pub(super) struct NoticesView {
    pub(super) notices: Vec<NoticeRow>,
    pub(super) works: Vec<WorkRow>,
}

/// An open notice.
#[derive(Debug)]
pub(super) struct NoticeRow {
    pub(super) id: Box<str>,
    pub(super) href: String,
    pub(super) title: Box<str>,
    /// Its subjects with their addresses, on a page that is not of one site.
    pub(super) about: Vec<(String, String)>,
    /// Its state, and how long ago it was updated.
    pub(super) state: Html,
    /// Its state as forms name it.
    pub(super) state_word: &'static str,
    pub(super) text: Html,
}

/// Planned work under way or to come.
#[derive(Debug)]
pub(super) struct WorkRow {
    pub(super) id: Box<str>,
    /// Its subjects with their addresses, on a page that is not of one site.
    pub(super) about: Vec<(String, String)>,
    /// The words that say until when, or from when.
    pub(super) when: Html,
    pub(super) name: Box<str>,
    pub(super) text: Html,
    pub(super) active: bool,
}

impl NoticesView {
    /// Those about any site.
    pub(super) fn of_all(shared: &Shared, locale: &Locale) -> Self {
        Self::of(shared, locale, |_| true, |scope| subjects(shared, locale, scope))
    }

    /// Those about one site.
    pub(super) fn of_site(shared: &Shared, locale: &Locale, live: &LiveSite) -> Self {
        let is_about = |scope: &Scope| scope.is_about(&live.site, live.provider());
        Self::of(shared, locale, is_about, |_| Vec::new())
    }

    fn of(
        shared: &Shared,
        locale: &Locale,
        is_about: impl Fn(&Scope) -> bool,
        subjects: impl Fn(&Scope) -> Vec<(String, String)>,
    ) -> Self {
        let (t, now) = (locale.lang, shared.second());
        let all = shared.web.operator.notices();
        let open = all.iter().rev().filter(|notice| notice.is_open() && is_about(&notice.scope));
        let row = |notice: &Notice| NoticeRow {
            about: subjects(&notice.scope),
            ..NoticeRow::of(locale, notice, now)
        };
        let notices = open.take(MAX_SHOWN).map(row).collect();
        let all = shared.web.operator.planned();
        let mut works: Vec<(Stretch, &PlannedWork)> = all
            .iter()
            .filter(|work| is_about(&work.scope))
            .filter_map(|work| Some((work.at(now).or_else(|| work.next(now))?, work)))
            .filter(|(stretch, _)| stretch.from <= now + AHEAD)
            .collect();
        works.sort_by_key(|(stretch, _)| *stretch);
        works.truncate(MAX_SHOWN);
        let row = |(stretch, work): (Stretch, &PlannedWork)| WorkRow {
            about: subjects(&work.scope),
            ..WorkRow::of(t, stretch, work, now)
        };
        Self { notices, works: works.into_iter().map(row).collect() }
    }
}

impl NoticeRow {
    /// With its subjects.
    pub(super) fn whole(shared: &Shared, locale: &Locale, notice: &Notice, now: Moment) -> Self {
        let about = subjects(shared, locale, &notice.scope);
        Self { about, ..Self::of(locale, notice, now) }
    }

    fn of(locale: &Locale, notice: &Notice, now: Moment) -> Self {
        let t = locale.lang;
        let text = notice.updates.last().map_or("", |update| &*update.text);
        Self {
            id: notice.id.clone(),
            href: locale.href(&links::notice(&notice.id)),
            title: notice.title.clone(),
            about: Vec::new(),
            state: state(t, notice.state(), notice.updated_at(), now),
            state_word: notice.state().word(),
            text: linked(text),
        }
    }
}

impl WorkRow {
    /// With its subjects.
    pub(super) fn whole(
        shared: &Shared,
        locale: &Locale,
        (stretch, work): (Stretch, &PlannedWork),
        now: Moment,
    ) -> Self {
        let about = subjects(shared, locale, &work.scope);
        Self { about, ..Self::of(locale.lang, stretch, work, now) }
    }

    fn of(t: Lang, stretch: Stretch, work: &PlannedWork, now: Moment) -> Self {
        let active = stretch.from <= now;
        let when = if active {
            let until = Stamp::new(t, stretch.until, now).arg();
            Html::said(t, "planned-until-html", [("until", until)])
        } else {
            let from = Stamp::new(t, stretch.from, now).arg();
            let until = Stamp::end(t, stretch.until, stretch.from, now).arg();
            Html::said(t, "planned-from-html", [("from", from), ("until", until)])
        };
        let (id, name) = (work.id.clone(), work.name.clone());
        Self { id, about: Vec::new(), when, name, text: linked(&work.text), active }
    }
}

/// Uptime of the last 30 days with and without the planned work that was announced before it began, where
/// the two differ.
pub(super) async fn uptime_outside(shared: &Shared, t: Lang, live: &LiveSite) -> Option<String> {
    let (works, now) = (shared.web.operator.planned(), shared.second());
    let span = (now - MONTH, now);
    let mine = works.iter().filter(|work| work.is_about(&live.site, live.provider()));
    let counted = planned_within(mine, span).into_iter().filter(|(_, _, before)| *before);
    let counted: Vec<Stretch> = counted.map(|(_, stretch, _)| stretch).collect();
    if counted.is_empty() {
        return None;
    }
    let slug = &live.site.slug;
    let spans =
        shared.ask(RECORD_TIMEOUT, async |store| store.spans_between(slug, span).await).await?;
    let all = TimeByStatus::of(&spans, &[Stretch { from: span.0, until: span.1 }]).share()?;
    let rest = TimeByStatus::of(&spans, &outside(counted, span)).share()?;
    let share = |share: f64| t.percent(share);
    (share(all) != share(rest))
        .then(|| t.two("uptime-outside", ("all", share(all)), ("rest", share(rest))))
}

/// A state with its age.
fn state(t: Lang, state: NoticeState, at: Moment, now: Moment) -> Html {
    let word = t.say(&format!("notice-state-{}", state.word()));
    Html::said(
        t,
        "notice-state-html",
        [("state", Arg::from(word)), ("ago", Stamp::ago(t, at, now).arg())],
    )
}

/// A text of people as paragraphs, in which addresses of the web are links.
pub(super) fn linked(text: &str) -> Html {
    let mut html = String::with_capacity(text.len() + 64);
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            html.push_str("<br>");
        }
        for (place, word) in line.split(' ').enumerate() {
            if place > 0 {
                html.push(' ');
            }
            let bare = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
            let is_address = bare.starts_with("https://") || bare.starts_with("http://");
            let good = url::Url::parse(bare).is_ok_and(|url| url.has_host());
            if is_address && good {
                html.push_str("<a rel=\"noopener noreferrer nofollow\" href=\"");
                escape(bare, &mut html);
                html.push_str("\">");
                escape(bare, &mut html);
                html.push_str("</a>");
                escape(&word[bare.len()..], &mut html);
            } else {
                escape(word, &mut html);
            }
        }
    }
    Html::of_markup(html)
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}

#[derive(Template)]
#[template(path = "notice_page.html")]
struct NoticePage {
    layout: Layout,
    title: Box<str>,
    state: Html,
    impact: String,
    started: Stamp,
    resolved: Option<Stamp>,
    /// The sites and groups that it names, with their addresses; none: every site.
    about: Vec<(String, String)>,
    updates: Vec<UpdateRow>,
}

/// One update.
struct UpdateRow {
    word: String,
    at: Stamp,
    text: Html,
}

/// `GET /notices/{id}`
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    PathSegment(id): PathSegment,
    locale: Locale,
) -> Response {
    let all = shared.web.operator.notices();
    let Some(notice) = all.iter().find(|notice| id.as_deref() == Some(&*notice.id)) else {
        return error_page::respond(&shared, &locale, StatusCode::NOT_FOUND);
    };
    let (t, now) = (locale.lang, shared.second());
    let text = notice.updates.last().map_or("", |update| &*update.text);
    let path = links::notice(&notice.id);
    let update = |update: &model::notice::NoticeUpdate| UpdateRow {
        word: t.say(&format!("notice-state-{}", update.state.word())).into_owned(),
        at: Stamp::full(t, update.at),
        text: linked(&update.text),
    };
    let page = NoticePage {
        layout: Layout::new(&shared, &locale, notice.title.to_string(), text.to_owned(), &path),
        title: notice.title.clone(),
        state: state(t, notice.state(), notice.updated_at(), now),
        impact: t.say(&format!("notice-impact-{}", notice.impact.word())).into_owned(),
        started: Stamp::full(t, notice.started_at),
        resolved: notice.resolved_at().map(|at| Stamp::full(t, at)),
        about: about(&shared, &locale, &notice.scope),
        updates: notice.updates.iter().rev().map(update).collect(),
    };
    super::page(t, &page)
}

/// The first of what a scope names, and how many more there are; of one that names nothing, that it is all sites.
fn subjects(shared: &Shared, locale: &Locale, scope: &Scope) -> Vec<(String, String)> {
    let mut named = about(shared, locale, scope);
    if named.is_empty() {
        return vec![(locale.lang.say("notice-about-all").into_owned(), String::new())];
    }
    let more = named.len().saturating_sub(MAX_SUBJECTS);
    named.truncate(MAX_SUBJECTS);
    if more > 0 {
        named.push((locale.lang.one("front-event-more", "n", more), String::new()));
    }
    named
}

/// The sites, tags and providers of a scope, with the addresses of their pages.
pub(super) fn about(shared: &Shared, locale: &Locale, scope: &Scope) -> Vec<(String, String)> {
    let site = |slug: &model::name::Slug| match shared.web.board.site(slug.as_str()) {
        Some(live) => (live.site.name.to_string(), locale.href(&links::site(slug.as_str()))),
        // It has left the catalogue.
        None => (slug.to_string(), String::new()),
    };
    let encoded =
        |tag: &str| url::form_urlencoded::byte_serialize(tag.as_bytes()).collect::<String>();
    let tag = |tag: &str| {
        (locale.lang.tag_name(tag), locale.href(&format!("/?tag={}#found", encoded(tag))))
    };
    let provider = |slug: &str| {
        let name = model::provider::name(slug).to_owned();
        (name, locale.href(&links::provider(&encoded(slug))))
    };
    (scope.sites.iter().map(site))
        .chain(scope.tags.iter().map(|word| tag(word.as_ref())))
        .chain(scope.providers.iter().map(|slug| provider(slug.as_ref())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_links_and_nothing_is_markup() {
        for (text, want) in [
            ("a <b>\nc", "a &lt;b&gt;<br>c"),
            (
                "See https://a.nl/x?a=1&b=2.",
                "See <a rel=\"noopener noreferrer nofollow\" href=\"https://a.nl/x?a=1&amp;b=2\">https://a.nl/x?a=1&amp;b=2</a>.",
            ),
            ("javascript:alert(1) https://", "javascript:alert(1) https://"),
            (
                "https://a.nl/\"onclick=x",
                "<a rel=\"noopener noreferrer nofollow\" href=\"https://a.nl/&quot;onclick=x\">https://a.nl/&quot;onclick=x</a>",
            ),
        ] {
            assert_eq!(linked(text).to_string(), want);
        }
    }
}

//! `/badges`: makes the code for a badge or a card. A form that a browser sends like any other; the script
//! only spares the button. Its parts stand on the page of each site as well.

use std::cmp::Reverse;

use askama::Template;
use axum::{extract::State, response::Response};
use url::form_urlencoded::Serializer;

use super::layout::Layout;
use crate::{
    i18n::Lang,
    web::{
        Shared,
        extractors::{locale::Locale, params::Params},
        links, search,
        views::numbers::WINDOWS,
    },
};
use model::domain::readable;

#[derive(Template)]
#[template(path = "badges.html")]
struct BadgesPage {
    layout: Layout,
    builder: Builder,
    names: Vec<Box<str>>,
    /// Text shown when what was typed is no site of ours.
    unknown: Option<String>,
}

/// The form and what it makes.
#[derive(Debug)]
pub(super) struct Builder {
    /// Text typed for the site, or its slug.
    pub(super) site: String,
    pub(super) kinds: Vec<BadgeOption>,
    pub(super) windows: Vec<BadgeOption>,
    pub(super) styles: Vec<BadgeOption>,
    pub(super) languages: Vec<BadgeOption>,
    /// The badge or card that results; `None` for what is no site of ours.
    pub(super) made: Option<BadgeCode>,
}

/// A value that can be chosen.
#[derive(Debug)]
pub(super) struct BadgeOption {
    pub(super) value: &'static str,
    pub(super) word: String,
    pub(super) chosen: bool,
}

/// A badge or card with the code for it.
#[derive(Debug)]
pub(super) struct BadgeCode {
    /// The picture; `None` for a card, which is a page.
    pub(super) picture: Option<String>,
    pub(super) url: String,
    pub(super) alt: String,
    /// The code: a name for its place on the page, its kind, and itself.
    pub(super) codes: Vec<(&'static str, String, String)>,
}

/// Kinds that can be made.
const KINDS: [&str; 6] = ["status", "uptime", "latency", "days", "dot", "card"];
/// Names that complete the form.
const NAMES: usize = 400;

/// The site that an empty form begins with: the one that is looked up most, or else the first in the catalogue.
fn first(shared: &Shared) -> Option<String> {
    let sites = shared.web.board.sites();
    let first = shared.web.lookups.reports(|reports| {
        let asked = reports.most_looked_up(shared.second());
        let times = |slug: &str| asked.get(slug).copied().unwrap_or_default();
        sites.iter().min_by_key(|live| (Reverse(times(live.site.slug.as_str())), live.place))
    });
    first.map(|live| live.site.slug.to_string())
}

/// `GET /badges?site=&kind=&window=&style=&language=`
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    locale: Locale,
    params: Params,
) -> Response {
    let t = locale.lang;
    let typed: String =
        params.text("site").unwrap_or_default().chars().take(search::MAX_SEARCH).collect();
    let site = typed.trim().to_owned();
    let slug =
        if site.is_empty() { first(&shared) } else { search::named(&shared.web.board, &site) };
    let (title, description) = (t.say("badges-title"), t.say("badges-description"));
    let layout =
        Layout::still(&shared, &locale, title.into_owned(), description.into_owned(), "/badges");
    let chosen = |name: &str| params.text(name).unwrap_or_default().to_owned();
    let wanted = BadgeRequest {
        kind: chosen("kind"),
        window: chosen("window"),
        style: chosen("style"),
        language: Lang::of_tag(&chosen("language")).unwrap_or(t),
    };
    let sites = shared.web.board.sites();
    let page = BadgesPage {
        unknown: (!site.is_empty() && slug.is_none())
            .then(|| t.one("badges-unknown", "site", site.as_str())),
        builder: builder(&shared, t, slug.as_deref().unwrap_or(&site), &wanted, slug.is_some()),
        names: sites.iter().take(NAMES).map(|w| w.site.name.clone()).collect(),
        layout,
    };
    super::page(t, &page)
}

/// The choices; an unknown one counts as none.
#[derive(Debug, Default)]
struct BadgeRequest {
    kind: String,
    window: String,
    style: String,
    language: Lang,
}

/// The form for a site as it stands on its page, with its status badge.
pub(super) fn of_site(shared: &Shared, t: Lang, slug: &str) -> Builder {
    builder(shared, t, slug, &BadgeRequest { language: t, ..BadgeRequest::default() }, true)
}

fn builder(shared: &Shared, t: Lang, site: &str, wanted: &BadgeRequest, known: bool) -> Builder {
    let kind = KINDS.into_iter().find(|kind| *kind == wanted.kind).unwrap_or(KINDS[0]);
    let window = WINDOWS.map(|(word, _)| word).into_iter().find(|word| *word == wanted.window);
    let styles = ["flat", "flat-square", "for-the-badge"];
    let style = styles.into_iter().find(|style| *style == wanted.style).unwrap_or(styles[0]);
    let choice = |value, word: String, now| BadgeOption { value, word, chosen: value == now };
    let say = |id: String| t.say(&id).into_owned();
    let language = wanted.language.tag();
    Builder {
        site: site.to_owned(),
        kinds: KINDS.map(|k| choice(k, say(format!("badges-kind-{k}")), kind)).into(),
        windows: WINDOWS
            .map(|(w, _)| choice(w, say(format!("uptime-{w}")), window.unwrap_or("30d")))
            .into(),
        styles: styles.map(|s| choice(s, say(format!("badges-style-{s}")), style)).into(),
        languages: Lang::ALL.map(|l| choice(l.tag(), l.own_name().to_owned(), language)).into(),
        made: known
            .then(|| made(shared, site, (kind, window.unwrap_or("30d"), style), wanted.language)),
    }
}

fn made(shared: &Shared, slug: &str, chosen: (&str, &str, &str), language: Lang) -> BadgeCode {
    let kind = chosen.0;
    let name = shared.web.board.site(slug).map(|live| live.site.name.to_string());
    let name = name.unwrap_or_else(|| readable(slug).into_owned());
    let path = path(slug, chosen, language);
    let alt = language.one(
        match kind {
            "uptime" => "badges-alt-uptime",
            "latency" => "badges-alt-latency",
            "days" => "badges-alt-days",
            _ => "badges-alt-status",
        },
        "name",
        &name,
    );
    let (url, page) = (shared.link(&path), shared.link(&links::site(slug)));
    let text = alt.replace(['[', ']'], " ");
    let [safe_page, safe_url, safe_alt] = [&page, &url, &alt].map(|text| escaped(text));
    let (html, markdown) = match kind {
        // Markdown has no frames.
        "card" => (
            format!(
                "<iframe src=\"{safe_url}\" title=\"{safe_alt}\" width=\"340\" height=\"160\" \
                 loading=\"lazy\"></iframe>"
            ),
            format!("[{text}]({page})"),
        ),
        _ => (
            format!("<a href=\"{safe_page}\"><img src=\"{safe_url}\" alt=\"{safe_alt}\"></a>"),
            format!("[![{text}]({url})]({page})"),
        ),
    };
    BadgeCode {
        picture: (kind != "card").then_some(path),
        alt,
        codes: vec![
            ("html-code", "HTML".to_owned(), html),
            ("md-code", "Markdown".to_owned(), markdown),
            ("url-code", language.say("badges-link").into_owned(), url.clone()),
        ],
        url,
    }
}

/// The address of what is made, with what is not as usual about it.
fn path(slug: &str, (kind, window, style): (&str, &str, &str), language: Lang) -> String {
    let path = match kind {
        "uptime" => links::badge_of(slug, "uptime"),
        "latency" => links::badge_of(slug, "latency"),
        "days" => links::badge_of(slug, "bar90"),
        "dot" => links::badge_of(slug, "dot"),
        "card" => links::card(slug),
        _ => links::badge(slug),
    };
    let mut query = Serializer::new(String::new());
    if matches!(kind, "uptime" | "latency") {
        query.append_pair("window", window);
    }
    if style != "flat" && matches!(kind, "status" | "uptime" | "latency") {
        query.append_pair("style", style);
    }
    if language != Lang::default() {
        query.append_pair("lang", language.tag());
    }
    let query = query.finish();
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// Text that may stand in an attribute of somebody's HTML.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

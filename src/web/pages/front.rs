//! `/`: what is wrong now, worst first, and all sites; filtered, sorted and paginated.
//!
//! However many sites there are, a page shows a bounded number of them, so its cost is bounded.

mod list;
mod rows;
mod filters;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;

use self::{
    filters::Wish,
    list::{Choice, Group, PageLinks},
    rows::WrongSite,
};
use super::{
    components::{Html, Icon, Stamp, mark},
    layout::Layout,
    missing,
};
use crate::web::{
    Shared,
    extractors::{locale::Locale, params::Params},
    links, search,
    views::overview::Overview,
};
use model::{provider::name, verdict::Status};

#[derive(Template)]
#[template(path = "front.html")]
struct FrontPage {
    layout: Layout,
    headline: String,
    mood: Icon,
    last: Option<Html>,
    /// Providers that seem to be failing: where there is more about them.
    failing: Vec<(String, String)>,
    q: String,
    /// Hidden fields of the search form.
    kept: Vec<(&'static str, String)>,
    /// Names that complete a search.
    names: Vec<Box<str>>,
    /// True if there are more names than these.
    more_names: bool,
    tabs: Vec<Choice>,
    tags: Vec<Choice>,
    sorts: Vec<Choice>,
    wrong: Vec<WrongSite>,
    /// Number of further wrong sites, and their address.
    more: Option<(String, String)>,
    /// Number of sites found, after a search.
    found: Option<String>,
    nothing: bool,
    groups: Vec<Group>,
    pages: Option<PageLinks>,
}

/// Names that complete a search on the page itself.
const MAX_NAMES: usize = 400;

/// `GET /?q=&status=&tag=&sort=&page=`; a search that names a site goes to its page.
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    locale: Locale,
    params: Params,
) -> Response {
    let q: String = params.text("q").unwrap_or_default().chars().take(search::MAX_SEARCH).collect();
    let board = &shared.web.board;
    if let Some(slug) = search::named(board, &q) {
        return Redirect::to(&locale.href(&links::site(&slug))).into_response();
    }
    let wish = Wish::read(&params, &q);
    let view = view(&shared, &locale, &wish);
    let searched = !wish.q.is_empty() && wish.statuses.is_empty() && wish.tag.is_empty();
    if !searched || !view.nothing || !shared.web.lookups.enabled() {
        return super::page(locale.lang, &view);
    }
    // Not a watched site: a lookup of it, or the reason why there can be none.
    match shared.web.lookups.read(&wish.q) {
        Ok(target) => Redirect::to(&locale.href(&links::lookup(&target.key()))).into_response(),
        Err(why) => missing::refuse(&shared, &locale, &wish.q, &why, StatusCode::OK),
    }
}

fn view(shared: &Shared, locale: &Locale, wish: &Wish) -> FrontPage {
    shared.requests.count_front();
    let (t, overview) = (locale.lang, Overview::now(shared));
    let (headline, worst) = (overview.headline_in(t), worst(&overview));
    let title = t.two("front-title", ("mark", mark(worst)), ("headline", &headline));
    let layout = Layout {
        og_title: headline.clone(),
        ..Layout::new(shared, locale, title, headline.clone(), "/").living(worst, "*")
    };
    let listed = list::listed(&overview, locale, wish);
    let (wrong, more) =
        if wish.is_plain() { list::wrong(&overview, locale) } else { Default::default() };
    let last = overview.last.map(|at| Stamp::second_of(t, at, overview.now));
    FrontPage {
        mood: Icon(worst),
        last: last.map(|at| Html::said(t, "front-last-html", [("time", at.arg())])),
        failing: overview.failing.iter().map(|known| link(locale, &known.provider)).collect(),
        kept: wish.kept(locale),
        names: overview
            .looks
            .iter()
            .take(MAX_NAMES)
            .map(|look| look.watched.site.name.clone())
            .collect(),
        more_names: overview.looks.len() > MAX_NAMES,
        tabs: list::statuses(&overview, locale, wish),
        tags: list::tags(&overview, locale, wish),
        sorts: list::sorts(locale, wish),
        found: wish.filters().then(|| list::count(t, listed.total, &wish.q)),
        nothing: listed.total == 0,
        groups: listed.groups,
        pages: listed.pages,
        layout: Layout { path: wish.address(), ..layout },
        q: wish.q.clone(),
        headline,
        wrong,
        more,
    }
}

/// The page of a provider, and the words of the link.
fn link(locale: &Locale, provider: &str) -> (String, String) {
    let href = locale.href(&links::provider(provider));
    (href, locale.lang.one("provider-more", "name", name(provider)))
}

/// The status that the whole page's icon shows.
fn worst(overview: &Overview) -> Status {
    let worst = [Status::Down, Status::Partial, Status::Slow];
    let found = worst.into_iter().find(|status| overview.counts.of(*status) > 0);
    let known = overview.counts.total() > overview.counts.of(Status::Unknown);
    found.unwrap_or(if known { Status::Up } else { Status::Unknown })
}

//! `/`: the search, how all sites are in five words, one card for each cause, what else is wrong, what
//! came back lately, and all sites; filtered and sorted by links.
//!
//! However many sites there are, a page shows a bounded number of them, so its cost is bounded.

mod filters;
mod list;
mod rows;
mod trouble;

use std::{cmp::Reverse, collections::HashMap};

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;

use self::{
    filters::{Sort, Wish},
    list::{FilterLink, Group, PageLinks},
    rows::SiteRow,
    trouble::{EventCard, TroubleRow},
};
use super::{
    components::{Html, Icon, Stamp, mark},
    layout::Layout,
    missing,
    notices::NoticesView,
};
use crate::{
    i18n::{Lang, sentence::doubt_line},
    web::{
        Shared,
        extractors::{locale::Locale, params::Params},
        links, search,
        views::{overview::Overview, site::SiteView},
    },
};

#[derive(Template)]
#[template(path = "front.html")]
struct FrontPage {
    layout: Layout,
    heading: String,
    icon: Icon,
    class: &'static str,
    /// All of it in a sentence.
    summary: String,
    /// Reason why the state is unknown, if it is.
    line: Option<String>,
    checked: Option<Html>,
    /// Words of people.
    said: NoticesView,
    /// One card for each provider that seems to be failing.
    events: Vec<EventCard>,
    /// Further wrong sites.
    wrong: Vec<TroubleRow>,
    /// Number of further wrong sites, and their address.
    more: Option<(String, String)>,
    /// Recent recoveries.
    back: Vec<TroubleRow>,
    statuses: Vec<FilterLink>,
    tags: Vec<FilterLink>,
    sorts: Vec<(&'static str, String, bool)>,
    /// Hidden fields of the form for the order.
    kept: Vec<(&'static str, String)>,
    /// True if not all sites are wanted.
    filters: bool,
    /// Sentence for an empty list.
    nothing: Option<String>,
    /// Sites that may be meant, when none fits.
    near: Vec<SiteRow>,
    groups: Vec<Group>,
    pages: Option<PageLinks>,
    /// The report on the month of the sites with the wanted tag.
    report: Option<String>,
}

/// All sites now, and how often each was looked up within a day.
struct FrontSites {
    overview: Overview,
    looked_up: HashMap<String, u32>,
}

impl FrontSites {
    fn now(shared: &Shared) -> Self {
        let overview = Overview::now(shared);
        let looked_up = shared.web.lookups.reports(|reports| {
            let all = reports.most_looked_up(overview.now);
            all.into_iter().map(|(slug, times)| (slug.to_owned(), times)).collect()
        });
        Self { overview, looked_up }
    }

    /// The order in which sites are asked for: the most looked-up first, then as in the catalogue.
    fn rank(&self, view: &SiteView) -> (Reverse<u32>, usize) {
        let times = self.looked_up.get(view.live.site.slug.as_str()).copied();
        (Reverse(times.unwrap_or(0)), view.live.place)
    }
}

/// `GET /?q=&status=&tag=&sort=&page=`; a search that finds one site goes to its page.
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    locale: Locale,
    params: Params,
) -> Response {
    let q: String = params.text("q").unwrap_or_default().chars().take(search::MAX_SEARCH).collect();
    let to = |slug: &str| Redirect::to(&locale.href(&links::site(slug))).into_response();
    let asked = search::asked(&q);
    let named = |text: &str| search::named(&shared.web.board, text);
    if let Some(slug) = named(&q).or_else(|| named(&asked)) {
        return to(&slug);
    }
    let wish = Wish::read(&params, &asked);
    let sites = FrontSites::now(&shared);
    if !wish.only_searches() {
        return super::page(locale.lang, &front_page(&shared, &locale, &sites, &wish));
    }
    // An address is what it says, and no part of another one.
    let views = &sites.overview.views;
    let is_address = asked.contains('.');
    let found = views.iter().filter(|view| search::rank(view, &asked) < search::most(is_address));
    let found: Vec<&SiteView> = found.take(2).collect();
    if let [only] = found.as_slice() {
        return to(only.live.site.slug.as_str());
    }
    if found.is_empty()
        && !is_address
        && let Some(slug) = search::named_within(&shared.web.board, &asked)
    {
        return to(&slug);
    }
    // Who types a word and not an address means a site that they know.
    let misspelt = !is_address && !search::similar(views, &asked).is_empty();
    if !found.is_empty() || misspelt || !shared.web.lookups.enabled() {
        return super::page(locale.lang, &front_page(&shared, &locale, &sites, &wish));
    }
    // Not a watched site: a lookup of it, or the reason why there can be none.
    match shared.web.lookups.read(&asked) {
        Ok(target) => Redirect::to(&locale.href(&links::lookup(&target.key()))).into_response(),
        Err(why) => missing::refuse(&shared, &locale, &q, &why, StatusCode::OK),
    }
}

fn front_page(shared: &Shared, locale: &Locale, sites: &FrontSites, wish: &Wish) -> FrontPage {
    shared.requests.count_front();
    let (t, overview) = (locale.lang, &sites.overview);
    let (summary, worst) = (overview.headline_in(t), overview.worst());
    let listed = list::listed(sites, locale, wish);
    let nothing = (listed.total == 0).then(|| list::nothing(overview, t, wish));
    let near = match nothing {
        Some(_) => search::similar(&overview.views, &wish.q),
        None => Vec::new(),
    };
    let near: Vec<SiteRow> =
        near.into_iter().map(|view| SiteRow::of(locale, view, Sort::Status)).collect();
    let heading = match (wish.filters(), near.first()) {
        (false, _) => overview.heading_in(t),
        (true, Some(first)) => t.one("front-meant", "name", &first.name),
        (true, None) => list::heading(t, wish, listed.total),
    };
    let title = if wish.filters() {
        heading.clone()
    } else {
        t.two("front-title", ("mark", mark(worst)), ("heading", &heading))
    };
    let layout = Layout {
        og_title: heading.clone(),
        path: wish.address(),
        searches: false,
        q: wish.q.clone(),
        ..Layout::new(shared, locale, title, summary.clone(), "/").living(worst, "*")
    };
    let plain = wish.is_plain();
    let (wrong, more) = if plain { trouble::wrong(sites, locale) } else { Default::default() };
    FrontPage {
        layout,
        icon: Icon(worst),
        class: if wish.filters() { "" } else { worst.word() },
        line: line(t, overview).filter(|_| !wish.filters()),
        checked: overview.last.map(|at| {
            let ago = Stamp::ago(t, at, overview.now);
            Html::said(t, "site-checked-html", [("ago", ago.arg())])
        }),
        said: if plain { NoticesView::of_all(shared, locale) } else { NoticesView::default() },
        events: if plain { trouble::events(sites, locale) } else { Vec::new() },
        back: if plain { trouble::back(sites, locale) } else { Vec::new() },
        statuses: list::statuses(overview, locale, wish),
        tags: list::tags(overview, locale, wish),
        sorts: list::sorts(t, wish),
        kept: wish.kept(locale),
        filters: wish.filters(),
        report: wish.report(locale, listed.total),
        groups: listed.groups,
        pages: listed.pages,
        heading,
        summary,
        nothing,
        near,
        wrong,
        more,
    }
}

/// Reason why the state of sites is unknown, or a remark on unusual notes.
fn line(t: Lang, overview: &Overview) -> Option<String> {
    if let Some(doubt) = overview.doubt() {
        return Some(t.say(doubt_line(doubt)).into_owned());
    }
    let unusual = overview.unusual();
    let fine = overview.counts.bad() == 0;
    (unusual > 0 && fine).then(|| t.one("front-unusual", "n", unusual))
}

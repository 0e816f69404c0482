//! `/`: what is wrong now, worst first, and all sites; filtered, sorted and turned over by links.
//!
//! However many sites there are, a view has at most so many of them: what it costs is bounded.

mod list;
mod rows;
mod wish;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;

use self::{
    list::{Choice, Group, Pages},
    rows::Case,
    wish::Wish,
};
use super::{
    bits::{Html, Icon, Stamp, mark},
    frame::Frame,
    lookup, missing,
};
use crate::{
    model::{provider::name, verdict::Status},
    web::{Shared, asked::Asked, find, params::Params, picture::Picture},
};

#[derive(Template)]
#[template(path = "front.html")]
struct View {
    frame: Frame,
    headline: String,
    mood: Icon,
    last: Option<Html>,
    /// Providers that seem to be failing: where there is more about them.
    failing: Vec<(String, String)>,
    q: String,
    /// What a form has to send along beside the search.
    kept: Vec<(&'static str, String)>,
    /// Names that complete a search.
    names: Vec<Box<str>>,
    /// Whether there are more names than these.
    more_names: bool,
    tabs: Vec<Choice>,
    tags: Vec<Choice>,
    sorts: Vec<Choice>,
    wrong: Vec<Case>,
    /// How many more are wrong, and where they are.
    more: Option<(String, String)>,
    /// How many were found, when something was looked for.
    found: Option<String>,
    nothing: bool,
    groups: Vec<Group>,
    pages: Option<Pages>,
}

/// Names that complete a search on the page itself.
const NAMES: usize = 400;

/// `GET /?q=&status=&tag=&sort=&page=`; a search that names a site goes to its page.
pub(in crate::web) async fn page(
    State(shared): crate::web::State,
    asked: Asked,
    params: Params,
) -> Response {
    let q: String = params.text("q").unwrap_or_default().chars().take(find::LONGEST).collect();
    let board = &shared.web.board;
    if let Some(slug) = find::named(board, &q) {
        return Redirect::to(&asked.href(&super::site::path(&slug))).into_response();
    }
    let wish = Wish::read(&params, &q);
    let view = view(&shared, &asked, &wish);
    let searched = !wish.q.is_empty() && wish.statuses.is_empty() && wish.tag.is_empty();
    if !searched || !view.nothing || !shared.web.lookups.enabled() {
        return super::page(asked.lang, &view);
    }
    // Nothing that we watch: a look at it now, or why there can be none.
    match shared.web.lookups.read(&wish.q) {
        Ok(target) => Redirect::to(&asked.href(&lookup::path(&target.key()))).into_response(),
        Err(why) => missing::refuse(&shared, &asked, &wish.q, &why, StatusCode::OK),
    }
}

fn view(shared: &Shared, asked: &Asked, wish: &Wish) -> View {
    shared.requests.count_front();
    let (t, picture) = (asked.lang, Picture::now(shared));
    let (headline, worst) = (picture.headline_in(t), worst(&picture));
    let title = t.two("front-title", ("mark", mark(worst)), ("headline", &headline));
    let frame = Frame {
        og_title: headline.clone(),
        ..Frame::new(shared, asked, title, headline.clone(), "/").living(worst, "*")
    };
    let listed = list::listed(&picture, asked, wish);
    let (wrong, more) =
        if wish.is_plain() { list::wrong(&picture, asked) } else { Default::default() };
    let last = picture.last.map(|at| Stamp::second_of(t, at, picture.now));
    View {
        mood: Icon(worst),
        last: last.map(|at| Html::said(t, "front-last-html", [("time", at.arg())])),
        failing: picture.failing.iter().map(|known| link(asked, &known.provider)).collect(),
        kept: wish.kept(asked),
        names: picture
            .looks
            .iter()
            .take(NAMES)
            .map(|look| look.watched.site.name.clone())
            .collect(),
        more_names: picture.looks.len() > NAMES,
        tabs: list::statuses(&picture, asked, wish),
        tags: list::tags(&picture, asked, wish),
        sorts: list::sorts(asked, wish),
        found: wish.filters().then(|| list::count(t, listed.total, &wish.q)),
        nothing: listed.total == 0,
        groups: listed.groups,
        pages: listed.pages,
        frame: Frame { path: wish.address(), ..frame },
        q: wish.q.clone(),
        headline,
        wrong,
        more,
    }
}

/// The page of a provider, and the words of the link.
fn link(asked: &Asked, provider: &str) -> (String, String) {
    let href = asked.href(&format!("/providers/{provider}"));
    (href, asked.lang.one("provider-more", "name", name(provider)))
}

/// The status that the whole page's icon shows.
fn worst(picture: &Picture) -> Status {
    let worst = [Status::Down, Status::Partial, Status::Slow];
    let found = worst.into_iter().find(|status| picture.counts.of(*status) > 0);
    let known = picture.counts.total() > picture.counts.of(Status::Unknown);
    found.unwrap_or(if known { Status::Up } else { Status::Unknown })
}

//! `/`: what is wrong now, worst first, and all sites; filtered by links and a form.

mod list;
mod tabs;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;

use self::{
    list::{Group, Row},
    tabs::Tab,
};
use super::{Frame, bits::Icon, bits::Stamp, lookup, missing};
use crate::{
    model::verdict::Status,
    web::{
        Shared,
        find::{self, Filter},
        params::Params,
        picture::Picture,
    },
};

#[derive(Template)]
#[template(path = "front.html")]
struct View {
    frame: Frame,
    headline: String,
    mood: Icon,
    last: Option<Stamp>,
    q: String,
    filtered: bool,
    status: String,
    tag: String,
    tabs: Vec<Tab>,
    tags: Vec<Tab>,
    wrong: Vec<Row>,
    found: Vec<Row>,
    groups: Vec<Group>,
}

/// `GET /?q=&status=&tag=`; a search that names a site goes to its page.
pub(in crate::web) async fn page(State(shared): crate::web::State, params: Params) -> Response {
    let q: String = params.text("q").unwrap_or_default().chars().take(find::LONGEST).collect();
    let board = &shared.web.board;
    if let Some(slug) = find::called(board, &q).or_else(|| find::named(board, &q)) {
        return Redirect::to(&super::site::path(&slug)).into_response();
    }
    let view = view(&shared, &params, q);
    let searched = !view.q.trim().is_empty() && view.status.is_empty() && view.tag.is_empty();
    if !searched || !view.found.is_empty() || !shared.web.lookups.enabled() {
        return super::page(&view);
    }
    // Nothing that we watch: a look at it now, or why there can be none.
    match shared.web.lookups.read(&view.q) {
        Ok(target) => Redirect::to(&lookup::path(&target.key())).into_response(),
        Err(why) => missing::refuse(&shared, &view.q, &why, StatusCode::OK),
    }
}

fn view(shared: &Shared, params: &Params, q: String) -> View {
    let filter = Filter {
        statuses: params.text("status").and_then(|s| find::read_status(s).ok()).unwrap_or_default(),
        tag: params.text("tag").map(str::to_owned),
        provider: None,
        q: Some(q.trim().to_owned()).filter(|q| !q.is_empty()),
    };
    let picture = Picture::now(shared);
    let filtered = !filter.is_empty();
    let headline = picture.headline();
    let groups = if filtered { Vec::new() } else { list::groups(&picture) };
    let frame = Frame::new(shared, headline.clone(), headline.clone(), "/");
    View {
        mood: Icon(mood(&picture)),
        last: picture.last.map(|at| Stamp::second_of(at, picture.now)),
        tabs: tabs::status_tabs(&picture, &filter),
        tags: tabs::tag_tabs(&picture, &filter),
        wrong: if filtered { Vec::new() } else { list::wrong(&picture) },
        found: if filtered { list::found(&picture, &filter) } else { Vec::new() },
        status: filter.statuses.iter().map(|s| s.word()).collect::<Vec<_>>().join(","),
        tag: filter.tag.unwrap_or_default(),
        frame: Frame { path: tabs::address(params), ..frame },
        headline,
        q,
        filtered,
        groups,
    }
}

/// The status that the whole page's icon shows.
fn mood(picture: &Picture) -> Status {
    let worst = [Status::Down, Status::Partial, Status::Slow];
    let found = worst.into_iter().find(|status| picture.counts.of(*status) > 0);
    let known = picture.counts.total() > picture.counts.of(Status::Unknown);
    found.unwrap_or(if known { Status::Up } else { Status::Unknown })
}

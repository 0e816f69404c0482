//! Pages, API, badges, feeds and metrics: everything that visitors and programs see.
//!
//! - [`routes`] is the route table with the layers around it, [`service`] answers one request (rate
//!   limit, cached response, route table), [`server`] puts it behind a listener.
//! - A handler extracts, reads the board once, builds a view and responds.
//! - [`views`] are shared by page, API and badge, one a noun: stale evidence is `unknown` in all.
//! - [`links`] holds every URL of ours. [`month_report`] is the report on a month, [`calendar`] planned work.
//!
//! Only this module knows HTML and the shapes of JSON. Hot pages come from the board, which is in
//! memory, so they go on while Postgres is away; reads from Postgres go through [`cache`]. It must
//! never judge, and never trust a visitor's input: the `Host` header is not read at all, and a
//! visitor's address comes from the connection or from a proxy that the operator trusts.

mod agents;
mod api;
mod assets;
mod badge;
mod cache;
mod cache_control;
mod calendar;
mod chart;
mod compat;
mod embed;
mod error;
mod extractors;
mod feed;
mod health;
mod links;
mod lookup_service;
mod metrics;
mod middleware;
mod month_report;
mod pages;
mod preview;
mod redirect;
mod robots;
mod routes;
mod search;
mod server;
mod service;
mod state;
mod static_copy;
mod views;

pub use api::lookup::{lookup_json, refused_json};
pub use metrics::{Meters, MetricKind};
pub use month_report::{MonthReport, ReportFormat, ReportWanted};
pub use routes::router;
pub use server::{MAX_CONNECTIONS, serve};
pub use service::WebService;
pub use state::Web;
use state::{AppState, RECORD_TIMEOUT, Shared};
pub use static_copy::{CopiedFile, RenderedFile, StaticCopy};
pub use views::overview::{ShownSentences, shown_sentences};

#[cfg(test)]
mod tests;

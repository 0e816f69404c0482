//! One site in a list of the front page.

use super::super::bits::{Html, Icon, Stamp};
use crate::{
    board::Glance,
    model::verdict::Status,
    web::{
        asked::Asked,
        chart::spark::{Part, Spark, spark},
        look::Look,
        pages::site::path,
    },
};

/// One site in a list.
pub(super) struct Row {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) icon: Icon,
    /// The status, as a class of the style sheet.
    pub(super) class: &'static str,
    /// The status in words; a good one is said only to those who do not see the shape.
    pub(super) word: String,
    pub(super) up: bool,
    pub(super) latency: Option<String>,
    pub(super) restricted: bool,
    pub(super) spark: Option<Spark>,
}

/// One site of those that are wrong.
pub(super) struct Case {
    pub(super) row: Row,
    pub(super) summary: String,
    pub(super) since: Option<Html>,
}

impl Row {
    pub(super) fn of(asked: &Asked, look: &Look) -> Self {
        let (site, status, t) = (&look.watched.site, look.status(), asked.lang);
        let answers = matches!(status, Status::Up | Status::Slow);
        Self {
            href: asked.href(&path(site.slug.as_str())),
            name: site.name.to_string(),
            icon: Icon(status),
            class: status.word(),
            word: t.status(status).into_owned(),
            up: status == Status::Up,
            latency: look.watched.latency().filter(|_| answers).map(|micros| t.latency(micros)),
            restricted: look.verdict().restricted,
            spark: spark(&parts(look)),
        }
    }
}

/// The last checks, oldest first.
fn parts(look: &Look) -> Vec<Part> {
    let part = |glance: Glance| Part {
        latency: glance.latency.filter(|_| glance.failure.is_none()).map(|micros| micros as f32),
        down: glance.failure.is_some(),
    };
    look.watched.recent.iter().rev().map(part).collect()
}

impl Case {
    pub(super) fn of(asked: &Asked, look: &Look) -> Self {
        let t = asked.lang;
        let since = look.verdict().since.map(|since| Stamp::new(t, since, look.now));
        Self {
            row: Row::of(asked, look),
            summary: look.summary_in(t),
            since: since.map(|at| Html::said(t, "since-html", [("time", at.arg())])),
        }
    }
}

//! A page whose answer comes later: its head at once, each step as it happens, then the rest.
//!
//! The body is sent as it is made, uncompressed: a compressor would hold the head back.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::header;

use super::{
    Visitor,
    answer::{self, AnswerSection},
};
use crate::{
    i18n::Lang,
    lookup::{Coming, LookupProgress},
    web::{
        Shared,
        extractors::{client_ip::ClientIp, locale::Locale},
        lookup_service,
        middleware::headers::Streamed,
    },
};
use model::{domain::readable, outcome::Cause, target::Target};

/// Stands in a template where the answer will be; no text of ours or theirs has it.
pub(super) const MARK: &str = "\u{1}";

/// Progress of the page.
enum StreamStep {
    Head,
    Waiting,
    Tail,
}

struct Sending {
    step: StreamStep,
    head: String,
    tail: String,
    target: Target,
    coming: Coming,
    shared: Arc<Shared>,
    locale: Locale,
    client: ClientIp,
}

/// The page, cut at the mark.
pub(super) fn respond(
    visitor: Visitor<'_>,
    target: &Target,
    html: &str,
    coming: Coming,
) -> Response {
    let Visitor { shared, locale, client } = visitor;
    let (head, tail) = html.split_once(MARK).unwrap_or((html, ""));
    let looking = locale.lang.one("lookup-looking", "name", &*readable(&target.key()));
    let looking = format!("<p class=\"looking\" role=\"status\">{looking}</p>\n");
    let sending = Sending {
        step: StreamStep::Head,
        head: head.to_owned() + &looking,
        tail: tail.to_owned(),
        target: target.clone(),
        coming,
        shared: shared.clone(),
        locale: locale.clone(),
        client,
    };
    let body = Body::from_stream(stream::unfold(Some(sending), |sending| async {
        let (part, next) = sending?.next().await;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(part)), next))
    }));
    let headers =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (headers, body).into_response();
    response.extensions_mut().insert(Streamed);
    response
}

impl Sending {
    /// The next part, and what is left to be sent.
    async fn next(mut self) -> (String, Option<Self>) {
        match self.step {
            StreamStep::Head => {
                self.step = StreamStep::Waiting;
                let progress = self.coming.now();
                let part = std::mem::take(&mut self.head) + &self.words(&progress);
                (part, Some(self))
            }
            StreamStep::Waiting => {
                let part = if let Some(progress) = self.coming.next().await {
                    self.words(&progress)
                } else {
                    self.step = StreamStep::Tail;
                    answer::nothing(self.locale.lang, &self.target.key())
                };
                (part, Some(self))
            }
            StreamStep::Tail => (std::mem::take(&mut self.tail), None),
        }
    }

    fn words(&mut self, progress: &LookupProgress) -> String {
        match progress {
            LookupProgress::Looking => String::new(),
            LookupProgress::Again(cause) => again(self.locale.lang, cause.as_ref()),
            LookupProgress::Done(answered) => {
                self.step = StreamStep::Tail;
                let told = lookup_service::lookup_view(&self.shared, answered);
                let Self { shared, locale, client, target, .. } = &*self;
                let visitor = Visitor { shared, locale, client: *client };
                AnswerSection::of(visitor, target, &told).html()
            }
        }
    }
}

fn again(t: Lang, cause: Option<&Cause>) -> String {
    let said = match cause {
        Some(cause) => t.one("lookup-again-failed", "why", escaped(&t.cause(cause))),
        None => t.say("lookup-again-slow").into_owned(),
    };
    format!("<p class=\"looking\">{said}</p>\n")
}

/// A cause may quote what a server said.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            c => safe.push(c),
        }
        safe
    })
}

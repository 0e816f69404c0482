//! The files under `/static`, inside the program. Each has its checksum in its name, so that it
//! may be cached for ever; under its plain name it may be cached for an hour.

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use xxhash_rust::xxh3::xxh3_64;

use super::{error::HttpProblem, extractors::params::PathSegment};
use model::verdict::Status;

/// A file inside the program.
struct Asset {
    plain: &'static str,
    named: String,
    kind: &'static str,
    body: Bytes,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Name, kind and content of each.
const FILES: [(&str, &str, &[u8]); 10] = [
    ("style.css", CSS, include_bytes!("../../static/style.css")),
    ("page.js", JS, include_bytes!("../../static/page.js")),
    ("scheme.js", JS, include_bytes!("../../static/scheme.js")),
    ("justme.js", JS, include_bytes!("../../static/justme.js")),
    ("favicon.svg", SVG, include_bytes!("../../static/favicon.svg")),
    ("up.svg", SVG, include_bytes!("../../static/up.svg")),
    ("slow.svg", SVG, include_bytes!("../../static/slow.svg")),
    ("partial.svg", SVG, include_bytes!("../../static/partial.svg")),
    ("down.svg", SVG, include_bytes!("../../static/down.svg")),
    ("unknown.svg", SVG, include_bytes!("../../static/unknown.svg")),
];

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let asset = |(plain, kind, body): (&'static str, _, &'static [u8])| {
        let (stem, ending) = plain.rsplit_once('.').unwrap_or((plain, ""));
        let body = match kind {
            JS => without_comments(body),
            CSS => compact(&String::from_utf8_lossy(body)),
            _ => Bytes::from_static(body),
        };
        let named = format!("{stem}.{:016x}.{ending}", xxh3_64(&body));
        Asset { plain, named, kind, body }
    };
    FILES.map(asset).into()
});

/// A script without comments that have lines of their own and without indentation: a quarter less to send.
fn without_comments(script: &[u8]) -> Bytes {
    let lines = script.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start);
    lines.filter(|line| !line.starts_with(b"//")).collect::<Vec<_>>().concat().into()
}

/// A style sheet without comments and without the spaces that only people need: an eighth less to send.
fn compact(style: &str) -> Bytes {
    let mut parts = style.split("/*");
    let first = parts.next().unwrap_or_default();
    let told = parts.filter_map(|part| Some(part.split_once("*/")?.1));
    let told: String = std::iter::once(first).chain(told).collect();
    // Every other part stands in quotation marks.
    let compact = |(place, part): (usize, &str)| {
        if place % 2 == 1 {
            return part.to_owned();
        }
        let mut words = part.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        for mark in ["{ ", "} ", "; ", ", ", ": ", " {", " }"] {
            words = words.replace(mark, mark.trim());
        }
        words.replace(";}", "}")
    };
    told.split('"').enumerate().map(compact).collect::<Vec<_>>().join("\"").into()
}

/// The name under `/static` of the file with this plain name; its plain name when there is none.
fn named(plain: &'static str) -> &'static str {
    let found = ASSETS.iter().find(|asset| asset.plain == plain);
    found.map_or(plain, |asset| asset.named.as_str())
}

/// The names under `/static` of all files.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ASSETS.iter().map(|asset| asset.named.as_str())
}

/// The style sheet's name under `/static`.
pub(super) fn style() -> &'static str {
    named("style.css")
}

/// The style sheet itself, for a page that is a file of its own.
pub(super) fn style_text() -> &'static str {
    include_str!("../../static/style.css")
}

/// The name of the pages' script under `/static`.
pub(super) fn script() -> &'static str {
    named("page.js")
}

/// The name under `/static` of the script that holds a chosen colour scheme.
pub(super) fn scheme() -> &'static str {
    named("scheme.js")
}

/// The name under `/static` of the script that tries a site from the visitor's browser.
pub(super) fn justme() -> &'static str {
    named("justme.js")
}

/// The icon's name under `/static`.
pub(super) fn favicon() -> &'static str {
    named("favicon.svg")
}

/// The name under `/static` of the icon of a status.
pub(super) fn state_icon(status: Status) -> &'static str {
    named(match status {
        Status::Up => "up.svg",
        Status::Slow => "slow.svg",
        Status::Partial => "partial.svg",
        Status::Down => "down.svg",
        Status::Unknown => "unknown.svg",
    })
}

/// `GET /static/{file}`
pub(super) async fn file(PathSegment(name): PathSegment) -> Response {
    let name = name.unwrap_or_default();
    let found = ASSETS.iter().find(|asset| asset.named == name || asset.plain == name);
    let Some(asset) = found else {
        let path = format!("/static/{name}");
        return HttpProblem::new(StatusCode::NOT_FOUND, "There is no such file.", &path)
            .into_response();
    };
    let cache = if asset.named == name {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, cache)];
    (headers, asset.body.clone()).into_response()
}

/// `GET /favicon.ico`, which browsers request whatever the page says.
pub(super) async fn favicon_ico() -> Response {
    file(PathSegment(Some("favicon.svg".to_owned()))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_is_sent_without_what_only_people_need() {
        let sent = compact(
            "/* Why, \"really\". */\na:not(.b, .c) > p {\n  margin: 0 calc(1px + 2px); /* More. */\n}\n\
             @media (width > 1px) { q::after { content: \" { ; \"; } q { top: 1px; } }\n",
        );
        let want = "a:not(.b,.c) > p{margin:0 calc(1px + 2px)}\
                    @media (width > 1px){q::after{content:\" { ; \"}q{top:1px}}";
        assert_eq!(sent, want);
    }

    #[test]
    fn a_script_is_sent_without_its_comments_and_says_the_same() {
        let sent = without_comments(
            b"// Why.\n(() => {\n  // More.\n  const at = \"http://x\"; // stays\n})();\n",
        );
        assert_eq!(sent, "(() => {\nconst at = \"http://x\"; // stays\n})();\n");
        for (plain, kind, body) in FILES {
            // What goes over several lines would lose its indentation.
            let over_lines = |line: &str| line.matches('`').count() % 2 == 1;
            let script = std::str::from_utf8(body).unwrap();
            assert!(kind != JS || !script.lines().any(over_lines), "{plain}");
        }
    }
}

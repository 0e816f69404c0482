//! `GET /api/v1/sites`: the sites in the order of their slugs, filtered, a page at a time.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{answer, shape::Site};
use crate::{
    model::moment::Moment,
    web::{
        find::{Filter, read_status},
        params::Params,
        picture::Picture,
        problem::Problem,
    },
};

/// Sites on a page, unless asked otherwise; more are never given.
const MOST: usize = 1000;
/// Characters that a filter may have.
const WORD: usize = 200;

#[derive(Debug, Serialize)]
struct Page<'a> {
    sites: Vec<Site<'a>>,
    next_cursor: Option<String>,
    as_of: Option<Moment>,
}

/// What was asked.
struct Asked {
    filter: Filter,
    limit: usize,
    after: Option<String>,
}

/// The sites; `as_of` is the newest check of any site.
pub(in crate::web) async fn list(State(shared): crate::web::State, params: Params) -> Response {
    let asked = match read(params) {
        Ok(asked) => asked,
        Err(problem) => return problem.into_response(),
    };
    let picture = Picture::now(&shared);
    let after = asked.after.as_deref();
    let mut found = picture
        .looks
        .iter()
        .filter(|look| after.is_none_or(|after| look.watched.site.slug.as_str() > after))
        .filter(|look| asked.filter.fits(look));
    let sites: Vec<_> = found.by_ref().take(asked.limit).collect();
    let more = found.next().is_some();
    let last = sites.last().filter(|_| more);
    answer(&Page {
        next_cursor: last.map(|look| write_cursor(look.watched.site.slug.as_str())),
        sites: sites.into_iter().map(Site::of).collect(),
        as_of: picture.last,
    })
}

fn read(mut params: Params) -> Result<Asked, Problem> {
    let statuses = params.read("status", read_status).unwrap_or_default();
    let tag = params.read("tag", word);
    let provider = params.read("provider", word);
    let q = params.read("q", word);
    let limit = params.read("limit", |text| {
        let number = text.parse().ok().filter(|n| (1..=MOST).contains(n));
        number.ok_or_else(|| format!("must be a whole number from 1 to {MOST}"))
    });
    let after = params.read("cursor", |text| {
        read_cursor(text).ok_or_else(|| "must be a next_cursor of an earlier answer".to_owned())
    });
    params.finish()?;
    let filter = Filter { statuses, tag, provider, q };
    Ok(Asked { filter, limit: limit.unwrap_or(MOST), after })
}

fn word(text: &str) -> Result<String, String> {
    if text.chars().count() <= WORD {
        return Ok(text.to_owned());
    }
    Err(format!("must have at most {WORD} characters"))
}

/// The last slug given, in a form that nobody is tempted to write by hand.
fn write_cursor(slug: &str) -> String {
    slug.bytes().fold(String::with_capacity(slug.len() * 2), |mut text, byte| {
        let digit = |value| char::from_digit(u32::from(value), 16).unwrap_or('0');
        text.extend([digit(byte >> 4), digit(byte & 15)]);
        text
    })
}

fn read_cursor(text: &str) -> Option<String> {
    let pairs = text.as_bytes().chunks(2).map(|pair| {
        let digits = str::from_utf8(pair).ok().filter(|d| d.len() == 2 && !d.contains('+'))?;
        u8::from_str_radix(digits, 16).ok()
    });
    let bytes: Option<Vec<u8>> = pairs.collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_nonsense_does_not() {
        assert_eq!(read_cursor(&write_cursor("slack.com")).as_deref(), Some("slack.com"));
        for bad in ["7", "+1", "zz", "ff", "é"] {
            assert_eq!(read_cursor(bad), None, "{bad}");
        }
    }
}

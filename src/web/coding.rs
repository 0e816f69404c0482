//! Which content coding an answer gets: the one of ours that the visitor likes best (RFC 9110,
//! 12.5.3), and none when there is no such.
//!
//! The layers that compress know one coding each: left alone, either refuses with 406 what only the
//! other can do. So `Accept-Encoding` is read here, once, and they are told what was chosen.

use axum::extract::Request;
use http::{HeaderMap, HeaderValue, header};

/// Ours; of those that are liked equally the first is taken.
const OURS: [&str; 2] = ["zstd", "gzip"];
/// Codings of a header that are looked at.
const MOST: usize = 20;

/// Leaves one coding in `Accept-Encoding`, or takes the header away.
pub(super) async fn choose(mut request: Request) -> Request {
    let headers = request.headers_mut();
    let chosen = chosen(headers);
    headers.remove(header::ACCEPT_ENCODING);
    if let Some(coding) = chosen {
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding));
    }
    request
}

fn chosen(headers: &HeaderMap) -> Option<&'static str> {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let listed = values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    let listed: Vec<(&str, u16)> = listed.take(MOST).filter_map(weighed).collect();
    let of = |name: &str| {
        let found = listed.iter().find(|(coding, _)| coding.eq_ignore_ascii_case(name));
        found.map(|(_, weight)| *weight)
    };
    let named = |ours: &str| of(ours).or_else(|| of("x-gzip").filter(|_| ours == "gzip"));
    let weight = |ours: &str| named(ours).or_else(|| of("*")).unwrap_or(0);
    let plain = of("identity").unwrap_or(0);
    let best = OURS.into_iter().rev().max_by_key(|ours| weight(ours))?;
    (weight(best) > 0 && weight(best) >= plain).then_some(best)
}

/// A coding and its weight in thousandths (`gzip;q=0.8`); `None` for what cannot be read.
fn weighed(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let coding = parts.next().filter(|coding| !coding.is_empty())?;
    let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let weight = q.map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
    ((0.0..=1.0).contains(&weight)).then_some((coding, (weight * 1000.0) as u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coding_is_the_one_of_ours_that_is_liked_best() {
        for (accept, want) in [
            ("gzip", Some("gzip")),
            ("zstd", Some("zstd")),
            ("GZip", Some("gzip")),
            ("x-gzip", Some("gzip")),
            ("gzip, deflate, br, zstd", Some("zstd")),
            ("gzip;q=1.0, zstd;q=0.5", Some("gzip")),
            ("gzip;q=0.1, zstd;q=0.5", Some("zstd")),
            ("*", Some("zstd")),
            ("zstd;q=0, *", Some("gzip")),
            ("gzip;q=0, zstd;q=0, *", None),
            ("identity;q=0, gzip", Some("gzip")),
            ("identity;q=0, *", Some("zstd")),
            ("identity;q=0", None),
            ("*;q=0", None),
            ("gzip;q=0", None),
            ("identity, gzip;q=0.5", None),
            ("br", None),
            ("gzip;q=2, zstd;q=NaN,,;;,=", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accept.parse().unwrap());
            assert_eq!(chosen(&headers), want, "{accept}");
        }
        assert_eq!(chosen(&HeaderMap::new()), None);
    }
}

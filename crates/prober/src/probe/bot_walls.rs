//! Detection of bot walls, by the headers and marks that their owners document or that everybody
//! can see. Behind a wall the site may be well: blocked is not down. Pure.
//!
//! A mark counts only with the statuses of its wall. A mark that also appears on ordinary pages, or
//! on the pages with which the same company reports a failing site, is not used: it would show an
//! outage as "up".

use http::HeaderMap;

use model::{domain::registered, restriction::Restriction};

/// Bytes of a page that are searched for a mark.
const MAX_SEARCHED: usize = 64 * 1024;

/// A bot wall and its marks.
struct BotWall {
    owner: &'static str,
    /// The statuses with which it does; empty: any.
    statuses: &'static [u16],
    mark: WallSign,
}

enum WallSign {
    /// A header, and a part of its value.
    Header(&'static str, &'static str),
    /// A text of the page.
    Page(&'static str),
    /// Both of two texts.
    Pages(&'static str, &'static str),
    /// The script of a challenge of Cloudflare's.
    Challenge,
}

/// Statuses of refusals.
const REFUSAL_STATUSES: &[u16] = &[401, 403, 405, 429];

const fn wall(owner: &'static str, statuses: &'static [u16], mark: WallSign) -> BotWall {
    BotWall { owner, statuses, mark }
}

/// A non-standard status with which one large site and a few others turn robots away.
const ROBOT_STATUS: u16 = 999;

const WALLS: [BotWall; 19] = [
    // https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
    wall("Cloudflare", &[], WallSign::Header("cf-mitigated", "challenge")),
    // The only ones that a server error may have: Cloudflare shows no page of an origin with them.
    wall("Cloudflare", &[403, 429, 503], WallSign::Page("cf_chl_opt")),
    wall("Cloudflare", &[403, 429, 503], WallSign::Challenge),
    wall("Cloudflare", &[403, 429], WallSign::Page("Attention Required! | Cloudflare")),
    // https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-actions.html
    wall("AWS WAF", &[202], WallSign::Header("x-amzn-waf-action", "challenge")),
    wall("AWS WAF", &[405], WallSign::Header("x-amzn-waf-action", "captcha")),
    wall("AWS WAF", &[202, 403, 405], WallSign::Page("awsWafCookieDomainList")),
    wall("Vercel", &[403, 429], WallSign::Header("x-vercel-mitigated", "challenge")),
    wall("Vercel", &[403, 429], WallSign::Header("x-vercel-mitigated", "deny")),
    // Its header is on every page of its customers.
    wall("DataDome", REFUSAL_STATUSES, WallSign::Page("captcha-delivery.com")),
    wall("HUMAN", REFUSAL_STATUSES, WallSign::Header("x-px-block", "")),
    wall("HUMAN", REFUSAL_STATUSES, WallSign::Page("px-captcha")),
    wall("Sucuri", REFUSAL_STATUSES, WallSign::Header("x-sucuri-block", "")),
    wall("Sucuri", REFUSAL_STATUSES, WallSign::Page("Sucuri WebSite Firewall - Access Denied")),
    wall("Kasada", &[403, 429], WallSign::Header("x-kpsdk-ct", "")),
    // Every error page of Akamai's has the link, with the number of what went wrong: 18 is a refusal.
    wall("Akamai", &[403], WallSign::Pages("errors.edgesuite.net", "Access Denied")),
    wall("Akamai", &[403], WallSign::Pages("errors.edgesuite.net", "#18.")),
    wall("Akamai", &[403, 428, 429], WallSign::Page("/_sec/cp_challenge/")),
    wall("Imperva", REFUSAL_STATUSES, WallSign::Page("_Incapsula_Resource")),
];

/// With a refusal of Imperva's that has a number; its errors of an origin have one as well.
const INCAPSULA: (&str, [&str; 3]) = ("Incapsula incident ID", ["edet=15", "edet=16", "edet=17"]);

/// Returns whether a reply may be a wall's, so that its page must be read.
pub(super) fn may_be(status: u16, headers: &HeaderMap) -> bool {
    status == ROBOT_STATUS
        || WALLS.iter().any(|wall| match wall.mark {
            WallSign::Header(..) => wall.shows(status, headers, ""),
            _ => wall.statuses.contains(&status),
        })
}

/// Restriction shown by a reply from this host, if it is a wall's.
pub(super) fn restriction(
    status: u16,
    headers: &HeaderMap,
    page: &[u8],
    host: &str,
) -> Option<Restriction> {
    let owner = name(status, headers, page).or_else(|| {
        let is_linkedin = registered(host) == "linkedin.com";
        (status == ROBOT_STATUS && is_linkedin).then_some("LinkedIn")
    });
    match owner {
        Some(owner) => Some(Restriction::Challenge { owner: owner.into() }),
        None => (status == ROBOT_STATUS).then(|| Restriction::of_status(status)),
    }
}

/// Owner of the wall that a reply shows.
fn name(status: u16, headers: &HeaderMap, page: &[u8]) -> Option<&'static str> {
    let page = String::from_utf8_lossy(&page[..page.len().min(MAX_SEARCHED)]);
    // Akamai writes its links and numbers so.
    let page = page.replace("&#46;", ".").replace("&#35;", "#");
    if INCAPSULA.1.iter().any(|error| page.contains(error)) {
        return None;
    }
    if REFUSAL_STATUSES.contains(&status) && page.contains(INCAPSULA.0) {
        return Some("Imperva");
    }
    WALLS.iter().find(|wall| wall.shows(status, headers, &page)).map(|wall| wall.owner)
}

impl BotWall {
    fn shows(&self, status: u16, headers: &HeaderMap, page: &str) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&status))
            && match self.mark {
                WallSign::Header(name, part) => {
                    let value = headers.get(name).and_then(|value| value.to_str().ok());
                    value.is_some_and(|value| value.contains(part))
                }
                WallSign::Page(mark) => page.contains(mark),
                WallSign::Pages(one, other) => page.contains(one) && page.contains(other),
                WallSign::Challenge => is_challenge(page),
            }
    }
}

/// Returns whether a page runs a challenge of Cloudflare's. The script that only watches visitors
/// is on ordinary pages, an origin's own errors among them, and older forms of it name the same
/// folder.
fn is_challenge(page: &str) -> bool {
    let folder = "/cdn-cgi/challenge-platform/h/";
    let runs = |(at, _): (usize, &str)| {
        let script = page[at + folder.len()..].split_once('/').map(|(_, script)| script);
        !script.is_some_and(|script| script.starts_with("scripts/"))
    };
    !page.contains("__CF$cv$params") && page.match_indices(folder).any(runs)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn owner(
        status: u16,
        header: Option<(&'static str, &'static str)>,
        page: &str,
    ) -> Option<&'static str> {
        let headers = header.map(|(name, value)| {
            (http::HeaderName::from_static(name), HeaderValue::from_static(value))
        });
        let headers: HeaderMap = headers.into_iter().collect();
        let owner = name(status, &headers, page.as_bytes());
        assert!(owner.is_none() || may_be(status, &headers), "{status} {header:?} {page}");
        owner
    }

    #[test]
    fn walls_are_known_by_header_or_page() {
        for (status, header, page, want) in [
            (403, Some(("cf-mitigated", "challenge")), "", "Cloudflare"),
            (200, Some(("cf-mitigated", "challenge")), "", "Cloudflare"),
            (503, Some(("cf-mitigated", "challenge")), "", "Cloudflare"),
            (503, None, "<script>window._cf_chl_opt={cvId:'3'}", "Cloudflare"),
            (503, None, "<script src=/cdn-cgi/challenge-platform/h/b/orchestrate/x>", "Cloudflare"),
            (503, None, "<script src=\"/cdn-cgi/challenge-platform/h/b\">", "Cloudflare"),
            (403, None, "<title>Attention Required! | Cloudflare</title>", "Cloudflare"),
            (202, Some(("x-amzn-waf-action", "challenge")), "", "AWS WAF"),
            (405, Some(("x-amzn-waf-action", "captcha")), "", "AWS WAF"),
            (429, Some(("x-vercel-mitigated", "challenge")), "", "Vercel"),
            (403, Some(("x-datadome", "protected")), "//ct.captcha-delivery.com/c.js", "DataDome"),
            (403, None, "<div id=\"px-captcha\">", "HUMAN"),
            (403, None, "Access Denied <a href=https://errors.edgesuite.net/18.1>", "Akamai"),
            (403, None, "Reference #18.2d https://errors.edgesuite.net/18.2d", "Akamai"),
            (403, None, "Reference&#32;&#35;18&#46;2d errors&#46;edgesuite&#46;net/18", "Akamai"),
            (403, None, "<script src=/_Incapsula_Resource?x>", "Imperva"),
            (403, None, "Request unsuccessful. Incapsula incident ID: 1-2", "Imperva"),
            (405, None, "Request unsuccessful. Incapsula incident ID: 1-2", "Imperva"),
        ] {
            assert_eq!(owner(status, header, page), Some(want), "{status} {header:?} {page}");
        }
    }

    #[test]
    fn what_is_on_ordinary_pages_and_on_failures_of_an_origin_is_no_wall() {
        let watches = "<script>a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</script>";
        let before = "<script>window['__CF$cv$params']={r:'1',u:'/cdn-cgi/challenge-platform/h/g'}";
        let script = "<script src=/cdn-cgi/challenge-platform/h/b/scripts/invisible.js>";
        let akamai = "Service Unavailable - DNS failure. Reference #11.2 errors.edgesuite.net/11.2";
        let incapsula = "<iframe src=/_Incapsula_Resource?edet=15>Incapsula incident ID: 1-2";
        for (status, header, page) in [
            (503, None, watches),
            (503, None, before),
            (503, None, script),
            (403, None, watches),
            (503, None, akamai),
            (503, None, "Access Denied #18.2 errors&#46;edgesuite&#46;net"),
            (504, None, akamai),
            (403, None, "Service Unavailable errors.edgesuite.net/11.2"),
            (503, None, incapsula),
            (503, None, "<script src=/_Incapsula_Resource?x> error 20"),
            (403, None, incapsula),
            (503, Some(("x-datadome", "protected")), ""),
            (503, Some(("x-datadome", "protected")), "captcha-delivery.com"),
            (403, Some(("x-datadome", "protected")), ""),
            (200, Some(("x-datadome", "protected")), ""),
            (503, None, "<div id=px-captcha>"),
            (404, None, "<div id=px-captcha>"),
            (502, None, "Sucuri WebSite Firewall - Access Denied"),
            (503, Some(("x-sucuri-block", "1")), ""),
            (503, Some(("x-px-block", "1")), ""),
            (500, Some(("x-kpsdk-ct", "1")), ""),
            (503, Some(("x-amzn-waf-action", "challenge")), ""),
            (500, None, "awsWafCookieDomainList"),
            (500, Some(("x-vercel-mitigated", "deny")), ""),
            (500, None, "cf_chl_opt"),
            (404, None, "cf_chl_opt"),
            (200, None, "all about px-captcha and captcha-delivery.com"),
            (503, Some(("server", "cloudflare")), "Service Unavailable"),
            (403, None, "Forbidden"),
            (403, Some(("server", "cloudflare")), "Access denied. Error code 1020"),
            (403, None, "<Error><Code>AccessDenied</Code></Error>"),
            (998, None, ""),
            (999, None, ""),
        ] {
            assert_eq!(owner(status, header, page), None, "{status} {header:?} {page}");
        }
    }

    #[test]
    fn status_999_turns_robots_away_and_is_linkedins_only_at_linkedin() {
        let headers = HeaderMap::new();
        let of = |status, host| restriction(status, &headers, b"", host);
        assert!(may_be(999, &headers));
        let linkedin = Some(Restriction::Challenge { owner: "LinkedIn".into() });
        assert_eq!(of(999, "www.linkedin.com"), linkedin);
        assert_eq!(of(999, "nl.linkedin.com"), linkedin);
        for host in ["notlinkedin.com", "linkedin.com.example", "192.0.2.1", ""] {
            assert_eq!(of(999, host), Some(Restriction::Status { status: 999 }), "{host}");
        }
        assert_eq!(of(403, "www.linkedin.com"), None);
    }

    /// Pages of pieces of marks and of anything else.
    fn page() -> impl Strategy<Value = Vec<u8>> {
        let marks = WALLS.iter().flat_map(|wall| match wall.mark {
            WallSign::Page(mark) => vec![mark],
            WallSign::Pages(one, other) => vec![one, other],
            WallSign::Challenge => vec!["/cdn-cgi/challenge-platform/h/"],
            WallSign::Header(..) => vec![],
        });
        let mut marks: Vec<_> = marks.collect();
        marks.extend([INCAPSULA.0, "edet=15", "&#46;", "&#35;", "__CF$cv$params", "scripts/"]);
        let piece = prop_oneof![
            proptest::sample::select(marks).prop_map(|mark| mark.as_bytes().to_vec()),
            proptest::collection::vec(any::<u8>(), 0..6),
        ];
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    /// Headers with the names of walls and any value.
    fn headers() -> impl Strategy<Value = HeaderMap> {
        let names = WALLS.iter().filter_map(|wall| match wall.mark {
            WallSign::Header(name, _) => Some(http::HeaderName::from_static(name)),
            _ => None,
        });
        let value = prop_oneof![
            "challenge|captcha|deny|".prop_map(|text| HeaderValue::from_str(&text)),
            proptest::collection::vec(any::<u8>(), 0..6).prop_map(|b| HeaderValue::from_bytes(&b)),
        ];
        let name = proptest::sample::select(names.collect::<Vec<_>>());
        let header =
            (name, value).prop_filter_map("a value", |(name, value)| Some((name, value.ok()?)));
        proptest::collection::vec(header, 0..3).prop_map(|headers| headers.into_iter().collect())
    }

    proptest! {
        #[test]
        fn no_page_breaks_the_search_and_every_wall_is_one_whose_page_is_read(
            status in prop_oneof![100..1_000_u16, proptest::sample::select(REFUSAL_STATUSES)],
            headers in headers(),
            page in page(),
            host in "linkedin.com|\\PC{0,12}",
        ) {
            let shown = restriction(status, &headers, &page, &host);
            prop_assert!(shown.is_none() || may_be(status, &headers), "{shown:?}");
            // A server error is never a wall but by Cloudflare's own word for one.
            let own_word = headers.contains_key("cf-mitigated");
            if (500..600).contains(&status) && status != 503 && !own_word {
                prop_assert_eq!(shown, None);
            }
        }
    }
}

//! Knows the walls that turn robots away, by the headers and markers that their owners document or
//! that everybody sees. Behind a wall the site may be well: blocked is not down. Pure.

use http::HeaderMap;

/// Bytes of a page in which a marker is looked for.
const HEAD: usize = 64 * 1024;

/// A header, and a part of its value, that only a wall sends.
const HEADERS: [(&str, &str, &str); 9] = [
    // https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
    ("cf-mitigated", "challenge", "Cloudflare"),
    // https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-actions.html
    ("x-amzn-waf-action", "challenge", "AWS WAF"),
    ("x-amzn-waf-action", "captcha", "AWS WAF"),
    ("x-vercel-mitigated", "challenge", "Vercel"),
    ("x-vercel-mitigated", "deny", "Vercel"),
    ("x-datadome", "", "DataDome"),
    ("x-px-block", "", "HUMAN"),
    ("x-sucuri-block", "", "Sucuri"),
    ("x-kpsdk-ct", "", "Kasada"),
];

/// Text of a page that only a wall shows.
const MARKERS: [(&str, &str); 11] = [
    ("/cdn-cgi/challenge-platform/", "Cloudflare"),
    ("cf-chl-", "Cloudflare"),
    ("Attention Required! | Cloudflare", "Cloudflare"),
    ("_Incapsula_Resource", "Imperva"),
    ("Incapsula incident ID", "Imperva"),
    ("captcha-delivery.com", "DataDome"),
    ("px-captcha", "HUMAN"),
    ("errors.edgesuite.net", "Akamai"),
    ("/_sec/cp_challenge/", "Akamai"),
    ("Sucuri WebSite Firewall - Access Denied", "Sucuri"),
    ("awsWafCookieDomainList", "AWS WAF"),
];

/// Statuses with which walls show their pages.
const STATUSES: [u16; 7] = [202, 401, 403, 405, 406, 429, 503];

/// Statuses that are no standard's, and that only a wall has.
const OWN: [(u16, &str); 1] = [(999, "LinkedIn")];

/// Whether a reply may be a wall's, so that its page is worth a look.
pub(super) fn may_be(status: u16, headers: &HeaderMap) -> bool {
    STATUSES.contains(&status) || by_head(status, headers).is_some()
}

/// Whose wall a reply is.
pub(super) fn name(status: u16, headers: &HeaderMap, page: &[u8]) -> Option<&'static str> {
    if let Some(owner) = by_head(status, headers) {
        return Some(owner);
    }
    if !STATUSES.contains(&status) {
        return None;
    }
    let head = String::from_utf8_lossy(&page[..page.len().min(HEAD)]);
    MARKERS.iter().find(|(marker, _)| head.contains(marker)).map(|(_, owner)| *owner)
}

fn by_head(status: u16, headers: &HeaderMap) -> Option<&'static str> {
    if let Some((_, owner)) = OWN.iter().find(|(own, _)| *own == status) {
        return Some(owner);
    }
    let sent = |&&(name, part, _): &&(&str, &str, &str)| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        // Some send their mark with every page; without a word in it, it counts only on a refusal.
        value.is_some_and(|v| v.contains(part)) && (!part.is_empty() || STATUSES.contains(&status))
    };
    HEADERS.iter().find(sent).map(|(.., owner)| *owner)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn walls_are_known_by_header_or_page_and_other_refusals_are_not() {
        for (status, header, page, owner) in [
            (403, Some(("cf-mitigated", "challenge")), "", Some("Cloudflare")),
            (200, Some(("cf-mitigated", "challenge")), "", Some("Cloudflare")),
            (503, None, "<script src=/cdn-cgi/challenge-platform/x>", Some("Cloudflare")),
            (202, Some(("x-amzn-waf-action", "challenge")), "", Some("AWS WAF")),
            (429, Some(("x-vercel-mitigated", "challenge")), "", Some("Vercel")),
            (403, Some(("x-datadome", "protected")), "", Some("DataDome")),
            (200, Some(("x-datadome", "protected")), "", None),
            (403, None, "<a href=https://errors.edgesuite.net/1>", Some("Akamai")),
            (200, None, "all about px-captcha", None),
            (503, Some(("server", "cloudflare")), "Service Unavailable", None),
            (403, None, "Forbidden", None),
            (999, None, "", Some("LinkedIn")),
            (998, None, "", None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some((name, value)) = header {
                headers.insert(name, HeaderValue::from_static(value));
            }
            assert_eq!(
                name(status, &headers, page.as_bytes()),
                owner,
                "{status} {header:?} {page}"
            );
        }
    }
}

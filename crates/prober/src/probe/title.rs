//! The title of a page, and whether it is that of an error: a page that says `200` and shows nothing
//! but that it cannot. Pure.
//!
//! Only whole titles count, beside the name of the site at most, so that an article about errors is
//! none.

/// Longest beginning of a page that is searched for its title, and longest title, in bytes.
const MAX_HEAD: usize = 64 * 1024;
const MAX_TITLE: usize = 300;

/// Titles of errors, in lower case.
const ERRORS: [&str; 21] = [
    "404",
    "500",
    "502",
    "503",
    "504",
    "apache2 debian default page: it works",
    "apache2 ubuntu default page: it works",
    "bandwidth limit exceeded",
    "database connection error",
    "default web site page",
    "error: the request could not be satisfied",
    "fatal error",
    "heroku | no such app",
    "iis windows server",
    "it works!",
    "test page for the apache http server",
    "test page for the nginx http server",
    "welcome to nginx",
    "welcome to nginx!",
    "welcome to openresty",
    "welcome to openresty!",
];

/// Titles of errors that the name of the site may stand beside.
const WITH_SITE_NAME: [&str; 58] = [
    "account suspended",
    "an error has occurred",
    "an error occurred",
    "an unexpected error has occurred",
    "an unexpected error occurred",
    "application error",
    "bad gateway",
    "be right back",
    "database error",
    "domain suspended",
    "down for maintenance",
    "er ging iets mis",
    "er is een fout opgetreden",
    "er is iets misgegaan",
    "error",
    "error establishing a database connection",
    "gateway time-out",
    "gateway timeout",
    "internal error",
    "internal server error",
    "looks like something went wrong",
    "maintenance",
    "maintenance mode",
    "not found",
    "oops",
    "page could not be found",
    "page introuvable",
    "page not found",
    "pagina niet gevonden",
    "parked domain",
    "runtime error",
    "scheduled maintenance",
    "seite nicht gefunden",
    "server error",
    "service temporarily unavailable",
    "service unavailable",
    "site maintenance",
    "site suspended",
    "site temporarily unavailable",
    "site unavailable",
    "site under maintenance",
    "something went wrong",
    "technical difficulties",
    "temporarily offline",
    "temporarily unavailable",
    "this account has been suspended",
    "under maintenance",
    "unexpected application error",
    "unexpected error",
    "we are experiencing technical difficulties",
    "we'll be back soon",
    "we'll be right back",
    "we're experiencing technical difficulties",
    "website maintenance",
    "website offline",
    "website suspended",
    "website temporarily unavailable",
    "website under maintenance",
];

/// Words of maintenance, whatever stands beside them.
const MAINTENANCE: [&str; 13] = [
    "closed for maintenance",
    "currently performing maintenance",
    "down due to maintenance",
    "down for maintenance",
    "en cours de maintenance",
    "in maintenance mode",
    "maintenance in progress",
    "offline for maintenance",
    "planned maintenance",
    "scheduled maintenance",
    "site en maintenance",
    "under maintenance",
    "undergoing maintenance",
];

/// Words, beside its own, that may follow the number of an error.
const REASONS: [&str; 8] = [
    "error",
    "gateway time-out",
    "internal error",
    "page not found",
    "server error",
    "service temporarily unavailable",
    "temporarily unavailable",
    "web server is down",
];

/// Words that an error page may begin with.
const OPENINGS: [&str; 9] =
    ["error", "oops", "ooops", "sorry", "uh oh", "uh-oh", "ups", "whoops", "woops"];

/// Sites that explain errors: their pages are named for them and are none.
const REFERENCES: [&str; 9] = [
    "britannica",
    "imdb",
    "mdn",
    "mdn web docs",
    "merriam-webster",
    "stack overflow",
    "wikipedia",
    "wikipédia",
    "wiktionary",
];

/// Separators between a title and the name of its site.
const SEPARATORS: [&str; 6] = [" | ", " - ", " – ", " — ", " · ", " :: "];

/// The title of a page: one line, without the space around it.
pub(super) fn title(page: &[u8]) -> Option<String> {
    let page = &page[..page.len().min(MAX_HEAD)];
    let tag = b"<title";
    let start = page.windows(tag.len()).position(|part| part.eq_ignore_ascii_case(tag))?;
    let rest = &page[start + tag.len()..];
    let rest = &rest[rest.iter().position(|byte| *byte == b'>')? + 1..];
    let end = rest.iter().position(|byte| *byte == b'<')?;
    let text = String::from_utf8_lossy(&rest[..end.min(MAX_TITLE)]);
    let text = text.replace("&#39;", "'").replace("&#039;", "'").replace("&rsquo;", "'");
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(words.join(" "))
}

/// Returns whether a title is that of an error, of a page that stands for one, or of a name for
/// sale.
pub(super) fn is_error(title: &str) -> bool {
    let title = title.to_lowercase().replace('\u{2019}', "'");
    let title = title.trim_end_matches(['.', ' ', '…']);
    ERRORS.contains(&title)
        || is_listing(title)
        || is_error_code(title)
        || is_for_sale(title)
        || split_site_name(title).is_some_and(|(first, second)| {
            is_short(second) && is_error_part(first) || is_short(first) && is_error_part(second)
        })
        || is_error_phrase(title)
}

/// Returns whether the part of a title beside the name of its site is that of an error. A bare
/// number there may be anything.
fn is_error_part(part: &str) -> bool {
    is_error_phrase(part) || is_error_code(part)
}

/// Returns whether it says that it is kept from working for a time, rather than being the name of a firm.
pub(super) fn is_maintenance(title: &str) -> bool {
    let title = title.to_lowercase().replace('\u{2019}', "'");
    let says = |part: &str| {
        let number = |c: char| c.is_ascii_digit() || " -–—:|".contains(c);
        let part = part.trim_start_matches(number);
        MAINTENANCE.iter().any(|words| part.contains(words))
            || part.contains("maintenance") && is_error_phrase(part)
    };
    says(&title)
        || split_site_name(&title).is_some_and(|(first, second)| says(first) || says(second))
}

fn is_error_phrase(part: &str) -> bool {
    let part = part.trim_end_matches(['!', '.', '…']);
    let after_sigh = OPENINGS.iter().find_map(|sigh| {
        let said = part.strip_prefix(sigh)?;
        let rest = said.trim_start_matches(['!', ',', '.', ':', '…', ' ', '-', '–', '—']);
        (rest.len() < said.len() && !said.starts_with(' ')).then_some(rest)
    });
    WITH_SITE_NAME.contains(&part) || after_sigh.is_some_and(|rest| WITH_SITE_NAME.contains(&rest))
}

fn split_site_name(title: &str) -> Option<(&str, &str)> {
    let (first, second) = SEPARATORS.iter().find_map(|between| title.split_once(between))?;
    let one = !SEPARATORS.iter().any(|between| second.contains(between));
    one.then_some((first, second))
}

/// Returns whether it may be the name of a site that has errors, rather than a text about one.
fn is_short(part: &str) -> bool {
    part.split(' ').count() <= 3 && !REFERENCES.contains(&part)
}

/// The list of the files in a folder.
fn is_listing(title: &str) -> bool {
    title.strip_prefix("index of /").is_some_and(|path| !path.contains(' '))
}

/// `503 service unavailable`, `error 404`, `http status 500 – internal server error`.
fn is_error_code(title: &str) -> bool {
    let prefixes = ["http error ", "http status ", "http ", "error ", "status ", ""];
    let rest = prefixes.iter().find_map(|prefix| title.strip_prefix(prefix)).unwrap_or(title);
    let Some((number, said)) = rest.split_at_checked(3) else { return false };
    let code = number.parse().ok().and_then(|code| http::StatusCode::from_u16(code).ok());
    let Some(code) = code.filter(|code| code.is_client_error() || code.is_server_error()) else {
        return false;
    };
    let said = said.trim_start_matches([' ', '-', '–', '—', ':', '|', '.', '!']);
    let reason = code.canonical_reason().map(str::to_lowercase);
    let bare = said.is_empty() && rest.len() < title.len();
    bare || reason.as_deref() == Some(said) && !said.is_empty() || REASONS.contains(&said)
}

/// `example.com is for sale`.
fn is_for_sale(title: &str) -> bool {
    let first = SEPARATORS.iter().find_map(|between| title.split_once(between));
    let first = first.map_or(title, |(first, _)| first).trim_end_matches('!');
    let endings = [" is for sale", " may be for sale", " for sale"];
    let Some(what) = endings.iter().find_map(|ending| first.strip_suffix(ending)) else {
        return false;
    };
    let prefixes = ["the domain name ", "the domain ", "domain name ", "domain ", ""];
    let what = prefixes.iter().find_map(|prefix| what.strip_prefix(prefix)).unwrap_or(what);
    let is_name = what.contains('.') && !what.contains(' ') && !what.ends_with('.');
    is_name || ["this domain", "this domain name", "this website"].contains(&what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_is_one_line_of_its_page() {
        for (page, want) in [
            ("<html><head><title>Hello</title>", Some("Hello")),
            ("<TITLE lang=en>\n  Hello \n world</TITLE>", Some("Hello world")),
            ("<title>We&#39;ll be back soon</title>", Some("We'll be back soon")),
            ("<title></title>", Some("")),
            ("<title>cut", None),
            ("no title", None),
        ] {
            assert_eq!(title(page.as_bytes()).as_deref(), want, "{page}");
        }
    }

    #[test]
    fn titles_of_errors_are_known() {
        for title in [
            "503 Service Unavailable",
            "503 Service Temporarily Unavailable",
            "502 Bad Gateway",
            "504 Gateway Time-out",
            "404 Not Found",
            "404 - Page Not Found",
            "Error 404",
            "Error 500: Internal Server Error",
            "HTTP Status 500 – Internal Server Error",
            "HTTP Error 503. Service Unavailable",
            "500 - Internal server error.",
            "500 Internal Server Error",
            "Service Unavailable",
            "Bad Gateway",
            "Error establishing a database connection",
            "Database Error",
            "Application error",
            "Application Error",
            "Site Maintenance",
            "Under maintenance",
            "Example | Under Maintenance",
            "Site Maintenance - Example Shop",
            "We’ll be back soon!",
            "Account Suspended",
            "example.com is for sale",
            "The domain name example.com is for sale | Dan.com",
            "example.co.uk may be for sale",
            "This domain is for sale!",
            "Index of /",
            "Index of /var/www",
            "Welcome to nginx!",
            "Apache2 Ubuntu Default Page: It works",
            "404",
        ] {
            assert!(is_error(title), "{title}");
        }
    }

    #[test]
    fn the_name_of_the_site_may_stand_beside_the_title_of_an_error() {
        for title in [
            "Error 500 | Example",
            "Oops! Something went wrong - Example",
            "Example – Page not found",
            "404 Not Found | Example Shop",
            "404 - Page Not Found | Example",
            "Page Not Found · GitHub",
            "Internal Server Error - Example",
            "Example :: 503 Service Unavailable",
            "Error | Example",
            "Whoops, looks like something went wrong.",
            "An unexpected error has occurred — Example",
            "Sorry, page could not be found | Example",
            "Oops!",
            "Pagina niet gevonden | Voorbeeld",
            "HTTP Error 502 - Example",
        ] {
            assert!(is_error(title), "{title}");
        }
        for title in [
            "Error handling in Rust",
            "404 Not Found: a film",
            "Error - Wikipedia",
            "HTTP 404 - Wikipedia",
            "502 Bad Gateway | MDN",
            "503 Service Unavailable | MDN Web Docs",
            "Internal server error - Stack Overflow",
            "404 | Media",
            "500 | Example",
            "404 Media | Home",
            "Oops! All Berries | Cereal",
            "Oops!... I Did It Again - Britney Spears",
            "Sorry - Justin Bieber",
            "Error 404 - a record by four men from Leeds",
            "Something went wrong with the bridge - The Guardian",
            "An error occurred: what to do when your phone says so",
            "Trial and error | Example",
            "Error correction - Example",
            "Human error | Example News",
            "Unexpected error bars in a plot",
            "Server Error Logs Explained | Example",
            "Not found: the lost cities of the Amazon | Example",
            "How we handle a 500 Internal Server Error | Example",
            "Maintenance plans | Example",
            "The page you are looking for | Example",
        ] {
            assert!(!is_error(title), "{title}");
        }
    }

    #[test]
    fn titles_that_only_speak_of_errors_are_none() {
        for title in [
            "",
            "Example",
            "Errors and how to mend them",
            "503 Service Unavailable - HTTP | MDN",
            "What a 502 Bad Gateway means, and what to do about it",
            "404 Not Found: a short history of the most famous page of the web",
            "Cloudflare outage: 500 Internal Server Error on half of the web",
            "Maintenance of bicycles",
            "Bicycle maintenance - how to do it yourself at home",
            "Houses for sale",
            "Domains for sale | Names",
            "Cars for sale | example.com",
            "500 miles",
            "404 Media",
            "500px",
            "Area 503",
            "The 500 best songs",
            "Index of economic freedom",
            "Server error handling in Rust - a guide for those who begin",
        ] {
            assert!(!is_error(title), "{title}");
        }
    }

    #[test]
    fn a_title_speaks_of_maintenance_unless_it_is_the_name_of_a_firm() {
        for title in [
            "Site Maintenance",
            "Maintenance",
            "Maintenance mode",
            "503 Maintenance",
            "503 - Site Maintenance",
            "503 Service Unavailable - Maintenance",
            "Example | Under Maintenance",
            "Website Maintenance - Example Shop",
            "example.com is down for maintenance",
            "We are undergoing maintenance, back at noon",
            "Scheduled maintenance of our shop",
            "Site en maintenance",
            "Down for scheduled maintenance!",
        ] {
            assert!(is_maintenance(title), "{title}");
        }
        for title in [
            "Acme Facility Maintenance Ltd",
            "Maintenance Engineers of Leeds",
            "Website Maintenance Services - Acme",
            "503 Service Unavailable",
            "",
        ] {
            assert!(!is_maintenance(title), "{title}");
        }
    }

    proptest! {
        #[test]
        fn any_title_is_one_short_line(
            before in prop::collection::vec(any::<u8>(), 0..20),
            inside in prop::collection::vec(any::<u8>(), 0..400),
            text in "\\PC{0,40}( \\| | - )?\\PC{0,10}",
        ) {
            let page = [&before[..], b"<title>", &inside, b"</title>"].concat();
            for page in [before, page] {
                if let Some(title) = title(&page) {
                    // A byte that is no character comes out as one of three bytes.
                    prop_assert!(title.len() <= 3 * MAX_TITLE && !title.contains('\n'), "{:?}", title);
                    let _ = (is_error(&title), is_maintenance(&title));
                }
            }
            let _ = (is_error(&text), is_maintenance(&text));
        }
    }
}

//! A site of the catalogue: one URL that we watch, with its interval and limits.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use url::{Host, Url};

use super::{name::Slug, site_request::SiteRequest};
use crate::domain::{can_be_registered, readable, registered};

/// The sites in force.
pub type Sites = Arc<[Arc<Site>]>;

/// One site as the catalogue has it, defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its name in URLs.
    pub slug: Slug,
    /// URL that is probed; `http` or `https`, without credentials and fragment.
    #[serde(serialize_with = "write_url", deserialize_with = "read_url")]
    pub url: Url,
    /// Its name for people.
    pub name: Box<str>,
    /// The slug of the cloud or CDN that serves it, if the catalogue says so.
    pub provider: Option<Box<str>>,
    /// The slugs of other providers that it depends on, as the catalogue says.
    pub depends_on: Vec<Box<str>>,
    /// Time between two checks; 5 s at least.
    pub interval: Duration,
    /// Time a whole attempt may take, redirects and body included.
    pub timeout: Duration,
    /// Latency above which it is slow, if the catalogue says so; else learned.
    pub slow_after: Option<Duration>,
    /// Expectations of a good reply.
    pub expect: Expect,
    /// The request, where it is not the usual one.
    #[serde(default)]
    pub request: SiteRequest,
    /// The page on which those who run the site tell of its troubles.
    #[serde(default)]
    pub status_page: Option<Box<str>>,
    /// True if its name may resolve to private addresses.
    pub private: bool,
    /// Words to filter by.
    pub tags: Vec<Box<str>>,
    /// Its names at services that watched it before, such as the key or the number in the
    /// addresses of their badges.
    pub aliases: Vec<Box<str>>,
}

fn write_url<S: Serializer>(url: &Url, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(url.as_str())
}

fn read_url<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
    let url = Url::parse(&text).map_err(de::Error::custom)?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if is_web { Ok(url) } else { Err(de::Error::custom("not a URL of http or https")) }
}

impl Site {
    /// Time between two checks of a site that does not set it.
    pub const DEFAULT_INTERVAL: Duration = Duration::from_mins(1);
    /// Time that a whole attempt may take at a site that does not say otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

    /// A site with these alone: its slug is its name, the rest as the catalogue fills it in.
    pub fn new(slug: Slug, url: Url) -> Self {
        Self {
            name: readable(slug.as_str()).into(),
            slug,
            url,
            provider: None,
            depends_on: Vec::new(),
            interval: Self::DEFAULT_INTERVAL,
            timeout: Self::DEFAULT_TIMEOUT,
            slow_after: None,
            expect: Expect::default(),
            request: SiteRequest::default(),
            status_page: None,
            private: false,
            tags: Vec::new(),
            aliases: Vec::new(),
        }
    }

    /// Registered part of its name, below which all names have one owner. A bare address, and a name that
    /// nobody can register, say nothing of an owner: such a site is taken to have one of its own.
    pub fn owner(&self) -> &str {
        match self.url.host() {
            Some(Host::Domain(name)) if can_be_registered(name) => registered(name),
            _ => self.slug.as_str(),
        }
    }
}

/// Expectations of a good reply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Expect {
    /// Good statuses, as ranges with both ends in; empty: 200 to 399 and the restricted codes.
    pub statuses: Vec<(u16, u16)>,
    /// Text that the body must contain within the first `max_body` bytes.
    pub text: Option<Box<str>>,
    /// Text that the body must not contain there.
    pub forbidden_text: Option<Box<str>>,
    /// Values that the body, which is JSON then, must have.
    pub json: Vec<ExpectedJson>,
}

/// A value that a JSON document must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedJson {
    /// Its place (RFC 6901).
    pub pointer: Box<str>,
    /// The value: a text, a number or a truth.
    pub value: Value,
}

impl ExpectedJson {
    /// Returns whether a value found there is this one. Numbers are equal however they are written;
    /// whole ones are compared to the last digit, as far as they have 64 bits.
    pub fn is(&self, found: &Value) -> bool {
        match (self.value.as_f64(), found.as_f64()) {
            (Some(wanted), Some(number)) if self.value.is_f64() || found.is_f64() => {
                wanted.total_cmp(&number).is_eq()
            }
            _ => self.value == *found,
        }
    }
}

/// A status of a reply, compared with the site's expectations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Good.
    Yes,
    /// The server turns robots away (401, 403, 407, 418, 429, 430, 451). With 418 and 430, which no standard has
    /// for pages, firewalls refuse a request.
    Restricted,
    /// Not good.
    No,
}

impl Expect {
    /// Returns whether it needs the page itself.
    pub fn is_about_the_page(&self) -> bool {
        self.text.is_some() || self.forbidden_text.is_some() || !self.json.is_empty()
    }

    /// Judges an HTTP status. A status that the site names is good, whatever it is.
    pub fn status(&self, status: u16) -> Expected {
        let named = self.statuses.iter().any(|&(low, high)| (low..=high).contains(&status));
        let default = self.statuses.is_empty();
        match status {
            _ if named => Expected::Yes,
            200..=399 if default => Expected::Yes,
            401 | 403 | 407 | 418 | 429 | 430 | 451 if default => Expected::Restricted,
            _ => Expected::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unless_told_2xx_and_3xx_are_good_and_the_walls_of_robots_are_restricted() {
        let expect = Expect::default();
        for (status, want) in [
            (200, Expected::Yes),
            (399, Expected::Yes),
            (400, Expected::No),
            (401, Expected::Restricted),
            (403, Expected::Restricted),
            (404, Expected::No),
            (407, Expected::Restricted),
            (406, Expected::No),
            (418, Expected::Restricted),
            (429, Expected::Restricted),
            (430, Expected::Restricted),
            (431, Expected::No),
            (451, Expected::Restricted),
            (503, Expected::No),
            (199, Expected::No),
        ] {
            assert_eq!(expect.status(status), want, "{status}");
        }
    }

    #[test]
    fn what_the_site_names_decides_alone() {
        let expect = Expect { statuses: vec![(200, 200), (403, 404)], ..Expect::default() };
        assert_eq!(expect.status(403), Expected::Yes);
        assert_eq!(expect.status(301), Expected::No);
        assert_eq!(expect.status(401), Expected::No);
    }

    #[test]
    fn sites_below_one_name_have_one_owner_unless_nobody_can_register_it() {
        for (url, owner) in [
            ("https://www.reddit.com/", "reddit.com"),
            ("https://shop.example.co.uk/", "example.co.uk"),
            ("http://127.0.0.1:8080/", "a-slug"),
            ("http://[::1]/", "a-slug"),
            ("https://a.world.test/", "a-slug"),
            ("https://a.world.example./", "a-slug"),
        ] {
            let site = Site::new(Slug::new("a-slug").unwrap(), Url::parse(url).unwrap());
            assert_eq!(site.owner(), owner, "{url}");
        }
    }

    #[test]
    fn a_json_value_is_compared_by_its_meaning() {
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for (wanted, found, same) in [
            ("1", "1.0", true),
            ("-1", "-1.0", true),
            ("9007199254740993", "9007199254740993", true),
            ("9007199254740993", "9007199254740992", false),
            ("18446744073709551615", "18446744073709551614", false),
            ("1", "\"1\"", false),
            ("\"ok\"", "\"ok\"", true),
            ("\"ok\"", "\"OK\"", false),
            ("true", "true", true),
            ("true", "\"true\"", false),
            ("0", "false", false),
        ] {
            let expected = ExpectedJson { pointer: "/a".into(), value: json(wanted) };
            assert_eq!(expected.is(&json(found)), same, "{wanted} {found}");
        }
    }
}

//! The address of a Postgres, of one host or of several, which may hold a password: it can be used, but
//! not printed by mistake.

use std::fmt;

use toml::Value;
use url::Url;

use super::value;

/// Hosts of one Postgres at most.
const MAX_HOSTS: usize = 16;

/// The address of a Postgres on each of its hosts, with a password perhaps; prints without it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Box<[Box<str>]>);

impl DatabaseUrl {
    /// Reads a `postgres://` or `postgresql://` address, which may name several hosts as libpq has
    /// them: `postgres://user@a:5432,b:5432/database`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            "is not the address of a Postgres; write such as \
             postgres://user:password@host:5432/database"
                .to_owned()
        };
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let user = if user.is_empty() { String::new() } else { format!("{user}@") };
        let fits = |url: &Url| matches!(url.scheme(), "postgres" | "postgresql");
        let urls = hosts.split(',').map(|host| {
            let url = format!("{scheme}://{user}{host}{path}");
            let whole = Url::parse(&url).ok().filter(fits);
            whole.map(|_| url.into_boxed_str()).ok_or_else(wrong)
        });
        Self::of(urls.collect::<Result<_, _>>()?)
    }

    /// Reads one address, or a list of them: the same database on several hosts.
    pub(super) fn read(from: &Value) -> Result<Self, String> {
        let Some(items) = from.as_array() else { return Self::parse(&value::text(from)?) };
        let mut urls = Vec::new();
        for item in items {
            urls.extend(Self::parse(&value::text(item)?)?.0);
        }
        Self::of(urls)
    }

    fn of(urls: Vec<Box<str>>) -> Result<Self, String> {
        match urls.len() {
            0 => Err("is an empty list; name a Postgres, or leave the key out".to_owned()),
            1..=MAX_HOSTS => Ok(Self(urls.into())),
            _ => Err(format!("names more than {MAX_HOSTS} hosts; leave some out")),
        }
    }

    /// The whole address on each host, password included: for the one who connects.
    pub fn expose(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|url| &**url)
    }
}

/// An address without its secrets.
fn shown(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return "***".to_owned() };
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "***".to_owned();
    }
    // Query parameters are of use in a log; secrets are not shown.
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if !pairs.is_empty() {
        let shown = pairs.iter().map(|(key, value)| {
            let open = ["host", "port", "dbname", "user", "sslmode", "application_name"];
            (key, if open.contains(&key.as_str()) { value.as_str() } else { "***" })
        });
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    url.into()
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, url) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{}", shown(url))?;
        }
        Ok(())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        for (text, want) in [
            ("postgres://u:pw@db:5432/x", "postgres://u:***@db:5432/x"),
            ("postgresql://u@db/x", "postgresql://u@db/x"),
            (
                "postgres://db/x?password=pw&sslmode=require",
                "postgres://db/x?password=***&sslmode=require",
            ),
            ("postgres:///x?host=%2Frun%2Fpg", "postgres:///x?host=%2Frun%2Fpg"),
        ] {
            let url = DatabaseUrl::parse(text).unwrap();
            assert_eq!((url.to_string(), format!("{url:?}")), (want.to_owned(), want.to_owned()));
            assert_eq!(url.expose().collect::<Vec<_>>(), [text]);
        }
    }

    #[test]
    fn several_hosts_are_several_addresses_of_one_database() {
        let text = "postgres://u:p%40@a:5432,b,[::1]:6432/x?sslmode=require";
        let url = DatabaseUrl::parse(text).unwrap();
        let each = ["a:5432", "b", "[::1]:6432"]
            .map(|host| format!("postgres://u:p%40@{host}/x?sslmode=require"));
        assert_eq!(url.expose().collect::<Vec<_>>(), each);
        assert!(!url.to_string().contains("p%40"), "{url}");
        let list = Value::from(vec!["postgres://u:p@a/x", "postgres://u:p@b/x,"]);
        let list = DatabaseUrl::read(&list).unwrap();
        assert_eq!(list.to_string(), "postgres://u:***@a/x, postgres://u:***@b/x,");
        for bad in [vec![], vec!["postgres://a/x", "b"], vec!["postgres://h/x"; MAX_HOSTS + 1]] {
            assert!(DatabaseUrl::read(&Value::from(bad)).is_err());
        }
    }

    #[test]
    fn only_postgres_will_do_and_a_refusal_shows_nothing() {
        for bad in [
            "mysql://u:pw@h/x",
            "postgres",
            "postgres:x",
            "",
            "postgres://h:pw/x",
            "postgres://u:pw@a,b:x/y",
        ] {
            let told = DatabaseUrl::parse(bad).unwrap_err();
            assert!(told.starts_with("is not the address of a Postgres"), "{told}");
            assert!(!told.contains("pw"), "{told}");
        }
    }
}

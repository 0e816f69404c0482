//! The address of a Postgres, which may hold a password: it can be used, but not printed by mistake.

use std::fmt;

use url::Url;

/// The address of a Postgres, with a password perhaps; prints without it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Box<str>);

impl DatabaseUrl {
    /// Reads a `postgres://` or `postgresql://` address.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let url = Url::parse(text).ok();
        let fits = |url: &Url| matches!(url.scheme(), "postgres" | "postgresql");
        if text.contains("://") && url.as_ref().is_some_and(fits) {
            return Ok(Self(text.into()));
        }
        Err("is not the address of a Postgres; write such as \
             postgres://user:password@host:5432/database"
            .to_owned())
    }

    /// The whole address, password included: for the one who connects.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(mut url) = Url::parse(&self.0) else {
            return f.write_str("***");
        };
        if url.password().is_some() && url.set_password(Some("***")).is_err() {
            return f.write_str("***");
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
        f.write_str(url.as_str())
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
            assert_eq!(url.expose(), text);
        }
    }

    #[test]
    fn only_postgres_will_do_and_a_refusal_shows_nothing() {
        for bad in ["mysql://u:pw@h/x", "postgres", "postgres:x", "", "postgres://h:pw/x"] {
            let told = DatabaseUrl::parse(bad).unwrap_err();
            assert!(told.starts_with("is not the address of a Postgres"), "{told}");
            assert!(!told.contains("pw"), "{told}");
        }
    }
}

//! The request of a site, where it is not the usual one: method, headers, body and redirects. Pure.
//!
//! Values of headers and bodies may be secrets: they print as `***`, and serialize only as part of
//! a site that an agent is to look at.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// The page.
    #[default]
    Get,
    /// The headers alone.
    Head,
    /// A body is sent.
    Post,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Get, Self::Head, Self::Post];

    /// The word of HTTP.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
        }
    }
}

/// The request of a site. Headers and body go to the origin of the site's URL alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteRequest {
    /// Its method.
    pub method: Method,
    /// Headers beside the usual ones, or in their place.
    pub headers: Vec<RequestHeader>,
    /// Body of a POST.
    #[serde(with = "exposed")]
    pub body: Option<Secret>,
    /// Redirects that are followed; `None`: as many as for any site.
    pub max_redirects: Option<u8>,
}

/// One header of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHeader {
    /// Its name, in lower case.
    pub name: Box<str>,
    /// Its value; `None`: it is not where the catalogue says, and the site cannot be looked at.
    #[serde(with = "exposed")]
    pub value: Option<Secret>,
    /// True if the value stands outside of the catalogue, in the environment or in a file.
    #[serde(default)]
    pub hidden: bool,
}

impl SiteRequest {
    /// Returns whether a header's value stands outside of the catalogue: it stays at this node.
    pub fn is_confidential(&self) -> bool {
        self.headers.iter().any(|header| header.hidden)
    }

    /// Returns whether every value is known.
    pub fn is_complete(&self) -> bool {
        self.headers.iter().all(|header| header.value.is_some())
    }
}

/// Secrets as plain text, for agents.
mod exposed {
    use super::{Deserialize, Deserializer, Secret, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde passes a field by reference")]
    pub(super) fn serialize<S: Serializer>(
        secret: &Option<Secret>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::expose).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(from)?.map(Secret::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_to_agents_whole_and_prints_without_its_secrets() {
        let header = |hidden| RequestHeader {
            name: "x-key".into(),
            value: Some(Secret::from("swordfish".to_owned())),
            hidden,
        };
        let request = SiteRequest {
            method: Method::Post,
            headers: vec![header(false)],
            body: Some(Secret::from("swordfish".to_owned())),
            max_redirects: Some(0),
        };
        assert!(!format!("{request:?}").contains("swordfish"));
        let text = serde_json::to_string(&request).unwrap();
        assert!(text.contains("\"method\":\"POST\"") && text.contains("swordfish"), "{text}");
        assert_eq!(serde_json::from_str::<SiteRequest>(&text).unwrap(), request);
        assert_eq!(serde_json::from_str::<SiteRequest>("{}").unwrap(), SiteRequest::default());
        assert!(!request.is_confidential() && request.is_complete());
        let hidden = SiteRequest { headers: vec![header(true)], ..SiteRequest::default() };
        assert!(hidden.is_confidential());
        let unset = RequestHeader { value: None, ..header(true) };
        assert!(!SiteRequest { headers: vec![unset], ..hidden }.is_complete());
    }

    #[test]
    fn it_is_used_and_not_printed() {
        let secret = Secret::from("pw".to_owned());
        assert_eq!((secret.expose(), format!("{secret:?}").as_str()), ("pw", "***"));
    }
}

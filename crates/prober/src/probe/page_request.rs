//! A request to be made: its method, its headers and its body.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

use super::{
    client::{BoxError, RequestStyle},
    cookies,
};
use model::site_request::{Method, Secret, SiteRequest};

/// Accepted media types where JSON is expected: servers that have a page as well give that to others.
const ACCEPT_JSON: &str = "application/json, */*;q=0.5";

/// A request to be made.
#[derive(Clone, Debug)]
pub(super) struct PageRequest<'a> {
    pub(super) url: &'a Url,
    pub(super) method: Method,
    /// Cookies set on the way.
    pub(super) cookies: Option<HeaderValue>,
    /// True if the page is to be JSON.
    pub(super) json: bool,
    /// The headers and the body of the site; `None` at another origin.
    pub(super) own: Option<&'a SiteRequest>,
}

impl<'a> PageRequest<'a> {
    /// The usual request for a page.
    pub(super) fn get(url: &'a Url) -> Self {
        Self { url, method: Method::Get, cookies: None, json: false, own: None }
    }

    /// Puts the headers of this request alone among the usual ones.
    pub(super) fn add_headers(&self, headers: &mut HeaderMap) -> Result<(), BoxError> {
        if self.json {
            headers.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT_JSON));
        }
        for header in self.own.into_iter().flat_map(|own| &own.headers) {
            let name = HeaderName::from_bytes(header.name.as_bytes())?;
            let value = header.value.as_ref().map(Secret::expose).unwrap_or_default();
            let mut value = HeaderValue::from_str(value)?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        if let Some(set) = &self.cookies {
            let own = headers.get(header::COOKIE).map(HeaderValue::as_bytes);
            let all = own.map(|own| cookies::merged(own, set.as_bytes()));
            let all = all.map_or_else(|| Ok(set.clone()), |all| HeaderValue::from_bytes(&all))?;
            headers.insert(header::COOKIE, all);
        }
        if self.method == Method::Post {
            headers.insert(header::CONTENT_LENGTH, self.body().len().into());
        }
        Ok(())
    }

    /// Returns whether it may be sent again in another style: a POST only where the server has refused
    /// to look at it over HTTP/2, since each may change something (RFC 9110, section 9.2.2).
    pub(super) fn may_be_repeated_in(&self, style: RequestStyle) -> bool {
        self.method != Method::Post || style == RequestStyle::Http1
    }

    /// The body that is sent; empty but for a POST at the site's own origin.
    pub(super) fn body(&self) -> Bytes {
        let body = self.own.filter(|_| self.method == Method::Post);
        let body = body.and_then(|own| own.body.as_ref());
        body.map_or_else(Bytes::new, |body| Bytes::copy_from_slice(body.expose().as_bytes()))
    }

    pub(super) fn http_method(&self) -> http::Method {
        match self.method {
            Method::Get => http::Method::GET,
            Method::Head => http::Method::HEAD,
            Method::Post => http::Method::POST,
        }
    }
}

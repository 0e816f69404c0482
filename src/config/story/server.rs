//! What a story says of the servers of a site, beside what the catalogue would say. Pure.

use toml::de::DeValue;

use super::{Understands, words};
use crate::{
    config::{
        keys::Keys,
        value::{self, shown},
    },
    model::moment::Moment,
};

/// The servers of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// At how many IPv4 addresses it is.
    pub addresses: u32,
    /// Whether it is at an IPv6 address as well.
    pub ipv6: bool,
    /// When its certificate ends, if the story says so.
    pub expires: Option<Moment>,
    /// What it does when all is well, in words; none: what is usual in the story.
    pub usual: Vec<String>,
    /// In which order its addresses are given, in words.
    pub dns: Option<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self { addresses: 1, ipv6: false, expires: None, usual: Vec::new(), dns: None }
    }
}

/// Reads what a site says of its servers.
pub(super) fn server(keys: &mut Keys<'_, '_>, understands: Understands<'_>) -> Server {
    let addresses = keys.get("addresses", value::whole(1..=8)).unwrap_or(1);
    let ipv6 = keys.get("ipv6", value::flag).unwrap_or(false);
    let expires = keys.get("expires", |value| {
        let read = value.as_str().and_then(|text| Moment::parse(text).ok());
        read.ok_or_else(|| {
            let shown = shown(value);
            format!("{shown} is not a moment; write such as \"2021-09-30T14:01:15Z\"")
        })
    });
    let usual = keys.get("usual", |value| words(value, understands)).unwrap_or_default();
    let dns = keys.get("dns", |value: &DeValue<'_>| {
        let order = format!("dns {}", value::line(100)(value)?);
        understands(super::Words::Does, &order)?;
        Ok(order)
    });
    Server { addresses, ipv6, expires, usual, dns }
}

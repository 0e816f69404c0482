//! Sessions of the operator's page: a cookie with the id of a token and an end, signed with a key that
//! lives as long as this process. A token that ends takes its sessions with it.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, header};
use ring::{
    hmac::{self, HMAC_SHA256, Key},
    rand::SystemRandom,
};

use crate::{lookup::rate_limit::RateLimiter, operator::Access, token::hex, web::Shared};
use model::{moment::Moment, permission::Permission};

/// Name of the cookie.
const COOKIE: &str = "stillup_operate";
/// Duration of a session.
const LASTS: Duration = Duration::from_hours(12);
/// Tries to sign in of one client in a minute.
const TRIES: u32 = 10;
/// Clients whose tries are remembered.
const MAX_CLIENTS: usize = 4_096;

/// The key of sessions, and the tries that clients have left.
#[derive(Debug)]
pub(in crate::web) struct Sessions {
    /// `None`: the system has no random numbers, and nobody can sign in.
    key: Option<Key>,
    tries: Mutex<RateLimiter<IpAddr>>,
}

impl Default for Sessions {
    fn default() -> Self {
        let key = Key::generate(HMAC_SHA256, &SystemRandom::new()).ok();
        Self { key, tries: Mutex::new(RateLimiter::new(TRIES, MAX_CLIENTS)) }
    }
}

impl Sessions {
    /// Takes one of a client's tries to sign in.
    pub(super) fn may_try(&self, client: IpAddr, now: Moment) -> bool {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner).take(client, now).is_ok()
    }

    /// The cookie of a new session.
    pub(super) fn begin(&self, shared: &Shared, access: &Access) -> String {
        let end = (shared.now() + LASTS).seconds();
        let value = format!("{}.{end}", access.id);
        let mac = self.sign(&value).unwrap_or_default();
        cookie(shared, &format!("{value}.{mac}"), LASTS.as_secs())
    }

    /// The cookie that ends a session.
    pub(super) fn end(shared: &Shared) -> String {
        cookie(shared, "", 0)
    }

    /// The access of a request's session, as long as its token is there and may read.
    pub(super) fn access(&self, shared: &Shared, headers: &HeaderMap) -> Option<Access> {
        let cookies =
            headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == COOKIE)?;
        let (signed, mac) = value.rsplit_once('.')?;
        let (id, end) = signed.split_once('.')?;
        if !self.is_signed(signed, mac) || end.parse::<i64>().ok()? < shared.now().seconds() {
            return None;
        }
        shared.web.operator.access_of_id(id).filter(|access| access.may(Permission::Read))
    }

    fn sign(&self, value: &str) -> Option<String> {
        let key = self.key.as_ref()?;
        Some(hex(hmac::sign(key, value.as_bytes()).as_ref()))
    }

    fn is_signed(&self, value: &str, mac: &str) -> bool {
        let bytes: Option<Vec<u8>> = (mac.len() == 64 && mac.is_ascii()).then(|| {
            (0..32).filter_map(|n| u8::from_str_radix(&mac[2 * n..2 * n + 2], 16).ok()).collect()
        });
        let (Some(key), Some(bytes)) = (&self.key, bytes) else { return false };
        hmac::verify(key, value.as_bytes(), &bytes).is_ok()
    }
}

/// A cookie for this page alone, which no script sees and no other site makes the browser send.
fn cookie(shared: &Shared, value: &str, seconds: u64) -> String {
    let secure = if shared.web.public_url.scheme() == "https" { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/operate; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

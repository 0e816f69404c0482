//! One attempt: from the first look-up over redirects to the last byte. Every hop has the same
//! rules as the first.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, header, response::Parts};
use url::{Host, Url};

use super::{
    ProbeTarget, ProberSettings, answer,
    body::{PageReader, ReadError},
    classify,
    client::{BoxError, Client, RequestStyle, UnreadReply},
    cookies::Cookies,
    old_tls,
    page_request::PageRequest,
    tls, tls_failure,
    trust::{Missing, Name},
};
use crate::probe::{
    bot_walls,
    context::{self, ResolvedName},
    observations::{self, CertificateFacts},
};
use model::{
    address::is_public,
    failure_detail::{FailureDetail, Phase},
    note::{Observations, Peculiarity},
    outcome::{Answer, Cause, Failure, Traces},
    restriction::Restriction,
    site::Expected,
    site_request::Method,
};

/// Status of a network that wants a login before it lets anybody through (RFC 6585, section 6).
const NETWORK_LOGIN: u16 = 511;
/// Certificates that are fetched for one chain.
const MAX_FETCHES: usize = 3;

/// An attempt under way.
pub(super) struct RedirectChain<'a> {
    client: &'a Client,
    settings: &'a ProberSettings,
    target: &'a ProbeTarget<'a>,
    /// The ports that it may go to; `None`: any.
    ports: Option<&'static [u16]>,
    url: Url,
    /// Method of the current request.
    method: Method,
    cookies: Cookies,
    /// Number of cookies sent with the current request.
    carried: usize,
    /// URLs visited, each with the number of cookies sent.
    visited: Vec<(Url, usize)>,
    status: Option<u16>,
    traces: Box<Traces>,
    /// The page of the final reply, as far as it has been read.
    page: Option<Box<PageReader>>,
    peculiarity: Option<Peculiarity>,
    /// True if a reply said that it is for pages of the same site.
    same_site_only: bool,
}

impl<'a> RedirectChain<'a> {
    pub(super) fn new(
        client: &'a Client,
        settings: &'a ProberSettings,
        target: &'a ProbeTarget<'a>,
    ) -> Self {
        Self {
            client,
            settings,
            target,
            ports: None,
            url: target.url.clone(),
            method: target.request.method,
            cookies: Cookies::default(),
            carried: 0,
            visited: Vec::new(),
            status: None,
            traces: Box::default(),
            page: None,
            peculiarity: None,
            same_site_only: false,
        }
    }

    /// The same attempt, limited to these ports.
    pub(super) fn limited_to(self, ports: &'static [u16]) -> Self {
        Self { ports: Some(ports), ..self }
    }

    /// Goes on until there is an answer.
    pub(super) async fn follow(&mut self) -> Result<Answer, Cause> {
        loop {
            self.guard(&self.url)?;
            let Some(reply) = self.ask(RequestStyle::Usual).await? else { return Ok(Answer::Ok) };
            context::enter(Phase::Transfer);
            self.note(&reply);
            let Some(next) = self.redirect(&reply.head)? else { return self.read(reply).await };
            self.cookies.take(&reply.head.headers, &self.url);
            // Its body is of no interest; leaving it ends the connection.
            drop(reply);
            context::enter(Phase::Between);
            self.hop_to(next)?;
        }
    }

    /// Answer for a page that has not ended within its time: a stream never ends.
    pub(super) fn at_limit(&self, limit: Duration) -> Option<Answer> {
        let page = self.page.as_deref()?;
        let expect = self.target.expect;
        let good =
            self.expected(page.status) == Expected::Yes && answer::content(page, expect).is_ok();
        let suspicious = self.wall(page.status, page).is_some();
        if !good || suspicious || !page.flows(limit, expect.text.is_some()) {
            return None;
        }
        if let Some(began) = page.began() {
            context::enter_at(Phase::Between, began);
        }
        Some(Answer::Ok)
    }

    /// The status of the last reply.
    pub(super) fn status(&self) -> Option<u16> {
        self.status
    }

    /// The cause of a failure, with the host where it happened when that is not the site's own.
    pub(super) fn with_host(&self, cause: Cause) -> Cause {
        let bare =
            |url: &'_ Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
        match self.url.host_str() {
            // What is wrong with a redirect names its place itself.
            Some(host)
                if bare(&self.url) != bare(self.target.url)
                    && cause.failure != Failure::Redirect =>
            {
                let (host, detail) = (host.into(), cause.detail.into());
                Cause::new(cause.failure, FailureDetail::Elsewhere { host, detail })
            }
            _ => cause,
        }
    }

    /// Traces of the attempt.
    pub(super) fn traces(&mut self, found: ResolvedName) -> Box<Traces> {
        let mut traces = std::mem::take(&mut self.traces);
        (traces.addresses, traces.cnames) = (found.addresses, found.cnames);
        if !self.visited.is_empty() {
            traces.final_url = Some(self.url.as_str().into());
            traces.redirects = self.visited.len() as u8;
        }
        traces.answer_print = self.status.map_or(0, |status| {
            observations::answer_print(status, self.page.as_ref().map_or(&[], |page| page.kept()))
        });
        context::shown(|shown| {
            // One that was refused has not been read yet.
            let refused = || shown.leaf.as_deref().map(CertificateFacts::of).map(Arc::new);
            if let Some(facts) = shown.facts.clone().or_else(refused) {
                observations::certificate(&mut traces, &facts);
            }
        });
        traces
    }

    /// Further observations, beside this answer.
    pub(super) fn observed(&self, answer: &Answer) -> Observations {
        let same_site_only = self.same_site_only;
        if *answer != Answer::Ok {
            return Observations { same_site_only, ..Observations::default() };
        }
        // Nothing at all is no page of any type: where a long one was usual, that is worth knowing.
        let page = self.page.as_deref().filter(|page| page.is_html() || page.bytes() == 0);
        let page = page.map(|page| answer::page(page, self.target.url, &self.url));
        Observations {
            peculiarity: self.peculiarity,
            page,
            same_site_only,
            ..Observations::default()
        }
    }

    /// Names are guarded where they are resolved; literal addresses and ports are guarded here.
    fn guard(&self, url: &Url) -> Result<(), Cause> {
        let failure = if self.visited.is_empty() { Failure::Connect } else { Failure::Redirect };
        let port = url.port_or_known_default();
        if let (Some(ports), Some(port)) = (self.ports, port)
            && !ports.contains(&port)
        {
            context::note_blocked();
            return Err(Cause::new(failure, FailureDetail::PortNotAllowed { port }));
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            _ => return Ok(()),
        };
        if self.target.private || is_public(address) {
            return Ok(());
        }
        context::note_blocked();
        Err(Cause::new(failure, FailureDetail::SpecialAddress { address }))
    }

    /// Asks, and finds a way round what is only our own limit. No reply: the server speaks only TLS
    /// that is too old for us.
    async fn ask(&mut self, style: RequestStyle) -> Result<Option<UnreadReply>, Cause> {
        let phases = context::phases();
        for _ in 0..MAX_FETCHES {
            let error = match self.client.ask(style, &self.page_request()).await {
                Ok(reply) => {
                    self.peculiarity = context::shown(|shown| shown.peculiarity);
                    return Ok(Some(reply));
                }
                Err(error) => error,
            };
            let phase = context::phase();
            match context::shown(|shown| shown.missing.clone()) {
                Some(Missing::At(at)) if Box::pin(self.fetch(&at)).await => {
                    context::restore_phases(phases);
                }
                _ => return Box::pin(self.without_reply(error, phase)).await,
            }
        }
        Err(Cause::new(Failure::Tls, FailureDetail::CertificateChainIncomplete))
    }

    /// The current request. What the site wants beside the usual goes to its own origin alone.
    fn page_request(&self) -> PageRequest<'_> {
        let own = (self.url.origin() == self.target.url.origin()).then_some(self.target.request);
        let cookies = self.cookies.header(&self.url);
        let json = !self.target.expect.json.is_empty();
        PageRequest { url: &self.url, method: self.method, cookies, json, own }
    }

    /// Fetches a certificate that the server leaves out, from where we may go.
    async fn fetch(&self, at: &Url) -> bool {
        self.guard(at).is_ok() && self.client.fetch_certificate(at, self.target.private).await
    }

    async fn without_reply(
        &mut self,
        error: BoxError,
        phase: Phase,
    ) -> Result<Option<UnreadReply>, Cause> {
        let shown = context::shown(|shown| shown.leaf.is_some());
        if !shown && classify::may_be_old_tls(&*error, phase) {
            match self.ask_old_tls().await {
                Ok(()) => {
                    self.peculiarity = Some(Peculiarity::OldTls);
                    return Ok(None);
                }
                Err(Some(refused)) => return Err(refused),
                Err(None) => {}
            }
        }
        let cause = classify::cause(&*error, phase, self.visited.len());
        Err(match context::shown(|shown| shown.missing.clone()) {
            Some(missing) => Cause::new(Failure::Tls, tls_failure::missing(&missing)),
            None => cause,
        })
    }

    /// Returns whether the server agrees with older TLS; the error is why its certificate is
    /// refused, if it does but for that.
    async fn ask_old_tls(&mut self) -> Result<(), Option<Cause>> {
        let (stream, address) = self.client.open(&self.url).await.map_err(|_| None)?;
        context::enter(Phase::Tls);
        let usual = tls::name(&self.url);
        let name = match &usual {
            Ok(name) => Name::Usual(name),
            Err(odd) => Name::Odd(odd),
        };
        let now = self.client.tls.now().ok_or(None)?;
        let agreed = old_tls::agrees(stream, &name, &self.client.tls.trust, now).await;
        agreed.map_err(|error| old_tls::refused(&error).map(classify::tls))?;
        self.traces.address = Some(address);
        Ok(())
    }

    fn note(&mut self, reply: &UnreadReply) {
        self.status = Some(reply.head.status.as_u16());
        observations::note(&mut self.traces, reply);
        self.same_site_only |= observations::is_for_same_site_only(&reply.head.headers);
    }

    /// Target of the reply, if it redirects and the site does not expect just that.
    fn redirect(&self, head: &Parts) -> Result<Option<Url>, Cause> {
        let status = head.status.as_u16();
        // A range such as 200-399 is about the page at the end, unless no redirect is followed.
        let follows = self.most_redirects() > 0;
        let meant =
            |&(low, high): &(u16, u16)| (low >= 300 || !follows) && (low..=high).contains(&status);
        if self.target.expect.statuses.iter().any(meant) {
            return Ok(None);
        }
        target_of(&self.url, status, &head.headers)
    }

    /// Number of redirects that are followed at most.
    fn most_redirects(&self) -> u8 {
        self.target.request.max_redirects.unwrap_or(self.settings.max_redirects)
    }

    /// Takes one more hop, if there may be one.
    pub(super) fn hop_to(&mut self, next: Url) -> Result<(), Cause> {
        let most = usize::from(self.most_redirects());
        if self.visited.len() >= most {
            // The same place again without a new cookie: it goes round, and would for ever.
            let carried = self.cookies.taken();
            let round = self.visited.iter().any(|(url, had)| *url == next && *had == carried)
                || self.url == next && self.carried == carried;
            let detail = if round {
                FailureDetail::RedirectLoop { url: next.as_str().into() }
            } else {
                FailureDetail::TooManyRedirects { limit: most as u32 }
            };
            return Err(Cause::new(Failure::Redirect, detail));
        }
        // As browsers do: only 307 and 308 repeat a POST; and never at another origin, since the
        // body may hold a secret.
        let repeats = matches!(self.status, Some(307 | 308)) && next.origin() == self.url.origin();
        if self.method == Method::Post && !repeats {
            self.method = Method::Get;
        }
        let here = std::mem::replace(&mut self.url, next);
        let carried = std::mem::replace(&mut self.carried, self.cookies.taken());
        self.visited.push((here, carried));
        Ok(())
    }

    /// Reads the final reply and judges it by what the site expects.
    async fn read(&mut self, reply: UnreadReply) -> Result<Answer, Cause> {
        let unread = match self.read_page(reply).await {
            Ok(()) => None,
            Err(ReadError::Failed(cause)) => return Err(cause),
            Err(ReadError::Garbled(style, cause)) => Some((style, cause)),
        };
        if let Some((style, cause)) = unread {
            if !self.page_request().may_be_repeated_in(style) {
                return Err(cause);
            }
            // Once more, as loosely as browsers read; else the first reading knows best.
            self.page = None;
            let Ok(Some(reply)) = Box::pin(self.ask(style)).await else {
                return Err(cause);
            };
            context::enter(Phase::Transfer);
            self.note(&reply);
            self.read_page(reply).await.map_err(|_| cause)?;
        }
        context::enter(Phase::Between);
        match self.page.as_deref() {
            Some(page) => self.judge(page),
            None => Ok(Answer::Ok),
        }
    }

    async fn read_page(&mut self, reply: UnreadReply) -> Result<(), ReadError> {
        let expect = self.target.expect;
        let (text, whole) = (expect.text.as_deref(), expect.is_about_the_page());
        let page = PageReader::new(reply.head, &reply.body, self.settings.max_body, whole);
        self.page.insert(Box::new(page)).read(reply.body, text).await
    }

    fn judge(&self, page: &PageReader) -> Result<Answer, Cause> {
        let status = page.status;
        if let Some(restriction) = self.wall(status, page) {
            return Ok(Answer::Restricted(restriction));
        }
        match self.expected(status) {
            Expected::Restricted => match answer::stopped(page) {
                Some(stopped) => Err(Cause::new(Failure::Http, stopped)),
                None => Ok(Answer::Restricted(Restriction::of_status(status))),
            },
            // Over https it is the server's own word; else whoever stands between may say it.
            Expected::No if status == NETWORK_LOGIN && self.url.scheme() == "http" => {
                Err(Cause::new(Failure::Http, FailureDetail::NetworkLoginRequired))
            }
            Expected::No => Err(Cause::new(Failure::Http, answer::bad_status(page))),
            Expected::Yes => answer::content(page, self.target.expect).map(|()| Answer::Ok),
        }
    }

    fn expected(&self, status: u16) -> Expected {
        self.target.expect.status(status)
    }

    /// The wall that a page is, unless the site expects just that.
    fn wall(&self, status: u16, page: &PageReader) -> Option<Restriction> {
        let expect = self.target.expect;
        let named = self.expected(status) == Expected::Yes && !expect.statuses.is_empty();
        let may_be = !named && bot_walls::may_be(status, &page.headers, page.kept().len());
        let host = self.url.host_str().unwrap_or_default();
        may_be.then(|| bot_walls::restriction(status, &page.headers, page.kept(), host)).flatten()
    }
}

/// Target of a reply from `here`, if it is a redirect.
fn target_of(here: &Url, status: u16, headers: &HeaderMap) -> Result<Option<Url>, Cause> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    // As browsers do: an empty place is none.
    let mut places = headers.get_all(header::LOCATION).iter();
    let Some(location) = places.find(|place| !place.as_bytes().trim_ascii().is_empty()) else {
        return Ok(None);
    };
    let text = ascii(location.as_bytes());
    let target = || (&*String::from_utf8_lossy(location.as_bytes())).into();
    let bad = |detail| Cause::new(Failure::Redirect, detail);
    let mut next =
        here.join(&text).map_err(|_| bad(FailureDetail::RedirectToNonUrl { target: target() }))?;
    if !matches!(next.scheme(), "http" | "https") || next.host().is_none() {
        return Err(bad(FailureDetail::RedirectToOtherScheme { target: target() }));
    }
    // Browsers and curl follow it; a name and a password in it are for who sent it to tell.
    if next.set_username("").and(next.set_password(None)).is_err() {
        return Err(bad(FailureDetail::RedirectToNonUrl { target: target() }));
    }
    next.set_fragment(None);
    Ok(Some(next))
}

/// A place with its bytes beyond ASCII escaped, of whatever charset they are, as browsers do.
fn ascii(place: &[u8]) -> String {
    let mut text = String::with_capacity(place.len());
    for byte in place {
        match byte {
            0..=0x7f => text.push(char::from(*byte)),
            _ => text.extend(['%', hex(byte >> 4), hex(byte & 15)]),
        }
    }
    text
}

fn hex(half: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(half & 15)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_redirect_leads_to_a_plain_address_of_the_web_or_nowhere(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            like in "([a-z]{0,6}:)?/{0,3}([a-z:]{0,6}@)?[a-z0-9.\\[\\]:]{0,12}/?[ -~]{0,12}",
        ) {
            let here = Url::parse("https://a.example/x/y?z").unwrap();
            for place in [bytes.as_slice(), like.as_bytes()] {
                let Ok(value) = http::HeaderValue::from_bytes(place) else { continue };
                let headers = HeaderMap::from_iter([(header::LOCATION, value)]);
                if let Ok(Some(url)) = target_of(&here, 302, &headers) {
                    prop_assert!(matches!(url.scheme(), "http" | "https") && url.has_host());
                    prop_assert!(url.username().is_empty() && url.password().is_none());
                    prop_assert!(url.fragment().is_none());
                }
            }
        }
    }
}

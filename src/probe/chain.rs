//! One attempt: from the first look-up over redirects to the last byte. Every hop has the same
//! rules as the first.

use http::response::Parts;
use url::{Host, Url};

use super::{
    Settings, Target, body, classify,
    client::{Client, Reply},
    cookies::Cookies,
    location,
    marks::{self, Found, Stage},
    traces, wall, words,
};
use crate::model::{
    address::is_public,
    outcome::{Answer, Cause, Failure, Traces},
    site::Expected,
};

/// An attempt under way.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    client: &'a Client,
    settings: &'a Settings,
    target: &'a Target<'a>,
    /// The ports that it may go to; `None`: any.
    ports: Option<&'static [u16]>,
    url: Url,
    cookies: Cookies,
    /// How many cookies it had when it asked here.
    carried: usize,
    /// Where it has been, and how many cookies it had when it asked there.
    visited: Vec<(Url, usize)>,
    status: Option<u16>,
    traces: Box<Traces>,
}

impl<'a> Chain<'a> {
    pub(super) fn new(client: &'a Client, settings: &'a Settings, target: &'a Target<'a>) -> Self {
        Self {
            client,
            settings,
            target,
            ports: None,
            url: target.url.clone(),
            cookies: Cookies::default(),
            carried: 0,
            visited: Vec::new(),
            status: None,
            traces: Box::default(),
        }
    }

    /// The same attempt, kept to these ports.
    pub(super) fn kept_to(self, ports: &'static [u16]) -> Self {
        Self { ports: Some(ports), ..self }
    }

    /// Goes on until there is an answer.
    pub(super) async fn follow(&mut self) -> Result<Answer, Cause> {
        loop {
            self.guard()?;
            let reply = self.ask().await?;
            marks::enter(Stage::Transfer);
            self.note(&reply);
            let Some(next) = self.redirect(&reply.head)? else { return self.read(reply).await };
            self.cookies.take(&reply.head.headers, &self.url);
            // Its body is of no interest; leaving it ends the connection.
            drop(reply);
            marks::enter(Stage::Between);
            self.go(next)?;
        }
    }

    /// The status of the last reply.
    pub(super) fn status(&self) -> Option<u16> {
        self.status
    }

    /// A failure with the name of where it was, when that is not the site itself.
    pub(super) fn placed(&self, cause: Cause) -> Cause {
        let bare =
            |url: &'_ Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
        match self.url.host_str() {
            Some(host) if bare(&self.url) != bare(self.target.url) => {
                // What is wrong with a redirect names its place itself.
                let is_redirect = cause.failure == Failure::Redirect;
                if is_redirect {
                    return cause;
                }
                let detail = ("detail", cause.detail.to_string());
                words::failed(cause.failure, "detail-at", [("host", host.to_owned()), detail])
            }
            _ => cause,
        }
    }

    /// What it met on its way.
    pub(super) fn traces(self, found: Found) -> Traces {
        let mut traces = *self.traces;
        (traces.addresses, traces.cnames) = (found.addresses, found.cnames);
        if !self.visited.is_empty() {
            traces.final_url = Some(self.url.as_str().into());
            traces.redirects = self.visited.len() as u8;
        }
        traces
    }

    /// Names are guarded where they are looked up; a written address and a port are guarded here.
    fn guard(&self) -> Result<(), Cause> {
        let failure = if self.visited.is_empty() { Failure::Connect } else { Failure::Redirect };
        let port = self.url.port_or_known_default();
        if let (Some(ports), Some(port)) = (self.ports, port)
            && !ports.contains(&port)
        {
            marks::keep_away();
            return Err(words::failed(failure, "detail-port", [("port", port.to_string())]));
        }
        let address = match self.url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            _ => return Ok(()),
        };
        if self.target.private || is_public(address) {
            return Ok(());
        }
        marks::keep_away();
        Err(words::failed(failure, "detail-special", [("address", address.to_string())]))
    }

    async fn ask(&self) -> Result<Reply, Cause> {
        let asked = self.client.ask(&self.url, self.cookies.header(&self.url)).await;
        asked.map_err(|error| classify::cause(&*error, marks::stage(), self.visited.len()))
    }

    fn note(&mut self, reply: &Reply) {
        self.status = Some(reply.head.status.as_u16());
        traces::note(&mut self.traces, reply);
    }

    /// Where the reply sends us, if it does and the site does not expect just that.
    fn redirect(&self, head: &Parts) -> Result<Option<Url>, Cause> {
        let status = head.status.as_u16();
        let meant = |&(low, high): &(u16, u16)| low >= 300 && (low..=high).contains(&status);
        if self.target.expect.statuses.iter().any(meant) {
            return Ok(None);
        }
        location::next(&self.url, status, &head.headers)
    }

    /// Takes one more hop, if there may be one.
    pub(super) fn go(&mut self, next: Url) -> Result<(), Cause> {
        let most = usize::from(self.settings.max_redirects);
        if self.visited.len() >= most {
            return Err(words::failed(
                Failure::Redirect,
                "detail-redirects",
                [("most", most.to_string())],
            ));
        }
        let here = std::mem::replace(&mut self.url, next);
        let carried = std::mem::replace(&mut self.carried, self.cookies.taken());
        self.visited.push((here, carried));
        // The same place again is a loop, unless a cookie has come in between.
        if self.visited.iter().any(|(url, had)| *url == self.url && *had == self.carried) {
            return Err(words::failed(
                Failure::Redirect,
                "detail-loop",
                [("url", words::cut(self.url.as_str()))],
            ));
        }
        Ok(())
    }

    /// Reads the final reply and judges it by what the site expects.
    async fn read(&mut self, reply: Reply) -> Result<Answer, Cause> {
        let Parts { status, headers, .. } = reply.head;
        let status = status.as_u16();
        let expect = self.target.expect;
        let expected = expect.status(status);
        let named = expected == Expected::Yes && !expect.statuses.is_empty();
        let suspicious = !named && wall::may_be(status, &headers);
        let keep = suspicious || expect.text.is_some();
        let read = body::read(reply.body, self.settings.max_body, keep).await?;
        marks::enter(Stage::Between);
        if suspicious && let Some(wall) = wall::name(status, &headers, &read) {
            return Ok(Answer::Restricted(words::wall(wall).into()));
        }
        match expected {
            Expected::Restricted => Ok(Answer::Restricted(format!("HTTP {status}").into())),
            Expected::No => Err(words::because(Failure::Http, &words::status(status))),
            Expected::Yes => match &expect.text {
                Some(text) if !body::contains(&read, text.as_bytes()) => Err(words::failed(
                    Failure::Body,
                    "detail-text",
                    [("text", format!("{:?}", words::cut(text)))],
                )),
                _ => Ok(Answer::Ok),
            },
        }
    }
}

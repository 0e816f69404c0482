//! The targets of the messages of a `[[notify]]`: the keys of each `type`.

use base64::{Engine, prelude::BASE64_STANDARD};
use toml::Value;
use url::Url;

use crate::config::{
    secrets::{SecretKeys, Secrets},
    table::Table,
    value::{self, OneLine, quoted, shown, values},
};
use model::{
    notification::{Apprise, Destination, Email, MailTls},
    site_request::Secret,
};

const URL: SecretKeys = SecretKeys { env: "url_env", file: "url_file" };
const SECRET: SecretKeys = SecretKeys { env: "secret_env", file: "secret_file" };
const TOKEN: SecretKeys = SecretKeys { env: "token_env", file: "token_file" };
const PASSWORD: SecretKeys = SecretKeys { env: "password_env", file: "password_file" };
const TOPIC: SecretKeys = SecretKeys { env: "topic_env", file: "topic_file" };
const KEY: SecretKeys = SecretKeys { env: "key_env", file: "key_file" };
const URLS: SecretKeys = SecretKeys { env: "urls_env", file: "urls_file" };

/// Every key of any type.
const ALL: [&str; 21] = [
    "url",
    "url_env",
    "url_file",
    "secret_env",
    "secret_file",
    "topic",
    "topic_env",
    "topic_file",
    "token_env",
    "token_file",
    "key_env",
    "key_file",
    "urls_env",
    "urls_file",
    "server",
    "tls",
    "username",
    "password_env",
    "password_file",
    "from",
    "to",
];

values! {
    /// A type of channel.
    Kind(Box<str>) = |value| {
        let known = ["webhook", "slack", "ntfy", "email", "apprise"];
        let word = value.as_str().filter(|word| known.contains(word));
        word.map(Into::into).ok_or_else(|| format!("{} is not a type; use {KINDS}", shown(value)))
    };
    /// A URL that may stand in the file: of http or https, without a password.
    HttpUrl(Url) = http_url;
    /// A URL that is a secret, and must not stand in the file.
    SecretUrl(()) = |_| {
        let text = "is a secret: write url_env = \"NAME\" or url_file = \"path\", and put it there";
        Err(text.to_owned())
    };
    /// The host of a mail server, and its port if it is given.
    MailServer((Box<str>, Option<u16>)) = mail_server;
    /// A mail address, with or without a name before it.
    MailAddress(Box<str>) = mail_address;
    /// The encryption of a connection to a mail server.
    TlsWord(MailTls) = |value| match value.as_str() {
        Some("starttls") => Ok(MailTls::StartTls),
        Some("implicit") => Ok(MailTls::Implicit),
        Some("none") => Ok(MailTls::None),
        _ => Err(format!("{} is not a way; use starttls, implicit or none", shown(value))),
    };
}

const KINDS: &str = "webhook, slack, ntfy, email or apprise";

/// Reads the target; `None` when it has a problem, or its secret cannot be had.
pub(super) fn read(table: &mut Table<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Destination> {
    table.require("type", &format!("is missing; write {KINDS}"));
    let Some(Kind(kind)) = table.get("type") else {
        // Without a known type, the other keys cannot be judged.
        table.pass_over(&ALL);
        return None;
    };
    match &*kind {
        "webhook" => webhook(table, secrets),
        "slack" => slack(table, secrets),
        "ntfy" => ntfy(table, secrets),
        "email" => email(table, secrets).map(Destination::Email),
        _ => apprise(table, secrets),
    }
}

fn slack(table: &mut Table<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Destination> {
    if table.has("url") {
        let _: Option<SecretUrl> = table.get("url");
        return None;
    }
    let url = secrets.require(table, &URL, "the URL of the hook");
    Some(Destination::Slack { url: good_url(table, url)? })
}

fn webhook(table: &mut Table<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Destination> {
    let plain: Option<HttpUrl> = table.get("url");
    let hidden = secrets.read(table, &URL);
    if !table.has("url") && !URL.is_given(table) {
        table.missing("url", "is missing; write such as url = \"https://hooks.example/stillup\"");
    }
    let url = match plain {
        Some(HttpUrl(url)) => Some(Secret::from(String::from(url))),
        None => good_url(table, hidden),
    };
    let secret = secrets.require(table, &SECRET, "the key of the signature")?;
    if let Some(text) = weak(&secret) {
        secrets.missing.push(table.problem(SECRET.key(table), text));
        return None;
    }
    Some(Destination::Webhook { url: url?, secret })
}

/// The fault of the key of a signature, if it has one.
fn weak(secret: &Secret) -> Option<&'static str> {
    match secret.expose().strip_prefix("whsec_") {
        Some(encoded) => match BASE64_STANDARD.decode(encoded) {
            Ok(key) if key.len() >= 16 => None,
            Ok(_) => Some("the key after whsec_ has fewer than 16 bytes"),
            Err(_) => Some("what follows whsec_ is not base64"),
        },
        None if secret.expose().len() >= 16 => None,
        None => {
            Some("the secret is shorter than 16 letters; `openssl rand -hex 32` makes a good one")
        }
    }
}

fn ntfy(table: &mut Table<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Destination> {
    let server: Option<HttpUrl> = table.get("url");
    table.require("url", "is missing; write such as url = \"https://ntfy.sh\"");
    let plain = table.get("topic").map(|OneLine::<64>(topic)| Secret::from(topic));
    let hidden = secrets.read(table, &TOPIC);
    if !table.has("topic") && !TOPIC.is_given(table) {
        table.missing("topic", "is missing; write such as topic = \"stillup\"");
    }
    let token = secrets.read(table, &TOKEN);
    Some(Destination::Ntfy { server: server?.into(), topic: plain.or(hidden)?, token })
}

fn apprise(table: &mut Table<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Destination> {
    let server: Option<HttpUrl> = table.get("url");
    table.require("url", "is missing; write such as url = \"http://127.0.0.1:8000\"");
    let key = secrets.read(table, &KEY).map(Apprise::Key);
    let urls = secrets.read(table, &URLS).map(Apprise::Urls);
    if !KEY.is_given(table) && !URLS.is_given(table) {
        let text = "is missing: write key_env = \"NAME\" for what the server keeps, or urls_env";
        table.missing(KEY.env, text);
    }
    Some(Destination::Apprise { server: server?.into(), to: key.or(urls)? })
}

fn email(table: &mut Table<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Email> {
    let tls = table.get("tls").map_or(MailTls::StartTls, |TlsWord(tls)| tls);
    let usual = match tls {
        MailTls::StartTls => 587,
        MailTls::Implicit => 465,
        MailTls::None => 25,
    };
    for (key, text) in [
        ("server", "is missing; write such as server = \"smtp.example:587\""),
        ("from", "is missing; write such as from = \"stillup <up@example.com>\""),
        ("to", "is missing; write such as to = [\"ops@example.com\"]"),
    ] {
        table.require(key, text);
    }
    let server: Option<MailServer> = table.get("server");
    let user: Option<OneLine<256>> = table.get("username");
    let password = secrets.read(table, &PASSWORD);
    if user.is_some() && !PASSWORD.is_given(table) {
        table.wrong("username", "has no password; write password_env = \"NAME\" or password_file");
    } else if PASSWORD.is_given(table) && !table.has("username") {
        table.missing("username", "is missing beside the password");
    }
    let from: Option<MailAddress> = table.get("from");
    let to: Option<Vec<MailAddress>> = table.get("to");
    if to.as_ref().is_some_and(Vec::is_empty) {
        table.wrong("to", "is an empty list; name somebody");
    }
    let MailServer((host, port)) = server?;
    let login = match user {
        Some(OneLine(user)) => Some((user.into(), password?)),
        None => None,
    };
    let to = to?.into_iter().map(Into::into).collect();
    Some(Email { host, port: port.unwrap_or(usual), tls, login, from: from?.into(), to })
}

/// `smtp.example`, `smtp.example:587` or `[::1]:25`.
fn mail_server(value: &Value) -> Result<(Box<str>, Option<u16>), String> {
    let text = value::line(value, 260)?;
    let wrong =
        || format!("{} is not a mail server; write such as \"smtp.example:587\"", quoted(&text));
    let url = Url::parse(&format!("smtp://{text}")).map_err(|_| wrong())?;
    let bare = url.path().is_empty() && url.query().is_none() && url.username().is_empty();
    let host = url.host_str().filter(|host| bare && !host.is_empty()).ok_or_else(wrong)?;
    Ok((host.trim_matches(['[', ']']).into(), url.port()))
}

fn mail_address(value: &Value) -> Result<Box<str>, String> {
    let text = value::line(value, 320)?;
    match text.parse::<lettre::message::Mailbox>() {
        Ok(_) => Ok(text.into()),
        Err(_) => Err(format!(
            "{} is not a mail address; write such as \"ops@example.com\"",
            quoted(&text)
        )),
    }
}

fn http_url(value: &Value) -> Result<Url, String> {
    let text = value::text(value)?;
    let url = Url::parse(&text).ok().filter(fits);
    let url = url.ok_or("is not a URL that can be sent to; it begins with https:// or http://")?;
    if url.password().is_some() || !url.username().is_empty() {
        return Err("holds a password; write url_env = \"NAME\", and put it there".to_owned());
    }
    Ok(url)
}

/// A URL from a secret, if it is one.
fn good_url(table: &mut Table<'_, '_>, url: Option<Secret>) -> Option<Secret> {
    let url = url?;
    if Url::parse(url.expose()).is_ok_and(|url| fits(&url)) {
        return Some(url);
    }
    table.wrong(URL.key(table), "what is there is not a URL that begins with https:// or http://");
    None
}

fn fits(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

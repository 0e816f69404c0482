//! Where the messages of a `[[notify]]` go: the keys of each `type`.

use base64::{Engine, prelude::BASE64_STANDARD};
use toml::de::DeValue;
use url::Url;

use super::{From, Secrets};
use crate::{
    config::{
        keys::Keys,
        value::{self, quoted, shown},
    },
    model::{
        notice::{Apprise, Email, MailTls, Target},
        secret::Secret,
    },
};

const URL: From = From { env: "url_env", file: "url_file" };
const SECRET: From = From { env: "secret_env", file: "secret_file" };
const TOKEN: From = From { env: "token_env", file: "token_file" };
const PASSWORD: From = From { env: "password_env", file: "password_file" };
const TOPIC: From = From { env: "topic_env", file: "topic_file" };
const KEY: From = From { env: "key_env", file: "key_file" };
const URLS: From = From { env: "urls_env", file: "urls_file" };

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

const KINDS: &str = "webhook, slack, ntfy, email or apprise";

/// Reads the target; `None` when it has a problem, or its secret cannot be had.
pub(super) fn read(keys: &mut Keys<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Target> {
    if !keys.has("type") {
        keys.missing("type", &format!("is missing; write {KINDS}"));
    }
    let kind = keys.get("type", |v| {
        let known = ["webhook", "slack", "ntfy", "email", "apprise"];
        let word = v.as_str().filter(|word| known.contains(word)).map(str::to_owned);
        word.ok_or_else(|| format!("{} is not a type; use {KINDS}", shown(v)))
    });
    let Some(kind) = kind else {
        // Whether the other keys fit cannot be said.
        for key in ALL {
            let _: Option<()> = keys.get(key, |_| Ok(()));
        }
        return None;
    };
    match kind.as_str() {
        "webhook" => webhook(keys, secrets),
        "slack" => slack(keys, secrets),
        "ntfy" => ntfy(keys, secrets),
        "email" => email(keys, secrets).map(Target::Email),
        _ => apprise(keys, secrets),
    }
}

fn slack(keys: &mut Keys<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Target> {
    if keys.has("url") {
        let text = "is a secret: write url_env = \"NAME\" or url_file = \"path\", and put it there";
        let _: Option<()> = keys.get("url", |_| Err(text.to_owned()));
        return None;
    }
    let url = secrets.need(keys, &URL, "the URL of the hook");
    Some(Target::Slack { url: good_url(keys, url)? })
}

fn webhook(keys: &mut Keys<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Target> {
    let plain = keys.get("url", |v| http(v).map(String::from));
    let hidden = secrets.read(keys, &URL);
    if !["url", URL.env, URL.file].iter().any(|key| keys.has(key)) {
        keys.missing("url", "is missing; write such as url = \"https://hooks.example/stillup\"");
    }
    let url = match plain {
        Some(url) => Some(Secret::from(url)),
        None => good_url(keys, hidden),
    };
    let secret = secrets.need(keys, &SECRET, "the key of the signature")?;
    if let Some(text) = weak(&secret) {
        let key = if keys.has(SECRET.env) { SECRET.env } else { SECRET.file };
        secrets.unset.push(keys.problem(key, text));
        return None;
    }
    Some(Target::Webhook { url: url?, secret })
}

/// What is wrong with the key of a signature.
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

fn ntfy(keys: &mut Keys<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Target> {
    let server = keys.get("url", http);
    if !keys.has("url") {
        keys.missing("url", "is missing; write such as url = \"https://ntfy.sh\"");
    }
    let plain = keys.get("topic", value::line(64)).map(Secret::from);
    let hidden = secrets.read(keys, &TOPIC);
    if !["topic", TOPIC.env, TOPIC.file].iter().any(|key| keys.has(key)) {
        keys.missing("topic", "is missing; write such as topic = \"stillup\"");
    }
    let token = secrets.read(keys, &TOKEN);
    Some(Target::Ntfy { server: server?, topic: plain.or(hidden)?, token })
}

fn apprise(keys: &mut Keys<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Target> {
    let server = keys.get("url", http);
    if !keys.has("url") {
        keys.missing("url", "is missing; write such as url = \"http://127.0.0.1:8000\"");
    }
    let key = secrets.read(keys, &KEY).map(Apprise::Key);
    let urls = secrets.read(keys, &URLS).map(Apprise::Urls);
    let names = [KEY.env, KEY.file, URLS.env, URLS.file];
    if !names.iter().any(|key| keys.has(key)) {
        let text = "is missing: write key_env = \"NAME\" for what the server keeps, or urls_env";
        keys.missing(KEY.env, text);
    }
    Some(Target::Apprise { server: server?, to: key.or(urls)? })
}

fn email(keys: &mut Keys<'_, '_>, secrets: &mut Secrets<'_>) -> Option<Email> {
    let tls = keys.get("tls", |v| match v.as_str() {
        Some("starttls") => Ok(MailTls::StartTls),
        Some("implicit") => Ok(MailTls::Implicit),
        Some("none") => Ok(MailTls::None),
        _ => Err(format!("{} is not a way; use starttls, implicit or none", shown(v))),
    });
    let tls = tls.unwrap_or(MailTls::StartTls);
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
        if !keys.has(key) {
            keys.missing(key, text);
        }
    }
    let server = keys.get("server", |v| server(v, usual));
    let user = keys.get("username", value::line(256));
    let password = secrets.read(keys, &PASSWORD);
    let given = keys.has(PASSWORD.env) || keys.has(PASSWORD.file);
    if user.is_some() && !given {
        keys.wrong("username", "has no password; write password_env = \"NAME\" or password_file");
    } else if given && !keys.has("username") {
        keys.missing("username", "is missing beside the password");
    }
    let from = keys.get("from", address);
    let to = keys.list("to", address);
    if to.as_ref().is_some_and(Vec::is_empty) {
        keys.wrong("to", "is an empty list; name somebody");
    }
    let (host, port) = server?;
    let login = match user {
        Some(user) => Some((user.into(), password?)),
        None => None,
    };
    Some(Email { host: host.into(), port, tls, login, from: from?, to: to? })
}

/// `smtp.example`, `smtp.example:587` or `[::1]:25`.
fn server(value: &DeValue<'_>, usual: u16) -> Result<(String, u16), String> {
    let text = value::line(260)(value)?;
    let wrong =
        || format!("{} is not a mail server; write such as \"smtp.example:587\"", quoted(&text));
    let url = Url::parse(&format!("smtp://{text}")).map_err(|_| wrong())?;
    let bare = url.path().is_empty() && url.query().is_none() && url.username().is_empty();
    let host = url.host_str().filter(|host| bare && !host.is_empty()).ok_or_else(wrong)?;
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok((host, url.port().unwrap_or(usual)))
}

/// A mail address, with or without a name before it.
fn address(value: &DeValue<'_>) -> Result<Box<str>, String> {
    let text = value::line(320)(value)?;
    match text.parse::<lettre::message::Mailbox>() {
        Ok(_) => Ok(text.into()),
        Err(_) => Err(format!(
            "{} is not a mail address; write such as \"ops@example.com\"",
            quoted(&text)
        )),
    }
}

/// A URL that may stand in the file: of http or https, without a password.
fn http(value: &DeValue<'_>) -> Result<Url, String> {
    let text = value::text(value)?;
    let url = Url::parse(&text).ok().filter(fits);
    let url = url.ok_or("is not a URL that can be sent to; it begins with https:// or http://")?;
    if url.password().is_some() || !url.username().is_empty() {
        return Err("holds a password; write url_env = \"NAME\", and put it there".to_owned());
    }
    Ok(url)
}

/// A URL from a secret place, if it is one.
fn good_url(keys: &mut Keys<'_, '_>, url: Option<Secret>) -> Option<Secret> {
    let url = url?;
    if Url::parse(url.expose()).is_ok_and(|url| fits(&url)) {
        return Some(url);
    }
    let key = if keys.has(URL.env) { URL.env } else { URL.file };
    keys.wrong(key, "what is there is not a URL that begins with https:// or http://");
    None
}

fn fits(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

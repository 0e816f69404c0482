//! Targets of lookups, as people type or paste them. Pure.
//!
//! A bare name is probed over https; a name with a port over http, unless the port is one of https.
//! A target that is written wrongly is refused here; whether a name leads to an address that may be
//! probed is known only once it is resolved.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv6Addr},
};

use url::{Host, Url};

use super::{address::is_public, name::Slug};
use crate::domain::readable;

/// Ports that a visitor's lookup may use: those of the web, and their usual stand-ins.
pub const PORTS: &[u16] = &[80, 443, 8000, 8008, 8080, 8081, 8443, 8888];

/// Ports that are meant as https when no scheme is written.
const TLS_PORTS: [u16; 2] = [443, 8443];

/// Bytes that a target may have.
const MAX_LENGTH: usize = 2_048;

/// A target that can be probed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// URL: `http` or `https`, without credentials and fragment, and with the path as written.
    pub url: Url,
    /// True if the scheme was written, not guessed.
    pub scheme_written: bool,
    /// Host, and port if it is not the scheme's own.
    pub slug: Slug,
}

/// Reason why a target cannot be probed. The words are for visitors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is nothing.
    #[error("There is no name in it. Type one such as slack.com.")]
    Empty,
    /// There is too much.
    #[error("It is longer than any address of a site.")]
    TooLong,
    /// It has another scheme.
    #[error("We look at sites over http and https only.")]
    Scheme,
    /// It has a user name or a password.
    #[error("It has a user name or a password in it. Leave them out.")]
    Credentials,
    /// It is not a name.
    #[error("That is not a name that a site can have. Type one such as slack.com.")]
    NotAName,
    /// It has no dot in it; perhaps this is meant.
    #[error("That is not the whole name of a site. Did you mean {0}?")]
    NoDot(String),
    /// A port that we do not look at.
    #[error("We do not look at port {0}, only at those of web sites.")]
    Port(u16),
    /// An address that is not of the public internet.
    #[error("{0} is not an address of the public internet. We look at public sites only.")]
    Special(IpAddr),
    /// A name that ends as files do and as no name of a site does.
    #[error("Names of sites do not end in .{0}: that is a file.")]
    FileName(&'static str),
    /// A name that is never one of the public internet.
    #[error("Names that end in .{0} are not of the public internet. We look at public sites only.")]
    SpecialName(&'static str),
}

/// Names that are never asked of name servers, or mean the machine itself.
const SPECIAL_NAMES: [&str; 3] = ["localhost", "onion", "local"];

/// Suffixes of files that robots and telephones ask for, none of which is a top-level domain.
/// `zip`, `mov`, `md`, `sh`, `py`, `pl`, `ps`, `rs`, `app`, `cab` and the like are, and are looked
/// up.
const FILE_SUFFIXES: &[&str] = &[
    "7z",
    "action",
    "apk",
    "asax",
    "ascx",
    "ashx",
    "asmx",
    "asp",
    "aspx",
    "atom",
    "avif",
    "axd",
    "bak",
    "bat",
    "bmp",
    "bz2",
    "cer",
    "cfg",
    "cfm",
    "cgi",
    "conf",
    "config",
    "crt",
    "css",
    "csv",
    "dat",
    "db",
    "dll",
    "dmg",
    "doc",
    "docx",
    "env",
    "eot",
    "exe",
    "gif",
    "gz",
    "htaccess",
    "htm",
    "html",
    "htpasswd",
    "ico",
    "ics",
    "ini",
    "iso",
    "jar",
    "jpeg",
    "jpg",
    "js",
    "json",
    "jsp",
    "jspa",
    "jspx",
    "jsx",
    "log",
    "m3u8",
    "mjs",
    "mp3",
    "mp4",
    "msi",
    "old",
    "opml",
    "orig",
    "otf",
    "pdf",
    "pem",
    "php",
    "php3",
    "php4",
    "php5",
    "php7",
    "php8",
    "phps",
    "phtml",
    "png",
    "ppt",
    "pptx",
    "rar",
    "rdf",
    "rss",
    "rtf",
    "scss",
    "shtml",
    "sql",
    "sqlite",
    "svc",
    "svg",
    "swf",
    "swp",
    "tar",
    "tgz",
    "tif",
    "tiff",
    "tmp",
    "toml",
    "tsx",
    "ttf",
    "txt",
    "vue",
    "wasm",
    "wav",
    "webm",
    "webmanifest",
    "webp",
    "woff",
    "woff2",
    "wsdl",
    "xhtml",
    "xls",
    "xlsx",
    "xml",
    "xsd",
    "xsl",
    "xz",
    "yaml",
    "yml",
];

/// Quotes and brackets that people put around a name.
const QUOTES: [(char, char); 8] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('<', '>'),
    ('(', ')'),
    ('\u{201e}', '\u{201c}'),
    ('\u{201c}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
];

impl Target {
    /// Reads a target.
    ///
    /// # Errors
    /// Fails when it is not an address of a site.
    pub fn read(text: &str) -> Result<Self, Refused> {
        let text = bare(text);
        let text = text.trim_start_matches("//");
        if text.is_empty() {
            return Err(Refused::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(Refused::TooLong);
        }
        // A browser would take it for a slash; who writes it means a path of their machine.
        if text.contains('\\') {
            return Err(Refused::NotAName);
        }
        let (mut url, scheme_written) = parse(text)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        url.set_fragment(None);
        without_last_dot(&mut url)?;
        if let Some(Host::Domain(name)) = url.host()
            && !is_name(name)
        {
            return Err(Refused::NotAName);
        }
        let host = url.host_str().unwrap_or_default();
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let slug = Slug::new(&format!("{host}{port}")).map_err(|_| Refused::NotAName)?;
        Ok(Self { url, scheme_written, slug })
    }

    /// The target as visitors' lookups take it: the site itself, without path and query, on the
    /// public internet as far as that can be seen.
    ///
    /// # Errors
    /// Fails when visitors may not probe it.
    pub fn for_visitors(mut self) -> Result<Self, Refused> {
        self.url.set_path("/");
        self.url.set_query(None);
        if let Some(port) = self.url.port().filter(|port| !PORTS.contains(port)) {
            return Err(Refused::Port(port));
        }
        let special = |address| (!is_public(address)).then_some(Refused::Special(address));
        let refused = match self.url.host() {
            Some(Host::Ipv4(address)) => special(address.into()),
            Some(Host::Ipv6(address)) => special(address.into()),
            Some(Host::Domain(name)) => self.file_name().or_else(|| special_name(name)),
            None => Some(Refused::NotAName),
        };
        refused.map_or(Ok(self), Err)
    }

    /// A refusal if it is the name of a file: no site has such a name, so none is asked.
    fn file_name(&self) -> Option<Refused> {
        let Some(Host::Domain(name)) = self.url.host() else { return None };
        // `app.js.map` is a file; `map` alone is a domain.
        let name = name.strip_suffix(".map").filter(|name| name.contains('.')).unwrap_or(name);
        let (_, last) = name.rsplit_once('.')?;
        FILE_SUFFIXES.iter().find(|ending| **ending == last).map(|ending| Refused::FileName(ending))
    }

    /// The target as lookups take it where every visitor is trusted: any port, any address.
    ///
    /// # Errors
    /// Fails when it is the name of a file: robots ask for those there as well.
    pub fn for_the_trusted(mut self) -> Result<Self, Refused> {
        self.url.set_path("/");
        self.url.set_query(None);
        self.file_name().map_or(Ok(self), Err)
    }

    /// Its host, as it stands in a URL.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port that is probed.
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(443)
    }

    /// Its short name, which reads back as the same site: `slack.com`, `slack.com:80`,
    /// `[2001:db8::1]`, `https://slack.com:8080`.
    pub fn key(&self) -> String {
        let (host, port) = (self.host(), self.port());
        match (self.url.scheme(), port) {
            ("https", 443) => host.to_owned(),
            (scheme, port) if scheme == guessed(port) => format!("{host}:{port}"),
            (scheme, port) => format!("{scheme}://{host}:{port}"),
        }
    }
}

fn guessed(port: u16) -> &'static str {
    if TLS_PORTS.contains(&port) { "https" } else { "http" }
}

/// Marks of the writing direction, which come along when a name is copied and are never part of it.
pub fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text without what stands around it: spaces, marks of direction, a pair of quotes or brackets.
fn bare(text: &str) -> Cow<'_, str> {
    let text = if text.contains(is_direction) {
        Cow::Owned(text.replace(is_direction, "").trim().to_owned())
    } else {
        Cow::Borrowed(text.trim())
    };
    let inner = QUOTES.into_iter().find_map(|(begin, end)| {
        text.strip_prefix(begin)?.strip_suffix(end).map(|inner| inner.trim().to_owned())
    });
    inner.map_or(text, Cow::Owned)
}

/// The URL that is meant, and whether its scheme was written.
fn parse(text: &str) -> Result<(Url, bool), Refused> {
    let read = |text: &str| Url::parse(text).map_err(|_| Refused::NotAName);
    if text.contains("://") {
        return Ok((read(text)?, true));
    }
    if let Ok(v6) = text.parse::<Ipv6Addr>() {
        return Ok((read(&format!("https://[{v6}]/"))?, false));
    }
    // No scheme is as good as https for finding the port: it keeps 80, and 443 is meant anyway.
    let url = read(&format!("https://{text}"))?;
    match url.port() {
        Some(port) if guessed(port) == "http" => Ok((read(&format!("http://{text}"))?, false)),
        _ => Ok((url, false)),
    }
}

/// `slack.com.` is `slack.com`.
fn without_last_dot(url: &mut Url) -> Result<(), Refused> {
    let Some(bare) = url.host_str().and_then(|host| host.strip_suffix('.')) else { return Ok(()) };
    let bare = bare.to_owned();
    url.set_host(Some(&bare)).map_err(|_| Refused::NotAName)
}

/// Letters, digits, hyphens and underscores in labels of 63 at most, 253 together.
fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(fits) && !label.starts_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

fn special_name(name: &str) -> Option<Refused> {
    let last = name.rsplit('.').next().unwrap_or_default();
    if let Some(special) = SPECIAL_NAMES.into_iter().find(|special| *special == last) {
        return Some(Refused::SpecialName(special));
    }
    if name.contains('.') {
        return None;
    }
    // A telephone number or a picture is not the beginning of a name.
    let is_word = name.contains(|c: char| c.is_ascii_alphabetic());
    Some(if is_word && !readable(name).starts_with("xn--") {
        Refused::NoDot(format!("{name}.com"))
    } else {
        Refused::NotAName
    })
}

/// A text that may be an address, without a user name and a password: `https://…@slack.com/`.
pub fn without_login(text: &str) -> Cow<'_, str> {
    let begin = text.find("://").map_or(0, |at| at + 3);
    let rest = &text[begin..];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, has_scheme) = (&rest[..end], begin > 0);
    let at = match authority.rfind('@') {
        Some(at) if has_scheme || text.contains(':') => Some(at),
        // A password with a slash in it, which looks like a host and a port that is none.
        None => {
            let end = authority.rfind(']').map_or(0, |at| at + 1);
            let port = authority[end..].rsplit_once(':').map_or("", |(_, port)| port);
            rest.rfind('@').filter(|_| !port.bytes().all(|b| b.is_ascii_digit()))
        }
        Some(_) => None,
    };
    match at {
        Some(at) => Cow::Owned(format!("{}…{}", &text[..begin], &rest[at..])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_login_in_an_address_is_not_shown() {
        for (text, want) in [
            ("https://me:swordfish@a.nl/x?y#z", "https://…@a.nl/x?y#z"),
            ("https://me@a.nl", "https://…@a.nl"),
            ("https://me:sword/fish@a.nl/", "https://…@a.nl/"),
            ("https://me:sword@fish@a.nl/", "https://…@a.nl/"),
            ("me:swordfish@a.nl", "…@a.nl"),
            ("ftp://me:swordfish@a.nl", "ftp://…@a.nl"),
            ("https://medium.com/@somebody", "https://medium.com/@somebody"),
            ("https://[2001:db8::1]:81/@somebody", "https://[2001:db8::1]:81/@somebody"),
            ("a.nl:8080/@somebody", "a.nl:8080/@somebody"),
            ("somebody@a.nl", "somebody@a.nl"),
            ("slack.com", "slack.com"),
            ("", ""),
        ] {
            assert_eq!(without_login(text), want, "{text}");
        }
    }

    #[test]
    fn targets_are_read_as_people_mean_them() {
        for (text, url, key) in [
            ("slack.com", "https://slack.com/", "slack.com"),
            (" SLACK.COM. ", "https://slack.com/", "slack.com"),
            ("https://slack.com/some/page?x=1#top", "https://slack.com/", "slack.com"),
            ("slack.com/a?b", "https://slack.com/", "slack.com"),
            ("//slack.com", "https://slack.com/", "slack.com"),
            ("\u{202e}slack.com\u{200f} ", "https://slack.com/", "slack.com"),
            (" \"slack.com\"", "https://slack.com/", "slack.com"),
            ("<https://slack.com/x>", "https://slack.com/", "slack.com"),
            ("\u{201e}slack.com\u{201c}", "https://slack.com/", "slack.com"),
            ("slack.com:443", "https://slack.com/", "slack.com"),
            ("slack.com:80", "http://slack.com/", "slack.com:80"),
            ("http://slack.com", "http://slack.com/", "slack.com:80"),
            ("slack.com:8080", "http://slack.com:8080/", "slack.com:8080"),
            ("slack.com:8443", "https://slack.com:8443/", "slack.com:8443"),
            ("https://slack.com:8080", "https://slack.com:8080/", "https://slack.com:8080"),
            ("http://slack.com:443", "http://slack.com:443/", "http://slack.com:443"),
            ("café.nl", "https://xn--caf-dma.nl/", "xn--caf-dma.nl"),
            ("CAFÉ.nl", "https://xn--caf-dma.nl/", "xn--caf-dma.nl"),
            ("2606:4700:4700::1111", "https://[2606:4700:4700::1111]/", "[2606:4700:4700::1111]"),
            (
                "[2606:4700:4700::1111]:80",
                "http://[2606:4700:4700::1111]/",
                "[2606:4700:4700::1111]:80",
            ),
            ("1.1.1.1", "https://1.1.1.1/", "1.1.1.1"),
            ("16843009", "https://1.1.1.1/", "1.1.1.1"),
        ] {
            let target = Target::read(text).unwrap().for_visitors().unwrap();
            assert_eq!((target.url.as_str(), target.key().as_str()), (url, key), "{text}");
            let again = Target::read(key).unwrap().for_visitors().unwrap();
            assert_eq!(again.url, target.url, "{key} reads back");
        }
        assert_eq!(Target::read("a.example/x?y").unwrap().url.as_str(), "https://a.example/x?y");
    }

    #[test]
    fn names_of_files_are_no_sites_and_names_of_domains_are() {
        for name in [
            "apple-touch-icon.png",
            "wp-login.php",
            "xmlrpc.php",
            "favicon-32x32.png",
            "sitemap_index.xml",
            "browserconfig.xml",
            "history.rss",
            "style.css",
            "foo.PHP",
            "app.min.js",
            "backup.tar.gz",
            "dump.sql",
            "a.b.json",
            "ads.txt.",
            "web.config",
            "site.webmanifest",
            "app.js.map",
            "index.html:8080",
            "https://logo.svg/x",
        ] {
            let target = Target::read(name).unwrap();
            let refused = |read: Result<Target, Refused>| matches!(read, Err(Refused::FileName(_)));
            assert!(refused(target.clone().for_visitors()), "{name}");
            assert!(refused(target.for_the_trusted()), "{name}");
        }
        for name in [
            "files.zip",
            "clip.mov",
            "web.app",
            "my.dev",
            "readme.md",
            "run.sh",
            "main.rs",
            "x.py",
            "perl.pl",
            "a.ps",
            "taxi.cab",
            "php.net",
            "json.org",
            "a.com",
            "main.ts.example",
            "a.so",
            "my.id",
            "a.st",
            "a.do",
            "b.page",
            "c.cc",
            "d.pub",
            "e.properties",
            "f.ml",
            "g.cs.example",
            "h.bz",
            "i.py",
            "j.tf",
            "k.ai",
            "l.gd",
            "m.in",
            "open.map",
            "my.street.map",
        ] {
            let target = Target::read(name).unwrap();
            assert!(target.clone().for_visitors().is_ok(), "{name}");
            assert!(target.for_the_trusted().is_ok(), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_looked_at_is_told_apart() {
        let special = |text: &str| Refused::Special(text.parse().unwrap());
        let long = format!("{}.com", "a".repeat(64));
        for (text, want) in [
            ("", Refused::Empty),
            ("  ", Refused::Empty),
            (&"a".repeat(2_049), Refused::TooLong),
            ("ftp://a.example", Refused::Scheme),
            ("file:///etc/passwd", Refused::Scheme),
            ("https://me@a.example", Refused::Credentials),
            ("me:secret@a.example", Refused::Credentials),
            ("a b", Refused::NotAName),
            ("https://", Refused::NotAName),
            ("a..b", Refused::NotAName),
            (".com", Refused::NotAName),
            (&long, Refused::NotAName),
            ("-a.example", Refused::NotAName),
            ("\u{200f}", Refused::Empty),
            ("\"127.0.0.1\"", special("127.0.0.1")),
            ("<script>.com", Refused::NotAName),
            ("javascript:alert(1)", Refused::NotAName),
            ("999.1.1.1", Refused::NotAName),
            ("[fe80::1%25eth0]", Refused::NotAName),
            ("slack.com:99999", Refused::NotAName),
            ("slack", Refused::NoDot("slack.com".to_owned())),
            ("café", Refused::NoDot("xn--caf-dma.com".to_owned())),
            ("😀", Refused::NotAName),
            ("020-1234567", Refused::NotAName),
            ("+31 6 12345678", Refused::NotAName),
            ("C:\\Windows\\system.ini", Refused::NotAName),
            ("https:\\\\a.example", Refused::NotAName),
            ("slack.com:22", Refused::Port(22)),
            ("slack.com:25", Refused::Port(25)),
            ("127.0.0.1", special("127.0.0.1")),
            ("0x7f.1", special("127.0.0.1")),
            ("::1", special("::1")),
            ("http://[::ffff:10.0.0.1]/", special("::ffff:10.0.0.1")),
            ("localhost", Refused::SpecialName("localhost")),
            ("a.localhost.", Refused::SpecialName("localhost")),
            ("printer.local", Refused::SpecialName("local")),
        ] {
            let read = Target::read(text).and_then(Target::for_visitors);
            assert_eq!(read, Err(want), "{text}");
        }
        let trusted = Target::read("127.0.0.1:22/x").unwrap().for_the_trusted().unwrap();
        assert_eq!(trusted.url.as_str(), "http://127.0.0.1:22/");
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader_of_targets_and_a_key_is_its_own_target(
            text in "\\PC{0,30}|(https?://)?[a-zéß0-9.\\[\\]:%-]{0,20}(:[0-9]{0,6})?(/[ -~]{0,8})?",
        ) {
            if let Ok(target) = Target::read(&text) {
                let key = target.key();
                let again = Target::read(&key).map(|again| again.key());
                prop_assert_eq!(again, Ok(key));
            }
        }
    }
}

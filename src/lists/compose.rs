//! Composes the catalogue: gives each site a slug and aliases of its own, lets the reader of
//! catalogues validate it, and writes the text and the report.

use std::collections::{HashMap, HashSet};

use super::{
    ConvertedList, ListKind,
    draft::{Item, Remark, SiteDraft, quoted},
    secrets::{HeaderSource, secret_part},
};
use crate::config::{Catalogue, Defaults};
use model::{address::is_public, site::Site};
use url::Host;

/// The order of keys.
const ORDER: [&str; 17] = [
    "url",
    "name",
    "slug",
    "interval",
    "timeout",
    "slow_after",
    "expect_status",
    "expect_text",
    "forbid_text",
    "expect_json",
    "method",
    "headers",
    "body",
    "max_redirects",
    "private",
    "tags",
    "aliases",
];
const MAX_SLUG: usize = 200;
const MAX_ALIASES: usize = 16;
/// Endings of names that only private networks have.
const PRIVATE_ENDINGS: [&str; 7] =
    [".local", ".internal", ".lan", ".home.arpa", ".localhost", ".intranet", ".corp"];

/// Everything that makes it another site: its address, its expectations and its request.
type Content = Vec<(&'static str, String)>;

/// A site that has been accepted.
struct Accepted {
    draft: SiteDraft,
    slug: String,
}

/// Writes a catalogue of these items.
///
/// # Errors
/// Fails when there is no site among them.
pub(super) fn compose(items: Vec<Item>, kind: ListKind) -> Result<ConvertedList, String> {
    let mut composer = Composer::default();
    for (number, item) in items.into_iter().enumerate() {
        let named = |label: String| {
            if label.is_empty() { format!("item {}", number + 1) } else { label }
        };
        match item {
            Item::LeftOut(label, why) => composer.reject(&named(label), &why),
            Item::Site(mut draft) => {
                draft.label = named(draft.label);
                composer.take(*draft);
            }
        }
    }
    composer.finish(kind)
}

#[derive(Default)]
struct Composer {
    list: ConvertedList,
    accepted: Vec<Accepted>,
    /// Places of the accepted, by what they are.
    places: HashMap<Content, usize>,
    /// Slugs and aliases.
    names: HashSet<String>,
    variables: HashSet<String>,
    /// Number of items left out.
    left_out: usize,
}

impl Composer {
    fn reject(&mut self, label: &str, why: &str) {
        self.list.report.push(format!("{label}: left out: {why}"));
        self.list.incomplete = true;
        self.left_out += 1;
    }

    fn take(&mut self, mut draft: SiteDraft) {
        if let Some(part) = secret_part(&draft.url) {
            let why =
                format!("its address may hold a secret ({part}), and anybody can see it here");
            return self.reject(&draft.label, &why);
        }
        draft.set_text("url", &draft.url.clone());
        let site = match validated(&mut draft) {
            Ok(site) => site,
            Err(why) => return self.reject(&draft.label, &why),
        };
        let content = content(&draft, &site);
        let first = self.places.get(&content).and_then(|place| self.accepted.get_mut(*place));
        if let Some(first) = first {
            draft.aliases.iter().for_each(|alias| first.draft.alias(alias));
            draft.tags.iter().for_each(|tag| first.draft.tag(tag));
            let why = format!("it is the same as {}", quoted(&first.draft.label));
            return self.reject(&draft.label, &why);
        }
        self.places.insert(content, self.accepted.len());
        if is_private(&site) && !site.private {
            draft.set("private", "true".to_owned());
            draft.remark("its host is not of the public internet, so it is private here");
        }
        let slug = self.slug(&site);
        if slug != site.slug.as_str() {
            draft.set_text("slug", &slug);
            draft.remark(format!(
                "its slug is {}, since {} is taken",
                quoted(&slug),
                quoted(site.slug.as_str())
            ));
        }
        self.set_headers(&mut draft, &slug);
        self.accepted.push(Accepted { draft, slug });
    }

    /// A free slug for a site: that of its host, else one with its path, else one with a number.
    fn slug(&mut self, site: &Site) -> String {
        let host = site.slug.as_str();
        let letter = |c: char| {
            if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' }
        };
        let path: String = site.url.path().chars().map(letter).collect();
        let path: Vec<&str> = path.split('-').filter(|word| !word.is_empty()).collect();
        let long =
            if path.is_empty() { host.to_owned() } else { format!("{host}-{}", path.join("-")) };
        let long: String = long.chars().take(MAX_SLUG).collect();
        let fits = |slug: &str| may_have_slug(site, slug);
        let numbered = (2..).map(|number| format!("{long}-{number}"));
        let mut candidates = [host.to_owned(), long.clone()].into_iter().chain(numbered);
        let slug =
            candidates.find(|slug| !self.names.contains(slug) && (slug == host || fits(slug)));
        let slug = slug.unwrap_or(long);
        self.names.insert(slug.clone());
        slug
    }

    /// Names the variables of secret headers, and writes them all.
    fn set_headers(&mut self, draft: &mut SiteDraft, slug: &str) {
        let mut written = Vec::new();
        for header in draft.headers.clone() {
            let name = quoted(&header.name);
            match header.value {
                HeaderSource::Open(value) => written.push(format!("{name} = {}", quoted(&value))),
                HeaderSource::Env(variable) => {
                    draft.remark(format!(
                        "set {variable} in the environment: its header {}",
                        header.name
                    ));
                    written.push(format!("{name} = {{ env = {} }}", quoted(&variable)));
                }
                HeaderSource::Secret(_) => {
                    let variable = self.variable(slug, &header.name);
                    draft.remark(format!(
                        "set {variable} to the value of its header {}",
                        header.name
                    ));
                    written.push(format!("{name} = {{ env = {} }}", quoted(&variable)));
                }
            }
        }
        if !written.is_empty() {
            draft.set("headers", format!("{{ {} }}", written.join(", ")));
        }
    }

    fn variable(&mut self, slug: &str, header: &str) -> String {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let name: String = format!("STILLUP_{slug}_{header}").chars().map(letter).collect();
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let mut names = [name.clone()].into_iter().chain(numbered);
        let free = names.find(|name| !self.variables.contains(name)).unwrap_or(name);
        self.variables.insert(free.clone());
        free
    }

    fn finish(mut self, kind: ListKind) -> Result<ConvertedList, String> {
        let mut accepted = std::mem::take(&mut self.accepted);
        let mut text = String::new();
        let (mut sites, mut paused) = (0, 0);
        for Accepted { draft, slug } in &mut accepted {
            self.set_aliases(draft, slug);
            set_tags(draft);
            let block = block(draft);
            if !text.is_empty() {
                text.push('\n');
            }
            if draft.paused {
                paused += 1;
                draft.remarks.insert(
                    0,
                    Remark::LeftOut("it is paused there, so it is a comment".to_owned()),
                );
                for line in block.lines() {
                    text.extend(["# ", line, "\n"]);
                }
            } else {
                sites += 1;
                text.push_str(&block);
            }
            for remark in &draft.remarks {
                let line = match remark {
                    Remark::LeftOut(what) => {
                        self.list.incomplete = true;
                        if what.starts_with("it ") {
                            what.clone()
                        } else {
                            format!("without {what}")
                        }
                    }
                    Remark::Told(what) => what.clone(),
                };
                self.list.report.push(format!("{}: {line}", draft.label));
            }
        }
        let left_out = self.left_out;
        if sites == 0 {
            let told: Vec<String> = self.list.report.iter().take(5).cloned().collect();
            let why = if told.is_empty() { "it has no items".to_owned() } else { told.join("; ") };
            return Err(format!("has no site that could be watched: {why}"));
        }
        if let Err(problems) = Catalogue::parse(&text, "", &Defaults::default()) {
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            return Err(format!("cannot be made a catalogue: {first}"));
        }
        let mut sum = vec![format!("{sites} {}", if sites == 1 { "site" } else { "sites" })];
        if paused > 0 {
            sum.push(format!("{paused} paused, as comments"));
        }
        if left_out > 0 {
            sum.push(format!("{left_out} left out"));
        }
        self.list.report.push(format!("read as {}: {}", kind.word(), sum.join(", ")));
        Ok(ConvertedList { toml: text, sites, ..self.list })
    }

    /// Writes the aliases that are free.
    fn set_aliases(&mut self, draft: &mut SiteDraft, slug: &str) {
        let mut free = Vec::new();
        for alias in std::mem::take(&mut draft.aliases) {
            if free.len() == MAX_ALIASES {
                draft.leave_out(format!("aliases beyond {MAX_ALIASES}"));
            } else if alias != slug && !self.names.insert(alias.clone()) {
                draft.leave_out(format!("the alias {}, which another site has", quoted(&alias)));
            } else {
                free.push(quoted(&alias));
            }
        }
        if !free.is_empty() {
            draft.set("aliases", format!("[{}]", free.join(", ")));
        }
    }
}

/// Writes the tags, those of the same sites among them.
fn set_tags(draft: &mut SiteDraft) {
    if !draft.tags.is_empty() {
        let tags: Vec<String> = draft.tags.iter().map(|tag| quoted(tag)).collect();
        draft.set("tags", format!("[{}]", tags.join(", ")));
    }
}

fn content(draft: &SiteDraft, site: &Site) -> Content {
    let label =
        |key: &str| matches!(key, "url" | "name" | "slug" | "tags" | "interval" | "timeout");
    let keys = draft.keys.iter().filter(|(key, _)| !label(key)).cloned();
    let headers = draft.headers.iter().map(|header| ("headers", format!("{header:?}")));
    let other = [("url", site.url.to_string()), ("paused", draft.paused.to_string())];
    let mut content: Content = keys.chain(headers).chain(other).collect();
    content.sort();
    content
}

/// Lets the reader of catalogues validate a site. Keys that it refuses are left out; a refused address
/// leaves the whole site out, with the reason.
fn validated(draft: &mut SiteDraft) -> Result<Site, String> {
    for _ in 0..ORDER.len() {
        let problems = match Catalogue::parse(&block(draft), "", &Defaults::default()) {
            Ok(catalogue) => {
                let site = catalogue.sites().first().map(|site| Site::clone(site));
                return site.ok_or_else(|| "it is empty".to_owned());
            }
            Err(problems) => problems,
        };
        for problem in problems {
            let (key, text) = (problem.key().to_owned(), problem.text());
            let is_known = draft.keys.iter().any(|(known, _)| *known == key);
            let has_slug = draft.keys.iter().any(|(known, _)| *known == "slug");
            if key == "url" && !has_slug && text.starts_with("its host cannot be the slug") {
                draft.set_text("slug", &format!("{}-site", host_of(&draft.url)));
            } else if key == "slug" {
                return Err(format!("no site can have its host {}", quoted(&host_of(&draft.url))));
            } else if key == "url" || !is_known {
                return Err(format!("its address {text}"));
            } else {
                draft.keys.retain(|(known, _)| *known != key);
                let joint = if text.starts_with(['"', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
                {
                    ": "
                } else {
                    ", which "
                };
                draft.leave_out(format!("{key}{joint}{text}"));
            }
        }
    }
    Err("it cannot be read".to_owned())
}

fn host_of(url: &str) -> String {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_default().replace(['[', ']'], "")
}

/// Returns whether a site may have this slug.
fn may_have_slug(site: &Site, slug: &str) -> bool {
    let text = format!("[[site]]\nurl = {}\nslug = {}\n", quoted(site.url.as_str()), quoted(slug));
    Catalogue::parse(&text, "", &Defaults::default()).is_ok()
}

/// Returns whether a site is at an address that is not public, as far as its name tells.
fn is_private(site: &Site) -> bool {
    match site.url.host() {
        Some(Host::Ipv4(address)) => !is_public(address.into()),
        Some(Host::Ipv6(address)) => !is_public(address.into()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            !name.contains('.') || PRIVATE_ENDINGS.iter().any(|ending| name.ends_with(ending))
        }
        None => false,
    }
}

/// The `[[site]]` of a draft.
fn block(draft: &SiteDraft) -> String {
    let mut text = "[[site]]\n".to_owned();
    for key in ORDER {
        for (_, value) in draft.keys.iter().filter(|(known, _)| *known == key) {
            text.extend([key, " = ", value, "\n"]);
        }
    }
    text
}

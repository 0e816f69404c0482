//! One `[[scene]]` of a story: when, to whom, and what they do from then on. Pure.

use toml::de::DeValue;

use super::{Frame, Words, clock, slug, words};
use crate::{
    config::{keys::Keys, value},
    model::{moment::Moment, name::Slug},
};

/// Headers of a scene, and bytes of its body, at most.
const MOST: (usize, usize) = (50, 256 * 1024);

/// What happens at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// When.
    pub at: Moment,
    /// What the audience is told.
    pub says: Option<String>,
    /// To which sites.
    pub sites: Vec<Slug>,
    /// What they do from then on.
    pub does: Does,
    /// What our own line does from then on, in words, to all sites and controls.
    pub our_line: Option<String>,
    /// What our own name servers do from then on, in words.
    pub name_servers: Option<String>,
}

/// What a site does: words, and what its answers have beside their status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Does {
    /// What it does, in words, one after another; none: what is usual.
    pub words: Vec<String>,
    /// A page that is known by name, in words.
    pub page: Option<String>,
    /// Headers of its answers, beside those of the page.
    pub headers: Vec<(String, String)>,
    /// The body of its answers, in the place of the page's.
    pub body: Option<String>,
}

/// Reads one scene.
pub(super) fn scene(keys: &mut Keys<'_, '_>, frame: &Frame<'_>) -> Option<Scene> {
    if !keys.has("at") {
        keys.missing("at", "is missing; write such as \"09:37\"");
    }
    let at = keys.get("at", |value| clock(value, frame));
    let says = keys.get("says", value::line(200));
    let sites = keys.list("sites", |value| slug(value, frame)).unwrap_or_default();
    let site = keys.get("site", |value| slug(value, frame));
    let does = does(keys, frame);
    let our = |kind| move |value: &DeValue<'_>| one(value, kind, frame);
    let our_line = keys.get("our_line", our(Words::OurLine));
    let name_servers = keys.get("name_servers", our(Words::NameServers));
    let sites = sites.into_iter().chain(site).collect();
    Some(Scene { at: at?, says, sites, does, our_line, name_servers })
}

fn does(keys: &mut Keys<'_, '_>, frame: &Frame<'_>) -> Does {
    let words = keys.get("does", |value| words(value, frame.understands)).unwrap_or_default();
    let page = keys.get("page", |value| {
        let name = value::line(50)(value)?;
        let page = format!("page {name}");
        (frame.understands)(Words::Does, &page)
            .map_err(|_| format!("{name:?} is not a page that is known; docs/stories.md has them"))
            .map(|()| page)
    });
    let headers = keys.get("headers", headers).unwrap_or_default();
    let body = keys.get("body", |value| {
        let text = value.as_str().ok_or("must be a text")?;
        if text.len() > MOST.1 {
            return Err(format!("has more than {} bytes", MOST.1));
        }
        Ok(text.to_owned())
    });
    Does { words, page, headers, body }
}

fn headers(value: &DeValue<'_>) -> Result<Vec<(String, String)>, String> {
    let wrong = "must be a table of texts: write headers = { server = \"AkamaiGHost\" }";
    let table = value.as_table().ok_or(wrong)?;
    if table.len() > MOST.0 {
        return Err(format!("has more than {} headers", MOST.0));
    }
    let header = |(name, value): (
        &toml::Spanned<std::borrow::Cow<'_, str>>,
        &toml::Spanned<DeValue<'_>>,
    )| {
        let name = name.get_ref().to_string();
        let token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let value = value.get_ref().as_str().filter(|text| !text.chars().any(char::is_control));
        match value {
            Some(value) if name.chars().all(token) => Ok((name, value.to_owned())),
            _ => Err(wrong.to_owned()),
        }
    };
    table.iter().map(header).collect()
}

/// Words of a kind of ours.
fn one(value: &DeValue<'_>, kind: Words, frame: &Frame<'_>) -> Result<String, String> {
    let text = value::line(200)(value)?;
    (frame.understands)(kind, &text)?;
    Ok(text)
}

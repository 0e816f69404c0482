//! One `[[scene]]` of a story: its time, its sites, and their behaviour from then on. Pure.

use toml::Value;

use super::{StoryFrame, WordsAbout, words};
use crate::config::{
    table::Table,
    value::{OneLine, values},
};
use model::{moment::Moment, name::Slug};

const MAX_HEADERS: usize = 50;
const MAX_BODY: usize = 256 * 1024;

/// The events of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryScene {
    /// The moment.
    pub at: Moment,
    /// The line that the audience reads.
    pub says: Option<String>,
    /// The sites that it happens to.
    pub sites: Vec<Slug>,
    /// Their behaviour from then on.
    pub behaviour: StoryBehaviour,
    /// The state of our own network from then on, in words, for all sites and controls.
    pub our_line: Option<String>,
    /// The state of our own name servers from then on, in words.
    pub name_servers: Option<String>,
}

/// The behaviour of a site: words, and what its answers have beside their status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoryBehaviour {
    /// Words, one after another; none: what is usual.
    pub words: Vec<String>,
    /// A page that is known by name, in words.
    pub page: Option<String>,
    /// Headers of its answers, beside those of the page.
    pub headers: Vec<(String, String)>,
    /// Body of its answers, in place of the page's.
    pub body: Option<String>,
}

values! {
    /// Headers and their values.
    SceneHeaders(Vec<(String, String)>) = headers;
    /// The body of an answer.
    SceneBody(String) = |value| {
        let text = value.as_str().ok_or("must be a text")?;
        if text.len() > MAX_BODY {
            return Err(format!("has more than {MAX_BODY} bytes"));
        }
        Ok(text.to_owned())
    };
}

/// Reads one scene.
pub(super) fn read(table: &mut Table<'_, '_>, frame: &StoryFrame<'_>) -> Option<StoryScene> {
    table.require("at", "is missing; write such as \"09:37\"");
    let at = frame.moment(table, "at");
    let says = table.get("says").map(|OneLine::<200>(text)| text);
    let sites = frame.slugs(table);
    let behaviour = behaviour(table, frame);
    let mut ours = |key, words| {
        let OneLine::<200>(text) = table.get(key)?;
        table.check(key, (frame.understands)(words, &text).map(|()| text))
    };
    let our_line = ours("our_line", WordsAbout::OurNetwork);
    let name_servers = ours("name_servers", WordsAbout::NameServers);
    Some(StoryScene { at: at?, says, sites, behaviour, our_line, name_servers })
}

fn behaviour(table: &mut Table<'_, '_>, frame: &StoryFrame<'_>) -> StoryBehaviour {
    let page = table.get("page").and_then(|OneLine::<50>(name)| {
        let page = format!("page {name}");
        let known = (frame.understands)(WordsAbout::Site, &page)
            .map_err(|_| format!("{name:?} is not a page that is known; docs/stories.md has them"));
        table.check("page", known.map(|()| page))
    });
    StoryBehaviour {
        words: words(table, "does", frame.understands).unwrap_or_default(),
        page,
        headers: table.get("headers").map(|SceneHeaders(all)| all).unwrap_or_default(),
        body: table.get("body").map(|SceneBody(text)| text),
    }
}

fn headers(value: &Value) -> Result<Vec<(String, String)>, String> {
    let wrong = "must be a table of texts: write headers = { server = \"AkamaiGHost\" }";
    let table = value.as_table().ok_or(wrong)?;
    if table.len() > MAX_HEADERS {
        return Err(format!("has more than {MAX_HEADERS} headers"));
    }
    let token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let header = |(name, value): (&String, &Value)| {
        let value = value.as_str().filter(|text| !text.chars().any(char::is_control));
        value
            .filter(|_| name.chars().all(token))
            .map(|value| (name.clone(), value.to_owned()))
            .ok_or_else(|| wrong.to_owned())
    };
    table.iter().map(header).collect()
}

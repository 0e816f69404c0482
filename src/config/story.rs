//! A story to be replayed: sites, and what happens to them when, from a TOML file.
//!
//! Pure but for [`Story::load`], which reads one file. What a scene does to its sites is in words
//! that this room does not know: the caller says whether they are understood. docs/stories.md tells
//! people how to write one.

mod expect;
mod scene;
mod server;

use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};

use time::{
    OffsetDateTime, Time, format_description::well_known::Rfc3339, macros::format_description,
};
use toml::de::{DeTable, DeValue};

pub use self::{
    expect::{Expectation, Seen},
    scene::{Does, Scene},
    server::Server,
};
use super::{
    catalogue, file,
    keys::Keys,
    problem::Problem,
    report::{self, Report},
    site::Defaults,
    value::{self, quoted, shown},
};
use crate::model::{moment::Moment, name::Slug, site::Site};

/// No story is longer.
const LONGEST: Duration = Duration::from_hours(7 * 24);
/// Sites, scenes and expectations at most.
const MOST: (usize, usize) = (100, 1_000);
/// Words one after another at most.
const WORDS: usize = 16;

/// A story to be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// What it is called.
    pub title: String,
    /// When it begins.
    pub begins: Moment,
    /// When it ends.
    pub ends: Moment,
    /// How many times faster than life it is played, unless asked otherwise.
    pub speed: u32,
    /// How its sites answer when all is well, in words.
    pub usual: Vec<String>,
    /// The sites, in the order of the file.
    pub sites: Vec<Arc<Site>>,
    /// What their servers are like.
    pub servers: HashMap<Slug, Server>,
    /// What happens, in order.
    pub scenes: Vec<Scene>,
    /// What must be seen of it.
    pub expectations: Vec<Expectation>,
}

/// What words are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// What a site does.
    Does,
    /// What our own line does.
    OurLine,
    /// What our own name servers do.
    NameServers,
}

/// Says whether words are understood, and if not, why.
type Understands<'a> = &'a dyn Fn(Words, &str) -> Result<(), String>;

impl Story {
    /// Reads a story from its text.
    ///
    /// # Errors
    /// With every problem of the text, in the order of its lines.
    pub fn parse(
        text: &str,
        file: &str,
        understands: Understands<'_>,
    ) -> Result<Self, Vec<Problem>> {
        let (story, problems) =
            report::read(file, text, |top, report| story(top, report, understands));
        match story {
            Some(story) if problems.is_empty() => Ok(story),
            _ => Err(problems),
        }
    }

    /// Reads a story from its file.
    ///
    /// # Errors
    /// With every problem of the file.
    pub fn load(path: &Path, understands: Understands<'_>) -> Result<Self, Vec<Problem>> {
        let text = file::read(path, "name a story; outages/ has some").map_err(|p| vec![p])?;
        Self::parse(&text, &path.display().to_string(), understands)
    }
}

fn story(
    top: &DeTable<'_>,
    report: &mut Report<'_>,
    understands: Understands<'_>,
) -> Option<Story> {
    let mut servers = HashMap::new();
    let sites = catalogue::sites_with(top, report, &Defaults::default(), |keys, site| {
        let server = server::server(keys, understands);
        servers.extend(site.map(|site| (site.slug.clone(), server)));
    });
    let mut keys = Keys::asking(top, &["site", "scene", "expect"], report);
    let title = keys.get("title", value::line(100)).unwrap_or_default();
    let speed = keys.get("speed", value::whole(1..=3_600)).unwrap_or(60);
    let words = |value: &DeValue<'_>| words(value, understands);
    let usual = keys.get("usual", words).unwrap_or_else(|| vec!["ok".to_owned()]);
    if sites.len() > MOST.0 {
        keys.wrong("site", format!("is there more than {} times; leave some out", MOST.0));
    }
    let begins = moment(&mut keys, "begins");
    let ends = moment(&mut keys, "ends").map(Moment::from);
    if let (Some(begins), Some(ends)) = (begins, ends) {
        let begins = Moment::from(begins);
        if ends <= begins || ends.since(begins) > LONGEST {
            keys.wrong("ends", "is not within the 7 days after begins");
        }
    }
    keys.done();
    let (begins, ends) = (begins?, ends?);
    let frame = Frame { begins, ends, sites: &sites, understands };
    let scenes = sections(top, report, "scene", |keys, scenes: &[Scene]| {
        let scene = scene::scene(keys, &frame)?;
        if scenes.last().is_some_and(|last| last.at > scene.at) {
            keys.wrong("at", "is before the scene above; write scenes in their order in time");
        }
        Some(scene)
    });
    let expectations = sections(top, report, "expect", |keys, _| expect::expectation(keys, &frame));
    let begins = begins.into();
    Some(Story { title, begins, ends, speed, usual, sites, servers, scenes, expectations })
}

fn moment(keys: &mut Keys<'_, '_>, key: &'static str) -> Option<OffsetDateTime> {
    if !keys.has(key) {
        keys.missing(key, "is missing; write such as \"2017-02-28T09:00:00-08:00\"");
    }
    keys.get(key, |value| {
        let read = value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        read.ok_or_else(|| {
            let shown = shown(value);
            format!("{shown} is not a moment; write such as \"2017-02-28T09:00:00-08:00\"")
        })
    })
}

/// What scenes and expectations need to know of their story.
struct Frame<'a> {
    begins: OffsetDateTime,
    ends: Moment,
    sites: &'a [Arc<Site>],
    understands: Understands<'a>,
}

/// Reads each section of a list; `read` is given those before it.
fn sections<T>(
    top: &DeTable<'_>,
    report: &mut Report<'_>,
    name: &str,
    read: impl Fn(&mut Keys<'_, '_>, &[T]) -> Option<T>,
) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    let Some(value) = top.get(name) else { return all };
    let DeValue::Array(items) = value.get_ref() else {
        let text = format!("is a list of sections: write [[{name}]], with two brackets");
        report.push(report.problem(value.span().start, text).about("", name));
        return all;
    };
    for (number, item) in items.iter().enumerate() {
        let begins = item.span().start;
        let DeValue::Table(table) = item.get_ref() else {
            let text = format!("is not a section: write [[{name}]], and its keys below it");
            report.push(report.problem(begins, text).about("", name));
            continue;
        };
        if number == MOST.1 {
            let text = format!("is there more than {number} times; leave some out");
            report.push(report.problem(begins, text).about("", name));
            break;
        }
        let mut keys = Keys::new(table, begins, report);
        keys.call(format!("{name} no. {}", number + 1));
        all.extend(read(&mut keys, &all));
        keys.done();
    }
    all
}

/// The slug of a site of the story.
fn slug(value: &DeValue<'_>, frame: &Frame<'_>) -> Result<Slug, String> {
    let named = value.as_str().and_then(|text| {
        let site = frame.sites.iter().find(|site| site.slug.as_str() == text);
        site.map(|site| site.slug.clone())
    });
    named.ok_or_else(|| format!("{} is not the slug of a site of this file", shown(value)))
}

/// A whole moment, or a time of day on or after the day on which the story begins, at its place.
fn clock(value: &DeValue<'_>, frame: &Frame<'_>) -> Result<Moment, String> {
    let wrong = || format!("{} is not a time; write such as \"09:37\"", shown(value));
    let text = value.as_str().ok_or_else(wrong)?;
    let hour = format_description!("[hour]:[minute]");
    let second = format_description!("[hour]:[minute]:[second]");
    let time = Time::parse(text, &hour).or_else(|_| Time::parse(text, &second));
    let at = match time {
        Ok(time) => {
            let today = frame.begins.replace_time(time);
            if today < frame.begins { today + Duration::from_hours(24) } else { today }
        }
        Err(_) => OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong())?,
    };
    let at = Moment::from(at);
    if at < frame.begins.into() || at > frame.ends {
        return Err(format!("{} is not between begins and ends", quoted(text)));
    }
    Ok(at)
}

/// Words for what a site does, or a list of them; `usual` is ours.
fn words(value: &DeValue<'_>, understands: Understands<'_>) -> Result<Vec<String>, String> {
    let items = match value {
        DeValue::Array(items) => items.iter().map(toml::Spanned::get_ref).collect(),
        one => vec![one],
    };
    if items.len() > WORDS {
        return Err(format!("has more than {WORDS} words; write a scene for each moment"));
    }
    let mut words = Vec::new();
    for item in items {
        let text = value::line(500)(item)?;
        if text != "usual" {
            understands(Words::Does, &text)?;
        }
        words.push(text);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "[[site]]\nurl = \"https://a.example/\"\n";

    fn read(text: &str) -> Result<Story, Vec<String>> {
        let understands = |_: Words, words: &str| match words {
            "ok" | "down" => Ok(()),
            other => Err(format!("{other:?} is not understood")),
        };
        let told = |problems: Vec<Problem>| problems.iter().map(ToString::to_string).collect();
        Story::parse(text, "story.toml", &understands).map_err(told)
    }

    #[test]
    fn times_of_day_are_those_of_the_place_where_it_begins() {
        let story = read(&format!(
            "begins = \"2017-02-28T23:00:00-08:00\"\nends = \"2017-03-01T03:00:00-08:00\"\n{SITE}\
             [[scene]]\nat = \"23:37\"\nsites = [\"a.example\"]\ndoes = \"down\"\n\
             [[scene]]\nat = \"01:00:30\"\nsays = \"Better.\"\nsites = [\"a.example\"]\ndoes = \"usual\"\n"
        ))
        .unwrap();
        let at = |text| Moment::parse(text).unwrap();
        assert_eq!(story.scenes[0].at, at("2017-03-01T07:37:00Z"));
        assert_eq!(story.scenes[1].at, at("2017-03-01T09:00:30Z"));
        let does = |scene: usize| story.scenes[scene].does.words.clone();
        assert_eq!((does(0), does(1)), (vec!["down".to_owned()], vec!["usual".to_owned()]));
        assert_eq!((story.speed, story.usual), (60, vec!["ok".to_owned()]));
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_key() {
        let good = "begins = \"2017-02-28T09:00:00Z\"\nends = \"2017-02-28T10:00:00Z\"\n";
        for (text, want) in [
            (
                "begins = \"today\"\nends = \"2017-02-28T10:00:00Z\"\n".to_owned() + SITE,
                "story.toml:1: begins: \"today\" is not a moment; write such as \
                 \"2017-02-28T09:00:00-08:00\"",
            ),
            (
                "begins = \"2017-02-28T10:00:00Z\"\nends = \"2017-02-28T10:00:00Z\"\n".to_owned()
                    + SITE,
                "story.toml:2: ends: is not within the 7 days after begins",
            ),
            (
                format!("{good}spede = 5\n{SITE}"),
                "story.toml:3: spede: is not a key here; did you mean speed?",
            ),
            (
                format!("{good}{SITE}[[scene]]\nat = \"11:00\"\n"),
                "story.toml:6: scene no. 1: at: \"11:00\" is not between begins and ends",
            ),
            (
                format!("{good}{SITE}[[scene]]\nat = \"9.30\"\n"),
                "story.toml:6: scene no. 1: at: \"9.30\" is not a time; write such as \"09:37\"",
            ),
            (
                format!("{good}{SITE}[[scene]]\nat = \"09:30\"\nsites = [\"b.example\"]\n"),
                "story.toml:7: scene no. 1: sites: \"b.example\" is not the slug of a site of this \
                 file",
            ),
            (
                format!("{good}{SITE}[[scene]]\nat = \"09:30\"\ndoes = \"explode\"\n"),
                "story.toml:7: scene no. 1: does: \"explode\" is not understood",
            ),
            (
                format!("{good}{SITE}[[scene]]\nat = \"09:30\"\n[[scene]]\nat = \"09:29\"\n"),
                "story.toml:8: scene no. 2: at: is before the scene above; write scenes in their \
                 order in time",
            ),
            (
                format!("{good}{SITE}[[scene]]\nsays = \"x\"\n"),
                "story.toml:5: scene no. 1: at: is missing; write such as \"09:37\"",
            ),
            (
                good.to_owned(),
                "story.toml: there is no [[site]]; write one, and below it url = \
                 \"https://slack.com/\"",
            ),
        ] {
            assert_eq!(read(&text).unwrap_err(), [want], "{text}");
        }
    }
}

//! A story to be replayed: sites, and what happens to them when, from a TOML file.
//!
//! Pure except for [`Story::load`], which reads one file. Behaviours of scenes are words that this
//! module does not interpret: the caller says which are valid. docs/stories.md explains how to
//! write a story.

mod expect;
mod scene;

use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};

use jiff::{Timestamp, civil::Time, fmt::temporal::Pieces, tz::Offset};

pub use self::{
    expect::{Expectation, Observation},
    scene::{StoryBehaviour, StoryScene},
};
use super::{
    catalogue, files,
    problem::ConfigProblem,
    site::Defaults,
    table::{self, Table},
    value::{self, Count, OneLine, Text, items, quoted, shown, values},
};
use model::{moment::Moment, name::Slug, site::Site};

const MAX_LENGTH: Duration = Duration::from_hours(7 * 24);
const MAX_SITES: usize = 100;
/// Scenes, and expectations, at most.
const MAX_SECTIONS: usize = 1_000;
/// Words one after another at most.
const MAX_WORDS: usize = 16;

/// A story to be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The title.
    pub title: String,
    /// Its beginning.
    pub begins: Moment,
    /// Its end.
    pub ends: Moment,
    /// Its speed, as a multiple of real time, unless asked otherwise.
    pub speed: u32,
    /// The answers of its sites when all is well, in words.
    pub usual: Vec<String>,
    /// The sites, in the order of the file.
    pub sites: Vec<Arc<Site>>,
    /// Their servers.
    pub servers: HashMap<Slug, StoryServer>,
    /// The scenes, in their order in time.
    pub scenes: Vec<StoryScene>,
    /// The expectations, in the order of the file.
    pub expectations: Vec<Expectation>,
}

/// The subject of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordsAbout {
    /// The behaviour of a site.
    Site,
    /// The state of our own network.
    OurNetwork,
    /// The state of our own name servers.
    NameServers,
}

/// Checks that words are understood, or says why not.
type Understands<'a> = &'a dyn Fn(WordsAbout, &str) -> Result<(), String>;

impl Story {
    /// Reads a story from its text.
    ///
    /// # Errors
    /// Fails with every problem of the text, in the order of its lines.
    pub fn parse(
        text: &str,
        file: &str,
        understands: Understands<'_>,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let (story, problems) = table::parse(file, text, |top| story(top, understands));
        match story {
            Some(story) if problems.is_empty() => Ok(story),
            _ => Err(problems),
        }
    }

    /// Reads a story from its file.
    ///
    /// # Errors
    /// Fails with every problem of the file.
    pub fn load(path: &Path, understands: Understands<'_>) -> Result<Self, Vec<ConfigProblem>> {
        let text = files::read(path, "name a story; outages/ has some").map_err(|p| vec![p])?;
        Self::parse(&text, &path.display().to_string(), understands)
    }
}

/// The servers of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryServer {
    /// The number of its IPv4 addresses.
    pub addresses: u32,
    /// True if it has an IPv6 address as well.
    pub ipv6: bool,
    /// The end of its certificate, if the story says so.
    pub expires: Option<Moment>,
    /// Its answers when all is well, in words; none: what is usual in the story.
    pub usual: Vec<String>,
    /// The order in which its addresses are given, in words.
    pub dns: Option<String>,
}

impl Default for StoryServer {
    fn default() -> Self {
        Self { addresses: 1, ipv6: false, expires: None, usual: Vec::new(), dns: None }
    }
}

values! {
    /// A moment, with the distance from UTC that it is written with.
    MomentAndOffset((Moment, Offset)) = |value| {
        value.as_str().and_then(moment_and_offset).ok_or_else(|| {
            let shown = shown(value);
            format!("{shown} is not a moment; write such as \"2017-02-28T09:00:00-08:00\"")
        })
    };
    /// The moment at which a certificate ends.
    Expires(Moment) = |value| {
        let read = value.as_str().and_then(|text| Moment::parse(text).ok());
        read.ok_or_else(|| {
            let shown = shown(value);
            format!("{shown} is not a moment; write such as \"2021-09-30T14:01:15Z\"")
        })
    };
    /// Words for what a site does, or a list of them.
    WordList(Vec<String>) = |value| {
        let items = items(value);
        if items.len() > MAX_WORDS {
            return Err(format!("has more than {MAX_WORDS} words; write a scene for each moment"));
        }
        items.iter().map(|item| value::line(item, 500)).collect()
    };
}

fn story(top: &mut Table<'_, '_>, understands: Understands<'_>) -> Option<Story> {
    let mut servers = HashMap::new();
    let sites = catalogue::sites(top, &Defaults::default(), |table, site| {
        let server = server(table, understands);
        servers.extend(site.map(|site| (site.slug.clone(), server)));
    });
    if sites.len() > MAX_SITES {
        top.wrong("site", format!("is there more than {MAX_SITES} times; leave some out"));
    }
    let title = top.get("title").map_or_else(String::new, |OneLine::<100>(title)| title);
    let speed: Option<Count<1, 3_600, 60>> = top.get("speed");
    let usual = words(top, "usual", understands).unwrap_or_else(|| vec!["ok".to_owned()]);
    for key in ["begins", "ends"] {
        top.require(key, "is missing; write such as \"2017-02-28T09:00:00-08:00\"");
    }
    let (Some(MomentAndOffset((begins, offset))), Some(MomentAndOffset((ends, _)))) =
        (top.get("begins"), top.get("ends"))
    else {
        // Times of day mean nothing without the day.
        top.pass_over(&["scene", "expect"]);
        return None;
    };
    let frame = StoryFrame { begins, offset, ends, sites: &sites, understands };
    if ends <= begins || ends.since(begins) > MAX_LENGTH {
        top.wrong("ends", "is not within the 7 days after begins");
    }
    let mut last = None;
    let scenes = top.sections("scene", MAX_SECTIONS, |table, number| {
        table.set_subject(format!("scene no. {number}"));
        let scene = scene::read(table, &frame)?;
        if last.replace(scene.at).is_some_and(|last| last > scene.at) {
            table.wrong("at", "is before the scene above; write scenes in their order in time");
        }
        Some(scene)
    });
    let expectations = top.sections("expect", MAX_SECTIONS, |table, number| {
        table.set_subject(format!("expect no. {number}"));
        expect::read(table, &frame)
    });
    let speed = speed.unwrap_or_default().get();
    Some(Story { title, begins, ends, speed, usual, sites, servers, scenes, expectations })
}

/// Reads words for what a site does, which must be understood; `usual` is ours.
fn words(
    table: &mut Table<'_, '_>,
    key: &'static str,
    understands: Understands<'_>,
) -> Option<Vec<String>> {
    let WordList(words) = table.get(key)?;
    let mut foreign = words.iter().filter(|word| *word != "usual");
    let understood = foreign.try_for_each(|word| understands(WordsAbout::Site, word));
    table.check(key, understood).map(|()| words)
}

/// Reads what a site says of its servers.
fn server(table: &mut Table<'_, '_>, understands: Understands<'_>) -> StoryServer {
    let dns = table.get("dns").and_then(|OneLine::<100>(order)| {
        let order = format!("dns {order}");
        table.check("dns", understands(WordsAbout::Site, &order).map(|()| order))
    });
    let addresses: Option<Count<1, 8>> = table.get("addresses");
    StoryServer {
        addresses: addresses.unwrap_or_default().get(),
        ipv6: table.get("ipv6").unwrap_or(false),
        expires: table.get("expires").map(|Expires(at)| at),
        usual: words(table, "usual", understands).unwrap_or_default(),
        dns,
    }
}

/// The parts of a story that its scenes and expectations refer to.
struct StoryFrame<'a> {
    begins: Moment,
    /// The distance from UTC of times of day.
    offset: Offset,
    ends: Moment,
    sites: &'a [Arc<Site>],
    understands: Understands<'a>,
}

impl StoryFrame<'_> {
    /// The slugs of a section's keys `sites` and `site`, which are those of sites of the story.
    fn slugs(&self, table: &mut Table<'_, '_>) -> Vec<Slug> {
        let sites: Vec<Text> = table.get("sites").unwrap_or_default();
        let site: Option<Text> = table.get("site");
        let mut slugs = Vec::new();
        for (at, Text(text)) in sites.iter().enumerate() {
            match self.slug(text) {
                Ok(slug) => slugs.push(slug),
                Err(why) => table.wrong_item("sites", at, why),
            }
        }
        slugs.extend(site.and_then(|Text(text)| table.check("site", self.slug(&text))));
        slugs
    }

    fn slug(&self, text: &str) -> Result<Slug, String> {
        let site = self.sites.iter().find(|site| site.slug.as_str() == text);
        site.map(|site| site.slug.clone())
            .ok_or_else(|| format!("{} is not the slug of a site of this file", quoted(text)))
    }

    /// The moment of a key: a full one, or a time of day, taken as the first such time at or after
    /// the story's beginning.
    fn moment(&self, table: &mut Table<'_, '_>, key: &'static str) -> Option<Moment> {
        let ClockText(text) = table.get(key)?;
        let at = match self.clock(&text) {
            Some(at) if (self.begins..=self.ends).contains(&at) => Ok(at),
            Some(_) => Err(format!("{} is not between begins and ends", quoted(&text))),
            None => Err(not_a_time(&quoted(&text))),
        };
        table.check(key, at)
    }

    fn clock(&self, text: &str) -> Option<Moment> {
        if let Ok(whole) = text.parse::<Timestamp>() {
            return Some(whole.into());
        }
        let day = self.offset.to_datetime(self.begins.to_timestamp()).date();
        let today = day.to_datetime(text.parse::<Time>().ok()?);
        let at = Moment::from(self.offset.to_timestamp(today).ok()?);
        Some(if at < self.begins { at + Duration::from_hours(24) } else { at })
    }
}

values! {
    /// A time of day or a moment, as it was written.
    ClockText(String) = |value| {
        value.as_str().map(str::to_owned).ok_or_else(|| not_a_time(&shown(value)))
    };
}

fn not_a_time(shown: &str) -> String {
    format!("{shown} is not a time; write such as \"09:37\"")
}

fn moment_and_offset(text: &str) -> Option<(Moment, Offset)> {
    let offset = Pieces::parse(text).ok()?.offset()?.to_numeric_offset();
    Some((Moment::parse(text).ok()?, offset))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SITE_EXAMPLE: &str = "[[site]]\nurl = \"https://a.example/\"\n";

    fn read(text: &str) -> Result<Story, Vec<String>> {
        let understands = |_: WordsAbout, words: &str| match words {
            "ok" | "down" => Ok(()),
            other => Err(format!("{other:?} is not understood")),
        };
        let told =
            |problems: Vec<ConfigProblem>| problems.iter().map(ToString::to_string).collect();
        Story::parse(text, "story.toml", &understands).map_err(told)
    }

    #[test]
    fn times_of_day_are_those_of_the_place_where_it_begins() {
        let story = read(&format!(
            "begins = \"2017-02-28T23:00:00-08:00\"\nends = \"2017-03-01T03:00:00-08:00\"\n{SITE_EXAMPLE}\
             [[scene]]\nat = \"23:37\"\nsites = [\"a.example\"]\ndoes = \"down\"\n\
             [[scene]]\nat = \"01:00:30\"\nsays = \"Better.\"\nsites = [\"a.example\"]\ndoes = \"usual\"\n"
        ))
        .unwrap();
        let at = |text| Moment::parse(text).unwrap();
        assert_eq!(story.scenes[0].at, at("2017-03-01T07:37:00Z"));
        assert_eq!(story.scenes[1].at, at("2017-03-01T09:00:30Z"));
        let does = |scene: usize| story.scenes[scene].behaviour.words.clone();
        assert_eq!((does(0), does(1)), (vec!["down".to_owned()], vec!["usual".to_owned()]));
        assert_eq!((story.speed, story.usual), (60, vec!["ok".to_owned()]));
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_key() {
        let good = "begins = \"2017-02-28T09:00:00Z\"\nends = \"2017-02-28T10:00:00Z\"\n";
        for (text, want) in [
            (
                "begins = \"today\"\nends = \"2017-02-28T10:00:00Z\"\n".to_owned() + SITE_EXAMPLE,
                "story.toml:1: begins: \"today\" is not a moment; write such as \
                 \"2017-02-28T09:00:00-08:00\"",
            ),
            (
                "begins = \"2017-02-28T10:00:00Z\"\nends = \"2017-02-28T10:00:00Z\"\n".to_owned()
                    + SITE_EXAMPLE,
                "story.toml:2: ends: is not within the 7 days after begins",
            ),
            (
                format!("{good}spede = 5\n{SITE_EXAMPLE}"),
                "story.toml:3: spede: is not a key here; did you mean speed?",
            ),
            (
                format!("{good}{SITE_EXAMPLE}[[scene]]\nat = \"11:00\"\n"),
                "story.toml:6: scene no. 1: at: \"11:00\" is not between begins and ends",
            ),
            (
                format!("{good}{SITE_EXAMPLE}[[scene]]\nat = \"9.30\"\n"),
                "story.toml:6: scene no. 1: at: \"9.30\" is not a time; write such as \"09:37\"",
            ),
            (
                format!("{good}{SITE_EXAMPLE}[[scene]]\nat = \"09:30\"\nsites = [\"b.example\"]\n"),
                "story.toml:7: scene no. 1: sites: \"b.example\" is not the slug of a site of this \
                 file",
            ),
            (
                format!("{good}{SITE_EXAMPLE}[[scene]]\nat = \"09:30\"\ndoes = \"explode\"\n"),
                "story.toml:7: scene no. 1: does: \"explode\" is not understood",
            ),
            (
                format!(
                    "{good}{SITE_EXAMPLE}[[scene]]\nat = \"09:30\"\n[[scene]]\nat = \"09:29\"\n"
                ),
                "story.toml:8: scene no. 2: at: is before the scene above; write scenes in their \
                 order in time",
            ),
            (
                format!("{good}{SITE_EXAMPLE}[[scene]]\nsays = \"x\"\n"),
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_story_breaks_its_reader(at in 0_usize..1_000, text in "\\PC{0,12}|[0-9T:Z\"\\[\\]=#\n-]{1,8}") {
            let mut story = format!(
                "title = \"t\"\nbegins = \"2017-02-28T09:00:00-08:00\"\n\
                 ends = \"2017-02-28T12:00:00-08:00\"\nspeed = 60\nusual = [\"ok\", \"down\"]\n{SITE_EXAMPLE}\
                 expires = \"2018-01-01T00:00:00Z\"\nipv6 = true\naddresses = 2\n\
                 [[scene]]\nat = \"09:30\"\nsites = [\"a.example\"]\ndoes = \"down\"\n\
                 headers = {{ server = \"x\" }}\nbody = \"b\"\n\
                 [[expect]]\nat = \"10:00\"\nsite = \"a.example\"\nstatus = [\"up\", \"slow\"]\n"
            );
            prop_assert!(read(&story).is_ok(), "{:?}", read(&story));
            let at = at % story.len();
            story.replace_range(at..=at, &text);
            for problem in read(&story).err().unwrap_or_default() {
                prop_assert!(problem.len() > 20 && problem.len() < 1_000, "{}", problem);
            }
        }
    }
}

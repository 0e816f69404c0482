//! All that is told of a site, held against what should be: by the API, its page, the front page, its badge, its
//! feed, and messages.

use super::*;

/// Any status of a region.
pub(super) const ANY: &str = "";

/// Expectation of what is told of a site.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    /// Its status.
    pub(super) status: &'a str,
    /// Each region with what it sees.
    pub(super) regions: &'a [(&'a str, &'a str)],
    /// Regions that do not count, and why.
    pub(super) no_vote: &'a [(&'a str, &'a str)],
    /// Words of the sentence.
    pub(super) sentence: &'a str,
    /// Words of its row on the front page.
    pub(super) mark: &'a str,
    /// Outages in the feed.
    pub(super) feed: FeedEntry<'a>,
    /// Status in the last message about it; empty when there is none.
    pub(super) message: &'a str,
}

/// Outages in the feed of a site.
#[derive(Clone, Copy, Debug)]
pub(super) enum FeedEntry<'a> {
    /// There never was one.
    Nothing,
    /// One of this status goes on.
    GoesOn(&'a str),
    /// All are over.
    Over,
}

/// A site that was well all the time, by these regions.
pub(super) const fn well<'a>(regions: &'a [(&'a str, &'a str)]) -> Told<'a> {
    Told {
        status: "up",
        regions,
        no_vote: &[],
        sentence: "is up",
        mark: "",
        feed: FeedEntry::Nothing,
        message: "",
    }
}

/// A site that was down, or partly, and is back, by these regions.
pub(super) const fn back<'a>(regions: &'a [(&'a str, &'a str)]) -> Told<'a> {
    Told { feed: FeedEntry::Over, message: "up", ..well(regions) }
}

/// Lines of the messages so far that are about a site, in their order.
pub(super) fn messages(receiver: &Receiver, slug: &str) -> Vec<Value> {
    let bodies: Vec<Value> = receiver.seen().iter().map(Request::json).collect();
    let lines = bodies.iter().flat_map(|body| body["data"]["sites"].as_array().unwrap());
    lines.filter(|line| line["slug"] == slug).cloned().collect()
}

/// All outputs about a site.
struct Outputs {
    site: Value,
    page: String,
    row: String,
    badge: String,
    /// Kinds and texts of the outages in its feed.
    outages: Vec<(String, String)>,
    messages: Vec<Value>,
}

impl Told<'_> {
    /// Waits until all outputs about this site say so.
    pub(super) async fn of(&self, service: &Service, receiver: &Receiver, slug: &str) {
        let told = async || {
            let wrong = Outputs::of(service, receiver, slug).await.wrong(self);
            wrong.is_empty().then_some(()).ok_or(wrong)
        };
        until(slug, SOON, told).await;
    }
}

impl Outputs {
    async fn of(service: &Service, receiver: &Receiver, slug: &str) -> Self {
        let page = async |path: &str| {
            let (status, _, page) =
                service.ask(&format!("GET {path}"), &["accept: text/html"]).await;
            assert_eq!(status, 200, "{path}: {page}");
            page
        };
        let front = page("/").await;
        let rows = front.split("</li>").filter(|row| row.contains(&format!("href=\"/{slug}\"")));
        let feed = service.json(&format!("/sites/{slug}/feed.json")).await;
        let outage = |item: &Value| {
            (item["tags"][0].as_str().unwrap().to_owned(), item["content_text"].to_string())
        };
        Self {
            site: service.json(&format!("/api/v1/sites/{slug}")).await,
            page: page(&format!("/{slug}")).await,
            row: rows.collect(),
            badge: service.get(&format!("/badge/{slug}.svg")).await.1,
            outages: feed["items"].as_array().unwrap().iter().map(outage).collect(),
            messages: messages(receiver, slug),
        }
    }

    /// The outputs that say something else.
    fn wrong(&self, told: &Told<'_>) -> Vec<String> {
        let Told { status, sentence, mark, message, .. } = *told;
        let mut wrong = self.wrong_regions(told);
        let mut must = |holds: bool, output: &str, instead: &str| {
            if !holds {
                wrong.push(format!("{output}: {instead}"));
            }
        };
        let says = self.site["summary"].as_str().unwrap();
        must(self.site["status"] == status && says.contains(sentence), "API", says);
        let hero = self.page.split("<section class=\"hero").nth(1).unwrap_or_default();
        let hero = hero.split('>').next().unwrap_or_default();
        let shown = hero.contains(&format!("data-status=\"{status}\"")) && hero.contains(sentence);
        must(shown, "page", hero);
        let class = format!("class=\"row {status}\"");
        must(self.row.contains(&class) && self.row.contains(mark), "front page", &self.row);
        must(self.badge.contains(&format!(">{status}</text>")), "badge", &self.badge);
        let ongoing = |(_, text): &&(String, String)| text.contains("(since ");
        let ongoing = self.outages.iter().find(ongoing);
        let listed = match told.feed {
            FeedEntry::Nothing => self.outages.is_empty(),
            FeedEntry::Over => !self.outages.is_empty() && ongoing.is_none(),
            FeedEntry::GoesOn(kind) => ongoing.is_some_and(|(known, text)| {
                let mut down = told.regions.iter().filter(|(_, seen)| *seen == "down");
                known == kind && down.all(|(region, _)| text.contains(region))
            }),
        };
        must(listed, "feed", &format!("{:?}", self.outages));
        let last = self.messages.last().map_or("", |line| line["status"].as_str().unwrap());
        must(last == message, "messages", &format!("{:?}", self.messages));
        wrong
    }

    /// The regions that the API or the page show in another way.
    fn wrong_regions(&self, told: &Told<'_>) -> Vec<String> {
        let mut wrong = Vec::new();
        let known = self.site["regions"].as_array().unwrap();
        for seen in known {
            let region = seen["region"].as_str().unwrap();
            let why = told.no_vote.iter().find(|(name, _)| *name == region).map(|(_, why)| *why);
            if (seen["voting"] == why.is_none()) && seen["why_not"].as_str() == why {
                continue;
            }
            wrong.push(format!("vote: {seen}"));
        }
        for (region, status) in told.regions.iter().filter(|(_, status)| *status != ANY) {
            let in_api = known.iter().find(|seen| seen["region"] == *region);
            let row = format!("<th scope=\"row\">{region}</th><td class=\"nowrap {status}\">");
            if in_api.is_none_or(|seen| seen["status"] != *status) || !self.page.contains(&row) {
                wrong.push(format!("{region}: {in_api:?}"));
            }
        }
        let doubts = self.page.matches("Does not count").count();
        if known.len() != told.regions.len() || doubts != told.no_vote.len() {
            wrong.push(format!("regions: {known:?}"));
        }
        wrong
    }
}

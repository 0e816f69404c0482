//! `[[notify]]`: the channels for notifications. Reads secrets from the places that the file names,
//! and has no other effects.

mod target;

use std::path::Path;

use toml::Value;

use super::{
    files,
    notice_keys::{NamedSite, words},
    problem::ConfigProblem,
    secrets::Secrets,
    table::Table,
    value::{self, Count, DAY, MINUTE, Millis, SECOND, Text, quoted, shown, values},
};
use crate::i18n::Lang;
use model::notification::{
    Channel,
    quiet::{BadQuiet, Quiet},
    rule::{Rule, Topic},
};

const MAX_NAME: usize = 40;
/// Days before the end of a certificate on which it is told, and the most of them: what was told is
/// remembered for as long.
const CERTIFICATE_DAYS: [u32; 3] = [21, 7, 1];
const MAX_CERTIFICATE_DAYS: u32 = 30;
/// Each channel has a task of its own.
const MAX_CHANNELS: usize = 100;

/// `[[notify]]`: the channels for notifications.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notify {
    channels: Vec<Channel>,
    /// Missing secrets: a problem only for commands that send messages.
    missing: Vec<ConfigProblem>,
}

values! {
    /// The name of a channel.
    ChannelName(String) = name;
    /// The language of messages.
    Language(Lang) = language;
    /// One topic of `on`.
    OneTopic(Topic) = topic;
}

impl Notify {
    /// Reads every `[[notify]]`.
    pub(super) fn read(top: &mut Table<'_, '_>, folder: &Path) -> Self {
        let mut secrets = Secrets::below(folder);
        let mut names: Vec<String> = Vec::new();
        let channels = top.sections("notify", MAX_CHANNELS, |table, number| {
            table.set_subject_from("notify", number, "name");
            table.require("name", "is missing; write such as name = \"team\"");
            let name = table.get::<ChannelName>("name").map(String::from);
            if let Some(name) = &name {
                if names.contains(name) {
                    table.wrong("name", "is taken by another [[notify]]; give each its own");
                }
                names.push(name.clone());
            }
            channel(table, name, &mut secrets)
        });
        Self { channels, missing: secrets.missing }
    }

    /// The channels, in the order of the file.
    ///
    /// # Errors
    /// Fails with every secret that is not where the file says.
    pub fn channels(&self) -> Result<&[Channel], Vec<ConfigProblem>> {
        if self.missing.is_empty() { Ok(&self.channels) } else { Err(self.missing.clone()) }
    }
}

fn channel(
    table: &mut Table<'_, '_>,
    name: Option<String>,
    secrets: &mut Secrets<'_>,
) -> Option<Channel> {
    let target = target::read(table, secrets);
    let rule = rule(table);
    let lang = table.get::<Language>("language").map(Lang::from);
    let timeout: Option<Millis<SECOND, MINUTE, { 10 * SECOND }>> = table.get("timeout");
    let per_minute: Option<Count<1, 600, 20>> = table.get("per_minute");
    let retry_for: Option<Millis<MINUTE, { 7 * DAY }, DAY>> = table.get("retry_for");
    let ca_file: Option<Text> = table.get("ca_file");
    let ca_file =
        ca_file.and_then(|Text(file)| files::authorities(table, secrets.folder, Path::new(&file)));
    Some(Channel {
        name: name?.into(),
        target: target?,
        rule,
        language: lang.unwrap_or_default().tag(),
        timeout: timeout.unwrap_or_default().get(),
        per_minute: per_minute.unwrap_or_default().get(),
        retry_for: retry_for.unwrap_or_default().get(),
        ca_file,
    })
}

fn rule(table: &mut Table<'_, '_>) -> Rule {
    let on = topics(table, "on").unwrap_or_else(|| Topic::DEFAULT.to_vec());
    if on.iter().all(|topic| *topic == Topic::Recovered) {
        table.wrong(
            "on",
            "tells of nothing bad; name at least one of down, partial, slow, notes, notice and certificate",
        );
    }
    let sites: Vec<NamedSite> = table.get("sites").unwrap_or_default();
    let (tags, providers) = (words(table, "tags"), words(table, "providers"));
    let certificate_days = certificate_days(table, &on);
    let lasting: Option<Millis<0, DAY>> = table.get("lasting");
    let gather: Option<Millis<0, { 5 * MINUTE }, { 15 * SECOND }>> = table.get("gather");
    Rule {
        sites: sites.into_iter().map(Into::into).collect(),
        tags,
        providers,
        on,
        lasting: lasting.unwrap_or_default().get(),
        gather: gather.unwrap_or_default().get(),
        quiet: quiet(table),
        certificate_days,
    }
}

fn certificate_days(table: &mut Table<'_, '_>, on: &[Topic]) -> Vec<u32> {
    let days: Option<Vec<Count<1, MAX_CERTIFICATE_DAYS>>> = table.get("days");
    if table.has("days") && !on.contains(&Topic::Certificate) {
        table.wrong("days", "means nothing without \"certificate\" in on");
    }
    if days.as_ref().is_some_and(Vec::is_empty) {
        table.wrong("days", "is an empty list; write such as [21, 7, 1]");
    }
    match days {
        Some(days) => days.into_iter().map(Count::get).collect(),
        None => CERTIFICATE_DAYS.to_vec(),
    }
}

fn topics(table: &mut Table<'_, '_>, key: &'static str) -> Option<Vec<Topic>> {
    let topics: Vec<OneTopic> = table.get(key)?;
    Some(topics.into_iter().map(Into::into).collect())
}

fn quiet(table: &mut Table<'_, '_>) -> Option<Quiet> {
    let (hours, zone) = (table.get::<Text>("quiet"), table.get::<Text>("time_zone"));
    let even = topics(table, "even_quiet").unwrap_or_default();
    let Some(Text(hours)) = hours else {
        for key in ["time_zone", "even_quiet"] {
            if table.has(key) && !table.has("quiet") {
                table.wrong(key, "means nothing without quiet = \"22:00-07:00\"");
            }
        }
        return None;
    };
    let zone = zone.map_or_else(|| "UTC".to_owned(), Into::into);
    match Quiet::new(&hours, &zone, even) {
        Ok(quiet) => return Some(quiet),
        Err(BadQuiet::Hours) => {
            let text = format!(
                "{} is not a stretch of a day; write such as \"22:00-07:00\"",
                quoted(&hours)
            );
            table.wrong("quiet", text);
        }
        Err(BadQuiet::Zone) => {
            let text =
                format!("{} is not a time zone; write such as \"Europe/Amsterdam\"", quoted(&zone));
            table.wrong("time_zone", text);
        }
    }
    None
}

fn topic(value: &Value) -> Result<Topic, String> {
    value.as_str().and_then(|word| word.parse().ok()).ok_or_else(|| {
        let words = "down, partial, slow, notes, notice, certificate or recovered";
        format!("{} is not a topic; use {words}", shown(value))
    })
}

fn language(value: &Value) -> Result<Lang, String> {
    let known = |tag: &str| Lang::ALL.into_iter().find(|lang| lang.tag() == tag);
    value
        .as_str()
        .and_then(known)
        .ok_or_else(|| format!("{} is not a language here; use \"en\" or \"nl\"", shown(value)))
}

fn name(value: &Value) -> Result<String, String> {
    let text = value::text(value)?;
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if text.len() <= MAX_NAME && text.bytes().all(fits) {
        return Ok(text);
    }
    Err(format!("{} is not a name; use 1 to {MAX_NAME} of a-z, 0-9, '-' and '_'", shown(value)))
}

#[cfg(test)]
mod tests;

//! `[[notify]]`: the channels by which people are told. Reads secrets from where the file says, and
//! has no other effects.
//!
//! A secret never stands in the file itself, and never in a problem. One that is not where it should
//! be is told to those who tell people, and does not stop `stillup check`.

mod target;

use std::{path::Path, time::Duration};

use toml::de::DeValue;

use super::{
    authorities::ca_file,
    file,
    keys::Keys,
    problem::Problem,
    settings::Notify,
    value::{self, quoted, shown},
};
use crate::model::{
    name::Slug,
    notice::{
        Channel,
        quiet::{BadQuiet, Quiet},
        rule::{Rule, Topic},
    },
    secret::Secret,
};

const DAY: Duration = Duration::from_hours(24);
const LONGEST_NAME: usize = 40;
/// Channels at most: each is a task of its own.
const MOST: usize = 100;

/// Reads every `[[notify]]`.
pub(super) fn read(keys: &mut Keys<'_, '_>, folder: &Path) -> Notify {
    let mut secrets = Secrets { folder, unset: Vec::new() };
    let mut names: Vec<String> = Vec::new();
    let channels = keys.sections("notify", |keys, number| {
        keys.call(format!("notify no. {number}"));
        if let Some(name) = keys.peek("name") {
            keys.call(format!("notify {}", quoted(name)));
        }
        if !keys.has("name") {
            keys.missing("name", "is missing; write such as name = \"team\"");
        }
        let name = keys.get("name", name);
        if let Some(name) = &name {
            if names.contains(name) {
                keys.wrong("name", "is taken by another [[notify]]; give each its own");
            }
            names.push(name.clone());
        }
        channel(keys, name, &mut secrets)
    });
    if channels.len() > MOST {
        keys.wrong("notify", format!("there are {}; at most {MOST} are told", channels.len()));
    }
    Notify::new(channels, secrets.unset)
}

fn channel(
    keys: &mut Keys<'_, '_>,
    name: Option<String>,
    secrets: &mut Secrets<'_>,
) -> Option<Channel> {
    let target = target::read(keys, secrets);
    let rule = rule(keys);
    let seconds = |least, most| Duration::from_secs(least)..=Duration::from_secs(most);
    let timeout = keys.get("timeout", value::duration(seconds(1, 60)));
    let per_minute = keys.get("per_minute", value::whole(1..=600));
    let retry_for = keys.get("retry_for", value::duration(Duration::from_mins(1)..=7 * DAY));
    let ca_file = keys.get("ca_file", |v| ca_file(secrets.folder, v));
    Some(Channel {
        name: name?.into(),
        target: target?,
        rule,
        timeout: timeout.unwrap_or(Duration::from_secs(10)),
        per_minute: per_minute.unwrap_or(20),
        retry_for: retry_for.unwrap_or(DAY),
        ca_file,
    })
}

fn rule(keys: &mut Keys<'_, '_>) -> Rule {
    let site = |v: &DeValue<'_>| Slug::new(&value::text(v)?).map_err(|e| e.to_string());
    let word = |v: &DeValue<'_>| value::line(100)(v).map(Box::from);
    let on = keys.list("on", topic).unwrap_or_else(|| Topic::ALL.to_vec());
    if on.iter().all(|topic| *topic == Topic::Recovered) {
        keys.wrong("on", "tells of nothing bad; name at least one of down, partial and slow");
    }
    let zero = Duration::ZERO;
    let gather = keys.get("gather", value::duration(zero..=Duration::from_mins(5)));
    Rule {
        sites: keys.list("sites", site).unwrap_or_default(),
        tags: keys.list("tags", word).unwrap_or_default(),
        providers: keys.list("providers", word).unwrap_or_default(),
        on,
        lasting: keys.get("lasting", value::duration(zero..=DAY)).unwrap_or(zero),
        gather: gather.unwrap_or(Duration::from_secs(15)),
        quiet: quiet(keys),
    }
}

fn quiet(keys: &mut Keys<'_, '_>) -> Option<Quiet> {
    let hours = keys.get("quiet", value::text);
    let zone = keys.get("time_zone", value::text);
    let even = keys.list("even_quiet", topic).unwrap_or_default();
    let Some(hours) = hours else {
        for key in ["time_zone", "even_quiet"] {
            if keys.has(key) && !keys.has("quiet") {
                keys.wrong(key, "means nothing without quiet = \"22:00-07:00\"");
            }
        }
        return None;
    };
    let zone = zone.unwrap_or_else(|| "UTC".to_owned());
    match Quiet::new(&hours, &zone, even) {
        Ok(quiet) => return Some(quiet),
        Err(BadQuiet::Hours) => {
            let text = format!(
                "{} is not a stretch of a day; write such as \"22:00-07:00\"",
                quoted(&hours)
            );
            keys.wrong("quiet", text);
        }
        Err(BadQuiet::Zone) => {
            let text =
                format!("{} is not a time zone; write such as \"Europe/Amsterdam\"", quoted(&zone));
            keys.wrong("time_zone", text);
        }
    }
    None
}

fn topic(value: &DeValue<'_>) -> Result<Topic, String> {
    value.as_str().and_then(|word| word.parse().ok()).ok_or_else(|| {
        format!("{} is not told; use down, partial, slow or recovered", shown(value))
    })
}

fn name(value: &DeValue<'_>) -> Result<String, String> {
    let text = value::text(value)?;
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if text.len() <= LONGEST_NAME && text.bytes().all(fits) {
        return Ok(text);
    }
    Err(format!("{} is not a name; use 1 to {LONGEST_NAME} of a-z, 0-9, '-' and '_'", shown(value)))
}

/// The names of one secret's keys: the variable that holds it, the file that holds it.
struct From {
    env: &'static str,
    file: &'static str,
}

/// Where secrets are read from.
struct Secrets<'f> {
    folder: &'f Path,
    unset: Vec<Problem>,
}

impl Secrets<'_> {
    /// The secret that these keys lead to; `None` when neither is there, or it cannot be had.
    fn read(&mut self, keys: &mut Keys<'_, '_>, from: &From) -> Option<Secret> {
        let variable = keys.get(from.env, value::text);
        let path = keys.get(from.file, value::text).map(|text| self.folder.join(text));
        if variable.is_some() && path.is_some() {
            keys.wrong(from.file, format!("stands beside {}; keep one of the two", from.env));
        }
        let (key, text) = match (variable, path) {
            (Some(name), _) => {
                let read = std::env::var(&name).map_err(|_| {
                    format!("there is no environment variable {}; set it", quoted(&name))
                });
                (from.env, read)
            }
            (None, Some(path)) => {
                let read = file::read(&path, "write the secret into it");
                (from.file, read.map_err(|problem| problem.to_string()))
            }
            (None, None) => return None,
        };
        let text = text.and_then(|text| match text.trim() {
            "" => Err("the secret is empty".to_owned()),
            text => Ok(text.to_owned()),
        });
        text.map_err(|text| self.unset.push(keys.problem(key, text))).ok().map(Secret::from)
    }

    /// The same for a secret that must be there.
    fn need(&mut self, keys: &mut Keys<'_, '_>, from: &From, what: &str) -> Option<Secret> {
        if !keys.has(from.env) && !keys.has(from.file) {
            let text = format!(
                "is missing: {what} is a secret; write {} = \"NAME\" or {} = \"path\"",
                from.env, from.file
            );
            keys.missing(from.env, &text);
        }
        self.read(keys, from)
    }
}

#[cfg(test)]
mod tests;

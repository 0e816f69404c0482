//! `[[notice]]`: what people say about trouble, from `notices.toml` and from programs. Pure.

use std::collections::HashSet;

use toml::Value;

use super::{
    notice_keys::{At, Id, Prose, Title, scope},
    problem::ConfigProblem,
    table::{self, Table},
    value::{Text, quoted, shown, values},
};
use model::notice::{
    Impact, MAX_TEXT, MAX_TITLE, MAX_UPDATE, MAX_UPDATES, Notice, NoticeState, NoticeUpdate,
};

/// Notices in one file at most.
const MAX_NOTICES: usize = 2_000;

values! {
    /// State of the trouble.
    StateWord(NoticeState) = state;
    /// Impact of the trouble.
    ImpactWord(Impact) = impact;
}

/// Reads notices from the text of a file.
///
/// # Errors
/// Fails with every problem of the text, in the order of its lines.
pub fn notices(text: &str, file: &str) -> Result<Vec<Notice>, Vec<ConfigProblem>> {
    table::parse_whole(file, text, |top| {
        let (mut ids, mut updates): (Vec<Box<str>>, HashSet<Box<str>>) = Default::default();
        top.sections("notice", MAX_NOTICES, |table, number| {
            let notice = read(table, number)?;
            if ids.contains(&notice.id) {
                table.wrong("id", "is taken by another [[notice]]; give each its own");
            }
            ids.push(notice.id.clone());
            for update in &notice.updates {
                // Channels are told of an update once, by its id.
                if !updates.insert(update.id.clone()) {
                    let id = quoted(&update.id);
                    table.wrong(
                        "update",
                        format!("has the id {id}, as another one has; give each its own"),
                    );
                }
            }
            Some(notice)
        })
    })
}

/// Reads a text of `[[update]]`, which follow on the first one of a notice.
///
/// # Errors
/// Fails with every problem of the text.
pub fn notice_updates(text: &str, file: &str) -> Result<Vec<NoticeUpdate>, Vec<ConfigProblem>> {
    table::parse_whole(file, text, |top| {
        top.sections("update", MAX_UPDATES, |table, number| update(table, number, MAX_UPDATE))
    })
}

fn read(table: &mut Table<'_, '_>, number: usize) -> Option<Notice> {
    table.set_subject_from("notice", number, "id");
    table.require("id", "is missing; write such as id = \"dns-trouble\"");
    table.require("title", "is missing; write a few words");
    table.require("started_at", "is missing; write such as \"2026-12-06T01:00:00Z\"");
    let id = table.get::<Id>("id").map(String::from);
    let title = table.get::<Title<MAX_TITLE>>("title").map(String::from);
    let impact = table.get::<ImpactWord>("impact").map(Impact::from);
    let started_at = table.get::<At>("started_at").map(Into::into);
    let tell = table.get("tell").unwrap_or(true);
    let scope = scope(table);
    if table.count("update").is_none_or(|count| count == 0) {
        table.missing("update", "is missing; write a [[notice.update]] with state and text");
    }
    let mut first = true;
    let updates = table.sections("update", MAX_UPDATES, |table, number| {
        let most = if std::mem::take(&mut first) { MAX_TEXT } else { MAX_UPDATE };
        update(table, number, most)
    });
    Some(Notice {
        id: id?.into(),
        title: title?.into(),
        impact: impact.unwrap_or(Impact::None),
        scope,
        started_at: started_at?,
        tell,
        updates: Some(updates).filter(|updates| !updates.is_empty())?,
    })
}

fn update(table: &mut Table<'_, '_>, number: usize, most: usize) -> Option<NoticeUpdate> {
    table.set_subject(format!("update no. {number}"));
    table.require("id", "is missing");
    table.require("at", "is missing");
    table.require("state", "is missing; use investigating, identified, monitoring or resolved");
    let id = table.get::<Id>("id").map(String::from);
    let at = table.get::<At>("at").map(Into::into);
    let state = table.get::<StateWord>("state").map(NoticeState::from);
    let text = table.get::<Prose<MAX_TEXT>>("text").map(String::from);
    let most = if state == Some(NoticeState::Postmortem) { MAX_TEXT } else { most };
    if text.as_ref().is_some_and(|text| text.chars().count() > most) {
        table.wrong("text", format!("is longer than {most} letters"));
    }
    let by = table.get::<Text>("by").map(String::from);
    Some(NoticeUpdate {
        id: id?.into(),
        at: at?,
        state: state?,
        text: text.unwrap_or_default().into(),
        by: by.unwrap_or_default().into(),
    })
}

fn state(value: &Value) -> Result<NoticeState, String> {
    let found = value.as_str().and_then(NoticeState::of);
    found.ok_or_else(|| {
        format!(
            "{} is no state; use investigating, identified, monitoring, resolved or postmortem",
            shown(value)
        )
    })
}

fn impact(value: &Value) -> Result<Impact, String> {
    let found = value.as_str().and_then(Impact::of);
    found
        .ok_or_else(|| format!("{} is no impact; use none, minor, major or critical", shown(value)))
}

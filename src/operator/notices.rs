//! Planned work and notices: announced, cancelled, opened and updated, whatever door they come through.
//!
//! Values come as a table in the shape of the file, and are read by the reader of the file.

use toml::{Table, Value};

use super::{Operator, Refusal, new_id};
use crate::config::{ConfigProblem, MAX_WORKS, notice_updates, notices, planned};
use model::{
    moment::Moment,
    notice::{Notice, NoticeState, NoticeUpdate},
    planned::PlannedWork,
};

/// Keys that we fill in ourselves.
const OURS: [&str; 6] = ["id", "by", "at", "update", "announced_at", "cancelled_at"];
/// Keys that a new notice, an update of one, and new work may have.
const OF_NOTICE: [&str; 9] =
    ["title", "text", "state", "impact", "started_at", "sites", "tags", "providers", "tell"];
const OF_UPDATE: [&str; 2] = ["state", "text"];
const OF_WORK: [&str; 10] = [
    "name",
    "text",
    "starts",
    "time_zone",
    "lasts",
    "rrule",
    "except",
    "sites",
    "tags",
    "providers",
];
/// Name of the values of programs and commands in problems.
const GIVEN: &str = "given";

impl Operator {
    /// Announces work, from the keys of a `[[planned]]`; without `starts` it begins now.
    ///
    /// # Errors
    /// Fails when a value is wrong, when it is over already, or when it cannot be kept.
    pub fn announce(&self, mut keys: Table, by: &str, now: Moment) -> Result<PlannedWork, Refusal> {
        let mut problems = strange(&mut keys, &OF_WORK);
        let id = new_id("p-")?;
        keys.insert("id".to_owned(), id.as_ref().into());
        keys.insert("by".to_owned(), by.into());
        keys.insert("announced_at".to_owned(), now.to_string().into());
        // The file has whole seconds.
        let begin = Moment::from_millis(now.seconds() * 1_000);
        keys.entry("starts").or_insert_with(|| Value::String(begin.to_string()));
        let work = first(planned(&table_text("planned", keys)?, GIVEN), &mut problems)?;
        let over = work.at(now).is_none() && work.next(now).is_none();
        if over {
            let starts = work.times.starts.strftime("%Y-%m-%d %H:%M");
            let zone = work.times.zone_name();
            let why = if work.times.begins_after(now) {
                format!("nothing of it begins within two years; it starts {starts} {zone}")
            } else {
                format!("{starts} {zone} is past, and nothing of it is to come")
            };
            return Err(wrong("starts", &why));
        }
        let forgotten = self.0.planned.edit(|works| {
            let over = |work: &PlannedWork| work.at(now).is_none() && work.next(now).is_none();
            let oldest = works.iter().position(over).filter(|_| works.len() >= MAX_WORKS);
            let forgotten = oldest.map(|place| works.remove(place));
            works.push(work.clone());
            Ok(forgotten)
        })?;
        if let Some(old) = forgotten {
            self.note(now, by, "planned.forget", &old.id, &old.name);
        }
        self.note(now, by, "planned.announce", &work.id, &work.name);
        Ok(work)
    }

    /// Cancels work: what is under way ends now, and nothing is to come. `unless` may refuse it.
    ///
    /// # Errors
    /// Fails when there is none, when it is over, or when it cannot be kept.
    pub fn cancel(
        &self,
        id: &str,
        by: &str,
        now: Moment,
        unless: impl FnOnce(&PlannedWork) -> Result<(), Refusal>,
    ) -> Result<PlannedWork, Refusal> {
        let work = self.0.planned.edit(|works| {
            let found = works.iter_mut().find(|work| *work.id == *id);
            let work = found
                .ok_or_else(|| Refusal::NotThere(format!("no planned work is called {id}")))?;
            unless(work)?;
            if work.cancelled_at.is_some() {
                return Err(Refusal::Conflict(format!("the work {id} is cancelled already")));
            }
            if work.at(now).is_none() && work.next(now).is_none() {
                return Err(Refusal::Conflict(format!("the work {id} is over already")));
            }
            // Pages have whole seconds: whoever ended it sees it ended at once.
            work.cancelled_at = Some(Moment::from_millis(now.seconds() * 1_000));
            Ok(work.clone())
        })?;
        self.note(now, by, "planned.cancel", id, &work.name);
        Ok(work)
    }

    /// Opens a notice, from the keys of a `[[notice]]` with `text` and `state` of its first update.
    ///
    /// # Errors
    /// Fails when a value is wrong, or when it cannot be kept.
    pub fn open_notice(&self, mut keys: Table, by: &str, now: Moment) -> Result<Notice, Refusal> {
        let mut problems = strange(&mut keys, &OF_NOTICE);
        let id = new_id("n-")?;
        let mut update = Table::new();
        for key in OF_UPDATE {
            if let Some(value) = keys.remove(key) {
                update.insert(key.to_owned(), value);
            }
        }
        if !update.contains_key("text") {
            problems.push(problem("text", "is missing; write what is known"));
        }
        update.entry("state").or_insert_with(|| "investigating".into());
        keys.insert("id".to_owned(), id.as_ref().into());
        keys.entry("started_at").or_insert_with(|| Value::String(now.to_string()));
        let update = Value::Table(of_update(update, &id, 1, by, now));
        keys.insert("update".to_owned(), Value::Array(vec![update]));
        let notice = first(notices(&table_text("notice", keys)?, GIVEN), &mut problems)?;
        if notice.started_at > now {
            return Err(wrong("started_at", "is later than now; trouble to come is planned work"));
        }
        notice.updates.iter().try_for_each(said)?;
        if notice.state() == NoticeState::Postmortem {
            return Err(wrong("state", "a post-mortem is an update of a notice that is resolved"));
        }
        self.0.notices.edit(|notices| {
            notices.push(notice.clone());
            Ok(())
        })?;
        self.note(now, by, "notice.open", &notice.id, &notice.title);
        Ok(notice)
    }

    /// Updates a notice, from the keys `state` and `text`; without `state` that stays as it is. `unless`
    /// may refuse the notice that is to be changed.
    ///
    /// # Errors
    /// Fails when there is none, a value is wrong, or it cannot be kept.
    pub fn update_notice(
        &self,
        id: &str,
        mut keys: Table,
        by: &str,
        now: Moment,
        unless: impl FnOnce(&Notice) -> Result<(), Refusal>,
    ) -> Result<Notice, Refusal> {
        let mut problems = strange(&mut keys, &OF_UPDATE);
        if !keys.contains_key("text") {
            problems.push(problem("text", "is missing; write what is new"));
        }
        let notice = self.0.notices.edit(|all| {
            let found = all.iter_mut().find(|notice| *notice.id == *id);
            let notice =
                found.ok_or_else(|| Refusal::NotThere(format!("no notice is called {id}")))?;
            unless(notice)?;
            keys.entry("state").or_insert_with(|| notice.state().word().into());
            let keys = of_update(keys, id, notice.updates.len() + 1, by, now);
            let update = notice_updates(&table_text("update", keys)?, GIVEN);
            let update = first(update, &mut problems)?;
            said(&update)?;
            notice.allows(update.state).map_err(Refusal::Conflict)?;
            notice.updates.push(update);
            Ok(notice.clone())
        })?;
        let state = notice.state().word();
        self.note(now, by, &format!("notice.{state}"), id, &notice.title);
        Ok(notice)
    }
}

fn of_update(mut keys: Table, notice: &str, number: usize, by: &str, now: Moment) -> Table {
    keys.insert("id".to_owned(), format!("{notice}-{number}").into());
    keys.insert("at".to_owned(), now.to_string().into());
    keys.insert("by".to_owned(), by.into());
    keys
}

/// Refuses an update without words.
fn said(update: &NoticeUpdate) -> Result<(), Refusal> {
    if update.text.is_empty() {
        return Err(wrong("text", "is empty; write what is known"));
    }
    Ok(())
}

/// Takes the keys that may not be given, and tells of each.
fn strange(keys: &mut Table, known: &[&str]) -> Vec<ConfigProblem> {
    let unknown = |key: &&String| !known.contains(&key.as_str());
    let unknown: Vec<String> = keys.keys().filter(unknown).cloned().collect();
    let told = unknown.iter().map(|key| {
        keys.remove(key);
        if OURS.contains(&key.as_str()) {
            problem(key, "is filled in by the service; leave it out")
        } else {
            problem(key, &format!("is not a key here; use {}", known.join(", ")))
        }
    });
    told.collect()
}

/// One problem with a value.
pub(super) fn wrong(key: &str, text: &str) -> Refusal {
    Refusal::Wrong(vec![problem(key, text)])
}

fn problem(key: &str, text: &str) -> ConfigProblem {
    ConfigProblem::new(GIVEN, text).about("", key)
}

/// The one entry of a text that was made of one, if there are no problems with it and none were seen before.
fn first<T>(
    read: Result<Vec<T>, Vec<ConfigProblem>>,
    problems: &mut Vec<ConfigProblem>,
) -> Result<T, Refusal> {
    let read = read.map_err(|more| problems.extend(more)).unwrap_or_default();
    if !problems.is_empty() {
        return Err(Refusal::Wrong(std::mem::take(problems)));
    }
    read.into_iter().next().ok_or_else(|| wrong("", "nothing was given"))
}

/// The text of a list with this entry alone.
pub(super) fn table_text(list: &str, keys: Table) -> Result<String, Refusal> {
    let mut top = Table::new();
    top.insert(list.to_owned(), Value::Array(vec![Value::Table(keys)]));
    toml::to_string(&top).map_err(|error| wrong("", &format!("cannot be written as TOML: {error}")))
}

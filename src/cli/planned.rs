//! `stillup planned`: planned work, announced and cancelled beside a service that runs.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use toml::{Table, Value};

use super::{EXIT_FAILED, complain, fail_with, note, say};
use crate::{
    app,
    config::{Config, Flags},
    operator::{Operator, Refusal, told_unknown},
};
use model::{moment::Moment, planned::PlannedWork, scope::Scope};
use prober::clock::Clock;

/// The one who announces at a command line, for the audit.
pub(super) const BY: &str = "cli";

#[derive(Debug, Subcommand)]
pub(super) enum PlannedCommand {
    /// Announce work that begins now; its id is printed
    Now(PlannedNow),
    /// Announce work to come, once or recurring; its id is printed
    Add(AddPlanned),
    /// Show what is under way and to come
    List(Flags),
    /// Cancel work: what is under way ends now, and nothing is to come
    Cancel(CancelPlanned),
}

#[derive(Debug, Args)]
pub(super) struct WorkText {
    /// A few words
    #[arg(long)]
    name: Option<String>,
    /// More words
    #[arg(long)]
    text: Option<String>,
    #[command(flatten)]
    about: ScopeArguments,
}

/// The sites that a text is about; every site when none is named.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_field_names,
    reason = "commands have flags of their own named sites and tags"
)]
pub(super) struct ScopeArguments {
    /// The slug of a site that it is about; several times for several
    #[arg(long = "site", value_name = "SLUG")]
    of_sites: Vec<String>,
    /// A tag of the sites that it is about
    #[arg(long = "tag", value_name = "TAG")]
    of_tags: Vec<String>,
    /// A provider of the sites that it is about
    #[arg(long = "provider", value_name = "SLUG")]
    of_providers: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct PlannedNow {
    /// Duration, such as 30m
    #[arg(long = "for", value_name = "DURATION")]
    lasts: String,
    #[command(flatten)]
    words: WorkText,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct AddPlanned {
    /// First beginning: "2026-12-06 02:00" by the clocks of --time-zone, or an instant such as
    /// 2026-12-06T01:00:00Z
    #[arg(long, value_name = "TIME")]
    starts: String,
    /// Duration, such as 2h
    #[arg(long = "for", value_name = "DURATION")]
    lasts: String,
    /// Time zone of the beginning, such as Europe/Amsterdam
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Rule of recurrence, such as FREQ=MONTHLY;BYDAY=1SU
    #[arg(long, value_name = "RULE")]
    rrule: Option<String>,
    /// A day on which it does not begin, such as 2026-12-27
    #[arg(long, value_name = "DAY")]
    except: Vec<String>,
    #[command(flatten)]
    words: WorkText,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct CancelPlanned {
    /// The id that was printed
    id: String,
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(command: PlannedCommand) -> ExitCode {
    let flags = match &command {
        PlannedCommand::Now(PlannedNow { flags, .. })
        | PlannedCommand::Add(AddPlanned { flags, .. })
        | PlannedCommand::List(flags)
        | PlannedCommand::Cancel(CancelPlanned { flags, .. }) => flags,
    };
    let config = match Config::load(flags) {
        Ok(config) => config,
        Err(problems) => return fail_with(&problems),
    };
    let operator = app::operator(&config, &config.data_dir);
    let now = Clock::system().now();
    let done = match command {
        PlannedCommand::Now(PlannedNow { lasts, words, .. }) => {
            announce(&operator, words, [("lasts", Some(lasts))], Vec::new(), now)
        }
        PlannedCommand::Add(AddPlanned {
            starts, lasts, time_zone, rrule, except, words, ..
        }) => {
            let keys = [
                ("starts", Some(starts)),
                ("lasts", Some(lasts)),
                ("time_zone", time_zone),
                ("rrule", rrule),
            ];
            announce(&operator, words, keys, except, now)
        }
        PlannedCommand::List(_) => {
            list(&operator, now);
            Ok(())
        }
        PlannedCommand::Cancel(CancelPlanned { id, .. }) => operator
            .cancel(&id, BY, now, |_| Ok(()))
            .map(|work| note(format_args!("{}", line(&work, now)))),
    };
    finish_change(done)
}

/// Prints a refusal, if there is one, a problem a line; returns the exit code.
pub(super) fn finish_change(done: Result<(), Refusal>) -> ExitCode {
    let Err(refusal) = done else { return ExitCode::SUCCESS };
    match refusal {
        Refusal::Wrong(problems) => {
            for problem in problems {
                complain(format_args!("{}: {}", problem.key(), problem.text()));
            }
        }
        other => complain(other),
    }
    ExitCode::from(EXIT_FAILED)
}

fn announce<const N: usize>(
    operator: &Operator,
    words: WorkText,
    given: [(&str, Option<String>); N],
    except: Vec<String>,
    now: Moment,
) -> Result<(), Refusal> {
    let mut keys = Table::new();
    words.about.add_to(&mut keys);
    add_list(&mut keys, "except", except);
    for (key, value) in given.into_iter().chain([("name", words.name), ("text", words.text)]) {
        if let Some(value) = value {
            keys.insert(key.to_owned(), value.into());
        }
    }
    let work = operator.announce(keys, BY, now)?;
    say(&work.id);
    note(line(&work, now));
    warn_of_unknown(operator, &work.scope);
    Ok(())
}

/// Prints which names of a scope no site has, such as mistyped ones.
pub(super) fn warn_of_unknown(operator: &Operator, scope: &Scope) {
    for sentence in told_unknown(&operator.added_sites().unknown_in(scope)) {
        note(sentence);
    }
}

impl ScopeArguments {
    /// Adds the keys of a file's entry.
    pub(super) fn add_to(self, keys: &mut Table) {
        add_list(keys, "sites", self.of_sites);
        add_list(keys, "tags", self.of_tags);
        add_list(keys, "providers", self.of_providers);
    }
}

fn add_list(keys: &mut Table, key: &str, words: Vec<String>) {
    if !words.is_empty() {
        let words = words.into_iter().map(Value::String).collect();
        keys.insert(key.to_owned(), Value::Array(words));
    }
}

fn list(operator: &Operator, now: Moment) {
    let works = operator.planned();
    let mut due: Vec<&PlannedWork> =
        works.iter().filter(|work| work.at(now).or(work.next(now)).is_some()).collect();
    due.sort_by_key(|work| work.at(now).or(work.next(now)));
    for work in &due {
        say(line(work, now));
    }
    if due.is_empty() {
        note("nothing is planned: stillup planned now --for 30m");
    }
}

/// Planned work in a line.
fn line(work: &PlannedWork, now: Moment) -> String {
    let when = match (work.at(now), work.next(now)) {
        (Some(now), _) => format!("under way until {}", now.until),
        (None, Some(next)) => format!("from {} until {}", next.from, next.until),
        (None, None) => "over".to_owned(),
    };
    let rule = work.times.repeats.as_ref();
    let rule = rule.map(|rule| format!(", {rule} in {}", work.times.zone_name()));
    let scope = &work.scope;
    let named: Vec<String> = (scope.sites.iter().map(ToString::to_string))
        .chain(scope.tags.iter().map(|tag| format!("tag {tag}")))
        .chain(scope.providers.iter().map(|provider| format!("provider {provider}")))
        .collect();
    let about = if named.is_empty() { "every site".to_owned() } else { named.join(", ") };
    let name = if work.name.is_empty() { "" } else { ": " };
    format!("{} {when}{}, {about}{name}{}", work.id, rule.unwrap_or_default(), work.name)
}

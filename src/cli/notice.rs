//! `stillup notice`: what people say about trouble, written beside a service that runs.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use toml::Table;

use super::{
    fail_with, note,
    planned::{BY, ScopeArguments, finish_change, warn_of_unknown},
    say,
};
use crate::{
    app,
    config::{Config, Flags},
    operator::Refusal,
};
use model::notice::Notice;
use prober::clock::Clock;

#[derive(Debug, Subcommand)]
pub(super) enum NoticeCommand {
    /// Open a notice; its id is printed
    Open(OpenNotice),
    /// Add an update to a notice
    Update(UpdateNotice),
    /// Close a notice: it is resolved
    Close(CloseNotice),
    /// Show the notices that are open
    List(Flags),
}

#[derive(Debug, Args)]
pub(super) struct OpenNotice {
    /// A few words
    title: String,
    /// The words of its first update
    #[arg(long)]
    text: String,
    /// investigating, identified, monitoring or resolved [default: investigating]
    #[arg(long)]
    state: Option<String>,
    /// none, minor, major or critical [default: none]
    #[arg(long)]
    impact: Option<String>,
    /// Begin of the trouble, such as 2026-12-06T01:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    started_at: Option<String>,
    /// Tell no channel of it
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    about: ScopeArguments,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct UpdateNotice {
    /// The id that was printed
    id: String,
    /// The words
    #[arg(long)]
    text: String,
    /// investigating, identified, monitoring, resolved or, afterwards, postmortem [default: as it was]
    #[arg(long)]
    state: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct CloseNotice {
    /// The id that was printed
    id: String,
    /// The last words
    #[arg(long, default_value = "This is over.")]
    text: String,
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(command: NoticeCommand) -> ExitCode {
    let flags = match &command {
        NoticeCommand::Open(OpenNotice { flags, .. })
        | NoticeCommand::Update(UpdateNotice { flags, .. })
        | NoticeCommand::Close(CloseNotice { flags, .. })
        | NoticeCommand::List(flags) => flags,
    };
    let config = match Config::load(flags) {
        Ok(config) => config,
        Err(problems) => return fail_with(&problems),
    };
    let operator = app::operator(&config, &config.data_dir);
    let now = Clock::system().now();
    let update = |id: &str, text: String, state: Option<String>, unless: Unless| {
        let keys = keys([("text", Some(text)), ("state", state)]);
        operator.update_notice(id, keys, BY, now, unless).map(|notice| note(line(&notice)))
    };
    finish_change(match command {
        NoticeCommand::Open(OpenNotice {
            title,
            text,
            state,
            impact,
            started_at,
            quiet,
            about,
            ..
        }) => {
            let mut keys = keys([
                ("title", Some(title)),
                ("text", Some(text)),
                ("state", state),
                ("impact", impact),
                ("started_at", started_at),
            ]);
            about.add_to(&mut keys);
            keys.insert("tell".to_owned(), (!quiet).into());
            operator.open_notice(keys, BY, now).map(|notice| {
                say(&notice.id);
                note(line(&notice));
                warn_of_unknown(&operator, &notice.scope);
            })
        }
        NoticeCommand::Update(UpdateNotice { id, text, state, .. }) => {
            update(&id, text, state, |_| Ok(()))
        }
        NoticeCommand::Close(CloseNotice { id, text, .. }) => {
            update(&id, text, Some("resolved".to_owned()), unless_closed)
        }
        NoticeCommand::List(_) => {
            let notices = operator.notices();
            notices.iter().filter(|notice| notice.is_open()).for_each(|notice| say(line(notice)));
            if !notices.iter().any(Notice::is_open) {
                note("no notice is open: stillup notice open TITLE --text TEXT");
            }
            Ok(())
        }
    })
}

/// Reason not to update a notice, if there is one.
type Unless = fn(&Notice) -> Result<(), Refusal>;

/// Refuses to close a notice twice: people would be told twice.
fn unless_closed(notice: &Notice) -> Result<(), Refusal> {
    if notice.is_open() {
        return Ok(());
    }
    Err(Refusal::Conflict(format!("the notice {} is closed already", notice.id)))
}

fn keys<const N: usize>(given: [(&str, Option<String>); N]) -> Table {
    let keys = given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into())));
    keys.collect()
}

/// A notice in a line.
fn line(notice: &Notice) -> String {
    let (id, state, at) = (&notice.id, notice.state().word(), notice.updated_at());
    format!("{id} {state} since {at}: {}", notice.title)
}

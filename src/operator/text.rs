//! The text of the operator's files, in the shape that [`crate::config`] reads.

use serde::Serialize;

use crate::config::{OperatorToken, show_duration};
use crate::token::hex;
use model::{
    notice::{Notice, NoticeUpdate},
    planned::PlannedWork,
    scope::Scope,
};

/// First line of every file.
const HEAD: &str = "# Written by stillup, and read again within seconds when it changes. It may be edited by \
                    hand; comments are not kept.\n\n";

#[derive(Serialize)]
struct TokensText {
    token: Vec<TokenText>,
}

#[derive(Serialize)]
struct TokenText {
    name: String,
    id: String,
    sha256: String,
    may: Vec<&'static str>,
    added_at: String,
}

#[derive(Serialize)]
struct WorksText {
    planned: Vec<PlannedWorkToml>,
}

/// Sites, tags and providers; those without any are left out.
#[derive(Serialize)]
struct ScopeText {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sites: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    providers: Vec<String>,
}

#[derive(Serialize)]
struct PlannedWorkToml {
    id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(flatten)]
    scope: ScopeText,
    starts: String,
    time_zone: String,
    lasts: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rrule: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    except: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    announced_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    by: String,
}

#[derive(Serialize)]
struct NoticesText {
    notice: Vec<NoticeText>,
}

#[derive(Serialize)]
struct NoticeText {
    id: String,
    title: String,
    impact: &'static str,
    #[serde(flatten)]
    scope: ScopeText,
    started_at: String,
    tell: bool,
    update: Vec<UpdateText>,
}

#[derive(Serialize)]
struct UpdateText {
    id: String,
    at: String,
    state: &'static str,
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    by: String,
}

impl From<&Scope> for ScopeText {
    fn from(scope: &Scope) -> Self {
        let words = |words: &[Box<str>]| words.iter().map(ToString::to_string).collect();
        Self {
            sites: scope.sites.iter().map(ToString::to_string).collect(),
            tags: words(&scope.tags),
            providers: words(&scope.providers),
        }
    }
}

fn written(list: &impl Serialize) -> String {
    // A list of plain values always can be; an empty text would be refused as unreadable by nobody.
    let text = toml::to_string(list).unwrap_or_default();
    format!("{HEAD}{text}")
}

/// The text of these tokens.
pub(super) fn tokens(tokens: &[OperatorToken]) -> String {
    let token = |token: &OperatorToken| TokenText {
        name: token.name.to_string(),
        id: token.id.to_string(),
        sha256: hex(&token.sha256),
        may: token.may.iter().map(|permission| permission.word()).collect(),
        added_at: token.added_at.to_string(),
    };
    written(&TokensText { token: tokens.iter().map(token).collect() })
}

/// The text of this planned work.
pub(super) fn planned(works: &[PlannedWork]) -> String {
    let work = |work: &PlannedWork| PlannedWorkToml {
        id: work.id.to_string(),
        name: work.name.to_string(),
        text: work.text.to_string(),
        scope: (&work.scope).into(),
        starts: work.times.starts.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        time_zone: work.times.zone_name().to_owned(),
        lasts: show_duration(work.times.lasts),
        rrule: work.times.repeats.as_ref().map(ToString::to_string),
        except: work.times.except.iter().map(ToString::to_string).collect(),
        announced_at: work.announced_at.map(|at| at.to_string()),
        cancelled_at: work.cancelled_at.map(|at| at.to_string()),
        by: work.by.to_string(),
    };
    written(&WorksText { planned: works.iter().map(work).collect() })
}

/// The text of these notices.
pub(super) fn notices(notices: &[Notice]) -> String {
    let update = |update: &NoticeUpdate| UpdateText {
        id: update.id.to_string(),
        at: update.at.to_string(),
        state: update.state.word(),
        text: update.text.to_string(),
        by: update.by.to_string(),
    };
    let notice = |notice: &Notice| NoticeText {
        id: notice.id.to_string(),
        title: notice.title.to_string(),
        impact: notice.impact.word(),
        scope: (&notice.scope).into(),
        started_at: notice.started_at.to_string(),
        tell: notice.tell,
        update: notice.updates.iter().map(update).collect(),
    };
    written(&NoticesText { notice: notices.iter().map(notice).collect() })
}

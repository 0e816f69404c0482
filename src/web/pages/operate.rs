//! `/operate`: the operator's page. Not found until there is a token; then what waits for somebody, notices,
//! planned work, certificates that end soon, and the last changes. It works without scripts.
//!
//! One signs in with a token. The session is a cookie that the browser sends to this page alone; nothing
//! of it is stored here. Every change needs a session, the token's permission, and a form of ours.

mod session;
mod view;

use axum::{
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

pub(in crate::web) use self::session::Sessions;
use super::error_page;
use crate::{
    i18n::Lang,
    operator::{Access, Refusal},
    web::{
        Shared,
        extractors::{client_ip::ClientIp, locale::Locale, params::PathSegment},
    },
};
use model::{
    name::Slug,
    notice::{MAX_TEXT, MAX_TITLE, MAX_UPDATE},
    permission::Permission,
};

/// Bytes of a form.
const MAX_FORM: usize = 64 << 10;

/// `GET /operate`
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    headers: HeaderMap,
    locale: Locale,
) -> Response {
    if !shared.web.operator.has_tokens() {
        return error_page::respond(&shared, &locale, StatusCode::NOT_FOUND);
    }
    match shared.sessions.access(&shared, &headers) {
        Some(access) => view::page(&shared, &locale, &access, None),
        None => view::sign_in(&shared, &locale, StatusCode::OK, None),
    }
}

/// `POST /operate/{action}`
pub(in crate::web) async fn act(
    State(shared): crate::web::AppState,
    client: ClientIp,
    PathSegment(action): PathSegment,
    locale: Locale,
    request: Request,
) -> Response {
    let action = action.unwrap_or_default();
    if !shared.web.operator.has_tokens() || !ACTIONS.contains(&action.as_str()) {
        return error_page::respond(&shared, &locale, StatusCode::NOT_FOUND);
    }
    let (parts, body) = request.into_parts();
    if !is_from_this_page(&shared, &parts.headers) {
        return error_page::respond(&shared, &locale, StatusCode::FORBIDDEN);
    }
    let Ok(body) = to_bytes(body, MAX_FORM).await else {
        return error_page::respond(&shared, &locale, StatusCode::PAYLOAD_TOO_LARGE);
    };
    let form = Form::read(&body);
    if action == "in" {
        return sign_in(&shared, &locale, client, &form);
    }
    let Some(access) = shared.sessions.access(&shared, &parts.headers) else {
        return view::sign_in(&shared, &locale, StatusCode::UNAUTHORIZED, None);
    };
    if action == "out" {
        return with_cookie(back(&locale, ""), &Sessions::end(&shared));
    }
    match change(&shared, locale.lang, &access, &action, &form) {
        Ok(()) if matches!(&*action, "plan" | "cancel") => back(&locale, "#planned"),
        Ok(()) => back(&locale, "#notices"),
        Err(refusal) => {
            let refused = RefusedForm { refusal, action: &action, form: &form };
            view::page(&shared, &locale, &access, Some(refused))
        }
    }
}

/// Reason why a form changes nothing.
struct FormRefusal {
    status: StatusCode,
    /// All of it in words.
    why: String,
    /// The fields that are wrong, in the order of the form: the name of each, and the rule that it breaks.
    fields: Vec<(&'static str, String)>,
}

impl FormRefusal {
    fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self { status, why: why.into(), fields: Vec::new() }
    }
}

/// A form that changed nothing.
struct RefusedForm<'f> {
    refusal: FormRefusal,
    action: &'f str,
    form: &'f Form,
}

impl RefusedForm<'_> {
    /// The one form of the page that it was: that of its action, or of its notice.
    fn place(&self) -> &str {
        if self.action == "update" { self.form.text("id") } else { self.action }
    }

    /// A field of it as it was filled in, if it was the form of this action.
    fn field(&self, action: &str, name: &str) -> String {
        if self.action == action { self.form.text(name).to_owned() } else { String::new() }
    }
}

/// The last part of the address of a form.
const ACTIONS: [&str; 6] = ["in", "out", "notice", "update", "plan", "cancel"];

/// Leads to a part of the page.
fn back(locale: &Locale, part: &str) -> Response {
    Redirect::to(&(locale.href("/operate") + part)).into_response()
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::try_from(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

fn sign_in(shared: &Shared, locale: &Locale, client: ClientIp, form: &Form) -> Response {
    let t = locale.lang;
    if !shared.sessions.may_try(client.key(), shared.now()) {
        let why = t.say("operate-too-often").into_owned();
        return view::sign_in(shared, locale, StatusCode::TOO_MANY_REQUESTS, Some(why));
    }
    let access = shared.web.operator.access(form.text("token").trim());
    match access {
        Some(access) if access.may(Permission::Read) => {
            with_cookie(back(locale, ""), &shared.sessions.begin(shared, &access))
        }
        Some(_) => {
            let why = t.say("operate-may-not-read").into_owned();
            view::sign_in(shared, locale, StatusCode::FORBIDDEN, Some(why))
        }
        None => {
            let why = t.say("operate-unknown").into_owned();
            view::sign_in(shared, locale, StatusCode::UNAUTHORIZED, Some(why))
        }
    }
}

/// Makes a change that a form asks for.
fn change(
    shared: &Shared,
    t: Lang,
    access: &Access,
    action: &str,
    form: &Form,
) -> Result<(), FormRefusal> {
    let (operator, now) = (&shared.web.operator, shared.now());
    let needs =
        if matches!(action, "plan" | "cancel") { Permission::Planned } else { Permission::Notices };
    if !access.may(needs) {
        let why = t.two("operate-may-not", ("name", &*access.name), ("needs", needs.word()));
        return Err(FormRefusal::new(StatusCode::FORBIDDEN, why));
    }
    let too_many = || FormRefusal::new(StatusCode::TOO_MANY_REQUESTS, t.say("operate-too-many"));
    shared.writers.limit(access, now, "/operate").map_err(|_| too_many())?;
    let by = &access.name;
    let done = match action {
        "notice" => {
            let mut keys = form.keys(&["title", "text", "state", "impact"]);
            form.add_scope(&mut keys);
            operator.open_notice(keys, by, now).map(drop)
        }
        "update" => {
            let keys = form.keys(&["text", "state"]);
            operator.update_notice(form.text("id"), keys, by, now, |_| Ok(())).map(drop)
        }
        "plan" => {
            let mut keys = form.keys(&["lasts", "name"]);
            form.add_scope(&mut keys);
            operator.announce(keys, by, now).map(drop)
        }
        _ => operator.cancel(form.text("id"), by, now, |_| Ok(())).map(drop),
    };
    done.map_err(|refusal| told(t, action, form, &refusal))
}

/// Fields of the forms, in their order.
const FIELDS: [&str; 7] = ["title", "name", "text", "state", "impact", "sites", "tags"];

/// A refusal in the words of the page.
fn told(t: Lang, action: &str, form: &Form, refusal: &Refusal) -> FormRefusal {
    let (status, id) = match refusal {
        Refusal::Wrong(problems) => {
            let wrong = |key| wrong(t, action, form, key);
            let is_wrong = |field: &&str| problems.iter().any(|problem| problem.key() == *field);
            let fields = FIELDS.into_iter().filter(is_wrong);
            let fields: Vec<_> = fields.map(|field| (field, wrong(field))).collect();
            let others = problems.iter().filter(|problem| !FIELDS.contains(&problem.key()));
            let others = others.map(|problem| wrong(problem.key()));
            let mut all: Vec<String> =
                fields.iter().map(|(_, why)| why.clone()).chain(others).collect();
            all.dedup();
            return FormRefusal { status: StatusCode::BAD_REQUEST, why: all.join(" "), fields };
        }
        Refusal::NotThere(_) => (StatusCode::NOT_FOUND, "operate-gone"),
        Refusal::Failed(_) => (StatusCode::SERVICE_UNAVAILABLE, "operate-failed"),
        Refusal::Conflict(_) | Refusal::Precondition(_) | Refusal::Unconditional(_) => {
            (StatusCode::BAD_REQUEST, "operate-conflict")
        }
    };
    FormRefusal::new(status, t.say(id))
}

/// The rule that a field of a form breaks, in the language of the page: the problems of files and of the API are in
/// English.
fn wrong(t: Lang, action: &str, form: &Form, key: &str) -> String {
    let text = form.text(key);
    match key {
        "sites" => {
            let mut bad = form.words(key);
            bad.retain(|word| Slug::new(word).is_err());
            bad.dedup();
            let names: Vec<String> = bad.iter().map(|word| format!("“{word}”")).collect();
            t.two("operate-wrong-sites", ("n", bad.len()), ("names", names.join(", ")))
        }
        "tags" => t.say("operate-wrong-tags").into_owned(),
        "title" | "text" | "name" => {
            let most = match (action, key) {
                ("update", "text") => MAX_UPDATE,
                (_, "text") => MAX_TEXT,
                _ => MAX_TITLE,
            };
            let id = match text.trim().chars().count() {
                0 => "operate-wrong-empty",
                count if count > most => "operate-wrong-long",
                _ => "operate-wrong-hidden",
            };
            t.two(id, ("field", t.say(label(action, key))), ("most", most))
        }
        _ => t.say("operate-wrong-choice").into_owned(),
    }
}

/// Label of a field of text.
fn label(action: &str, key: &str) -> &'static str {
    match (action, key) {
        (_, "title") => "operate-open-title",
        (_, "name") => "operate-plan-name",
        ("update", _) => "operate-update-text",
        _ => "operate-open-text",
    }
}

/// Returns whether a form is on this page. A browser says so, and without its word nothing is changed.
fn is_from_this_page(shared: &Shared, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == shared.web.public_url.origin().ascii_serialization(),
        (None, None) => false,
    }
}

/// The fields of a form.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The keys of an entry; what is empty is left out.
    fn keys(&self, names: &[&str]) -> toml::Table {
        let given = names.iter().map(|name| (*name, self.text(name).trim()));
        let given = given.filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| (name.to_owned(), value.into())).collect()
    }

    /// The words of a field, with spaces or commas between them.
    fn words(&self, name: &str) -> Vec<&str> {
        self.text(name).split([' ', ',']).filter(|word| !word.is_empty()).collect()
    }

    /// Adds the sites and tags that are named.
    fn add_scope(&self, keys: &mut toml::Table) {
        for name in ["sites", "tags"] {
            let words: Vec<toml::Value> = self.words(name).into_iter().map(Into::into).collect();
            if !words.is_empty() {
                keys.insert(name.to_owned(), toml::Value::Array(words));
            }
        }
    }
}

//! Modules of `blackbox_exporter`: what they ask for beyond an address, from `blackbox.yml`.

use serde_json::Value;

use super::{
    document::{field, flag_of, list_of, scalar, text_of},
    draft::{SECONDS, SiteDraft, one_line, quoted},
    statuses::Statuses,
};

/// Words in the names of modules that look at something else than a web page.
const OTHER_PROBERS: [&str; 16] = [
    "tcp",
    "icmp",
    "ping",
    "dns",
    "grpc",
    "ssh",
    "smtp",
    "unix",
    "websocket",
    "banner",
    "starttls",
    "tls_connect",
    "imap",
    "pop3",
    "ldap",
    "rabbitmq",
];
/// Letters that mean something in a regular expression.
const SPECIAL: &str = r"\.+*?()|[]{}^$";
/// Keys of a module that are left out.
const LEFT_OUT: [&str; 17] = [
    "valid_http_versions",
    "fail_if_ssl",
    "fail_if_not_ssl",
    "fail_if_body_json_matches_cel",
    "fail_if_body_json_not_matches_cel",
    "fail_if_header_matches",
    "fail_if_header_not_matches",
    "ip_protocol_fallback",
    "preferred_ip_protocol",
    "proxy_url",
    "proxy_from_environment",
    "proxy_connect_header",
    "body_size_limit",
    "oauth2",
    "body_file",
    "http_headers",
    "compression",
];

/// Gives a site what its module asks for, or rejects it where that cannot be followed; `modules` are those of
/// `blackbox.yml`, if it was given.
pub(super) fn apply_module(draft: &mut SiteDraft, name: &str, modules: Option<&Value>) {
    let shown = quoted(&one_line(name, 60));
    let Some(modules) = modules else { return apply_name(draft, name, &shown) };
    let Some(module) = modules.get("modules").and_then(|all| all.get(name)) else {
        return draft.reject(format!("its module {shown} is not in the file of modules"));
    };
    if text_of(module, &["prober"]).as_deref() != Some("http") {
        return draft.reject(format!("its module {shown} does not look at web pages"));
    }
    draft.time("timeout", module, &["timeout"], SECONDS);
    if let Some(http) = module.get("http") {
        request(draft, http);
    }
}

/// Without the file of modules, a name tells the prober, and no more than the usual two tell all.
fn apply_name(draft: &mut SiteDraft, name: &str, shown: &str) {
    let lower = name.to_ascii_lowercase();
    if OTHER_PROBERS.iter().any(|other| lower.contains(other)) && !lower.contains("http") {
        return draft.reject(format!("its module {shown} does not look at web pages"));
    }
    if lower.contains("post") {
        draft.set_text("method", "POST");
    }
    if !matches!(lower.as_str(), "http_2xx" | "http_post_2xx" | "http") {
        draft.leave_out(format!(
            "what its module {shown} asks for, which is not in this file; --modules blackbox.yml reads it"
        ));
    }
}

fn request(draft: &mut SiteDraft, http: &Value) {
    draft.method(text_of(http, &["method"]).as_deref());
    draft.headers(http.get("headers"));
    draft.body(text_of(http, &["body"]).as_deref());
    if let Some(login) = field(http, &["basic_auth"]) {
        draft.login(Some("in its module"), Some(&login.to_string()));
    }
    if let Some(token) = field(http, &["bearer_token", "bearer_token_file", "authorization"]) {
        draft.bearer(&token.to_string());
    }
    let follows = flag_of(http, &["follow_redirects"]) != Some(false);
    if !follows || flag_of(http, &["no_follow_redirects"]) == Some(true) {
        draft.follow_no_redirect();
    }
    let codes: Vec<String> =
        list_of(http, &["valid_status_codes"]).iter().filter_map(scalar).collect();
    let mut statuses = Statuses::none();
    if flag_of(http, &["accept_any_response"]) == Some(true) {
        statuses = Statuses::all();
        draft.statuses(&statuses);
    } else if codes.iter().filter(|code| statuses.add(code)).count() > 0 {
        draft.statuses(&statuses);
    }
    for (from, to) in [
        ("fail_if_body_matches_regexp", "forbid_text"),
        ("fail_if_body_not_matches_regexp", "expect_text"),
    ] {
        let texts: Vec<String> = list_of(http, &[from]).iter().filter_map(scalar).collect();
        match texts.as_slice() {
            [] => {}
            [text] if !text.contains(|c| SPECIAL.contains(c)) => draft.set_text(to, text),
            _ => draft.leave_out(format!("{from}, which is more than one plain text")),
        }
    }
    let tls = http.get("tls_config").unwrap_or(&Value::Null);
    if flag_of(tls, &["insecure_skip_verify"]) == Some(true) {
        draft.leave_out_trust();
    }
    draft.leave_out_fields(tls, &["ca_file", "ca", "cert_file", "cert", "server_name"]);
    draft.leave_out_fields(http, &LEFT_OUT);
}

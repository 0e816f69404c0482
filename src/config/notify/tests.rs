//! `[[notify]]` by tables: what is read, and every sentence that a mistake gets.

use std::time::Duration;

use crate::config::{Config, ConfigProblem, Flags, problem_lines};
use model::notification::{Apprise, Channel, Destination, MailTls, rule::Topic};

/// Settings in a folder with a file `secret` in it.
fn given(text: &str) -> (tempfile::TempDir, Result<Config, Vec<ConfigProblem>>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stillup.toml");
    std::fs::write(&path, text).unwrap();
    std::fs::write(dir.path().join("secret"), "http://hook.example/hush-hush-hush\n").unwrap();
    std::fs::write(dir.path().join("empty"), " \n").unwrap();
    std::fs::write(dir.path().join("bad"), "whsec_hush-hush-hush-hush").unwrap();
    let flags = Flags { config: Some(path), data_dir: Some("d".into()), ..Flags::default() };
    (dir, Config::load(&flags))
}

fn channels(text: &str) -> Vec<Channel> {
    let (_dir, config) = given(text);
    config.unwrap().notify.channels().unwrap().to_vec()
}

/// Every problem, without the directory's name.
fn told(text: &str) -> Vec<String> {
    let (dir, config) = given(text);
    let problems = config.and_then(|config| config.notify.channels().map(<[_]>::to_vec));
    let folder = format!("{}/", dir.path().display());
    problem_lines(&problems.unwrap_err()).replace(&folder, "").lines().map(str::to_owned).collect()
}

#[test]
fn each_type_is_read_with_its_defaults_and_no_secret_is_printed() {
    let text = r#"
        [[notify]]
        name = "hook"
        type = "webhook"
        url = "https://hooks.example/x"
        secret_file = "secret"
        [[notify]]
        name = "chat"
        type = "slack"
        url_file = "secret"
        on = ["down", "notes"]
        language = "nl"
        sites = ["a.example"]
        tags = ["chat"]
        providers = ["aws"]
        lasting = "5m"
        gather = "0s"
        quiet = "22:00-07:00"
        time_zone = "Europe/Amsterdam"
        even_quiet = ["down"]
        timeout = "2s"
        per_minute = 3
        retry_for = "1h"
        [[notify]]
        name = "phone"
        type = "ntfy"
        url = "https://ntfy.sh"
        topic = "up"
        token_file = "secret"
        [[notify]]
        name = "mail"
        type = "email"
        server = "smtp.example"
        username = "up"
        password_file = "secret"
        from = "stillup <up@example.com>"
        to = ["ops@example.com"]
        [[notify]]
        name = "many"
        type = "apprise"
        url = "http://127.0.0.1:8000"
        key_file = "secret"
    "#;
    let all = channels(text);
    let words: Vec<_> = all.iter().map(|c| (&*c.name, c.target.word())).collect();
    let want = [
        ("hook", "webhook"),
        ("chat", "slack"),
        ("phone", "ntfy"),
        ("mail", "email"),
        ("many", "apprise"),
    ];
    assert_eq!(words, want);
    let hook = &all[0];
    assert_eq!((hook.timeout, hook.per_minute), (Duration::from_secs(10), 20));
    assert_eq!((hook.rule.on.as_slice(), hook.rule.lasting), (&Topic::DEFAULT[..], Duration::ZERO));
    assert_eq!(all[1].rule.lasting, Duration::from_mins(5));
    assert_eq!((hook.language, all[1].language), ("en", "nl"));
    assert!(all[1].rule.tells(Topic::Notes) && !hook.rule.tells(Topic::Notes));
    assert!(all[1].rule.quiet.is_some() && all[1].rule.tells(Topic::Down));
    let Destination::Email(mail) = &all[3].target else { panic!("{all:?}") };
    assert_eq!((&*mail.host, mail.port, mail.tls), ("smtp.example", 587, MailTls::StartTls));
    assert!(matches!(&all[4].target, Destination::Apprise { to: Apprise::Key(_), .. }));
    assert!(!format!("{all:?}").contains("hush"), "{all:?}");
}

#[test]
fn every_mistake_has_its_sentence() {
    for (text, want) in [
        (
            "[notify]\nname = \"a\"",
            vec!["1: notify: is a list of sections: write [[notify]], with two brackets"],
        ),
        (
            "[[notify]]\n",
            vec![
                "1: notify no. 1: name: is missing; write such as name = \"team\"",
                "1: notify no. 1: type: is missing; write webhook, slack, ntfy, email or apprise",
            ],
        ),
        (
            "[[notify]]\nname = \"A b\"\ntype = \"fax\"\ntopic = \"x\"",
            vec![
                "2: notify \"A b\": name: \"A b\" is not a name; use 1 to 40 of a-z, 0-9, '-' and '_'",
                "3: notify \"A b\": type: \"fax\" is not a type; use webhook, slack, ntfy, email or apprise",
            ],
        ),
        (
            "[[notify]]\nname = \"a\"\ntype = \"slack\"\nurl = \"https://x.example/hush\"",
            vec![
                "4: notify \"a\": url: is a secret: write url_env = \"NAME\" or url_file = \"path\", and put it there",
            ],
        ),
        (
            "[[notify]]\nname = \"a\"\ntype = \"webhook\"\nurl = \"https://u:hush@x.example/\"\nsecret_file = \"secret\"\nlastng = \"1m\"",
            vec![
                "4: notify \"a\": url: holds a password; write url_env = \"NAME\", and put it there",
                "6: notify \"a\": lastng: is not a key here; did you mean lasting?",
            ],
        ),
        (
            "[[notify]]\nname = \"a\"\ntype = \"ntfy\"\nurl = \"https://x.example\"\ntopic = \"t\"\non = [\"recovered\"]\nquiet = \"10-11\"\nsites = [\"A\"]",
            vec![
                "6: notify \"a\": on: tells of nothing bad; name at least one of down, partial, slow, notes, notice and certificate",
                "7: notify \"a\": quiet: \"10-11\" is not a stretch of a day; write such as \"22:00-07:00\"",
                "8: notify \"a\": sites: \"A\" is not a slug: use 1 to 253 of a-z, 0-9, '.', '-', '_' and ':', beginning with a letter or digit",
            ],
        ),
        (
            "[[notify]]\nname = \"a\"\ntype = \"email\"\nserver = \"a/b\"\nfrom = \"me\"\nto = []\nusername = \"u\"\nquiet = \"22:00-07:00\"\ntime_zone = \"Mars\"",
            vec![
                "4: notify \"a\": server: \"a/b\" is not a mail server; write such as \"smtp.example:587\"",
                "5: notify \"a\": from: \"me\" is not a mail address; write such as \"ops@example.com\"",
                "6: notify \"a\": to: is an empty list; name somebody",
                "7: notify \"a\": username: has no password; write password_env = \"NAME\" or password_file",
                "9: notify \"a\": time_zone: \"Mars\" is not a time zone; write such as \"Europe/Amsterdam\"",
            ],
        ),
        (
            "[[notify]]\nname = \"a\"\ntype = \"slack\"\nurl_file = \"none\"",
            vec![
                "4: notify \"a\": url_file: none: there is no such file; write the secret into it",
            ],
        ),
        (
            "[[notify]]\nname = \"a\"\ntype = \"slack\"\nurl_env = \"STILLUP_NO_SUCH_VARIABLE\"",
            vec![
                "4: notify \"a\": url_env: there is no environment variable \"STILLUP_NO_SUCH_VARIABLE\"; set it",
            ],
        ),
        (
            "[[notify]]\nname = \"a\"\ntype = \"slack\"\nurl_file = \"empty\"",
            vec!["4: notify \"a\": url_file: the secret is empty"],
        ),
        (
            "[[notify]]\nname = \"a\"\ntype = \"webhook\"\nurl = \"http://x.example/\"\nsecret_file = \"bad\"",
            vec!["5: notify \"a\": secret_file: what follows whsec_ is not base64"],
        ),
        (
            "[[notify]]\nname = \"a\"\ntype = \"slack\"\nurl_file = \"secret\"\nlanguage = \"fr\"",
            vec!["5: notify \"a\": language: \"fr\" is not a language here; use \"en\" or \"nl\""],
        ),
        (
            // A variable that cargo always sets.
            "[[notify]]\nname = \"a\"\ntype = \"webhook\"\nurl = \"http://x.example/\"\nsecret_env = \"CARGO_PKG_NAME\"",
            vec![
                "5: notify \"a\": secret_env: the secret is shorter than 16 letters; `openssl rand -hex 32` makes a good one",
            ],
        ),
        (
            "[[notify]]\nname = \"a\"\ntype = \"slack\"\nurl_file = \"secret\"\n[[notify]]\nname = \"a\"\ntype = \"slack\"\nurl_file = \"secret\"\neven_quiet = [\"up\"]",
            vec![
                "6: notify \"a\": name: is taken by another [[notify]]; give each its own",
                "9: notify \"a\": even_quiet: \"up\" is not a topic; use down, partial, slow, notes, notice, certificate or recovered",
                "9: notify \"a\": even_quiet: means nothing without quiet = \"22:00-07:00\"",
            ],
        ),
    ] {
        let want: Vec<_> = want.iter().map(|line| format!("stillup.toml:{line}")).collect();
        let told = told(text);
        assert_eq!(told, want, "{text}");
        assert!(!told.concat().contains("hush"), "a secret is shown: {told:?}");
    }
}

#[test]
fn a_secret_that_is_not_there_stops_only_those_who_need_it() {
    let (_dir, config) = given("[[notify]]\nname = \"a\"\ntype = \"slack\"\nurl_file = \"none\"");
    assert!(config.unwrap().notify.channels().is_err());
}

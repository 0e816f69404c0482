//! Settings by tables: precedence, defaults, and every sentence that a mistake gets.

use std::{path::PathBuf, time::Duration};

use super::*;
use crate::config::PublishTarget;
use model::site_request::Secret;

/// A directory with these files, and flags that name them.
fn given_files(settings: &str, sites: &str) -> (tempfile::TempDir, Flags) {
    let dir = tempfile::tempdir().unwrap();
    let (config, catalogue) = (dir.path().join("stillup.toml"), dir.path().join("sites.toml"));
    std::fs::write(&config, settings).unwrap();
    std::fs::write(&catalogue, sites).unwrap();
    let flags = Flags { config: Some(config), sites: Some(catalogue), ..Flags::default() };
    (dir, flags)
}

fn root() -> Machine {
    Machine { root: true, ..Machine::default() }
}

fn good(settings_text: &str) -> (tempfile::TempDir, Config) {
    let (dir, flags) = given_files(settings_text, "");
    let (config, problems) = settings(&flags, &root());
    assert_eq!(problems, []);
    (dir, config)
}

/// Every problem of these settings, without the directory's name.
fn told(text: &str) -> Vec<String> {
    let (dir, flags) = given_files(text, "");
    let folder = format!("{}/", dir.path().display());
    let (_, problems) = settings(&flags, &root());
    problems.iter().map(|p| p.to_string().replace(&folder, "")).collect()
}

#[test]
fn nothing_typed_gives_the_defaults() {
    let (_dir, config) = good("");
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.public_url, "http://127.0.0.1:8080");
    assert_eq!(config.region.as_str(), "local");
    assert_eq!(config.data_dir, Path::new("/var/lib/stillup"));
    assert_eq!(config.database_url, None);
    let agent = format!("stillup/{} (+http://127.0.0.1:8080)", env!("CARGO_PKG_VERSION"));
    assert_eq!(config.probe.user_agent, agent);
    assert_eq!(config.judge.rules, model::judge::Rules::default());
    assert_eq!(config.judge.controls.len(), 4);
    assert!(config.lookup.enabled && !config.lookup.allow_private);
    assert_eq!(config.defaults(), super::super::Defaults::default());
}

#[test]
fn a_key_at_its_smallest_value_says_that_value_and_no_default() {
    let (_dir, config) = good(
        "[probe]\ntimeout = \"100ms\"\nconcurrency = 1\nmax_body = \"1KiB\"\nmax_redirects = 0\n\
         [judge]\ndown_after = 1\nup_after = 1\nslow_after = 1\nquick_after = 1\nslow_factor = 1\nslow_floor = \"1ms\"\n\
         [lookup]\nper_visitor = 1\ncache = \"1s\"\n",
    );
    let (probe, rules) = (&config.probe, &config.judge.rules);
    assert_eq!(probe.timeout.get(), std::time::Duration::from_millis(100));
    assert_eq!((probe.concurrency.get(), probe.max_redirects.get()), (1, 0));
    assert_eq!(probe.max_body.get(), 1_024);
    assert_eq!((rules.down_after, rules.up_after), (1, 1));
    assert_eq!((rules.slow_after, rules.quick_after, rules.slow_factor), (1, 1, 1));
    assert_eq!(rules.slow_floor, std::time::Duration::from_millis(1));
    assert_eq!(config.lookup.per_visitor.get(), 1);
    assert_eq!(config.lookup.cache.get(), std::time::Duration::from_secs(1));
    let below = told(
        "[probe]\nconcurrency = 0\ntimeout = 0\n[judge]\ndown_after = 0\n[lookup]\nper_visitor = 0\n",
    );
    assert_eq!(below.len(), 4, "none of them means something else in silence: {below:?}");
}

fn exposed(config: &Config) -> Vec<&str> {
    config.database_url.iter().flat_map(DatabaseUrl::expose).collect()
}

#[test]
fn a_flag_goes_before_the_file_and_an_empty_one_does_not() {
    let text = "listen = \"127.0.0.1:1\"\nsites = \"a.toml\"\ndata_dir = \"d\"\n\
                database_url = \"postgres://file/x\"";
    let (dir, mut flags) = given_files(text, "");
    flags.sites = Some(PathBuf::new());
    flags.listen = Some(String::new());
    flags.database_url = Some(Secret::from(String::new()));
    flags.data_dir = Some(PathBuf::new());
    let (config, problems) = settings(&flags, &root());
    assert_eq!(problems, []);
    assert_eq!(exposed(&config), ["postgres://file/x"]);
    assert_eq!((config.listen.port(), config.sites), (1, dir.path().join("a.toml")));
    assert_eq!(config.data_dir, dir.path().join("d"));
    flags.sites = Some("b.toml".into());
    flags.listen = Some("[::]:2".to_owned());
    flags.database_url = Some("postgres://flag/x".to_owned().into());
    flags.data_dir = Some("e".into());
    let (config, _) = settings(&flags, &root());
    assert_eq!(exposed(&config), ["postgres://flag/x"]);
    assert_eq!((config.listen.port(), config.sites), (2, "b.toml".into()));
    assert_eq!((config.data_dir, config.public_url.as_str()), ("e".into(), "http://localhost:2"));
}

#[test]
fn data_lies_where_the_machine_keeps_data() {
    let (home, data) = (Some(PathBuf::from("/home/u")), Some(PathBuf::from("/data")));
    for (root, home, data_home, want) in [
        (true, home.clone(), data.clone(), Some("/var/lib/stillup")),
        (false, home.clone(), data, Some("/data/stillup")),
        (false, home, None, Some("/home/u/.local/share/stillup")),
        (false, None, None, None),
    ] {
        let machine = Machine { root, home, data_home };
        assert_eq!(machine.data_dir(), want.map(PathBuf::from));
    }
    let (_dir, flags) = given_files("", "");
    let (_, problems) = settings(&flags, &Machine::default());
    assert_eq!(
        crate::config::problem_lines(&problems),
        "--data-dir or STILLUP_DATA_DIR: there is no home directory to keep data in; name a \
         directory"
    );
}

#[test]
fn problems_of_flags_settings_and_catalogue_are_told_together() {
    let (dir, mut flags) = given_files("listen = 1\n[probe]\ntimout = \"1s\"", "[[site]]\n");
    flags.listen = Some("8080".to_owned());
    flags.database_url = Some("mysql://u:pw@h/x".to_owned().into());
    let problems = load_on(&flags, &root()).unwrap_err();
    let folder = format!("{}/", dir.path().display());
    assert_eq!(
        crate::config::problem_lines(&problems).replace(&folder, "").lines().collect::<Vec<_>>(),
        [
            "--listen or STILLUP_LISTEN: \"8080\" is not an address with a port; write such as \
             127.0.0.1:8080 or [::]:8080",
            "--database-url or DATABASE_URL: is not the address of a Postgres; write such as \
             postgres://user:password@host:5432/database",
            "stillup.toml:1: listen: 1 is not a text",
            "stillup.toml:3: probe.timout: is not a key here; did you mean timeout?",
            "sites.toml:1: site no. 1: url: is missing; write such as url = \
             \"https://slack.com/\"",
        ]
    );
}

#[test]
fn a_named_file_must_be_there() {
    let flags = Flags { config: Some("no/such.toml".into()), ..Flags::default() };
    let (_, problems) = settings(&flags, &root());
    assert_eq!(
        crate::config::problem_lines(&problems),
        "no/such.toml: there is no such file; --config or STILLUP_CONFIG names it; correct the \
         name, or leave it out"
    );
    let (dir, flags) = given_files("", "[[site]]\nurl = \"https://a.nl/\"\n");
    let (config, catalogue) = load_on(&flags, &root()).unwrap();
    assert_eq!((catalogue.sites().len(), config.catalogue()), (1, Ok(catalogue)));
    std::fs::remove_file(dir.path().join("sites.toml")).unwrap();
    let told = load_on(&flags, &root()).unwrap_err()[0].to_string();
    assert!(told.contains("sites.toml: there is no such file; name the catalogue"), "{told}");
}

#[test]
fn the_example_names_every_key_and_every_key_is_read() {
    let (_dir, config) = good(include_str!("../../../stillup.example.toml"));
    assert_eq!(config.public_url, "https://up.example");
    assert_eq!(config.probe.timeout.get(), Duration::from_secs(10));
    assert_eq!(config.probe.max_body.get(), 256 << 10);
    assert_eq!(config.probe.nameservers[1], "149.112.112.112:53".parse().unwrap());
    assert_eq!(config.retention.journal.get(), 1 << 30);
    let unset = config.notify.channels().unwrap_err();
    assert_eq!(unset.len(), 1, "all but the variable is there: {unset:?}");
    assert!(config.trusts("10.1.2.3".parse().unwrap()) && !config.trusts("::1".parse().unwrap()));
}

/// The keys of a section of the example, whether they are given or shown in a comment, with sections
/// in the order of the file.
fn keys_of_the_example() -> Vec<(String, Vec<String>)> {
    let mut sections = vec![(String::new(), Vec::new())];
    for line in include_str!("../../../stillup.example.toml").lines() {
        let line = line.trim_start_matches(['#', ' ']);
        let word = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
            sections.push((name.trim_start_matches('[').to_owned(), Vec::new()));
        } else if let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| word(key)) {
            sections.last_mut().unwrap().1.push(key.to_owned());
        }
    }
    sections
}

/// The keys of a section that the message about an unknown key lists.
fn known_keys(section: &str) -> Vec<String> {
    let told = told(&format!("{section}\nxxxxxxxxxxxxxxxxxxxx = 1\n")).concat();
    let (_, keys) = told.split_once("use one of ").unwrap();
    keys.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_example_has_each_key_in_its_section_and_no_other() {
    let example = keys_of_the_example();
    let text = include_str!("../../../stillup.example.toml");
    let word =
        |key: &str| text.split(|c: char| !c.is_ascii_lowercase() && c != '_').any(|w| w == key);
    // A comment at the head says that each secret is in a variable or a file; one of the two is shown.
    let told = |key: &str| {
        let twin = key.strip_suffix("_file").map(|name| format!("{name}_env"));
        twin.is_some_and(|twin| word(&twin)) || key.ends_with("_env") && word(key)
    };
    let sections = ["probe", "judge", "lookup", "nodes", "retention", "web", "publish"];
    let sections = sections.map(|name| (name, known_keys(&format!("[{name}]"))));
    let channels = ["webhook", "slack", "ntfy", "email", "apprise"]
        .map(|kind| known_keys(&format!("[[notify]]\nname = \"a\"\ntype = \"{kind}\"")));
    let top = known_keys("").into_iter().filter(|key| {
        let section = sections.iter().any(|(name, _)| name == key);
        !section && key != "notify"
    });
    let top = [("", top.collect()), ("notify", channels.concat())];
    for (section, keys) in sections.iter().chain(&top) {
        let in_section = example.iter().filter(|(name, _)| name == section);
        let shown: Vec<&String> = in_section.flat_map(|(_, keys)| keys).collect();
        for key in keys {
            assert!(
                shown.contains(&key) || told(key),
                "{key} of [{section}] is not in the example"
            );
        }
        for key in shown {
            assert!(keys.contains(key), "{key} of the example is no key of [{section}]");
        }
    }
}

#[test]
fn the_example_shows_the_defaults() {
    let (_dir, config) = good("");
    let (_other, example) = good(include_str!("../../../stillup.example.toml"));
    let probe = ProbeSettings {
        user_agent: config.probe.user_agent.clone(),
        nameservers: Vec::new(),
        ..example.probe
    };
    assert_eq!((config.listen, config.region), (example.listen, example.region));
    assert_eq!((config.probe, config.judge), (probe, example.judge));
    assert_eq!((config.lookup, config.retention), (example.lookup, example.retention));
    let web =
        WebSettings { trusted_proxies: Vec::new(), connections_per_visitor: None, ..example.web };
    assert_eq!(config.web, web);
}

#[test]
fn the_settings_of_three_nodes_know_each_other() {
    let texts = [
        include_str!("../../../deploy/three-nodes/node-1.toml"),
        include_str!("../../../deploy/three-nodes/node-2.toml"),
        include_str!("../../../deploy/three-nodes/node-3.toml"),
    ];
    let all = texts.map(|text| good(text).1);
    let at = |number: usize| format!("http://127.0.0.1:{}/", 8081 + number);
    for (number, config) in all.iter().enumerate() {
        let peers: Vec<String> = config.nodes.peers.iter().map(ToString::to_string).collect();
        let others: Vec<String> = (0..3).filter(|n| *n != number).map(at).collect();
        assert_eq!(peers, others);
        assert_eq!(config.region.as_str(), format!("node-{}", number + 1));
        assert_eq!(config.nodes.name.as_ref().unwrap().as_str(), config.region.as_str());
    }
}

#[test]
fn a_copy_goes_to_a_folder_or_a_bucket_and_nowhere_else() {
    let place = |to: &str| good(&format!("[publish]\nto = \"{to}\"")).1.publish.to.unwrap();
    assert!(matches!(place("copy"), PublishTarget::Folder(path) if path.is_absolute()));
    assert_eq!(place("/srv/copy"), PublishTarget::Folder("/srv/copy".into()));
    for (to, path) in [("s3://status", ""), ("s3://status/", ""), ("s3://status/a/b/", "a/b")] {
        let bucket = PublishTarget::Bucket { name: "status".to_owned(), path: path.to_owned() };
        assert_eq!(place(to), bucket);
    }
    for to in [
        "s3://",
        "s3:///x",
        "s3://a/../b",
        "s3://a/./b",
        "s3://a//b",
        "s3://key:secret@a",
        "s3://a?x=1",
        "https://a.example/b",
        "ftp://a",
    ] {
        let problems = told(&format!("[publish]\nto = \"{to}\"")).concat();
        assert!(problems.contains("write such as"), "{to}: {problems}");
        assert!(!problems.contains("secret"), "{problems}");
    }
}

mod sentences;

/// A text with some of its bytes changed, lost, doubled or moved.
fn mutated(text: &str, random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.usize(..4) {
        let at = random.usize(..bytes.len());
        match random.u8(..4) {
            0 => drop(bytes.remove(at)),
            1 => bytes[at] = random.u8(..),
            2 => bytes.insert(at, b"\"[]={}09-\n\\'#._\xff"[random.usize(..16)]),
            _ => {
                let piece = bytes[at..(at + random.usize(..60)).min(bytes.len())].to_vec();
                let to = random.usize(..bytes.len());
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}

#[test]
fn mutated_files_are_taken_or_refused_in_words_and_break_nothing() {
    let mut random = fastrand::Rng::with_seed(23);
    let settings_text = include_str!("../../../stillup.example.toml");
    let sites = include_str!("../../../sites.toml");
    let whole = sites.match_indices("[[site]]").map(|(at, _)| at).nth(30).unwrap();
    let sites = &sites[..whole];
    let (dir, flags) = given_files("", "");
    let told = |problems: Vec<ConfigProblem>| {
        for problem in &problems {
            let text = problem.to_string();
            assert!(text.len() > 20 && text.len() < 1_000, "{text}");
            assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        }
        usize::from(!problems.is_empty())
    };
    let (rounds, mut refused) = (250, [0, 0]);
    for _ in 0..rounds {
        let path = |name| dir.path().join(name);
        std::fs::write(path("stillup.toml"), mutated(settings_text, &mut random)).unwrap();
        std::fs::write(path("sites.toml"), mutated(sites, &mut random)).unwrap();
        let (config, problems) = settings(&flags, &root());
        refused[0] += told(problems);
        refused[1] += told(config.catalogue().err().unwrap_or_default());
    }
    // A mutation in a comment changes nothing, one in a key is refused: both are many.
    for count in refused {
        assert!((1..rounds).contains(&count), "{refused:?} of {rounds}");
    }
}

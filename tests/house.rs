//! The house tests: which module of the service may use which, how files open, how long they are, who
//! speaks SQL. Between crates the compiler holds the arrows; what `model` may depend on is held here.
//!
//! They read the source as text. Test modules (`#[cfg(test)]`), files named `tests*.rs` and folders
//! named `tests` are not looked at. Every finding is printed as `file:line: what is wrong`.

use std::{collections::BTreeSet, fs, io, path::Path};

/// The modules of the service, in the order of `src/lib.rs`, and the modules that each may use. The
/// crates `model`, `prober` and `testbed` may be used by all.
const ROOMS: &[(&str, &[&str])] = &[
    ("atomic_file", &[]),
    ("i18n", &[]),
    ("config", &["i18n"]),
    ("lists", &["config"]),
    ("token", &[]),
    ("operator", &["atomic_file", "config", "token"]),
    ("store", &[]),
    ("private_postgres", &[]),
    ("board", &[]),
    ("pipeline", &["atomic_file", "board", "store"]),
    ("lookup", &["i18n", "board"]),
    ("prometheus", &[]),
    ("http_client", &[]),
    (
        "agents",
        &[
            "atomic_file",
            "prometheus",
            "http_client",
            "token",
            "board",
            "store",
            "pipeline",
            "lookup",
        ],
    ),
    ("web", &["i18n", "prometheus", "token", "operator", "board", "store", "lookup", "agents"]),
    ("notify", &["i18n", "http_client", "operator", "board", "store"]),
    (
        "replay",
        &[
            "i18n",
            "config",
            "operator",
            "board",
            "pipeline",
            "web",
            "lookup",
            "store",
            "private_postgres",
        ],
    ),
    (
        "cli",
        &[
            "i18n", "config", "lists", "operator", "store", "lookup", "agents", "web", "replay",
            "app",
        ],
    ),
    (
        "app",
        &[
            "atomic_file",
            "i18n",
            "http_client",
            "config",
            "token",
            "operator",
            "store",
            "private_postgres",
            "board",
            "lookup",
            "pipeline",
            "agents",
            "web",
            "notify",
        ],
    ),
    ("main", &["cli"]),
];

/// Modules that a single file may use beyond its room, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    // The tests' databases are made from a template with the migrations in it.
    ("src/private_postgres/throwaway.rs", "store"),
];

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 60;

#[test]
fn a_room_uses_only_the_rooms_it_may() {
    let mut findings = Vec::new();
    for file in sources() {
        let Some(room) = file.room().filter(|_| file.is_of_the_service()) else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            findings.push(file.at(1, &format!("room `{room}` is not in the table of this test")));
            continue;
        };
        for (line, used) in file.rooms_used(room) {
            let known = ROOMS.iter().any(|(name, _)| *name == used);
            let excepted = EXCEPTIONS.contains(&(file.path.as_str(), used.as_str()));
            if used == room || excepted || allowed.contains(&used.as_str()) {
            } else if known {
                findings.push(file.at(line, &format!("`{room}` may not use `{used}`")));
            } else {
                findings.push(file.at(line, &format!("`{used}` is not a room")));
            }
        }
        for line in file.climbs_out().filter(|_| file.is_of_the_service()) {
            findings.push(file.at(line, "`super` leaves the room; write `crate::…`"));
        }
    }
    none(&findings);
}

#[test]
fn the_model_depends_on_nothing_that_waits_reads_or_speaks_to_people() {
    let manifest = fs::read_to_string(root().join("crates/model/Cargo.toml")).unwrap_or_default();
    let own = manifest.split_once("[dependencies]").map_or("", |(_, rest)| rest);
    let own = own.split("\n[").next().unwrap_or_default().lines();
    let names = own
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['.', ' ', '=']).next().filter(|name| !name.is_empty()));
    let pure = ["idna", "jiff", "serde", "serde_json", "thiserror", "time", "url"];
    let impure: Vec<_> = names.filter(|name| !pure.contains(name)).collect();
    assert!(!manifest.is_empty() && impure.is_empty(), "crates/model depends on {impure:?}");
}

#[test]
fn no_crate_uses_the_service_not_even_in_its_tests() {
    for name in ["model", "prober", "testbed"] {
        let path = format!("crates/{name}/Cargo.toml");
        let manifest = fs::read_to_string(root().join(&path)).unwrap_or_default();
        let uses =
            manifest.lines().any(|line| line.starts_with("stillup") || line.contains("../.."));
        assert!(manifest.contains("[dependencies]") && !uses, "{path} depends on the service");
    }
}

#[test]
fn every_file_says_first_what_it_is() {
    let silent = |file: &SourceFile| !file.text.starts_with("//! ");
    none(&sources().iter().filter(|f| silent(f)).map(|f| f.at(1, "no `//!`")).collect::<Vec<_>>());
}

#[test]
fn doc_comments_open_with_a_noun_or_a_verb() {
    let text = "a doc comment opens with a question word; say the noun (\"Number of sites\")";
    let mut files = sources();
    for folder in ["tests", "benches", "examples"] {
        assert!(walk(&root().join(folder), &mut files).is_ok(), "{folder} cannot be read");
    }
    let found: Vec<_> =
        files.iter().flat_map(|f| f.questions().map(|line| f.at(line, text))).collect();
    none(&found);
}

#[test]
fn files_and_functions_stay_short() {
    let mut findings = Vec::new();
    for file in sources() {
        if file.lines.len() > FILE_LINES {
            let text = format!("{} lines without tests, at most {FILE_LINES}", file.lines.len());
            findings.push(file.at(FILE_LINES, &text));
        }
        for (line, length) in file.functions().filter(|(_, length)| *length > FUNCTION_LINES) {
            let text = format!("a function of {length} lines, at most {FUNCTION_LINES}");
            findings.push(file.at(line, &text));
        }
    }
    none(&findings);
}

#[test]
fn only_the_store_speaks_sql() {
    let sql = ["query!(", "query_as!(", "query_scalar!(", "query_file!(", "sqlx::query"];
    none(&mentions(&sql, "SQL outside the store", |file| file.room() != Some("store")));
}

#[test]
fn the_prober_makes_no_detail_that_is_said_in_english_alone() {
    let text = "add a variant to `FailureDetail`, with a message in each of `locales/`";
    let probe = |file: &SourceFile| file.path.starts_with("crates/prober/src/probe");
    none(&mentions(&["Detail::Text {", "Restriction::Text {"], text, probe));
}

#[test]
fn no_lint_is_silenced_for_good() {
    let text = "write `#[expect(…, reason = \"…\")]`, which goes away when it is stale";
    none(&mentions(&["#[allow(", "#![allow("], text, |_| true));
}

#[test]
fn readme_and_ci_name_the_commands() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap_or_default();
    let mut findings = Vec::new();
    for (path, command) in
        [("README.md", "make run"), ("README.md", "make test"), (".ci/run", "make test")]
    {
        if !read(path).contains(command) {
            findings.push(format!("{path}:1: `{command}` is not in it"));
        }
    }
    none(&findings);
}

#[test]
fn the_files_that_architecture_md_names_are_there() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap_or_default();
    let named = text.split('`').skip(1).step_by(2).filter(|word| word.contains('/'));
    let ours = ["src/", "crates/", "docs/", "tests/", "locales/", "templates/", "migrations/"];
    let named: Vec<_> = named.filter(|word| ours.iter().any(|o| word.starts_with(o))).collect();
    let missing: Vec<_> = named.iter().filter(|path| !root().join(path).exists()).collect();
    assert!(named.len() > 20 && missing.is_empty(), "docs/architecture.md names {missing:?}");
}

#[test]
fn there_is_one_style_of_modules() {
    let old = |file: &SourceFile| file.path.ends_with("/mod.rs");
    let text = "write `foo.rs` beside `foo/`";
    none(&sources().iter().filter(|f| old(f)).map(|f| f.at(1, text)).collect::<Vec<_>>());
}

#[test]
fn the_reader_sees_what_it_should() {
    let text = "\
//! A room.
use crate::{model::{Site, name::Slug}, store};
use super::web::view;
// crate::cli is only talked about.
fn f() -> crate::board::Board {}

#[cfg(test)]
mod tests {
    use crate::app;
}

fn g() { stillup::cli::run() }
";
    let file = SourceFile::new("src/web.rs", text);
    let used: Vec<_> = file.rooms_used("web");
    let seen: Vec<_> = used.iter().map(|(line, room)| (*line, room.as_str())).collect();
    assert_eq!(seen, [(2, "model"), (2, "store"), (5, "board")]);
    assert_eq!(file.climbs_out().collect::<Vec<_>>(), [3]);
    let asked =
        "//! What it does.\n\n/// The way.\n///\n/// # Errors\n/// When it fails.\nfn f() {}\n";
    assert_eq!(SourceFile::new("src/a.rs", asked).questions().collect::<Vec<_>>(), [1, 6]);
    assert_eq!(SourceFile::new("src/main.rs", text).rooms_used("main"), [(12, "cli".to_owned())]);
    assert_eq!(file.functions().collect::<Vec<_>>(), [(5, 1), (12, 1)]);
    assert!(SourceFile::new("src/a/b/c.rs", "use super::super::d;").climbs_out().next().is_none());
    assert!(SourceFile::new("src/a/mod.rs", "use super::d;").climbs_out().next().is_some());
}

/// Prints the findings and fails when there are any.
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Every line with one of the words, in the files that count.
fn mentions(words: &[&str], what: &str, counts: impl Fn(&SourceFile) -> bool) -> Vec<String> {
    let mut findings = Vec::new();
    for file in sources().iter().filter(|file| counts(file)) {
        let lines = file.lines.iter().filter(|(_, code)| words.iter().any(|w| code.contains(w)));
        findings.extend(lines.map(|(line, _)| file.at(*line, what)));
    }
    findings
}

/// One file of `src`, without its tests and comments.
struct SourceFile {
    /// From the root, such as `src/model/site.rs`.
    path: String,
    text: String,
    /// Line numbers and code. A comment is an empty line.
    lines: Vec<(usize, String)>,
}

impl SourceFile {
    fn new(path: &str, text: &str) -> Self {
        let code = |line: &str| {
            let comment = line.trim_start().starts_with("//");
            if comment { String::new() } else { line.to_owned() }
        };
        let mut lines = Vec::new();
        let mut all = text.lines().enumerate();
        while let Some((index, line)) = all.next() {
            if line.trim() != "#[cfg(test)]" {
                lines.push((index + 1, code(line)));
                continue;
            }
            // The item below is a test's: it ends with a line that closes it at the same depth.
            let depth = indent(line);
            all.by_ref().find(|(_, line)| indent(line) == depth && line.ends_with(['}', ';']));
        }
        Self { path: path.to_owned(), text: text.to_owned(), lines }
    }

    fn at(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }

    /// The lines on which a doc comment, or a paragraph of one, opens with a question word.
    fn questions(&self) -> impl Iterator<Item = usize> {
        let words =
            ["What", "How", "Whether", "Who", "Whose", "Which", "Why", "When", "Where", "That"];
        let doc = |line: &str| {
            let line = line.trim_start();
            line.strip_prefix("///")
                .or_else(|| line.strip_prefix("//!"))
                .map(|l| l.trim().to_owned())
        };
        let before = std::iter::once(None).chain(self.text.lines().map(doc));
        let lines = self.text.lines().map(doc).zip(before).enumerate();
        lines.filter_map(move |(index, (line, before))| {
            let line = line?;
            let opens = before.is_none_or(|text| text.is_empty() || text.starts_with('#'));
            let word = line.split(|c: char| !c.is_alphabetic()).next()?;
            (opens && words.contains(&word)).then_some(index + 1)
        })
    }

    /// Folders and name below `src`, without `mod` and `.rs`; in a crate of its own, its name first.
    fn module(&self) -> Vec<&str> {
        let path = self.path.trim_start_matches("crates/").trim_end_matches(".rs");
        path.split('/').filter(|part| !["mod", "src"].contains(part)).collect()
    }

    /// Returns whether it is of the root package.
    fn is_of_the_service(&self) -> bool {
        self.path.starts_with("src/")
    }

    /// The room of the file; the map, `src/lib.rs`, is in none.
    fn room(&self) -> Option<&str> {
        self.module().first().copied().filter(|room| *room != "lib")
    }

    /// The rooms that are named by `crate::…`, or, in the binary, by `stillup::…`.
    fn rooms_used(&self, room: &str) -> Vec<(usize, String)> {
        let prefix = if room == "main" { "stillup::" } else { "crate::" };
        let mut used = Vec::new();
        for (at, (line, code)) in self.lines.iter().enumerate() {
            for (start, _) in code.match_indices(prefix) {
                if code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
                    continue;
                }
                let mut rest = code[start + prefix.len()..].to_owned();
                if rest.starts_with('{') {
                    rest.extend(self.lines[at + 1..].iter().map(|(_, code)| code.as_str()));
                }
                used.extend(first_names(&rest).into_iter().map(|name| (*line, name)));
            }
        }
        used
    }

    /// The lines where `super` leads out of the room.
    fn climbs_out(&self) -> impl Iterator<Item = usize> {
        let depth = self.module().len();
        let out = format!("{}::", vec!["super"; depth].join("::"));
        self.lines.iter().filter(move |(_, code)| code.contains(&out)).map(|(line, _)| *line)
    }

    /// Beginnings of functions, and their lengths. Relies on rustfmt: `}` stands where `fn` began.
    fn functions(&self) -> impl Iterator<Item = (usize, usize)> {
        let begins = |code: &str| {
            let words = code.split(" fn ").next().unwrap_or_default().split_whitespace();
            let before = ["pub", "pub(super)", "pub(crate)", "async", "const"];
            code.trim_start().starts_with("fn ")
                || code.contains(" fn ") && words.clone().all(|word| before.contains(&word))
        };
        self.lines.iter().enumerate().filter(move |(_, (_, code))| begins(code)).map(
            |(at, (line, code))| {
                let one_line = code.ends_with(['}', ';']);
                let depth = indent(code);
                let body = &self.lines[at + 1..];
                let end = body.iter().position(|(_, c)| indent(c) == depth && c.trim() == "}");
                (*line, if one_line { 1 } else { end.map_or(1, |end| end + 2) })
            },
        )
    }
}

/// `model` of `model::Site;`, and `model`, `store` of `{model::{Site, Slug}, store}`.
fn first_names(text: &str) -> BTreeSet<String> {
    let name = |text: &str| {
        let text = text.trim_start();
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    let Some(group) = text.strip_prefix('{') else { return BTreeSet::from([name(text)]) };
    let mut depth = 0_i32;
    let mut names = BTreeSet::from([name(group)]);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => _ = names.insert(name(&group[at + 1..])),
            _ => {}
        }
    }
    names.remove("");
    names
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files of all crates that are not tests.
fn sources() -> Vec<SourceFile> {
    let mut found = Vec::new();
    for folder in ["src", "crates/model/src", "crates/prober/src", "crates/testbed/src"] {
        let before = found.len();
        let read = walk(&root().join(folder), &mut found);
        assert!(read.is_ok() && found.len() > before, "{folder} cannot be read: {read:?}");
    }
    found
}

fn walk(dir: &Path, found: &mut Vec<SourceFile>) -> io::Result<()> {
    let mut entries = fs::read_dir(dir)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for path in entries.iter().map(fs::DirEntry::path) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if name.starts_with("tests") {
        } else if path.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy();
            found.push(SourceFile::new(&below, &fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

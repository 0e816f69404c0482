//! Completeness of the catalogue: both languages have the same messages with the same placeables,
//! every message is used, and every used message exists.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use fluent_bundle::FluentResource;
use proptest::prelude::*;

use super::{catalogue::FILES, *};

/// Every message's name with its placeables, read from the text.
fn places(files: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        assert!(FluentResource::try_new((*file).to_owned()).is_ok(), "a file cannot be read");
        let mut last = String::new();
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            if !line.starts_with([' ', '}'])
                && let Some((id, _)) = line.split_once(" =")
            {
                id.clone_into(&mut last);
                assert!(found.insert(last.clone(), BTreeSet::new()).is_none(), "twice: {id}");
            }
            for (at, _) in line.match_indices('$') {
                let name = line[at + 1..].chars().take_while(|c| c.is_alphanumeric() || *c == '-');
                found.get_mut(&last).unwrap().insert(name.collect());
            }
        }
    }
    found
}

/// The text of all files below a folder, tests left out.
fn below(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            below(&path, text);
        } else if path.is_file() && !path.ends_with("tests.rs") {
            *text += &fs::read_to_string(&path).unwrap();
        }
    }
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_places() {
    let [english, dutch] = FILES.map(|files| places(&files));
    let names = |of: &BTreeMap<String, _>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&english), names(&dutch));
    for (id, places) in &english {
        assert_eq!(Some(places), dutch.get(id), "{id}");
    }
}

#[test]
fn every_message_is_used_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    below(&root.join("src"), &mut text);
    below(&root.join("templates"), &mut text);
    // Message families are found by their prefix: `format!("status-{word}")`.
    let used = |id: &str| {
        let begins = |(at, _): (usize, char)| text.contains(&format!("\"{}-{{", &id[..at]));
        text.contains(&format!("\"{id}\""))
            || id.match_indices('-').any(|(at, _)| begins((at, '-')))
    };
    let idle: Vec<String> = places(&FILES[0]).into_keys().filter(|id| !used(id)).collect();
    assert!(idle.is_empty(), "nobody says {idle:?}");
}

#[test]
fn every_message_that_a_template_says_is_there() {
    let mut text = String::new();
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut text);
    let known = places(&FILES[0]);
    for call in ["t.say(\"", "t.one(\"", "t.two(\"", "t.with(\"", "t.html(\""] {
        for said in text.split(call).skip(1) {
            let id = said.split('"').next().unwrap_or_default();
            assert!(known.contains_key(id), "no message {id}");
        }
    }
}

#[test]
fn tags_name_languages_whatever_their_region() {
    for (tag, want) in
        [("nl-BE", Some(Lang::Nl)), ("EN", Some(Lang::En)), ("nlx", None), ("", None)]
    {
        assert_eq!(Lang::of_tag(tag), want, "{tag}");
    }
}

#[test]
fn numbers_and_plurals_follow_the_language() {
    for (lang, value, decimals, want) in [
        (Lang::En, 1_234_567.891, 2, "1,234,567.89"),
        (Lang::Nl, 1_234_567.891, 2, "1.234.567,89"),
        (Lang::Nl, -1000.0, 0, "-1.000"),
        (Lang::En, 999.0, 1, "999.0"),
    ] {
        assert_eq!(lang.number(value, decimals), want);
    }
    assert_eq!(Lang::En.one("headline-fine", "total", 1_240_usize), "All 1,240 sites are fine.");
    assert_eq!(
        Lang::Nl.one("headline-fine", "total", 1_240_usize),
        "Alle 1.240 sites zijn in orde."
    );
    assert_eq!(Lang::Nl.one("days", "n", 1_u64), "1 dag");
}

proptest! {
    #[test]
    fn what_is_filled_in_stands_there_as_it_is(name in "\\PC{0,40}") {
        let said = Lang::En.one("sentence-up", "name", &name);
        prop_assert_eq!(said, format!("{name} is up."));
    }
}

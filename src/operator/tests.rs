//! The operator's files, whatever door a change comes through.

use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
};

use tempfile::TempDir;
use toml::Table;

use super::*;
use crate::config::{Defaults, MAX_WORKS};
use model::{name::Slug, notice::NoticeState, permission::Permission};

fn now() -> Moment {
    Moment::parse("2026-11-30T12:00:00Z").unwrap()
}

fn folder() -> (TempDir, Operator) {
    let dir = tempfile::tempdir().unwrap();
    let operator = again(&dir);
    (dir, operator)
}

/// Another process at the same files.
fn again(dir: &TempDir) -> Operator {
    let source = dir.path().join("sites.toml");
    let added = AddedSites::open(dir.path(), &source, Defaults::default());
    Operator::open(dir.path(), added)
}

fn keys(text: &str) -> Table {
    text.parse().unwrap()
}

fn told<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_token_is_known_by_its_hash_in_every_process_and_not_after_it_ended() {
    let (dir, operator) = folder();
    assert!(!operator.has_tokens());
    let token =
        operator.add_token("ci", &[Permission::Planned, Permission::Planned], now()).unwrap();
    let text = fs::read_to_string(dir.path().join("tokens.toml")).unwrap();
    let secret = token.expose().rsplit('_').next().unwrap();
    assert!(token.expose().starts_with("sut_") && !text.contains(secret), "{text}");
    let other = again(&dir);
    let access = other.access(token.expose()).unwrap();
    assert!(access.may(Permission::Planned) && !access.may(Permission::Notices));
    assert_eq!(other.access(&token.expose().replace("sut_", "sua_")), None);
    assert_eq!(other.access(&format!("{}0", token.expose())), None);
    operator.add_token("ci", &[Permission::Read], now()).unwrap();
    assert!(
        told(operator.add_token("ci", &[Permission::Read], now())).contains("has 2 tokens already")
    );
    other.look();
    assert_eq!(other.tokens().len(), 2);
    operator.remove_token("ci", Some(token.id()), now()).unwrap();
    other.look();
    assert_eq!(other.access(token.expose()), None);
    assert_eq!(told(operator.remove_token("cd", None, now())), "there is no token of cd");
    operator.remove_token("ci", None, now()).unwrap();
    assert!(!operator.has_tokens());
    let lines = operator.last_changes(10);
    assert_eq!(lines.len(), 4);
    assert_eq!((&*lines[3].action, &*lines[3].subject), ("token.add", "ci"));
    assert!(!format!("{lines:?}").contains(secret));
}

#[test]
fn work_is_planned_now_cancelled_and_kept() {
    let (dir, operator) = folder();
    let work = operator.announce(keys("lasts = \"30m\"\ntags = [\"shop\"]"), "cli", now()).unwrap();
    let stretch = work.at(now()).unwrap();
    assert_eq!(stretch.until, now() + Duration::from_mins(30));
    assert!(!work.was_announced_before(&stretch), "nobody announces an outage away");
    let later = now() + Duration::from_mins(10);
    assert_eq!(again(&dir).planned().to_vec(), vec![work.clone()]);
    operator.cancel(&work.id, "ci", later + Duration::from_millis(700), |_| Ok(())).unwrap();
    assert_eq!(again(&dir).planned()[0].at(later), None);
    assert!(told(operator.cancel(&work.id, "ci", later, |_| Ok(()))).contains("cancelled already"));
    assert!(told(operator.cancel("p-1", "ci", later, |_| Ok(()))).contains("no planned work"));
}

#[test]
fn when_there_is_no_room_the_oldest_work_that_is_over_makes_some() {
    let (dir, operator) = folder();
    let entry = |id: usize, day: &str| {
        format!("[[planned]]\nid = \"w{id}\"\nstarts = \"{day}T00:00:00Z\"\nlasts = \"1h\"\n\n")
    };
    // The first is still to come.
    let old: String = (1..MAX_WORKS).map(|id| entry(id, "2026-11-29")).collect();
    fs::write(dir.path().join("planned.toml"), entry(0, "2026-12-24") + &old).unwrap();
    operator.look();
    assert_eq!(operator.planned().len(), MAX_WORKS);
    operator.announce(keys("lasts = \"30m\""), "ci", now()).unwrap();
    let works = operator.planned();
    assert_eq!((works.len(), &*works[0].id, &*works[1].id), (MAX_WORKS, "w0", "w2"));
    let lines = operator.last_changes(2);
    assert_eq!((&*lines[1].action, &*lines[1].subject), ("planned.forget", "w1"));
}

#[test]
fn files_that_root_makes_belong_to_the_owner_of_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    if chown(dir.path(), Some(65_534), Some(65_534)).is_err() {
        // Only root may give a folder away, and only root could make files of its own in it.
        return;
    }
    let operator = again(&dir);
    operator.announce(keys("lasts = \"30m\""), "cli", now()).unwrap();
    for name in ["planned.toml", "planned.lock", "audit.jsonl"] {
        let meta = fs::metadata(dir.path().join(name)).unwrap();
        assert_eq!((meta.uid(), meta.mode() & 0o777), (65_534, 0o600), "{name}");
    }
}

#[test]
fn a_file_is_read_again_when_it_has_changed_and_when_it_could_not_be_read() {
    let (dir, operator) = folder();
    let path = dir.path().join("notices.toml");
    operator.open_notice(keys("title = \"a\"\ntext = \"b\""), "ci", now()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    // As long as before, and written in place.
    fs::write(&path, text.replace("title = \"a\"", "title = \"c\"")).unwrap();
    operator.look();
    assert_eq!(&*operator.notices()[0].title, "c");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    operator.look();
    assert!(operator.problems()[0].contains("cannot be read"), "{:?}", operator.problems());
    assert_eq!(operator.notices().len(), 1);
    fs::remove_dir(&path).unwrap();
    fs::write(&path, text).unwrap();
    operator.look();
    assert!(operator.problems().is_empty() && &*operator.notices()[0].title == "a");
}

#[test]
fn what_is_over_or_not_ours_to_say_is_refused_in_words() {
    let (_dir, operator) = folder();
    for (text, want) in [
        (
            "lasts = \"1h\"\nstarts = \"2026-11-30 10:00\"\ntime_zone = \"Europe/Amsterdam\"",
            "given: starts: 2026-11-30 10:00 Europe/Amsterdam is past",
        ),
        ("lasts = \"1h\"\nid = \"a\"", "given: id: is filled in by the service"),
        (
            "lasts = \"1h\"\nannounced_at = \"2026-01-01T00:00:00Z\"",
            "given: announced_at: is filled in",
        ),
        (
            "lasts = \"1h\"\nstarts = \"2026-12-06 02:00\"\ntime_zone = \"UTC\"\n\
             rrule = \"FREQ=DAILY;INTERVAL=366;BYMONTHDAY=31;BYDAY=MO\"",
            "given: starts: nothing of it begins within two years",
        ),
        ("", "lasts: is missing"),
        ("lasts = \"1h\"\nstarts = \"2026-03-29 02:30\"", "needs time_zone"),
    ] {
        let told = told(operator.announce(keys(text), "ci", now()));
        assert!(told.contains(want), "{text}: {told}");
    }
    for (text, want) in [
        ("title = \"a\"", "given: text: is missing"),
        ("title = \"a\"\ntext = \" \"", "given: text: is empty"),
        ("title = \"a\"\ntext = \"b\"\nstate = \"fine\"", "is no state"),
        ("title = \"a\"\ntext = \"b\"\nstate = \"postmortem\"", "a post-mortem is an update"),
        ("title = \"a\"\ntext = \"b\"\nstarted_at = \"2027-01-01T00:00:00Z\"", "is later than now"),
        ("title = \"a\\u0000\"\ntext = \"b\"", "must be one line"),
        ("title = \"a\"\ntext = \"b\\u202e\"", "hides or reorders others"),
    ] {
        let told = told(operator.open_notice(keys(text), "ci", now()));
        assert!(told.contains(want), "{text}: {told}");
    }
    let long = format!("title = \"a\"\ntext = \"{}\"", "x".repeat(5_001));
    assert!(told(operator.open_notice(keys(&long), "ci", now())).contains("longer than 5000"));
    assert!(operator.planned().is_empty() && operator.notices().is_empty());
}

#[test]
fn a_notice_is_opened_updated_closed_and_explained() {
    let (dir, operator) = folder();
    let text = "title = \"Sign-in fails\"\ntext = \"We look.\"\nsites = [\"gone.example\"]\nimpact = \"major\"";
    let notice = operator.open_notice(keys(text), "ci", now()).unwrap();
    assert_eq!(
        (notice.state(), &*notice.updates[0].id),
        (NoticeState::Investigating, &*format!("{}-1", notice.id))
    );
    let update =
        |text: &str| operator.update_notice(&notice.id, keys(text), "cli", now(), |_| Ok(()));
    assert!(
        told(update("text = \"x\"\nstate = \"postmortem\""))
            .contains("after the notice is resolved")
    );
    assert_eq!(
        update("text = \"Found.\"\nstate = \"identified\"").unwrap().state(),
        NoticeState::Identified
    );
    assert_eq!(update("text = \"Still.\"").unwrap().state(), NoticeState::Identified);
    let long = format!("text = \"{}\"", "x".repeat(2_001));
    assert!(
        matches!(update(&long), Err(Refusal::Wrong(_))),
        "the first update alone may be longer"
    );
    assert!(!update("text = \"Over.\"\nstate = \"resolved\"").unwrap().is_open());
    update("text = \"It was DNS.\"\nstate = \"postmortem\"").unwrap();
    let kept = again(&dir).notices()[0].clone();
    assert_eq!(kept, operator.notices()[0]);
    assert_eq!(kept.updates.len(), 5);
    assert!(told(update("text = \"x\"\ntitle = \"y\"")).contains("title: is not a key here"));
}

#[test]
fn a_broken_file_changes_nothing_is_told_and_takes_no_change_until_it_is_mended() {
    let (dir, operator) = folder();
    let work = operator.announce(keys("lasts = \"30m\""), "cli", now()).unwrap();
    let path = dir.path().join("planned.toml");
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, good.replace("2026-11-30 12:00:00", "25:99")).unwrap();
    operator.look();
    assert_eq!(operator.planned().to_vec(), vec![work]);
    assert!(operator.problems()[0].contains("starts: \"25:99\" is not a time"));
    assert!(
        told(operator.announce(keys("lasts = \"30m\""), "cli", now()))
            .contains("mend the file first")
    );
    fs::write(&path, good).unwrap();
    operator.look();
    assert!(operator.problems().is_empty());
    operator.announce(keys("lasts = \"30m\""), "cli", now()).unwrap();
    assert_eq!(operator.planned().len(), 2);
}

fn slugs(names: &[&str]) -> Vec<Slug> {
    names.iter().map(|name| Slug::new(name).unwrap()).collect()
}

#[test]
fn a_site_is_added_replaced_and_removed_beside_the_catalogue_which_wins() {
    let (dir, operator) = folder();
    fs::write(
        dir.path().join("sites.toml"),
        "[[site]]\nurl = \"https://a.nl/\"\naliases = [\"7\"]\n",
    )
    .unwrap();
    let (added, current) = (operator.added_sites(), slugs(&["a.nl"]));
    let any: Precondition<'_> = &|_| Ok(());
    let (site, new) = added.put("b.nl", keys("url = \"https://b.nl/\""), &current, any).unwrap();
    assert!(new && site.url.as_str() == "https://b.nl/");
    let tag = added.tag("b.nl").unwrap();
    let (site, new) = added
        .put("b.nl", keys("url = \"https://b.nl/\"\ninterval = \"30s\""), &current, any)
        .unwrap();
    assert!(!new && site.interval == Duration::from_secs(30) && added.tag("b.nl").unwrap() != tag);
    for (slug, text, want) in [
        ("a.nl", "url = \"https://a.nl/\"", "stands in the catalogue's own file"),
        ("c.nl", "url = \"ftp://c.nl/\"", "is not watched; use http or https"),
        ("c.nl", "", "url: is missing"),
        ("c.nl", "url = \"https://c.nl/\"\nslug = \"d.nl\"", "is another one than in the address"),
        ("c.nl", "url = \"https://c.nl/\"\naliases = [\"7\"]", "is a name of \"a.nl\" already"),
        ("7", "url = \"https://c.nl/\"", "is a name of \"a.nl\" already"),
        (
            "c.nl",
            "url = \"https://c.nl/\"\nheaders = { X = { env = \"PATH\" } }",
            "a secret of this machine",
        ),
        ("operate", "url = \"https://c.nl/\"", "is a page of ours"),
        ("../x", "url = \"https://c.nl/\"", "is not a slug"),
    ] {
        let told = told(added.put(slug, keys(text), &current, any));
        assert!(told.contains(want), "{slug} {text}: {told}");
    }
    let slug = &slugs(&["b.nl"])[0];
    let no: Precondition<'_> = &|_| Err(Refusal::Precondition("no".to_owned()));
    assert_eq!(told(added.remove(slug, &current, None, no, now())), "no");
    added.remove(slug, &current, None, any, now()).unwrap();
    assert!(matches!(added.remove(slug, &current, None, any, now()), Err(Refusal::NotThere(_))));
}

#[test]
fn many_removals_within_an_hour_need_their_number_as_a_file_that_drops_many_does() {
    let (dir, operator) = folder();
    fs::write(dir.path().join("sites.toml"), "[[site]]\nurl = \"https://a.nl/\"\n").unwrap();
    let added = operator.added_sites();
    let any: Precondition<'_> = &|_| Ok(());
    let mut current = slugs(&["a.nl"]);
    for n in 0..12 {
        let name = format!("s{n}.nl");
        added.put(&name, keys(&format!("url = \"https://{name}/\"")), &current, any).unwrap();
        current.push(Slug::new(&name).unwrap());
    }
    let mut remove = |name: &str, confirmed, at| {
        let slug = Slug::new(name).unwrap();
        let done = added.remove(&slug, &current, confirmed, any, at);
        current.retain(|known| done.is_err() || *known != slug);
        done
    };
    remove("s0.nl", None, now()).unwrap();
    remove("s1.nl", None, now()).unwrap();
    let told = told(remove("s2.nl", None, now()));
    assert!(told.contains("3 of 13 sites") && told.contains("confirm_removals=3"), "{told}");
    assert!(remove("s2.nl", Some(2), now()).is_err());
    remove("s2.nl", Some(3), now()).unwrap();
    remove("s3.nl", None, now() + Duration::from_hours(2)).unwrap();
}

#[test]
fn names_that_no_site_has_are_told_of_whoever_mistypes_one() {
    let (dir, operator) = folder();
    let scope = |text: &str| operator.announce(keys(text), "cli", now()).unwrap().scope;
    let wrong = scope("lasts = \"30m\"\nsites = [\"a.nl\", \"b.nl\"]\ntags = [\"shop\", \"shpo\"]");
    let added = operator.added_sites();
    assert_eq!(added.unknown_in(&wrong), Scope::default(), "there is no catalogue to tell by");
    let site = "[[site]]\nurl = \"https://a.nl/\"\ntags = [\"shop\"]\n";
    fs::write(dir.path().join("sites.toml"), site).unwrap();
    assert_eq!(
        told_unknown(&added.unknown_in(&wrong)),
        [
            "no site of the catalogue has the slug b.nl now",
            "no site of the catalogue has the tag shpo now"
        ]
    );
}

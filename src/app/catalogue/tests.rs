//! Detection of a new catalogue, and the copy kept of it.

use std::fs::File;

use tempfile::TempDir;

use super::*;
use crate::config::Flags;

fn text(names: &[&str]) -> String {
    let entry = |name: &&str| format!("[[site]]\nurl = \"https://{name}/\"\n");
    names.iter().map(entry).collect::<Vec<_>>().concat()
}

/// A folder with `sites.toml`, which is its own data directory.
fn folder(names: &[&str]) -> (TempDir, CatalogueReloader) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("sites.toml"), text(names)).unwrap();
    let flags = Flags {
        sites: Some(dir.path().join("sites.toml")),
        data_dir: Some(dir.path().into()),
        ..Flags::default()
    };
    (dir, reloader(&flags))
}

fn reloader(flags: &Flags) -> CatalogueReloader {
    let config = Config::load(flags).unwrap();
    let data = config.data_dir.clone();
    CatalogueReloader::new(&config, &data, operator(&config, &data))
}

#[test]
fn a_file_is_another_one_though_its_length_and_its_date_are_the_same() {
    let (dir, in_force) = folder(&["a.nl"]);
    let date = fs::metadata(&in_force.source).unwrap().modified().unwrap();
    let before = FileMark::of(&in_force.source);
    assert_eq!(before, FileMark::of(&in_force.source));

    let other = dir.path().join("other.toml");
    fs::write(&other, text(&["b.nl"])).unwrap();
    File::options().write(true).open(&other).unwrap().set_modified(date).unwrap();
    fs::rename(&other, &in_force.source).unwrap();
    assert_ne!(before, FileMark::of(&in_force.source));
}

#[test]
fn a_file_is_read_when_it_is_not_being_written_any_more() {
    let (_dir, mut in_force) = folder(&["a.nl"]);
    assert!(!in_force.has_settled());
    for names in [&["a.nl", "b.nl"][..], &["a.nl", "b.nl", "c.nl"]] {
        fs::write(&in_force.source, text(names)).unwrap();
        assert!(!in_force.has_settled(), "it has just changed");
    }
    assert!(in_force.has_settled());
    in_force.taken = marks(&in_force.source);
    assert!(!in_force.has_settled(), "it was read");
}

#[test]
fn what_was_accepted_is_remembered_and_not_what_the_file_has_become() {
    let (_dir, in_force) = folder(&["a.nl", "b.nl", "c.nl"]);
    let given = Catalogue::load(&in_force.source, &in_force.defaults).unwrap();
    fs::write(&in_force.source, "").unwrap();
    in_force.at_start(&given, None).unwrap();
    assert_eq!(in_force.last().unwrap(), given);

    let fewer = Catalogue::parse(&text(&["a.nl"]), "f", &in_force.defaults).unwrap();
    let more = Catalogue::parse(&text(&["d.nl"]), "f", &in_force.defaults).unwrap();
    assert_eq!(in_force.at_start(&fewer, None).unwrap().len(), 1, "two may always go");
    assert_eq!(in_force.at_start(&more, None).unwrap().len(), 1);
    assert_eq!(in_force.last().unwrap(), more);
}

#[test]
fn a_config_map_whose_link_is_swapped_is_another_catalogue() {
    // As a kubelet does it: files are links into `..data`, a link to a folder with a date.
    let dir = tempfile::tempdir().unwrap();
    let version = |name: &str, sites: &[&str]| {
        fs::create_dir(dir.path().join(name)).unwrap();
        fs::write(dir.path().join(name).join("a.toml"), text(sites)).unwrap();
        std::os::unix::fs::symlink(name, dir.path().join("..new")).unwrap();
        fs::rename(dir.path().join("..new"), dir.path().join("..data")).unwrap();
    };
    version("..1", &["a.nl"]);
    std::os::unix::fs::symlink("..data/a.toml", dir.path().join("a.toml")).unwrap();
    let data = tempfile::tempdir().unwrap();
    for sites in [dir.path().to_owned(), dir.path().join("a.toml")] {
        let flags =
            Flags { sites: Some(sites), data_dir: Some(data.path().into()), ..Flags::default() };
        let mut in_force = reloader(&flags);
        assert!(!in_force.has_settled());
        let name = format!("..{}", in_force.source.as_os_str().len());
        version(&name, &["a.nl", "b.nl"]);
        assert!(!in_force.has_settled(), "it has just changed");
        assert!(in_force.has_settled());
        let (new, _) = in_force.propose(&[], None).unwrap();
        assert_eq!(new.len(), 2);
    }
}

#[test]
fn a_file_that_leaves_the_folder_is_noticed_and_counts_for_the_guard() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.toml"), text(&["a.nl"])).unwrap();
    fs::write(dir.path().join("b.toml"), text(&["b.nl", "c.nl", "d.nl"])).unwrap();
    fs::write(dir.path().join("notes.txt"), "no site").unwrap();
    let data = tempfile::tempdir().unwrap();
    let sites = Some(dir.path().to_owned());
    let flags = Flags { sites, data_dir: Some(data.path().into()), ..Flags::default() };
    let mut in_force = reloader(&flags);
    let given = Catalogue::load(&in_force.source, &in_force.defaults).unwrap();
    let all = in_force.at_start(&given, None).unwrap();
    assert_eq!(all.len(), 4);
    let kept: Vec<_> = in_force.last().unwrap().slugs().cloned().collect();
    assert_eq!(kept, given.slugs().cloned().collect::<Vec<_>>());
    fs::remove_file(dir.path().join("b.toml")).unwrap();
    assert!(!in_force.has_settled() && in_force.has_settled());
    let refused = in_force.propose(&all, None).unwrap_err();
    assert!(refused.starts_with("this would remove 3 of 4 sites (b.nl, c.nl, d.nl)"), "{refused}");
}

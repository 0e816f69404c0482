//! Detection of a new catalogue, and the copy kept of it.

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
    let config = Config::load(&flags).unwrap();
    let in_force = CatalogueReloader::new(&config, dir.path(), operator(&config, dir.path()));
    (dir, in_force)
}

#[test]
fn a_file_is_another_one_though_its_length_and_its_date_are_the_same() {
    let (dir, in_force) = folder(&["a.nl"]);
    let date = fs::metadata(&in_force.source).unwrap().modified().unwrap();
    let before = mark(&in_force.source);
    assert_eq!(before, mark(&in_force.source));

    let other = dir.path().join("other.toml");
    fs::write(&other, text(&["b.nl"])).unwrap();
    File::options().write(true).open(&other).unwrap().set_modified(date).unwrap();
    fs::rename(&other, &in_force.source).unwrap();
    assert_ne!(before, mark(&in_force.source));
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
    in_force.taken = mark(&in_force.source);
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

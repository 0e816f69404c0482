//! Commands whose output is closed, and messages about wrong files.

use std::{
    fs::{self, OpenOptions},
    process::{Command, Output, Stdio},
};

fn stillup(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stillup"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STILLUP_")) {
        command.env_remove(name);
    }
    command.env_remove("DATABASE_URL").env_remove("RUST_LOG").stdin(Stdio::null());
    // No catalogue and no settings of this folder.
    command.current_dir("/").args(arguments);
    command
}

/// A pipe whose reading end is closed.
fn unread() -> Stdio {
    let (read, write) = std::io::pipe().unwrap();
    drop(read);
    write.into()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const CLOSED: &str = "http://127.0.0.1:9/";

#[test]
fn a_reader_that_left_is_no_misfortune() {
    for arguments in [&["check", CLOSED][..], &["check", "--json", CLOSED], &["--help"]] {
        let done = stillup(arguments).stdout(unread()).output().unwrap();
        assert_eq!(said(&done), "", "{arguments:?}");
        let code = if arguments[0] == "check" { 2 } else { 0 };
        assert_eq!(done.status.code(), Some(code), "{arguments:?}");
    }
    // Errors and log go to a closed pipe too.
    let refused = ["serve", "--sites", "/no/such.toml"];
    let done = stillup(&refused).stdout(unread()).stderr(unread()).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
}

#[test]
fn an_output_that_cannot_be_written_is_told() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let done = stillup(&["check", CLOSED]).stdout(full).output().unwrap();
    let said = said(&done);
    assert!(said.starts_with("stillup: the standard output cannot be written: "), "{said}");
    assert_eq!(done.status.code(), Some(2));
}

#[test]
fn a_file_in_place_of_the_data_and_junk_for_certificates_are_told_in_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let sites = file("sites.toml", &format!("[[site]]\nurl = \"{CLOSED}\"\n"));
    let serve = ["serve", "--listen", "127.0.0.1:0", "--sites", &sites];
    let done = stillup(&serve).args(["--data-dir", &sites]).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    let want = "cannot be a directory, as there is a file in its place: choose another directory";
    assert!(said(&done).contains(want), "{}", said(&done));

    let junk = file("junk.pem", "junk\n");
    let config = file("stillup.toml", &format!("[probe]\nca_file = \"{junk}\"\n"));
    let data = dir.path().join("data").display().to_string();
    let more = ["--data-dir", &data, "--config", &config];
    let done = stillup(&serve).args(more).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    let want = format!(
        "stillup: {config}:2: probe.ca_file: there is no certificate in {junk}; name one with \
         certificates as PEM\n"
    );
    assert_eq!(said(&done), want);
}

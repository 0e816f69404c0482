//! Reads the files of the operator: only reads, only once, and never more than 64 MiB.

use std::{
    fs::{self, File},
    io::{BufReader, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::{problem::ConfigProblem, table::Table, value::show_size};
use model::provider::{Ranges, is_slug};

/// No file of ours is this large: a catalogue of 100,000 sites takes some 20 MB.
const MAX_FILE: u64 = 64 << 20;

/// All public certificate authorities together take a quarter of a megabyte.
const MAX_CERTIFICATES: u64 = 16 << 20;

/// Mark by which a change or replacement of a file shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMark {
    file: (u64, u64),
    length: u64,
    /// Change time, which unlike the modification time cannot be set back.
    changed: (i64, i64),
}

impl FileMark {
    /// Mark of this file, links followed; `None` when it does not exist.
    pub fn of(file: &Path) -> Option<Self> {
        let meta = fs::metadata(file).ok()?;
        let changed = (meta.ctime(), meta.ctime_nsec());
        Some(Self { file: (meta.dev(), meta.ino()), length: meta.len(), changed })
    }
}

/// The text of a file; `hint` says what to do when there is none.
pub(super) fn read(path: &Path, hint: &str) -> Result<String, ConfigProblem> {
    let problem = |text: String| ConfigProblem::new(path.display().to_string(), text);
    let cannot = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => problem(format!("there is no such file; {hint}")),
        std::io::ErrorKind::PermissionDenied => {
            problem("this user may not read it; change its owner or its permissions".to_owned())
        }
        _ => problem(format!("cannot be read: {error}")),
    };
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => {
            return Err(problem("is a directory; name a file".to_owned()));
        }
        // A pipe that nobody writes to would be waited for, by the whole service. A shell's are in /dev.
        Ok(meta) if !meta.is_file() && !path.starts_with("/dev") && !path.starts_with("/proc") => {
            return Err(problem("is a pipe or a device; name a file".to_owned()));
        }
        _ => {}
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|f| f.take(MAX_FILE + 1).read_to_end(&mut bytes)).map_err(cannot)?;
    if bytes.len() as u64 > MAX_FILE {
        let largest = show_size(MAX_FILE);
        return Err(problem(format!("is larger than {largest}; is it the right file?")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes().iter().take(good).filter(|b| **b == b'\n').count();
        problem("is not UTF-8 text; save the file as UTF-8".to_owned()).at(line)
    })
}

/// The path that `ca_file` names, below `folder`, if there are certificates to trust in it.
pub(super) fn authorities(
    table: &mut Table<'_, '_>,
    folder: &Path,
    file: &Path,
) -> Option<PathBuf> {
    let path = folder.join(file);
    let checked = check_certificates(&path)
        .map_err(|why| format!("{why}; name one with certificates as PEM"));
    table.check("ca_file", checked).map(|()| path)
}

fn check_certificates(path: &Path) -> Result<(), String> {
    let shown = path.display();
    if !path.is_file() {
        return Err(format!("there is no file {shown}"));
    }
    let file = File::open(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let mut number = 0;
    for found in CertificateDer::pem_reader_iter(BufReader::new(file.take(MAX_CERTIFICATES))) {
        number += 1;
        let trusted = found.is_ok_and(|found| RootCertStore::empty().add(found).is_ok());
        if !trusted {
            return Err(format!("certificate {number} in {shown} cannot be read"));
        }
    }
    if number == 0 { Err(format!("there is no certificate in {shown}")) } else { Ok(()) }
}

/// The blocks of addresses in these files. `aws=FILE` is a list as that provider publishes it.
pub(super) fn provider_ranges(folder: &Path, names: &[String]) -> Result<Ranges, String> {
    let mut ranges = Ranges::default();
    for name in names {
        let published = name.split_once('=').filter(|(slug, _)| is_slug(slug));
        let path = folder.join(published.map_or(name.as_str(), |(_, path)| path));
        let hint = "name a file with a provider and a block of addresses on each line, or such as \
                    \"aws=ip-ranges.json\"";
        let text = read(&path, hint).map_err(|problem| problem.to_string())?;
        let added = match published {
            Some((slug, _)) => ranges.add_published(slug, &text),
            None => ranges.add_lines(&text),
        };
        added.map_err(|wrong| {
            let file = path.display();
            let lines: Vec<String> =
                wrong.iter().take(3).map(|bad| format!("{file}:{}: {bad}", bad.line)).collect();
            let more = if wrong.len() > lines.len() { "; and more lines" } else { "" };
            format!("{}{more}", lines.join("; "))
        })?;
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("latin"), b"a = 1\nb = \"\xe9\"\n").unwrap();
        File::create(path("large")).unwrap().set_len(MAX_FILE + 1).unwrap();
        std::fs::write(path("good"), "\u{feff}é\r\n").unwrap();
        let made = std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap();
        assert!(made.success());
        std::os::unix::fs::symlink("/dev/zero", path("zeros")).unwrap();
        for (name, want) in [
            ("none", "/none: there is no such file; do this"),
            ("", ": is a directory; name a file"),
            ("pipe", "/pipe: is a pipe or a device; name a file"),
            ("zeros", "/zeros: is a pipe or a device; name a file"),
            ("latin", "/latin:2: is not UTF-8 text; save the file as UTF-8"),
            ("large", "/large: is larger than 64MiB; is it the right file?"),
        ] {
            let told = read(&path(name), "do this").unwrap_err().to_string();
            assert!(told.ends_with(want), "{told}");
        }
        assert_eq!(read(&path("good"), "").unwrap(), "\u{feff}é\r\n");
    }

    #[test]
    fn what_is_wrong_with_a_file_of_authorities_is_told_in_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let good = rcgen::generate_simple_self_signed(["ca.example".to_owned()]).unwrap();
        let good = good.cert.pem();
        let cut = good.replace("-----END CERTIFICATE-----", "");
        let empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let told = |bytes: &[u8]| {
            let path = dir.path().join("ca.pem");
            std::fs::write(&path, bytes).unwrap();
            check_certificates(&path)
                .map_err(|why| why.replace(&path.display().to_string(), "FILE"))
        };
        for (bytes, want) in [
            (good.as_bytes(), Ok(())),
            (b"", Err("there is no certificate in FILE")),
            (b"junk\n", Err("there is no certificate in FILE")),
            (&[0xff, 0, 0x80, b'\n'], Err("there is no certificate in FILE")),
            (cut.as_bytes(), Err("certificate 1 in FILE cannot be read")),
            (format!("{good}{empty}").as_bytes(), Err("certificate 2 in FILE cannot be read")),
        ] {
            assert_eq!(told(bytes), want.map_err(str::to_owned), "{bytes:?}");
        }
    }
}

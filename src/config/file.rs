//! Reads a file of the operator: only reads, only once, and never more than 64 MiB.

use std::{fs::File, io::Read, path::Path};

use super::{problem::Problem, size};

/// No file of ours is as large: a catalogue of 100,000 sites takes some 20 MB.
const LARGEST: u64 = 64 << 20;

/// The text of a file; `hint` says what to do when there is none.
pub(super) fn read(path: &Path, hint: &str) -> Result<String, Problem> {
    let problem = |text: String| Problem::new(path.display().to_string(), text);
    let cannot = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => problem(format!("there is no such file; {hint}")),
        std::io::ErrorKind::PermissionDenied => {
            problem("this user may not read it; change its owner or its permissions".to_owned())
        }
        _ => problem(format!("cannot be read: {error}")),
    };
    if path.is_dir() {
        return Err(problem("is a directory; name a file".to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|f| f.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(cannot)?;
    if bytes.len() as u64 > LARGEST {
        let largest = size::show(LARGEST);
        return Err(problem(format!("is larger than {largest}; is it the right file?")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes().iter().take(good).filter(|b| **b == b'\n').count();
        problem("is not UTF-8 text; save the file as UTF-8".to_owned()).at(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("latin"), b"a = 1\nb = \"\xe9\"\n").unwrap();
        File::create(path("large")).unwrap().set_len(LARGEST + 1).unwrap();
        std::fs::write(path("good"), "\u{feff}é\r\n").unwrap();
        for (name, want) in [
            ("none", "/none: there is no such file; do this"),
            ("", ": is a directory; name a file"),
            ("latin", "/latin:2: is not UTF-8 text; save the file as UTF-8"),
            ("large", "/large: is larger than 64MiB; is it the right file?"),
        ] {
            let told = read(&path(name), "do this").unwrap_err().to_string();
            assert!(told.ends_with(want), "{told}");
        }
        assert_eq!(read(&path("good"), "").unwrap(), "\u{feff}é\r\n");
    }
}

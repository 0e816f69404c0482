//! Writing files whole or not at all, over a power cut too.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, fchown},
    path::Path,
};

/// Rights of a file for its owner's eyes alone.
pub const OWNER_ONLY: u32 = 0o600;
/// Rights of a file that everyone may read.
pub const READABLE: u32 = 0o644;

/// Puts a file with this content in place of the one at `path`: who reads it finds the old one or the new
/// one. It is written beside it, with `.draft` behind its name, so two writers of one path need a lock.
///
/// # Errors
/// Fails when the disk does not take it; then the old file stays, and nothing beside it.
pub fn write(path: &Path, content: &[u8], rights: u32) -> io::Result<()> {
    let draft = path.with_added_extension("draft");
    let mut options = OpenOptions::new();
    let mut file = options.create(true).write(true).truncate(true).mode(rights).open(&draft)?;
    let mut put = || {
        give_to_owner_of_folder(&file, path)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    // What a full disk took of it would keep it full.
    put().inspect_err(|_| drop(fs::remove_file(&draft)))
}

/// Gives a file that root makes at a command line to the owner of its folder, so that the service can use it.
///
/// # Errors
/// Fails when the folder cannot be looked at.
pub fn give_to_owner_of_folder(file: &File, path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let (own, folder) = (file.metadata()?, fs::metadata(folder)?);
    if own.uid() != folder.uid() {
        // Nobody but root may; for others the file is as good as it can be.
        drop(fchown(file, Some(folder.uid()), Some(folder.gid())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_old_file_stays_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sites.json");
        write(&path, b"old", OWNER_ONLY).unwrap();
        // A draft that cannot be written.
        fs::create_dir(folder.path().join("sites.json.draft")).unwrap();
        write(&path, b"new", OWNER_ONLY).unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        fs::remove_dir(folder.path().join("sites.json.draft")).unwrap();
        // One that cannot take its place.
        fs::create_dir(folder.path().join("a-folder")).unwrap();
        write(&folder.path().join("a-folder"), b"new", OWNER_ONLY).unwrap_err();
        fs::remove_dir(folder.path().join("a-folder")).unwrap();
        write(&path, b"new", OWNER_ONLY).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, OWNER_ONLY);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

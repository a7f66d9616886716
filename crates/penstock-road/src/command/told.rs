//! Settings that a tool finds in its private home.
//!
//! What is in that home was left by commands that nobody trusts: a link to the person's files, a
//! directory where a file should be. So nothing is followed, and what is in the way is taken away.

use std::{
    io::{self, Write as _},
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{AtFlags, Gid, Mode, OFlags, Uid, fchown, fstat, mkdirat, openat, renameat, unlinkat},
    io::Errno,
};

use crate::egress::{SETTINGS_MARK, SettingsFile};

/// How much of a file is looked at to know it for ours.
const MARK_BYTES: usize = 256;

/// What a file is called until it is whole: another name for each process, since two may run at once.
fn unfinished() -> String {
    format!(".penstock-settings-{}", std::process::id())
}

/// Writes the files that say something, and removes those that an earlier command was told and say
/// nothing any more. A file of the tool's own stays where there is nothing to tell.
///
/// # Errors
/// One cannot be written, or what is in its way not be removed.
pub(super) fn write(home: &Path, files: &[SettingsFile]) -> io::Result<()> {
    let home: OwnedFd = rustix::fs::open(home, DIRECTORY, Mode::empty())?;
    for file in files {
        match &file.text {
            Some(text) => put(home.as_fd(), file.path, text)?,
            None => take_back(home.as_fd(), file.path)?,
        }
    }
    Ok(())
}

const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

fn put(home: BorrowedFd<'_>, path: &str, text: &str) -> io::Result<()> {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut at = home.try_clone_to_owned()?;
    for directory in above.split('/').filter(|part| !part.is_empty()) {
        at = match openat(&at, directory, DIRECTORY, Mode::empty()) {
            Ok(next) => next,
            // A link, a file, or nothing.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {
                remove(at.as_fd(), directory)?;
                mkdirat(&at, directory, Mode::from_raw_mode(0o700))?;
                let made = openat(&at, directory, DIRECTORY, Mode::empty())?;
                give(home, made.as_fd())?;
                made
            }
            Err(error) => return Err(error.into()),
        };
    }
    let unfinished = unfinished();
    remove(at.as_fd(), &unfinished)?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let made = openat(&at, &unfinished, flags, Mode::from_raw_mode(0o600))?;
    give(home, made.as_fd())?;
    std::fs::File::from(made).write_all(text.as_bytes())?;
    match renameat(&at, &unfinished, &at, name) {
        // A directory is in the way.
        Err(Errno::ISDIR | Errno::EXIST | Errno::NOTEMPTY) => {
            remove(at.as_fd(), name)?;
            Ok(renameat(&at, &unfinished, &at, name)?)
        }
        result => Ok(result?),
    }
}

/// Gives something new to the owner of the home, who is another than root's where root gave it away.
fn give(home: BorrowedFd<'_>, made: BorrowedFd<'_>) -> io::Result<()> {
    let (home, new) = (fstat(home)?, fstat(made)?);
    if (home.st_uid, home.st_gid) == (new.st_uid, new.st_gid) {
        return Ok(());
    }
    fchown(made, Some(Uid::from_raw(home.st_uid)), Some(Gid::from_raw(home.st_gid)))?;
    Ok(())
}

/// Removes a file of ours.
fn take_back(home: BorrowedFd<'_>, path: &str) -> io::Result<()> {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut at = home.try_clone_to_owned()?;
    for directory in above.split('/').filter(|part| !part.is_empty()) {
        match openat(&at, directory, DIRECTORY, Mode::empty()) {
            Ok(next) => at = next,
            // Nothing of ours is behind a link.
            Err(_) => return Ok(()),
        }
    }
    // Not to wait for the other end of a pipe.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(file) = openat(&at, name, flags, Mode::empty()) else { return Ok(()) };
    let mut head = Vec::new();
    let mut file = io::Read::take(std::fs::File::from(file), MARK_BYTES as u64);
    // What cannot be read, a directory or an empty pipe, is not ours.
    if io::Read::read_to_end(&mut file, &mut head).is_err() {
        return Ok(());
    }
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if String::from_utf8_lossy(first).contains(SETTINGS_MARK) {
        remove(at.as_fd(), name)?;
    }
    Ok(())
}

/// Removes a file or an empty directory, if there is one. A directory that holds something is a fault
/// that a person has to look at: no tool makes one where its settings are.
fn remove(at: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    match unlinkat(at, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => Ok(unlinkat(at, name, AtFlags::REMOVEDIR)?),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn file(path: &'static str, text: Option<&str>) -> SettingsFile {
        SettingsFile { path, text: text.map(|text| format!("# {SETTINGS_MARK}\n{text}")) }
    }

    #[test]
    fn a_file_is_written_and_taken_back_and_a_tools_own_stays() {
        let dir = tempfile::tempdir().unwrap();
        let read = |path: &str| fs::read_to_string(dir.path().join(path)).ok();
        fs::write(dir.path().join(".own"), "own").unwrap();
        let files = [file(".a/b/c", Some("one")), file(".own", None), file(".x/none", None)];
        write(dir.path(), &files).unwrap();
        assert!(read(".a/b/c").unwrap().ends_with("\none"));
        write(dir.path(), &[file(".a/b/c", Some("two"))]).unwrap();
        assert!(read(".a/b/c").unwrap().ends_with("\ntwo"));
        write(dir.path(), &[file(".a/b/c", None), file(".own", None)]).unwrap();
        assert_eq!(read(".a/b/c"), None);
        assert_eq!(read(".own").as_deref(), Some("own"));
        write(dir.path(), &[file(".own", Some("ours"))]).unwrap();
        assert!(read(".own").unwrap().ends_with("\nours"));
        assert_eq!(fs::read_dir(dir.path().join(".a/b")).unwrap().count(), 0);
    }

    /// An earlier command has laid links and other things where the files go.
    #[test]
    fn nothing_is_written_or_removed_behind_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (home, person) = (dir.path().join("home"), dir.path().join("person"));
        fs::create_dir_all(person.join("sub")).unwrap();
        fs::create_dir_all(&home).unwrap();
        let theirs = format!("# {SETTINGS_MARK}, says the attacker\n");
        fs::write(person.join("file"), &theirs).unwrap();
        fs::write(person.join("sub/file"), &theirs).unwrap();
        let lay = || {
            let unfinished = unfinished();
            let links =
                [(".dir", "sub"), (".file", "file"), (&unfinished, "file"), (".none", "made")];
            for (name, to) in links {
                _ = fs::remove_file(home.join(name));
                _ = fs::remove_dir_all(home.join(name));
                symlink(person.join(to), home.join(name)).unwrap();
            }
        };
        lay();
        write(&home, &[file(".dir/file", None), file(".file", None)]).unwrap();
        assert!(home.join(".file").is_symlink() && home.join(".dir").is_symlink());
        let all = [".dir/file", ".file", ".none", ".none/x/y"];
        for path in all {
            lay();
            write(&home, &[file(path, Some("evil"))]).unwrap();
            assert!(fs::read_to_string(home.join(path)).unwrap().contains("evil"));
            assert!(!home.join(path).is_symlink());
        }
        assert_eq!(fs::read_to_string(person.join("file")).unwrap(), theirs);
        assert_eq!(fs::read_to_string(person.join("sub/file")).unwrap(), theirs);
        assert!(!person.join("made").exists());
        assert_eq!(fs::read_dir(&person).unwrap().count(), 2);
    }

    #[test]
    fn what_is_in_the_way_ends_nothing_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(".empty")).unwrap();
        write(dir.path(), &[file(".empty", Some("x"))]).unwrap();
        fs::write(dir.path().join(".plain"), "").unwrap();
        write(dir.path(), &[file(".plain/x", Some("x"))]).unwrap();
        let pipe = dir.path().join(".pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, Mode::from_raw_mode(0o600)).unwrap();
        write(dir.path(), &[file(".pipe", None)]).unwrap();
        write(dir.path(), &[file(".pipe", Some("x"))]).unwrap();
        fs::create_dir_all(dir.path().join(".full/of")).unwrap();
        write(dir.path(), &[file(".full", None)]).unwrap();
        assert!(write(dir.path(), &[file(".full", Some("x"))]).is_err());
    }
}

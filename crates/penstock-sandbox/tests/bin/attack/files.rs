//! Files and programs.

use std::{
    ffi::CString,
    fs::{self, File, OpenOptions, Permissions},
    io::{self, ErrorKind, Read as _, Write as _},
    os::{
        fd::FromRawFd as _,
        unix::{
            ffi::OsStrExt as _,
            fs::{PermissionsExt as _, symlink},
            net::UnixListener,
            process::CommandExt as _,
        },
    },
    path::Path,
    process::Command,
};

use super::said::{self, checked};

pub(super) fn main(arguments: &[&str]) -> io::Result<()> {
    match arguments {
        ["read", paths @ ..] => paths.iter().try_for_each(|path| read(path)),
        ["write", paths @ ..] => paths.iter().try_for_each(|path| {
            // Nothing is written: what exists keeps its content if this is let.
            said::tried(path, OpenOptions::new().append(true).open(path).map(drop))
        }),
        ["overwrite", path] => {
            let written = OpenOptions::new().append(true).open(path);
            said::tried(path, written.and_then(|mut file| file.write_all(b"hostile")))
        }
        ["make", paths @ ..] => paths
            .iter()
            .try_for_each(|path| said::tried(path, fs::write(path, "hostile").map(drop))),
        ["make-at-home", name] => {
            let home = std::env::var("HOME").map_err(io::Error::other)?;
            said::tried(name, fs::write(Path::new(&home).join(name), "hostile"))
        }
        ["make-in", folders @ ..] => folders.iter().try_for_each(|folder| {
            let path = Path::new(folder).join("penstock-escape");
            let made = fs::write(&path, "");
            let _ = fs::remove_file(&path);
            said::tried(folder, made)
        }),
        ["rename", from, to] => said::tried(from, fs::rename(from, to)),
        ["remove", path] => said::tried(path, fs::remove_file(path)),
        ["remove-all", path] => said::tried(path, fs::remove_dir_all(path)),
        ["link", from, to] => said::tried(from, fs::hard_link(from, to)),
        ["symlink", to, path] => said::tried(path, symlink(to, path)),
        ["chmod", path] => {
            said::tried(path, fs::set_permissions(path, Permissions::from_mode(0o777)))
        }
        ["close", path] => {
            said::tried(path, fs::set_permissions(path, Permissions::from_mode(0o0)))
        }
        ["own", path] => {
            // What the step may make; nothing is told of it.
            let path = Path::new(path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, "hostile")
        }
        ["close-own", path] => {
            // It may not be there, where it could not be moved.
            let _ = fs::set_permissions(path, Permissions::from_mode(0o0));
            Ok(())
        }
        ["directory", path] => said::tried(path, fs::create_dir(path)),
        ["socket", path] => said::tried(path, UnixListener::bind(path).map(drop)),
        ["fifo", path] => {
            let name = CString::new(*path)?;
            // SAFETY: the path is a C string.
            let made = unsafe { libc::mkfifo(name.as_ptr(), 0o666) };
            said::tried(path, checked(made).map(drop))
        }
        ["sparse", path] => {
            // Holds nothing, and would take for ever to read.
            let made = File::create(path).and_then(|file| file.set_len(8 << 30));
            said::tried(path, made)
        }
        ["deep", path] => said::tried(path, deep(path)),
        ["many", path] => {
            let made = (0..6000).try_for_each(|n| fs::write(format!("{path}/{n}"), ""));
            said::tried(path, made)
        }
        ["in-turn", attacks @ ..] => attacks.split(|word| *word == "--").try_for_each(main),
        ["cut", path] => {
            let path = CString::new(*path)?;
            // SAFETY: the path is a C string.
            said::tried("truncate", checked(unsafe { libc::truncate(path.as_ptr(), 0) }).map(drop))
        }
        ["capability", path] => capability(path),
        ["same-user", path] => same_user(path),
        ["user"] => user(),
        ["descriptors"] => descriptors(),
        ["from-memory"] => from_memory(),
        ["environment", names @ ..] => {
            names.iter().try_for_each(|name| match std::env::var(name) {
                Ok(value) => said::through(name, &value),
                Err(_) => said::tried(name, Err(ErrorKind::NotFound.into())),
            })
        }
        ["other-environments"] => other_environments(),
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

/// Directories in directories, further down than any path reaches.
fn deep(path: &str) -> io::Result<()> {
    let here = std::env::current_dir()?;
    std::env::set_current_dir(path)?;
    let made = (0..600).try_for_each(|_| {
        fs::create_dir("deeper")?;
        std::env::set_current_dir("deeper")
    });
    std::env::set_current_dir(here)?;
    made
}

fn read(path: &str) -> io::Result<()> {
    let mut bytes = [0; 64];
    match File::open(path).and_then(|mut file| file.read(&mut bytes)) {
        Ok(0) => said::tried(path, Err(ErrorKind::UnexpectedEof.into())),
        Ok(count) => said::through(path, &bytes[..count].escape_ascii().to_string()),
        Err(error) => said::tried(path, Err(error)),
    }
}

/// CAP_NET_RAW for whoever runs the file; capabilities(7), "File capabilities", version 2.
fn capability(path: &str) -> io::Result<()> {
    fs::write(path, "")?;
    let file = CString::new(path)?;
    let mut value = [0_u8; 20];
    value[..4].copy_from_slice(&0x0200_0001_u32.to_le_bytes());
    value[4..8].copy_from_slice(&(1_u32 << 13).to_le_bytes());
    // SAFETY: the strings are C strings and the value is as long as is said.
    let set = unsafe {
        let at = value.as_ptr().cast();
        libc::setxattr(file.as_ptr(), c"security.capability".as_ptr(), at, value.len(), 0)
    };
    said::tried("setxattr", checked(set).map(drop))
}

/// Runs a program with the set-user-id bit, which tells who it is.
fn same_user(path: &str) -> io::Result<()> {
    let said = Command::new(path).args(["attack", "escape", "file", "user"]).output()?;
    said::line(String::from_utf8_lossy(&said.stdout).trim())
}

fn user() -> io::Result<()> {
    let status = fs::read_to_string("/proc/self/status")?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("");
    let same = |name: &str| {
        let mut fields = field(name).split_whitespace();
        let first = fields.next();
        fields.all(|other| Some(other) == first)
    };
    let powerless = field("CapEff:").trim().bytes().all(|byte| byte == b'0');
    if same("Uid:") && same("Gid:") && powerless {
        said::tried("privilege", Err(ErrorKind::PermissionDenied.into()))
    } else {
        said::through("privilege", &status.replace('\n', " "))
    }
}

/// Everything above standard error that somebody left open.
fn descriptors() -> io::Result<()> {
    for number in 3..4096 {
        // SAFETY: F_GETFD takes no argument.
        if unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0 {
            let what = fs::read_link(format!("/proc/self/fd/{number}")).unwrap_or_default();
            said::through(&number.to_string(), &what.display().to_string())?;
        }
    }
    Ok(())
}

/// Starts a program that is in no file system.
fn from_memory() -> io::Result<()> {
    // SAFETY: the name is a C string.
    let fd = checked(unsafe { libc::memfd_create(c"hidden".as_ptr(), libc::MFD_CLOEXEC) })?;
    // SAFETY: the descriptor was made just now.
    let mut file = unsafe { File::from_raw_fd(fd as i32) };
    io::copy(&mut File::open("/proc/self/exe")?, &mut file)?;
    let error = Command::new(format!("/proc/self/fd/{fd}"))
        .args(["attack", "escape", "say", "through: program: runs from memory"])
        .exec();
    said::tried("program", Err(error))
}

/// Environments and arguments of whoever else there is.
fn other_environments() -> io::Result<()> {
    let own = std::process::id().to_string();
    for entry in fs::read_dir("/proc")?.flatten() {
        let name = entry.file_name();
        let digits = name.as_bytes().iter().all(u8::is_ascii_digit);
        if !digits || name.as_bytes() == own.as_bytes() {
            continue;
        }
        for file in ["environ", "cmdline"] {
            let bytes = fs::read(entry.path().join(file)).unwrap_or_default();
            if let Some(at) = bytes.windows(7).position(|window| window == b"planted") {
                let text = String::from_utf8_lossy(&bytes[at..]).into_owned();
                said::through(file, text.split('\0').next().unwrap_or_default())?;
            }
        }
    }
    Ok(())
}

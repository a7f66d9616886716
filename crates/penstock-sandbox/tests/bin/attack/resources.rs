//! Using things up, within bounds that no machine minds.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
};

use super::said::{self, checked};

pub(super) fn main(arguments: &[&str]) -> io::Result<()> {
    let number = |text: &str| text.parse::<usize>().map_err(io::Error::other);
    match arguments {
        ["processes", most] => count("processes", number(most)?, super::children),
        ["memory", megabytes] => count("mebibytes", number(megabytes)?, memory),
        ["descriptors", most] => count("descriptors", number(most)?, |most| {
            let mut open = Vec::new();
            while open.len() < most {
                let Ok(file) = File::open("/dev/null") else { break };
                open.push(file);
            }
            Ok(open.len())
        }),
        ["file", megabytes, path] => {
            let mut file = File::create(path)?;
            count("mebibytes", number(megabytes)?, |most| Ok(fill(&mut file, most)))
        }
        ["temporary", megabytes] => {
            let mut file = File::create(std::env::temp_dir().join("full"))?;
            count("mebibytes", number(megabytes)?, |most| Ok(fill(&mut file, most)))
        }
        ["disk", megabytes] => {
            for part in 0..number(megabytes)? / 8 {
                let mut file = File::create(format!("fill{part}"))?;
                fill(&mut file, 8);
                file.sync_all()?;
            }
            // It is measured a few times a second: what ends the step is the answer, not how far it came.
            said::line("written")?;
            wait()
        }
        ["inodes", most] => count("files", number(most)?, |most| {
            fs::create_dir("many")?;
            Ok((0..most).take_while(|n| File::create(format!("many/{n}")).is_ok()).count())
        }),
        ["output", megabytes] => {
            let line = [b'x'; 1 << 20];
            for _ in 0..number(megabytes)? {
                io::stdout().write_all(&line)?;
            }
            Ok(())
        }
        ["time"] => wait(),
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

/// It got through if nobody stopped it before it had enough.
fn count(what: &str, most: usize, take: impl FnOnce(usize) -> io::Result<usize>) -> io::Result<()> {
    let taken = take(most)?;
    if taken >= most {
        said::through(what, &taken.to_string())
    } else {
        said::line(&format!("closed: {what}: ended after {taken}"))
    }
}

fn wait() -> ! {
    loop {
        std::thread::park();
    }
}

/// Mebibytes that could be written.
fn fill(file: &mut File, most: usize) -> usize {
    let part = vec![7_u8; 1 << 20];
    (0..most).take_while(|_| file.write_all(&part).is_ok()).count()
}

/// Mebibytes that could be had, each touched.
fn memory(most: usize) -> io::Result<usize> {
    let mut had = 0;
    while had < most {
        let (access, how) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping at an address of the kernel's choice touches none of ours.
        let at = unsafe { libc::mmap(std::ptr::null_mut(), 1 << 20, access, how, -1, 0) };
        if at == libc::MAP_FAILED {
            break;
        }
        // SAFETY: the mapping is ours, writable and that long.
        unsafe { at.cast::<u8>().write_bytes(1, 1 << 20) };
        had += 1;
    }
    Ok(had)
}

/// Stays behind: of a session of its own, deaf to signals, without streams, an orphan.
pub(super) fn stay(marker: &str, stopped: bool) -> io::Result<()> {
    // SAFETY: a single-threaded process forks, and the child does what a process may do.
    if checked(unsafe { libc::fork() })? > 0 {
        return said::line("left");
    }
    // SAFETY: these calls take integers; every descriptor is closed for good, since nothing that
    // owned one runs any more.
    unsafe {
        libc::setsid();
        if libc::fork() > 0 {
            libc::_exit(0);
        }
        for signal in [libc::SIGHUP, libc::SIGTERM, libc::SIGINT] {
            libc::signal(signal, libc::SIG_IGN);
        }
        for descriptor in 0..256 {
            libc::close(descriptor);
        }
        if stopped {
            libc::raise(libc::SIGSTOP);
        }
    }
    // By this argument the test would find it.
    let error =
        std::os::unix::process::CommandExt::exec(std::process::Command::new("sleep").arg(marker));
    Err(error)
}

/// Goes on swapping a file and a link that leads elsewhere until it is killed.
pub(super) fn swap(output: &str, elsewhere: &str) -> io::Result<()> {
    fs::write(output, "own")?;
    // SAFETY: a single-threaded process forks.
    if checked(unsafe { libc::fork() })? > 0 {
        return said::line("left");
    }
    loop {
        let _ = fs::remove_file(output);
        let _ = std::os::unix::fs::symlink(elsewhere, output);
        let _ = fs::remove_file(output);
        let _ = fs::write(output, "own");
    }
}

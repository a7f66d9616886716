//! The hostile program: what a step that means harm would run. Whatever it tries is harmless if it
//! is let.

mod calls;
mod files;
mod local;
mod network;
mod processes;
mod resources;
mod said;

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr as UnixAddr, UnixListener, UnixStream},
    },
    process::ExitCode,
    time::Duration,
};

/// Tries one thing, says what became of it on standard output, and exits with 0 in any case: the
/// test judges.
pub(crate) fn main(arguments: &[&str]) -> ExitCode {
    let said = match arguments {
        ["abstract", name] => {
            named(name).and_then(|address| UnixStream::connect_addr(&address)).map(drop)
        }
        ["calls"] => calls::all(),
        ["escape", rest @ ..] => return escape(rest),
        ["foreign-architecture"] => foreign_architecture(),
        ["fork-bomb"] => fork_bomb(),
        ["own-loopback"] => own_loopback(),
        ["own-unix"] => own_unix(),
        ["race-open", path] => race_open(path),
        ["tcp", address] => tcp(address),
        ["udp", address] => udp(address),
        ["unix", path] => UnixStream::connect(path).map(drop),
        ["unix-listen", path] => UnixListener::bind(path).map(std::mem::forget),
        _ => return ExitCode::from(64),
    };
    let said = match said {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("error {:?} {error}", error.raw_os_error()),
    };
    match writeln!(io::stdout(), "{said}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Tries a class of ways out; each that is tried is a line, and the last line says that all were.
fn escape(arguments: &[&str]) -> ExitCode {
    let tried = match arguments {
        ["calls", names @ ..] => calls::some(names),
        ["foreign"] => foreign_architecture(),
        ["file", rest @ ..] => files::main(rest),
        ["network", rest @ ..] => network::main(rest),
        ["process", rest @ ..] => processes::main(rest),
        ["race-path", path] => race_open(path),
        ["resource", rest @ ..] => resources::main(rest),
        ["say", text] => said::line(text),
        ["socket", rest @ ..] => local::main(rest),
        ["stay", marker] => resources::stay(marker, false),
        ["stay-stopped", marker] => resources::stay(marker, true),
        ["swap", output, elsewhere] => resources::swap(output, elsewhere),
        ["terminal"] => said::line("\x1b]0;owned\x07\x1b[2J\x1b]52;c;cm0gLXJm\x07\x1b[6n\u{9b}31m"),
        _ => return ExitCode::from(64),
    };
    let ended = tried.and_then(|()| said::line("end"));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "the attack itself failed: {error}");
            ExitCode::from(70)
        }
    }
}

fn named(name: &str) -> io::Result<UnixAddr> {
    UnixAddr::from_abstract_name(name)
}

fn tcp(address: &str) -> io::Result<()> {
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    TcpStream::connect_timeout(&address, Duration::from_secs(5)).map(drop)
}

fn udp(address: &str) -> io::Result<()> {
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    UdpSocket::bind(any)?.send_to(b"x", address).map(drop)
}

fn own_loopback() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (mut server, _) = listener.accept()?;
    client.write_all(b"x")?;
    server.read_exact(&mut [0])
}

fn own_unix() -> io::Result<()> {
    let listener = UnixListener::bind("own-socket")?;
    let mut client = UnixStream::connect("own-socket")?;
    let (mut server, _) = listener.accept()?;
    client.write_all(b"x")?;
    server.read_exact(&mut [0])
}

/// Opens a harmless path that another thread turns into `path` while the kernel asks about it.
fn race_open(path: &str) -> io::Result<()> {
    use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
    let harmless = "/dev/null";
    let shared: Vec<AtomicU8> = (0..256).map(|_| AtomicU8::new(0)).collect();
    let write = |text: &str| {
        for (to, from) in shared.iter().zip(text.bytes().chain([0])) {
            to.store(from, Ordering::Relaxed);
        }
    };
    write(harmless);
    let over = AtomicBool::new(false);
    let mut opened = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                write(path);
                write(harmless);
            }
        });
        for _ in 0..2000 {
            // SAFETY: the array outlives the call and holds a zero byte at its end at all times.
            let fd = unsafe { libc::open(shared.as_ptr().cast(), libc::O_RDONLY) };
            if fd >= 0 {
                let mut first = [0_u8; 1];
                // SAFETY: one byte of a live array is written.
                if unsafe { libc::read(fd, first.as_mut_ptr().cast(), 1) } == 1 {
                    opened += 1;
                }
                // SAFETY: the descriptor is ours.
                unsafe { libc::close(fd) };
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    if opened > 0 {
        said::through("race", &format!("opened the other {opened} times"))?;
    }
    Ok(())
}

/// Forks until the kernel refuses; every child waits, so that they are alive together.
fn fork_bomb() -> io::Result<()> {
    let children = children(5000)?;
    writeln!(io::stdout(), "children {children}")
}

/// At most that many children, which live as long as their parent or its namespace.
fn children(most: usize) -> io::Result<usize> {
    let mut children = 0;
    let parent = std::process::id();
    while children < most {
        // SAFETY: a single-threaded process forks; the child only waits for a signal, and goes with
        // its parent should nothing else end it.
        match unsafe { libc::fork() } {
            -1 => break,
            0 => loop {
                // SAFETY: prctl(2) with integers; pause(2) takes nothing.
                unsafe {
                    libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
                    if libc::getppid().unsigned_abs() != parent {
                        // It is gone already.
                        libc::_exit(0);
                    }
                    libc::pause();
                }
            },
            _ => children += 1,
        }
    }
    Ok(children)
}

/// The getpid of 32-bit x86 through the gate that a filter for x86-64 alone does not see.
fn foreign_architecture() -> io::Result<()> {
    #[cfg(target_arch = "x86_64")]
    {
        let mut call: u64 = 20;
        // SAFETY: getpid takes no argument and touches no memory; the registers that the gate may
        // change are named.
        unsafe {
            std::arch::asm!("int 0x80", inout("rax") call, out("r8") _, out("r9") _, out("r10") _, out("r11") _);
        }
        writeln!(io::stdout(), "pid {call}")?;
    }
    Ok(())
}

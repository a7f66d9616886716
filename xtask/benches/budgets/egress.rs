use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::fd::AsFd as _,
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use penstock_egress::{
    Egress, EgressSpec, Rule,
    wire::{ListenerRole, send_listener},
};

use crate::{
    budget::{Budget, Round, Target, Unit, milliseconds},
    opened, process,
};

const ROUNDS: usize = 5;

/// The bytes of one transfer. The clock of a process that ended ticks in hundredths of a second.
pub(crate) const BYTES: u64 = 2_000_000_000;

/// Openings in one round of the latency.
const OPENINGS: u32 = 200;

/// A ClientHello for the name `bench.test`: TLS 1.2, one cipher suite, that server name.
const HELLO: &[u8] = b"\x16\x03\x01\x00\x42\x01\x00\x00\x3e\x03\x03\
    0123456789abcdef0123456789abcdef\x00\x00\x02\x13\x01\x01\x00\
    \x00\x13\x00\x00\x00\x0f\x00\x0d\x00\x00\x0abench.test";

/// The proxy between a client and a server on loopback. It is this very program, which `main` lets
/// be the proxy when it is asked to.
pub(crate) fn proxy() -> Result<Vec<Budget>> {
    let (mut tunnel, mut plain, mut latency) = (Vec::new(), Vec::new(), Vec::new());
    let mut opened = Vec::new();
    for _ in 0..ROUNDS {
        opened.push(Round::of(opened::cpu_for_each_gigabyte)?);
        tunnel.push(Round::of(|| cpu_for_each_gigabyte(false))?);
        plain.push(Round::of(|| cpu_for_each_gigabyte(true))?);
        latency.push(Round::of(added_latency)?);
    }
    Ok(vec![
        Budget {
            name: "egress, CPU for 1 GB through TLS",
            target: Target::AtMost(1000.0),
            unit: Unit::Milliseconds,
            rounds: tunnel,
            method: "user and system time of the proxy process, its start included, for 2 GB down a \
                     tunnel over loopback, halved",
        },
        Budget {
            name: "egress, CPU for 1 GB of plain HTTP",
            target: Target::AtMost(1000.0),
            unit: Unit::Milliseconds,
            rounds: plain,
            method: "likewise for one answer of 2 GB, which is hashed on its way",
        },
        Budget {
            name: "egress, CPU for 1 GB opened and sealed again",
            target: Target::Watched,
            unit: Unit::Milliseconds,
            rounds: opened,
            method: "likewise for one answer of 2 GB within TLS 1.3 on both sides, with the handshakes, \
                     the run's authority and the digest",
        },
        Budget {
            name: "egress, added to an opening",
            target: Target::AtMost(1.0),
            unit: Unit::Milliseconds,
            rounds: latency,
            method: "from connecting to the first byte of the server's answer to a ClientHello, through \
                     the proxy less without it, mean of 200",
        },
    ])
}

/// A running proxy with a listener, and the server that it may reach.
struct Bench {
    egress: Egress,
    proxy: SocketAddr,
    server: SocketAddr,
}

impl Bench {
    fn start(rule: impl Fn(u16) -> String, serve: fn(TcpStream)) -> Result<Self> {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (proxy, server_at) = (listener.local_addr()?, server.local_addr()?);
        let rule: Rule = rule(server_at.port()).parse()?;
        let mut spec = EgressSpec::new([rule.private()]);
        spec.addresses.insert("bench.test".to_owned(), vec![Ipv4Addr::LOCALHOST.into()]);
        let egress = Egress::start(&std::env::current_exe()?, &spec)?;
        send_listener(egress.handoff()?, ListenerRole::Proxy, listener.as_fd())?;
        thread::spawn(move || {
            for stream in server.incoming().flatten() {
                thread::spawn(move || serve(stream));
            }
        });
        Ok(Self { egress, proxy, server: server_at })
    }

    /// A client whose tunnel stands.
    fn tunnel(&self) -> Result<TcpStream> {
        let mut client = TcpStream::connect(self.proxy)?;
        client.set_nodelay(true)?;
        let to = format!("bench.test:{}", self.server.port());
        client.write_all(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes())?;
        head(&mut client)?;
        Ok(client)
    }
}

fn cpu_for_each_gigabyte(plain: bool) -> Result<f64> {
    let before = process::cpu_of_children()?;
    let bench = if plain {
        Bench::start(|port| format!("http://bench.test:{port}"), |stream| _ = answer(stream))?
    } else {
        Bench::start(|port| format!("bench.test:{port}"), |stream| _ = flood(stream))?
    };
    let mut client = if plain {
        let mut client = TcpStream::connect(bench.proxy)?;
        let to = format!("bench.test:{}", bench.server.port());
        client.write_all(format!("GET http://{to}/ HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes())?;
        head(&mut client)?;
        client
    } else {
        let mut client = bench.tunnel()?;
        client.write_all(HELLO)?;
        client
    };
    let mut buffer = vec![0; 1 << 20];
    let mut left = BYTES;
    while left > 0 {
        match client.read(&mut buffer)? {
            0 => bail!("the transfer broke off with {left} bytes to go"),
            count => left = left.saturating_sub(u64::try_from(count)?),
        }
    }
    let record = bench.egress.finish()?;
    if record.down != BYTES || !record.denied.is_empty() {
        bail!("the proxy recorded something else: {record:?}");
    }
    let spent = process::cpu_of_children()?.saturating_sub(before);
    Ok(milliseconds(spent) * 1e9 / 2e9)
}

fn added_latency() -> Result<f64> {
    let bench = Bench::start(|port| format!("bench.test:{port}"), |stream| _ = echo(stream))?;
    let mut first = [0];
    let mut time = |connect: &dyn Fn() -> Result<TcpStream>| -> Result<f64> {
        let start = Instant::now();
        for _ in 0..OPENINGS {
            let mut client = connect()?;
            client.write_all(HELLO)?;
            client.read_exact(&mut first)?;
        }
        Ok(milliseconds(start.elapsed()) / f64::from(OPENINGS))
    };
    let direct = time(&|| {
        let client = TcpStream::connect(bench.server)?;
        client.set_nodelay(true)?;
        Ok(client)
    })?;
    let through = time(&|| bench.tunnel())?;
    bench.egress.finish()?;
    Ok(through - direct)
}

/// Reads the head of an answer and nothing behind it.
pub(crate) fn head(client: &mut impl Read) -> Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).context("the head of the proxy's answer")?;
        head.extend_from_slice(&byte);
    }
    if !head.starts_with(b"HTTP/1.1 200 ") {
        bail!("the proxy answered {}", String::from_utf8_lossy(&head));
    }
    Ok(())
}

fn flood(mut stream: TcpStream) -> Result<()> {
    stream.read_exact(&mut [0; HELLO.len()])?;
    send(stream)
}

pub(crate) fn answer(mut stream: impl Read + Write) -> Result<()> {
    let mut request = [0; 4096];
    _ = stream.read(&mut request)?;
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {BYTES}\r\n\r\n")?;
    send(stream)
}

fn send(mut stream: impl Write) -> Result<()> {
    let block = vec![7; 1 << 20];
    let mut left = usize::try_from(BYTES)?;
    while let Some(part) = block.get(..left.min(block.len())).filter(|part| !part.is_empty()) {
        stream.write_all(part)?;
        left -= part.len();
    }
    Ok(())
}

fn echo(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut hello = [0; HELLO.len()];
    stream.read_exact(&mut hello)?;
    stream.write_all(&hello)?;
    Ok(())
}

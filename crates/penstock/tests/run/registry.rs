//! A registry on this machine that wants a login.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::{Arc, Mutex},
    thread,
};

/// An address of this machine that is not its loopback, which clients reach without a proxy.
pub(crate) fn address() -> Option<IpAddr> {
    // Nothing is sent: it is only asked which way it would go.
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// Ends with the tests.
pub(crate) struct Registry {
    authority: String,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    /// The value that `Authorization` must have.
    wanted: String,
    files: BTreeMap<String, Vec<u8>>,
    heard: Vec<String>,
    served: usize,
}

impl Registry {
    pub(crate) fn start(address: IpAddr, wanted: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let shared = Shared { wanted: wanted.to_owned(), ..Shared::default() };
        let shared = Arc::new(Mutex::new(shared));
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = Arc::clone(&served);
                thread::spawn(move || _ = answer(stream, &served));
            }
        });
        Self { authority, shared }
    }

    pub(crate) fn address(&self) -> IpAddr {
        self.authority.parse::<SocketAddr>().unwrap().ip()
    }

    /// `host:port`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn serve(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.shared.lock().unwrap().files.insert(path.to_owned(), bytes.into());
    }

    /// The heads of all requests.
    pub(crate) fn heard(&self) -> String {
        self.shared.lock().unwrap().heard.concat()
    }

    /// How many files were asked for with the login, and were there.
    pub(crate) fn served(&self) -> usize {
        self.shared.lock().unwrap().served
    }

    pub(crate) fn forget(&self) {
        let mut shared = self.shared.lock().unwrap();
        shared.heard.clear();
        shared.served = 0;
    }
}

fn answer(stream: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let field = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let length = field("content-length").parse().unwrap_or(0);
    reader.take(length).read_to_end(&mut Vec::new())?;
    let path = head.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default().to_owned();
    let (status, body) = {
        let mut shared = shared.lock().unwrap();
        shared.heard.push(head.clone());
        let found = shared.files.get(&path).cloned();
        match found {
            _ if field("authorization") != shared.wanted => ("401 Unauthorized", Vec::new()),
            Some(body) => {
                shared.served += 1;
                ("200 OK", body)
            }
            None => ("404 Not Found", Vec::new()),
        }
    };
    let kind = match path.rsplit_once('.') {
        Some((_, "json")) => "application/json",
        Some((_, "html")) => "text/html",
        _ if path.ends_with('/') => "text/html",
        _ => "application/octet-stream",
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    if !head.starts_with("HEAD ") {
        stream.write_all(&body)?;
    }
    stream.flush()
}

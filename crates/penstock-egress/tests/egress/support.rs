//! A proxy under test, servers for it to reach, and clients that say what they like.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::net::UnixStream,
    },
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use penstock_egress::{
    Denial, Egress, EgressRecord, EgressSpec, Exchange, Reason, Rule,
    wire::{Connection, ConnectionRole, ListenerRole, send_connection, send_listener},
};

/// After this a test fails instead of hanging. No test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn exe() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_penstock-egress"))
}

/// A specification in which every name of `names` is this machine's loopback, and every rule may
/// reach it.
pub(crate) fn spec(rules: &[String], names: &[&str]) -> EgressSpec {
    let rule = |text: &String| text.parse::<Rule>().unwrap_or_else(|e| panic!("{text}: {e}"));
    let mut spec = EgressSpec::new(rules.iter().map(|text| rule(text).private()));
    for name in names {
        spec.addresses.insert((*name).to_owned(), vec![Ipv4Addr::LOCALHOST.into()]);
    }
    spec
}

pub(crate) struct Proxy {
    pub(crate) egress: Egress,
    control: OwnedFd,
    pub(crate) http: SocketAddr,
    pub(crate) socks: SocketAddr,
    pub(crate) dns_udp: SocketAddr,
    pub(crate) dns_tcp: SocketAddr,
    /// A port on which every address of this machine is listened on.
    pub(crate) transparent: u16,
}

impl Proxy {
    pub(crate) fn start(spec: &EgressSpec) -> Self {
        let egress = Egress::start(exe(), spec).unwrap();
        let control = egress.handoff().unwrap();
        let listen = |role, at: &str| {
            let listener = TcpListener::bind(at).unwrap();
            send_listener(&control, role, listener.as_fd()).unwrap();
            listener.local_addr().unwrap()
        };
        let http = listen(ListenerRole::Proxy, "127.0.0.1:0");
        let socks = listen(ListenerRole::Socks, "127.0.0.1:0");
        let dns_tcp = listen(ListenerRole::DnsTcp, "127.0.0.1:0");
        let transparent = listen(ListenerRole::Transparent, "0.0.0.0:0").port();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        send_listener(&control, ListenerRole::DnsUdp, udp.as_fd()).unwrap();
        let dns_udp = udp.local_addr().unwrap();
        Self { egress, control, http, socks, dns_udp, dns_tcp, transparent }
    }

    /// A client of the HTTP proxy.
    pub(crate) fn client(&self) -> Client<TcpStream> {
        Client::new(TcpStream::connect(self.http).unwrap())
    }

    pub(crate) fn socks_client(&self) -> Client<TcpStream> {
        Client::new(TcpStream::connect(self.socks).unwrap())
    }

    /// One end of a connection that the program believes goes to `destination`.
    pub(crate) fn transparent_client(&self, destination: &str) -> Client<UnixStream> {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let destination = Some(destination.parse().unwrap());
        let connection = Connection { role: ConnectionRole::Transparent, destination };
        send_connection(&self.control, connection, theirs.as_fd()).unwrap();
        Client::new(ours)
    }

    /// Says `head` to the HTTP proxy and returns all it answers.
    pub(crate) fn ask(&self, head: &str) -> String {
        let mut client = self.client();
        client.say(head.as_bytes());
        client.text()
    }

    /// The record, once every connection that began has ended.
    pub(crate) fn finish(self) -> EgressRecord {
        drop(self.control);
        self.egress.finish().unwrap()
    }

    /// The only denial of the run.
    pub(crate) fn denial(self) -> Denial {
        let record = self.finish();
        assert_eq!(record.requests, [], "nothing is let through");
        match &record.denied[..] {
            [denial] => denial.clone(),
            all => panic!("not one denial: {all:#?}"),
        }
    }

    /// The only thing that was let through.
    pub(crate) fn exchange(self) -> Exchange {
        let record = self.finish();
        assert_eq!(record.denied, [], "nothing is denied");
        match &record.requests[..] {
            [exchange] => exchange.clone(),
            all => panic!("not one exchange: {all:#?}"),
        }
    }
}

pub(crate) struct Client<S>(S);

pub(crate) trait Stream: std::io::Read + std::io::Write {
    fn patience(&self);
    fn end(&self);
}

impl Stream for TcpStream {
    fn patience(&self) {
        self.set_read_timeout(Some(PATIENCE)).unwrap();
        self.set_write_timeout(Some(PATIENCE)).unwrap();
    }

    fn end(&self) {
        _ = self.shutdown(std::net::Shutdown::Write);
    }
}

impl Stream for UnixStream {
    fn patience(&self) {
        self.set_read_timeout(Some(PATIENCE)).unwrap();
        self.set_write_timeout(Some(PATIENCE)).unwrap();
    }

    fn end(&self) {
        _ = self.shutdown(std::net::Shutdown::Write);
    }
}

impl<S: Stream> Client<S> {
    pub(crate) fn new(stream: S) -> Self {
        stream.patience();
        Self(stream)
    }

    pub(crate) fn into_stream(self) -> S {
        self.0
    }

    pub(crate) fn stream(&mut self) -> &mut S {
        &mut self.0
    }

    /// Says something; the other side may have hung up, which the test sees by what it reads.
    pub(crate) fn say(&mut self, bytes: &[u8]) -> &mut Self {
        _ = self.0.write_all(bytes);
        self
    }

    /// Exactly so many bytes.
    pub(crate) fn hear(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// The head of an answer.
    pub(crate) fn head(&mut self) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.extend(self.hear(1));
        }
        String::from_utf8(bytes).unwrap()
    }

    /// Everything until the other side closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.0.read_to_end(&mut bytes) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("{error}"),
        }
        bytes
    }

    pub(crate) fn text(&mut self) -> String {
        String::from_utf8(self.rest()).unwrap()
    }

    /// No more will be said.
    pub(crate) fn end(&mut self) -> &mut Self {
        self.0.end();
        self
    }
}

/// A server on loopback that keeps what it hears.
pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    pub(crate) fn new(
        serve: impl Fn(&mut TcpStream, &Mutex<Vec<u8>>) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, heard) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let server = Self { port, connections: connections.clone(), heard: Arc::clone(&heard) };
        let serve = Arc::new(serve);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                connections.fetch_add(1, Ordering::SeqCst);
                let (serve, heard) = (serve.clone(), Arc::clone(&heard));
                thread::spawn(move || {
                    stream.patience();
                    serve(&mut stream, &heard);
                });
            }
        });
        server
    }

    /// Says back what it hears.
    pub(crate) fn echo() -> Self {
        Self::new(|stream, heard| {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                heard.lock().unwrap().extend_from_slice(&buffer[..count]);
                if stream.write_all(&buffer[..count]).is_err() {
                    return;
                }
            }
        })
    }

    /// Reads one request to the end of its head and gives this answer.
    pub(crate) fn http(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(move |stream, heard| {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                head.push(byte[0]);
            }
            heard.lock().unwrap().extend_from_slice(&head);
            _ = stream.write_all(&answer);
            _ = stream.shutdown(std::net::Shutdown::Write);
            // What else is said, until the other side has the answer and leaves.
            let mut rest = Vec::new();
            _ = stream.read_to_end(&mut rest);
            heard.lock().unwrap().extend_from_slice(&rest);
        })
    }

    /// How often it was connected to.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }
}

/// A ClientHello with that server name, in records of at most `fragment` bytes.
pub(crate) fn hello(name: Option<&str>, fragment: usize) -> Vec<u8> {
    let length16 = |content: &[u8]| {
        [&u16::try_from(content.len()).unwrap().to_be_bytes()[..], content].concat()
    };
    let extensions = name.map_or_else(Vec::new, |name| {
        let list = [&[0][..], &length16(name.as_bytes())].concat();
        [&[0, 0][..], &length16(&length16(&list))].concat()
    });
    let body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0], &length16(&extensions)].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let message = [&[1][..], &length[1..], &body].concat();
    message.chunks(fragment).flat_map(|part| [&[22, 3, 1][..], &length16(part)].concat()).collect()
}

/// A denial in three words.
pub(crate) fn brief(denial: &Denial) -> (Reason, &str, u16) {
    (denial.reason, &denial.host, denial.port)
}

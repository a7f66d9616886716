//! Authorities and certificates of servers, good and bad, and both ends of TLS.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use penstock_egress::EgressSpec;
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, pem::PemObject as _},
};

use crate::support::{Client, Proxy, Server, Stream, spec};

/// An authority that servers have their certificates from.
pub(crate) struct Pki(CertifiedIssuer<'static, KeyPair>);

/// What is wrong with a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Nothing,
    Expired,
    NotYet,
    SelfSigned,
}

impl Pki {
    pub(crate) fn new() -> Self {
        // By its name an issuer is found, so that two of a name are told apart by signatures alone.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("authority {}", COUNT.fetch_add(1, Ordering::SeqCst));
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its certificate in PEM, by an encoder that is not the one under test.
    pub(crate) fn pem(&self) -> Vec<u8> {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        let text = BASE64_STANDARD.encode(self.0.der());
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").into_bytes()
    }

    /// A server's side of TLS.
    pub(crate) fn server(&self, names: &[&str], flaw: Flaw) -> Arc<ServerConfig> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        match flaw {
            Flaw::Expired => params.not_after = date_time_ymd(2001, 1, 1),
            Flaw::NotYet => params.not_before = date_time_ymd(4000, 1, 1),
            Flaw::Nothing | Flaw::SelfSigned => {}
        }
        let key = KeyPair::generate().unwrap();
        let certificate = match flaw {
            Flaw::SelfSigned => params.self_signed(&key).unwrap(),
            _ => params.signed_by(&key, &self.0).unwrap(),
        };
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into());
        Arc::new(config.unwrap())
    }

    /// A specification that opens TLS and believes servers by this authority.
    pub(crate) fn spec(&self, rules: &[String], names: &[&str]) -> EgressSpec {
        EgressSpec { intercept: true, roots: self.pem(), ..spec(rules, names) }
    }
}

/// A server that gives this answer to one request on each connection.
pub(crate) fn https(config: Arc<ServerConfig>, answer: impl Into<Vec<u8>>) -> Server {
    https_in_turn(vec![config], answer)
}

/// The same with another certificate for each connection, the last for all that follow.
pub(crate) fn https_in_turn(configs: Vec<Arc<ServerConfig>>, answer: impl Into<Vec<u8>>) -> Server {
    let answer = answer.into();
    let count = AtomicUsize::new(0);
    Server::new(move |stream: &mut TcpStream, heard: &Mutex<Vec<u8>>| {
        let turn = count.fetch_add(1, Ordering::SeqCst).min(configs.len() - 1);
        let config = &configs[turn];
        let connection = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
            head.push(byte[0]);
        }
        heard.lock().unwrap().extend_from_slice(&head);
        if head.is_empty() {
            return;
        }
        _ = stream.write_all(&answer);
        stream.conn.send_close_notify();
        _ = stream.flush();
        _ = stream.sock.shutdown(std::net::Shutdown::Write);
        let mut rest = Vec::new();
        _ = stream.read_to_end(&mut rest);
        heard.lock().unwrap().extend_from_slice(&rest);
    })
}

impl<S: Stream> Stream for StreamOwned<ClientConnection, S> {
    fn patience(&self) {
        self.sock.patience();
    }

    fn end(&self) {
        self.sock.end();
    }
}

pub(crate) type TlsClient = Client<StreamOwned<ClientConnection, TcpStream>>;

/// The TLS of a program that trusts these certificates, which are PEM.
pub(crate) fn trusting(pem: &[u8], protocols: &[&str]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem).flatten());
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config)
}

impl Proxy {
    /// A program in a tunnel to a host, which trusts the run's authority and nobody else.
    pub(crate) fn tls(&self, host: &str, port: u16) -> TlsClient {
        let trusted = self.egress.certificate().unwrap().as_bytes().to_vec();
        self.tls_by(host, port, host, trusting(&trusted, &["h2", "http/1.1"]))
    }

    /// Likewise, with another name in the ClientHello and another TLS.
    pub(crate) fn tls_by(
        &self,
        host: &str,
        port: u16,
        name: &str,
        config: Arc<ClientConfig>,
    ) -> TlsClient {
        let mut stream = TcpStream::connect(self.http).unwrap();
        stream.patience();
        write!(stream, "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n").unwrap();
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&head));
        let name = ServerName::try_from(name.to_owned()).unwrap();
        Client::new(StreamOwned::new(ClientConnection::new(config, name).unwrap(), stream))
    }
}

impl Proxy {
    /// A program that believes to speak to an address itself, and trusts the run's authority.
    pub(crate) fn tls_transparent(
        &self,
        destination: &str,
        name: &str,
    ) -> Client<StreamOwned<ClientConnection, UnixStream>> {
        let stream = self.transparent_client(destination).into_stream();
        let config = trusting(self.egress.certificate().unwrap().as_bytes(), &[]);
        let name = ServerName::try_from(name.to_owned()).unwrap();
        Client::new(StreamOwned::new(ClientConnection::new(config, name).unwrap(), stream))
    }
}

impl TlsClient {
    /// Does the handshake; whether the other side is believed.
    pub(crate) fn handshake(&mut self) -> std::io::Result<()> {
        let stream = self.stream();
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(())
    }

    /// Tells the other side what is wrong, and waits until it leaves.
    pub(crate) fn leave(&mut self) {
        let stream = self.stream();
        while stream.conn.wants_write() && stream.conn.write_tls(&mut stream.sock).is_ok() {}
        _ = stream.sock.read_to_end(&mut Vec::new());
    }

    /// Whether the other side leaves without having said that it is done.
    pub(crate) fn broken(&mut self) -> bool {
        self.stream().read_to_end(&mut Vec::new()).is_err()
    }

    /// The protocol that was agreed on.
    pub(crate) fn protocol(&mut self) -> Option<String> {
        let protocol = self.stream().conn.alpn_protocol()?;
        Some(String::from_utf8_lossy(protocol).into_owned())
    }
}

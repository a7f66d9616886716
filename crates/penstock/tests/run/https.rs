//! A server of files over TLS on this machine, with an authority that nobody trusts unasked.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned, crypto::aws_lc_rs, pki_types::PrivatePkcs8KeyDer,
};

pub(crate) struct Https {
    pub(crate) port: u16,
    /// The authority's certificate in PEM.
    pub(crate) authority: String,
    heard: Arc<Mutex<String>>,
}

impl Https {
    /// Serves what is beneath a directory, as `127.0.0.1`; ends with the tests.
    pub(crate) fn serve(directory: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // By its name an issuer is found.
        params.distinguished_name.push(DnType::CommonName, format!("authority of {port}"));
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap().der().clone();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.into());
        let config = Arc::new(config.unwrap());
        let directory = directory.to_owned();
        let heard = Arc::new(Mutex::new(String::new()));
        let hearing = heard.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, directory) = (config.clone(), directory.clone());
                let hearing = hearing.clone();
                thread::spawn(move || answer(config, stream, &directory, &hearing));
            }
        });
        let text = BASE64_STANDARD.encode(authority.der());
        let authority = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
        Self { port, authority, heard }
    }

    /// The heads of all requests so far.
    pub(crate) fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

fn answer(config: Arc<ServerConfig>, stream: TcpStream, directory: &Path, hearing: &Mutex<String>) {
    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    hearing.lock().unwrap().push_str(&head);
    let path = head.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default().trim_start_matches('/');
    let file: Option<PathBuf> = (!path.contains("..")).then(|| directory.join(path));
    let body = file.and_then(|file| fs::read(file).ok());
    let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
    let body = body.unwrap_or_default();
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    _ = stream.write_all(head.as_bytes());
    _ = stream.write_all(&body);
    stream.conn.send_close_notify();
    _ = stream.flush();
}

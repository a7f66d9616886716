//! TLS that the proxy opens: a client that trusts the run's authority, a server that the proxy trusts.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::fd::AsFd as _,
    sync::Arc,
    thread,
};

use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_egress::{
    Egress, EgressSpec, Rule,
    wire::{ListenerRole, send_listener},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, pem::PemObject as _},
};

use crate::{
    budget::milliseconds,
    egress::{BYTES, answer, head},
    process,
};

/// The name of the server.
const NAME: &str = "bench.test";

/// Milliseconds of the proxy's processor time for 1 GB from the server to the client.
pub(crate) fn cpu_for_each_gigabyte() -> Result<f64> {
    let before = process::cpu_of_children()?;
    let (server, roots) = serve()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let rule: Rule = format!("https://{NAME}:{server}/open/").parse()?;
    let mut spec = EgressSpec::new([rule.private()]);
    spec.addresses.insert(NAME.to_owned(), vec![Ipv4Addr::LOCALHOST.into()]);
    (spec.intercept, spec.roots) = (true, roots);
    let egress = Egress::start(&std::env::current_exe()?, &spec)?;
    send_listener(egress.handoff()?, ListenerRole::Proxy, listener.as_fd())?;
    let authority = egress.certificate().context("the proxy opens no TLS")?;

    let mut stream = TcpStream::connect(listener.local_addr()?)?;
    stream.set_nodelay(true)?;
    write!(stream, "CONNECT {NAME}:{server} HTTP/1.1\r\nHost: {NAME}:{server}\r\n\r\n")?;
    head(&mut stream)?;
    let connection = ClientConnection::new(trusting(authority)?, ServerName::try_from(NAME)?)?;
    let mut client = StreamOwned::new(connection, stream);
    write!(client, "GET /open/x HTTP/1.1\r\nHost: {NAME}:{server}\r\n\r\n")?;
    head(&mut client)?;
    let mut buffer = vec![0; 1 << 20];
    let mut left = BYTES;
    while left > 0 {
        match client.read(&mut buffer)? {
            0 => bail!("the transfer broke off with {left} bytes to go"),
            count => left = left.saturating_sub(u64::try_from(count)?),
        }
    }
    // Its end is recorded when the connection is given up.
    drop(client);
    let record = egress.finish()?;
    if record.down != BYTES || !record.denied.is_empty() {
        bail!("the proxy recorded something else: {record:?}");
    }
    let spent = process::cpu_of_children()?.saturating_sub(before);
    Ok(milliseconds(spent) * 1e9 / 2e9)
}

/// A server's port, and the certificate of its authority in PEM.
fn serve() -> Result<(u16, Vec<u8>)> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec![NAME.to_owned()])?.signed_by(&key, &authority)?;
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())?;
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = config.clone();
            thread::spawn(move || {
                let connection = ServerConnection::new(config)?;
                answer(StreamOwned::new(connection, stream))
            });
        }
    });
    Ok((port, pem(authority.der())))
}

fn trusting(authority: &str) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes())?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn pem(der: &[u8]) -> Vec<u8> {
    let text = BASE64_STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").into_bytes()
}

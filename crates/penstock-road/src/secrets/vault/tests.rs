use std::{fs, net::TcpStream, process::Command, sync::Arc};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use super::{
    fake::{Answer, Fake, JWT, TOKEN, answer, well_behaved},
    *,
};

fn vault(address: String) -> Vault {
    Vault {
        address,
        namespace: None,
        ca: None,
        mount: "jwt".to_owned(),
        role: Some("ci".to_owned()),
        jwt: Some("env:JWT".parse().unwrap()),
        token: None,
    }
}

fn at(fake: &Fake) -> Vault {
    vault(format!("http://127.0.0.1:{}", fake.port))
}

/// Logs in, reads one field and ends, as one step does.
fn read(vault: &Vault, path: &str, field: &str, timeout: Duration) -> Result<String, VaultFault> {
    let session = Session::begin(vault, Secret::new(JWT), timeout)?;
    let value = session.read("kv", path, field);
    let ended = session.end();
    let value = value?;
    ended?;
    Ok(String::from_utf8(value.expose().to_vec()).unwrap())
}

const LONG: Duration = Duration::from_secs(60);

/// The error, which holds nothing of what was sent or answered.
#[track_caller]
fn fails(vault: &Vault, path: &str, field: &str) -> VaultFault {
    let error = read(vault, path, field, LONG).unwrap_err();
    for part in ["value-in", "hvs.", "signature-of", "claims", "echo"] {
        assert!(
            !error.to_string().contains(part) && !format!("{error:?}").contains(part),
            "{error}"
        );
    }
    error
}

fn after_login(answer: impl Fn(&str, &str) -> Option<Vec<u8>> + Send + Sync + 'static) -> Answer {
    Box::new(
        move |first, rest| {
            if first.starts_with("GET") { answer(first, rest) } else { well_behaved(first, rest) }
        },
    )
}

#[test]
fn a_field_is_read_and_the_token_revoked() {
    let fake = Fake::new(Box::new(well_behaved));
    assert_eq!(read(&at(&fake), "ci", "npm", LONG).as_deref(), Ok("value-in-the-vault"));
    assert_eq!(
        fake.seen(),
        [
            "POST /v1/auth/jwt/login HTTP/1.1",
            "GET /v1/kv/data/ci HTTP/1.1",
            "POST /v1/auth/token/revoke-self HTTP/1.1",
        ]
    );
}

#[test]
fn a_token_that_is_not_ours_is_used_and_left_alone() {
    let fake = Fake::new(Box::new(well_behaved));
    let token = Some("env:VAULT_TOKEN".parse().unwrap());
    let vault = Vault { role: None, jwt: None, token, ..at(&fake) };
    let session = Session::begin(&vault, Secret::new(TOKEN), LONG).unwrap();
    assert_eq!(session.read("kv", "ci", "npm").unwrap().expose(), b"value-in-the-vault");
    session.end().unwrap();
    assert_eq!(fake.seen(), ["GET /v1/kv/data/ci HTTP/1.1"]);
}

#[test]
fn the_namespace_is_sent() {
    let fake = Fake::new(Box::new(|first, rest| {
        assert!(rest.to_ascii_lowercase().contains("x-vault-namespace: team/a\r\n"), "{rest}");
        well_behaved(first, rest)
    }));
    let vault = Vault { namespace: Some("team/a".to_owned()), ..at(&fake) };
    assert!(read(&vault, "ci", "npm", LONG).is_ok());
}

#[test]
fn what_is_not_there_or_no_text_is_said_without_what_is() {
    let fake = Fake::new(Box::new(well_behaved));
    let vault = at(&fake);
    assert_eq!(fails(&vault, "ci", "pypi"), VaultFault::NoField("pypi".to_owned()));
    assert_eq!(fails(&vault, "ci", "number"), VaultFault::NotAString("number".to_owned()));
    assert_eq!(fails(&vault, "ci", "list"), VaultFault::NotAString("list".to_owned()));
    assert!(matches!(fails(&vault, "deleted", "npm"), VaultFault::Refused { status: 404, .. }));
    assert!(matches!(fails(&vault, "other", "npm"), VaultFault::Refused { status: 403, .. }));
}

#[test]
fn a_refusal_that_repeats_what_was_sent_does_not_get_it_into_a_message() {
    let fake = Fake::new(after_login(|_, rest| {
        answer("403 Forbidden", "", &format!(r#"{{"errors":["echo {}"]}}"#, rest.escape_default()))
    }));
    assert!(matches!(fails(&at(&fake), "ci", "npm"), VaultFault::Refused { status: 403, .. }));
    let fake = Fake::new(Box::new(well_behaved));
    let vault = Vault { role: Some("other".to_owned()), ..at(&fake) };
    assert!(matches!(fails(&vault, "ci", "npm"), VaultFault::LoginRefused { status: 400, .. }));
}

#[test]
fn an_answer_of_another_shape_is_not_quoted() {
    for body in ["echo", "{}", "[]", r#"{"data":"echo"}"#, r#"{"data":{"data":["echo"]}}"#, "\u{0}"]
    {
        let fake = Fake::new(after_login(move |_, _| answer("200 OK", "", body)));
        assert!(matches!(fails(&at(&fake), "ci", "npm"), VaultFault::NotVault(_)), "{body}");
    }
    let deep = "[".repeat(100_000);
    let fake = Fake::new(after_login(move |_, _| answer("200 OK", "", &deep)));
    assert!(matches!(fails(&at(&fake), "ci", "npm"), VaultFault::NotVault(_)));
    let fake = Fake::new(after_login(|_, _| Some(b"echo echo echo\r\n\r\n".to_vec())));
    assert!(matches!(fails(&at(&fake), "ci", "npm"), VaultFault::NoAnswer { .. }));
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Fake::new(Box::new(well_behaved));
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent"]
    {
        let port = elsewhere.port;
        let fake = Fake::new(Box::new(move |first, _| {
            let path = first.split(' ').nth(1).unwrap();
            answer(status, &format!("Location: http://127.0.0.1:{port}{path}\r\n"), "")
        }));
        assert!(matches!(fails(&at(&fake), "ci", "npm"), VaultFault::Redirect { .. }), "{status}");
        assert_eq!(fake.seen().len(), 1);
    }
    assert_eq!(elsewhere.seen(), Vec::<String>::new());
}

#[test]
fn an_answer_without_end_is_not_read_to_its_end() {
    for head in ["Content-Length: 104857600\r\n", ""] {
        let fake = Fake::new(after_login(move |_, _| {
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{head}\r\n");
            Some([head.as_bytes(), &vec![b'x'; 100 << 20]].concat())
        }));
        assert!(matches!(fails(&at(&fake), "ci", "npm"), VaultFault::TooLong(_)));
    }
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for() {
    let fake = Fake::new(Box::new(|_, _| None));
    let error = read(&at(&fake), "ci", "npm", Duration::from_millis(200)).unwrap_err();
    assert!(error.to_string().ends_with("it did not answer in time"), "{error}");
}

#[test]
fn a_server_that_is_not_there_is_said() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let vault = vault(format!("http://127.0.0.1:{port}"));
    assert!(matches!(fails(&vault, "ci", "npm"), VaultFault::NoAnswer { .. }));
}

#[test]
fn a_token_of_several_lines_is_not_sent() {
    let fake = Fake::new(Box::new(well_behaved));
    let token = Some("env:VAULT_TOKEN".parse().unwrap());
    let vault = Vault { role: None, jwt: None, token, ..at(&fake) };
    let session = Session::begin(&vault, Secret::new(*b"hvs.a\r\nX-Evil: 1"), LONG).unwrap();
    let error = session.read("kv", "ci", "npm").unwrap_err().to_string();
    assert!(error.contains("no header can hold") && !error.contains("Evil"), "{error}");
    assert_eq!(fake.seen(), Vec::<String>::new());
}

/// A revocation that fails is told, and the secret is there all the same.
#[test]
fn a_token_that_cannot_be_revoked_is_told() {
    let fake = Fake::new(Box::new(|first, rest| {
        if first.contains("revoke") {
            answer("403 Forbidden", "", "")
        } else {
            well_behaved(first, rest)
        }
    }));
    let vault = at(&fake);
    let session = Session::begin(&vault, Secret::new(JWT), LONG).unwrap();
    assert!(session.read("kv", "ci", "npm").is_ok());
    assert!(matches!(session.end(), Err(VaultFault::Refused { status: 403, .. })));
}

/// A server with a certificate made by `openssl`: files `ca.pem`, and the connection's wrapper.
fn encrypted(dir: &std::path::Path, name: &str) -> Option<Fake> {
    let key = dir.join("key.pem");
    let certificate = dir.join("ca.pem");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-days", "3650", "-subj", "/CN=test", "-addext", &format!("subjectAltName={name}")])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: openssl is not installed");
        return None;
    }
    let chain = vec![CertificateDer::from_pem_slice(&fs::read(&certificate).unwrap()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&fs::read(&key).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let wrap = move |stream: TcpStream| -> Box<dyn fake::Connection> {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        Box::new(StreamOwned::new(connection, stream))
    };
    Some(Fake::wrapped(Box::new(well_behaved), Box::new(wrap)))
}

#[test]
fn a_server_is_believed_by_the_certificate_the_policy_names_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let Some(fake) = encrypted(dir.path(), "IP:127.0.0.1") else { return };
    let ca = dir.path().join("ca.pem").to_str().unwrap().to_owned();
    let address = format!("https://127.0.0.1:{}", fake.port);
    let trusted = Vault { ca: Some(ca.clone()), ..vault(address.clone()) };
    assert_eq!(read(&trusted, "ci", "npm", LONG).as_deref(), Ok("value-in-the-vault"));
    let requests = fake.seen().len();

    // Certificates of somebody else, of nobody, and of another name: nothing is sent.
    let others = tempfile::tempdir().unwrap();
    let Some(other) = encrypted(others.path(), "IP:127.0.0.1") else { return };
    let theirs = others.path().join("ca.pem").to_str().unwrap().to_owned();
    let error = fails(&Vault { ca: Some(theirs), ..vault(address) }, "ci", "npm");
    assert!(error.to_string().contains("certificate is not accepted"), "{error}");
    drop(other);
    let empty = dir.path().join("empty.pem");
    fs::write(&empty, "").unwrap();
    let empty = Vault { ca: Some(empty.to_str().unwrap().to_owned()), ..trusted.clone() };
    assert!(matches!(fails(&empty, "ci", "npm"), VaultFault::Certificates(_)));
    let elsewhere = tempfile::tempdir().unwrap();
    let Some(named) = encrypted(elsewhere.path(), "DNS:vault.example.org") else { return };
    let ca = elsewhere.path().join("ca.pem").to_str().unwrap().to_owned();
    let wrong = Vault { ca: Some(ca), ..vault(format!("https://127.0.0.1:{}", named.port)) };
    assert!(fails(&wrong, "ci", "npm").to_string().contains("certificate is not accepted"));
    assert_eq!((fake.seen().len(), named.seen().len()), (requests, 0));
}

/// A server that speaks plain HTTP where it should not is not spoken to.
#[test]
fn plain_http_is_not_taken_for_https() {
    let dir = tempfile::tempdir().unwrap();
    let Some(_) = encrypted(dir.path(), "IP:127.0.0.1") else { return };
    let fake = Fake::new(Box::new(well_behaved));
    let ca = Some(dir.path().join("ca.pem").to_str().unwrap().to_owned());
    let vault = Vault { ca, ..vault(format!("https://127.0.0.1:{}", fake.port)) };
    assert_eq!(
        read(&vault, "ci", "npm", Duration::from_millis(500)).is_err().then(|| fake.seen()),
        Some(Vec::new())
    );
}

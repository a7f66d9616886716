//! A client that nobody here wrote. Skipped where it is not installed.

use std::process::{Command, Output};

use penstock_egress::{Outcome, Scheme};

use crate::support::{Proxy, Server, spec};

fn curl(arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "60", "--noproxy", ""]).args(arguments);
    match command.env_clear().output() {
        Ok(output) => Some(output),
        Err(error) => {
            println!("SKIPPED: `curl` cannot be started: {error}");
            None
        }
    }
}

#[test]
fn curl_gets_what_is_allowed_by_every_way() {
    let server = Server::http("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n");
    let url = format!("http://allowed.test:{}/x", server.port);
    let proxy =
        Proxy::start(&spec(&[format!("http://allowed.test:{}", server.port)], &["allowed.test"]));
    let (http, socks) = (proxy.http.to_string(), proxy.socks.to_string());
    for arguments in [
        vec!["--proxy", &http, &url],
        vec!["--proxy", &http, "--proxytunnel", &url],
        vec!["--socks5-hostname", &socks, &url],
        vec!["--proxy", &http, "--http2", &url],
        vec!["--proxy", &http, "--data", "body", &url],
    ] {
        let Some(output) = curl(&arguments) else { return };
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.stdout, b"hello\n", "{arguments:?}: {errors}");
    }
    let Some(output) = curl(&["--proxy", &http, "http://other.test/"]) else { return };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("the rule `http://other.test` would allow it"), "{text}");
    let Some(output) = curl(&["--proxy", &http, "https://other.test/"]) else { return };
    assert!(!output.status.success());
    let record = proxy.finish();
    assert_eq!(record.denied.len(), 2);
    let gets: u64 = record.requests.iter().map(|one| one.count).sum();
    assert_eq!(gets, 5, "{:#?}", record.requests);
    assert!(record.requests.iter().all(|one| one.outcome == Outcome::Completed));
}

#[test]
fn curl_speaks_tls_through_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let (key, certificate) = (path("key.pem"), path("certificate.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-keyout", &key, "-out", &certificate, "-days", "2", "-subj", "/CN=allowed.test"])
        .args(["-addext", "subjectAltName=DNS:allowed.test,DNS:other.test"])
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: `openssl` cannot make a certificate");
        return;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Command::new("openssl")
        .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-key", &key])
        .args(["-cert", &certificate, "-www", "-quiet"])
        .spawn()
        .unwrap();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::yield_now();
    }
    let proxy =
        Proxy::start(&spec(&[format!("allowed.test:{port}")], &["allowed.test", "other.test"]));
    let (http, socks) = (proxy.http.to_string(), proxy.socks.to_string());
    let url = format!("https://allowed.test:{port}/");
    let outputs = [
        curl(&["--cacert", &certificate, "--proxy", &http, &url]),
        curl(&["--cacert", &certificate, "--socks5-hostname", &socks, &url]),
        // Fronting: the tunnel is for one name, the hello for another.
        curl(&[
            "--cacert",
            &certificate,
            "--proxy",
            &http,
            "--connect-to",
            &format!("other.test:{port}:allowed.test:{port}"),
            &format!("https://other.test:{port}/"),
        ]),
    ];
    server.kill().unwrap();
    server.wait().unwrap();
    let [Some(one), Some(two), Some(fronted)] = outputs else { return };
    for output in [one, two] {
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !output.stdout.is_empty(), "{errors}");
    }
    assert!(!fronted.status.success() && fronted.stdout.is_empty());
    let record = proxy.finish();
    assert_eq!(record.requests.len(), 2, "{:#?}", record.requests);
    for exchange in &record.requests {
        assert_eq!(exchange.scheme, Scheme::Tls);
        assert_eq!(exchange.server_name.as_deref(), Some("allowed.test"));
    }
    let [denial] = &record.denied[..] else { panic!("{:?}", record.denied) };
    assert_eq!(denial.detail.as_deref(), Some("other.test"));
}

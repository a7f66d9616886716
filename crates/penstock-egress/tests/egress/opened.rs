//! TLS that is opened: what is judged within it, and by what nobody gets around that.

use penstock_egress::{
    Credential, Egress, EgressRecord, HttpExchange, Outcome, Reason, Scheme, UpstreamProxy,
};
use penstock_model::{Secret, Sha256};

use crate::{
    pki::{Flaw, Pki, https, trusting},
    support::{Proxy, Server, exe, hello},
};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// A proxy that opens TLS to `allowed.test` beneath `/open/`, and the server there.
fn opened(flaw: Flaw) -> (Server, Proxy) {
    let pki = Pki::new();
    let server = https(pki.server(&["allowed.test", "other.test"], flaw), OK);
    let rules = [format!("https://allowed.test:{}/open/", server.port)];
    let proxy = Proxy::start(&pki.spec(&rules, &["allowed.test", "other.test"]));
    (server, proxy)
}

fn get(server: &Server, path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: allowed.test:{}\r\n{more}\r\n", server.port)
}

fn requests(record: &EgressRecord) -> Vec<&HttpExchange> {
    record.requests.iter().filter_map(|exchange| exchange.request.as_ref()).collect()
}

#[test]
fn a_request_within_tls_is_seen_with_the_digest_of_its_answer() {
    let (server, proxy) = opened(Flaw::Nothing);
    let mut client = proxy.tls("allowed.test", server.port);
    client.handshake().unwrap();
    assert_eq!(client.protocol().as_deref(), Some("http/1.1"));
    client.say(get(&server, "/open/x?token=geheim", "Connection: close\r\n").as_bytes());
    let answer = client.text();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nhello"), "{answer}");
    let heard = server.heard();
    assert!(heard.starts_with("GET /open/x?token=geheim HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains(&format!("host: allowed.test:{}\r\n", server.port)), "{heard}");
    let exchange = proxy.exchange();
    assert_eq!((exchange.scheme, exchange.outcome), (Scheme::Https, Outcome::Completed));
    assert_eq!(exchange.address, Some(format!("127.0.0.1:{}", server.port)));
    let request = exchange.request.unwrap();
    assert_eq!(request.url, format!("https://allowed.test:{}/open/x?…", server.port));
    assert_eq!(request.sha256, Some(Sha256::of(b"hello").to_string()));
    assert_eq!((request.status, request.size, request.credential), (Some(200), Some(5), false));
}

#[test]
fn several_requests_are_made_on_one_connection() {
    let (server, proxy) = opened(Flaw::Nothing);
    let mut client = proxy.tls("allowed.test", server.port);
    for number in 0..3 {
        client.say(get(&server, &format!("/open/{number}"), "").as_bytes());
        let head = client.head();
        assert!(head.starts_with("HTTP/1.1 200 ") && !head.contains("connection: close"), "{head}");
        assert_eq!(client.hear(5), b"hello");
    }
    // Asked at once, answered in order.
    client.say((get(&server, "/open/3", "") + &get(&server, "/open/4", "")).as_bytes());
    for _ in 0..2 {
        client.head();
        assert_eq!(client.hear(5), b"hello");
    }
    let post = format!(
        "POST /open/5 HTTP/1.1\r\nHost: allowed.test:{}\r\nContent-Length: 2\r\n\r\nab",
        server.port
    );
    client.say(post.as_bytes());
    let head = client.head();
    assert!(head.contains("connection: close\r\n"), "{head}");
    assert_eq!(client.rest(), b"hello");
    assert!(server.heard().contains("content-length: 2\r\n"));
    let record = proxy.finish();
    assert_eq!(record.denied, []);
    assert_eq!(requests(&record).len(), 6, "{record:#?}");
    assert_eq!(server.connections(), 6);
}

#[test]
fn the_end_of_an_answer_is_where_both_sides_see_it() {
    let pki = Pki::new();
    let config = pki.server(&["allowed.test"], Flaw::Nothing);
    // One that claims another length to HEAD than it has, one in pieces, one to its end, one empty.
    let answers = [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", ""),
        (
            "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
        ),
        ("GET", "HTTP/1.1 200 OK\r\n\r\nhello", "5\r\nhello\r\n0\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", ""),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nmore", ""),
    ];
    for (method, answer, body) in answers {
        let server = https(config.clone(), answer);
        let rules = [format!("allowed.test:{}", server.port)];
        let proxy = Proxy::start(&pki.spec(&rules, &["allowed.test"]));
        let mut client = proxy.tls("allowed.test", server.port);
        for number in 0..2 {
            let request = get(&server, &format!("/{number}"), "").replacen("GET", method, 1);
            client.say(request.as_bytes());
            let head = client.head();
            assert!(head.starts_with("HTTP/1.1 "), "{answer}: {head}");
            assert!(!head.contains("content-length: 1\r\n"), "{answer}: {head}");
            assert_eq!(client.hear(body.len()), body.as_bytes(), "{answer}");
        }
        assert_eq!(server.connections(), 2, "{answer}");
        assert_eq!(proxy.finish().denied, [], "{answer}");
    }
}

#[test]
fn a_client_that_asks_for_no_more_is_not_waited_for() {
    for (version, line) in [("1.0", ""), ("1.1", "Connection: x, Close\r\n")] {
        let (server, proxy) = opened(Flaw::Nothing);
        let mut client = proxy.tls("allowed.test", server.port);
        let request = get(&server, "/open/x", line).replacen("1.1", version, 1);
        client.say(request.as_bytes());
        assert!(client.text().ends_with("hello"), "{version}");
        assert_eq!(proxy.exchange().outcome, Outcome::Completed);
    }
}

#[test]
fn every_request_on_a_connection_is_judged() {
    let (server, proxy) = opened(Flaw::Nothing);
    let mut client = proxy.tls("allowed.test", server.port);
    let both = get(&server, "/open/first", "") + &get(&server, "/closed/second", "");
    client.say(both.as_bytes());
    client.head();
    assert_eq!(client.hear(5), b"hello");
    assert!(client.head().starts_with("HTTP/1.1 403 "));
    client.rest();
    let heard = server.heard();
    assert!(heard.contains("first") && !heard.contains("second"), "{heard}");
    let record = proxy.finish();
    let [denial] = &record.denied[..] else { panic!("{record:#?}") };
    assert_eq!(denial.reason, Reason::Path);
    let rule = format!("https://allowed.test:{}/closed/second", server.port);
    assert_eq!(denial.allow.as_ref().map(|permit| permit.rule.clone()), Some(rule));
    assert_eq!(requests(&record).len(), 1);
}

#[test]
fn what_follows_a_body_is_no_request() {
    let (server, proxy) = opened(Flaw::Nothing);
    let mut client = proxy.tls("allowed.test", server.port);
    let post = format!(
        "POST /open/first HTTP/1.1\r\nHost: allowed.test:{}\r\nContent-Length: 1\r\n\r\nx",
        server.port
    );
    client.say((post + &get(&server, "/closed/second", "")).as_bytes());
    let answer = client.text();
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert!(!server.heard().contains("second"), "{}", server.heard());
    assert_eq!(proxy.exchange().up, 1);
}

/// What a request within TLS is refused for; the server must hear nothing of it.
fn refused(request: impl FnOnce(&Server) -> String) -> Reason {
    let (server, proxy) = opened(Flaw::Nothing);
    let mut client = proxy.tls("allowed.test", server.port);
    client.say(request(&server).as_bytes());
    let answer = client.text();
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
    assert_eq!(server.heard(), "");
    proxy.denial().reason
}

#[test]
fn a_request_to_another_host_within_a_connection_is_refused() {
    for host in ["other.test", "allowed.test", "127.0.0.1:1", "allowed.test:1"] {
        let request = format!("GET /open/x HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(refused(|_| request), Reason::OtherHost, "{host}");
    }
    for line in
        ["https://other.test/open/x", "http://other.test/open/x", "https://allowed.test/open/"]
    {
        let reason = refused(|server| {
            format!("GET {line} HTTP/1.1\r\nHost: allowed.test:{}\r\n\r\n", server.port)
        });
        assert!(matches!(reason, Reason::MalformedRequest | Reason::OtherHost), "{line}");
    }
    let connect = |_: &Server| "CONNECT other.test:443 HTTP/1.1\r\nHost: other.test\r\n\r\n".into();
    assert_eq!(refused(connect), Reason::MalformedRequest);
}

#[test]
fn paths_and_methods_that_no_rule_allows_are_refused() {
    for path in [
        "/closed/x",
        "/open/../closed/x",
        "/open/%2e%2e/closed/x",
        "/open/..%2fclosed",
        "/open/%252e%252e/closed",
        "/open//../closed",
        "//open/x",
        "/open/..;/closed",
        "/open/..%5cclosed",
        "/open%00/",
        "/OPEN/x",
        "/openx",
    ] {
        assert_eq!(refused(|server| get(server, path, "")), Reason::Path, "{path}");
    }
    let trace = |server: &Server| get(server, "/open/x", "").replacen("GET", "TRACE", 1);
    assert_eq!(refused(trace), Reason::Method);
}

#[test]
fn nothing_is_published_where_only_reading_is_allowed() {
    let pki = Pki::new();
    let server = https(pki.server(&["allowed.test"], Flaw::Nothing), OK);
    let host = format!("allowed.test:{}", server.port);
    let proxy = Proxy::start(&pki.spec(&[format!("GET,HEAD https://{host}")], &["allowed.test"]));
    for method in ["PUT", "POST", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
        let mut client = proxy.tls("allowed.test", server.port);
        let body = "Content-Length: 6\r\n\r\nsecret";
        let request = get(&server, "/a-package", "").replacen("GET", method, 1);
        let request = request.strip_suffix("\r\n").unwrap().to_owned() + body;
        client.say(request.as_bytes());
        let answer = client.text();
        assert!(answer.starts_with("HTTP/1.1 403 "), "{method}: {answer}");
    }
    assert_eq!(server.heard(), "");
    let mut client = proxy.tls("allowed.test", server.port);
    client.say(get(&server, "/a-package", "Connection: close\r\n").as_bytes());
    assert!(client.text().ends_with("hello"));
    let record = proxy.finish();
    assert_eq!((record.denied.len(), requests(&record).len()), (6, 1), "{record:#?}");
    assert!(record.denied.iter().all(|denial| denial.reason == Reason::Method));
    let rules: Vec<&str> =
        record.denied.iter().filter_map(|one| Some(&*one.allow.as_ref()?.rule)).collect();
    assert!(rules.contains(&&*format!("PUT https://{host}/a-package")), "{rules:?}");
}

#[test]
fn requests_that_readers_understand_differently_are_refused() {
    for (lines, reason) in [
        ("Content-Length: 4\r\nContent-Length: 5\r\n", Reason::MalformedRequest),
        ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", Reason::MalformedRequest),
        ("Transfer-Encoding: gzip, chunked\r\n", Reason::MalformedRequest),
        ("Transfer-Encoding : chunked\r\n", Reason::MalformedRequest),
        ("X: 1\r\n Content-Length: 4\r\n", Reason::MalformedRequest),
        ("X: 1\nContent-Length: 4\r\n", Reason::MalformedRequest),
        ("X: 1\rContent-Length: 4\r\n", Reason::MalformedRequest),
        ("X: a\0b\r\n", Reason::MalformedRequest),
        ("Host: other.test\r\n", Reason::MalformedRequest),
        ("Connection: Upgrade\r\nUpgrade: websocket\r\n", Reason::Upgrade),
    ] {
        assert_eq!(refused(|server| get(server, "/open/x", lines)), reason, "{lines:?}");
    }
    let http2 = |_: &Server| "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned();
    assert_eq!(refused(http2), Reason::Protocol);
    assert_eq!(refused(|_| "\u{16}\u{3}\u{1}\0\u{50}".to_owned()), Reason::Protocol);
}

#[test]
fn a_server_that_does_not_prove_its_name_is_not_spoken_to() {
    let pki = Pki::new();
    for (config, word) in [
        (pki.server(&["allowed.test"], Flaw::SelfSigned), "an issuer that this machine does not"),
        (Pki::new().server(&["allowed.test"], Flaw::Nothing), "an issuer that this machine"),
        (pki.server(&["other.test"], Flaw::Nothing), "is for another host"),
        (pki.server(&["*.allowed.test"], Flaw::Nothing), "is for another host"),
        (pki.server(&["allowed.test"], Flaw::Expired), "has expired"),
        (pki.server(&["allowed.test"], Flaw::NotYet), "is not valid yet"),
    ] {
        let server = https(config, OK);
        let rules = [format!("allowed.test:{}", server.port)];
        let proxy = Proxy::start(&pki.spec(&rules, &["allowed.test"]));
        let mut client = proxy.tls("allowed.test", server.port);
        let error = client.handshake().unwrap_err().to_string();
        assert!(error.contains("AccessDenied"), "{word}: {error}");
        assert_eq!(server.heard(), "", "{word}");
        let denial = proxy.denial();
        assert_eq!((denial.reason, &denial.allow), (Reason::BadCertificate, &None), "{word}");
        assert!(denial.detail.as_ref().is_some_and(|detail| detail.contains(word)), "{denial:?}");
    }
}

#[test]
fn a_certificate_that_turns_bad_between_two_requests_ends_that() {
    // The first connection of the server is good, those after it are not.
    let pki = Pki::new();
    let configs = [
        pki.server(&["allowed.test"], Flaw::Nothing),
        Pki::new().server(&["allowed.test"], Flaw::Nothing),
    ];
    let server = crate::pki::https_in_turn(configs.to_vec(), OK);
    let rules = [format!("allowed.test:{}", server.port)];
    let proxy = Proxy::start(&pki.spec(&rules, &["allowed.test"]));
    let mut client = proxy.tls("allowed.test", server.port);
    client.say(get(&server, "/first", "").as_bytes());
    client.head();
    assert_eq!(client.hear(5), b"hello");
    client.say(get(&server, "/second", "Connection: close\r\n").as_bytes());
    assert!(client.text().starts_with("HTTP/1.1 403 "));
    assert!(!server.heard().contains("second"));
    let record = proxy.finish();
    let reasons: Vec<Reason> = record.denied.iter().map(|denial| denial.reason).collect();
    assert_eq!(reasons, [Reason::BadCertificate]);
    assert_eq!(requests(&record).len(), 1);
}

#[test]
fn a_server_without_tls_gets_no_request() {
    let server = Server::echo();
    let pki = Pki::new();
    let rules = [format!("allowed.test:{}", server.port)];
    let proxy = Proxy::start(&pki.spec(&rules, &["allowed.test"]));
    let mut client = proxy.tls("allowed.test", server.port);
    assert!(client.handshake().is_err());
    assert!(!server.heard().contains("GET"));
    let exchange = proxy.exchange();
    assert_eq!((exchange.scheme, exchange.outcome), (Scheme::Https, Outcome::BadAnswer));
}

#[test]
fn no_certificate_is_made_for_a_name_that_no_rule_admits() {
    let (server, proxy) = opened(Flaw::Nothing);
    let trusted = trusting(proxy.egress.certificate().unwrap().as_bytes(), &[]);
    // The tunnel is for the allowed name, the ClientHello for another.
    let mut client = proxy.tls_by("allowed.test", server.port, "other.test", trusted);
    let error = client.handshake().unwrap_err().to_string();
    assert!(error.contains("AccessDenied"), "{error}");
    assert_eq!(client.stream().conn.peer_certificates(), None);
    // A tunnel to another name does not come about.
    for target in [format!("other.test:{}", server.port), "allowed.test:1".to_owned()] {
        let answer = proxy.ask(&format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    }
    // Nor by connecting to the address.
    let mut client = proxy.transparent_client(&format!("127.0.0.1:{}", server.port));
    client.say(&hello(Some("allowed.test"), 10_000));
    assert_eq!(client.rest(), b"");
    let record = proxy.finish();
    assert_eq!(record.requests, []);
    let reasons: Vec<Reason> = record.denied.iter().map(|denial| denial.reason).collect();
    assert_eq!(reasons.len(), 4, "{record:#?}");
    assert!(reasons.contains(&Reason::OtherServerName));
    assert_eq!(server.heard(), "");
}

#[test]
fn the_authoritys_key_is_told_to_nobody() {
    let (server, proxy) = opened(Flaw::Nothing);
    let certificate = proxy.egress.certificate().unwrap().to_owned();
    assert_eq!(certificate.matches("-----BEGIN ").count(), 1, "{certificate}");
    assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----\n"), "{certificate}");
    let mut client = proxy.tls("allowed.test", server.port);
    client.say(get(&server, "/open/x", "Connection: close\r\n").as_bytes());
    client.rest();
    // The step is shown the certificate of the host and no other.
    assert_eq!(client.stream().conn.peer_certificates().map(<[_]>::len), Some(1));
    let record = serde_json::to_string(&proxy.finish()).unwrap();
    assert!(!record.contains("KEY") && !record.contains("CERTIFICATE"), "{record}");
    // Each run has its own.
    let (server, other) = opened(Flaw::Nothing);
    assert_ne!(other.egress.certificate().unwrap(), certificate);
    let config = trusting(certificate.as_bytes(), &[]);
    let mut stranger = other.tls_by("allowed.test", server.port, "allowed.test", config);
    assert!(stranger.handshake().is_err());
}

#[test]
fn a_program_that_trusts_another_is_told_of_the_rule_for_that() {
    let pki = Pki::new();
    let server = https(pki.server(&["allowed.test"], Flaw::Nothing), OK);
    let host = format!("allowed.test:{}", server.port);
    // Where some paths alone are allowed, a hostile program could have all proposed by that.
    let expected = Some(format!("opaque {host}"));
    for (rule, expected) in [(host.clone(), expected), (format!("https://{host}/open/"), None)] {
        let proxy = Proxy::start(&pki.spec(&[rule], &["allowed.test"]));
        let theirs = trusting(&Pki::new().pem(), &[]);
        let mut client = proxy.tls_by("allowed.test", server.port, "allowed.test", theirs);
        assert!(client.handshake().is_err());
        client.leave();
        assert_eq!(server.heard(), "");
        let denial = proxy.denial();
        assert_eq!(denial.reason, Reason::Pinned);
        assert_eq!(denial.allow.map(|permit| permit.rule), expected);
    }
}

#[test]
fn an_opaque_host_stays_closed() {
    let server = Server::echo();
    let pki = Pki::new();
    let rules =
        [format!("opaque allowed.test:{}", server.port), format!("*.test.test:{}", server.port)];
    let proxy = Proxy::start(&pki.spec(&rules, &["allowed.test"]));
    let said = hello(Some("allowed.test"), 10_000);
    let mut client = proxy.client();
    let target = format!("allowed.test:{}", server.port);
    client.say(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n").as_bytes());
    client.head();
    client.say(&said);
    assert_eq!(client.hear(said.len()), said);
    client.end().rest();
    let exchange = proxy.exchange();
    assert_eq!((exchange.scheme, exchange.request), (Scheme::Tls, None));
}

#[test]
fn a_credential_is_added_within_tls_and_the_step_never_sees_it() {
    let pki = Pki::new();
    let server = https(pki.server(&["allowed.test"], Flaw::Nothing), OK);
    let mut spec = pki.spec(&[format!("allowed.test:{}", server.port)], &["allowed.test"]);
    let prefix = format!("https://allowed.test:{}/private/", server.port);
    let secret = Secret::new(*b"Bearer geheim");
    spec.credentials.push(Credential::new(&prefix, "authorization", secret).unwrap());
    let proxy = Proxy::start(&spec);
    let mut client = proxy.tls("allowed.test", server.port);
    let own = "Authorization: Bearer own\r\n";
    client.say(get(&server, "/private/x", own).as_bytes());
    let mut answers = client.head();
    client.hear(5);
    client.say(get(&server, "/public/x", &format!("{own}Connection: close\r\n")).as_bytes());
    answers += &client.text();
    let heard = server.heard();
    assert!(heard.contains("authorization: Bearer geheim\r\n"), "{heard}");
    assert_eq!(heard.matches("Bearer own").count(), 1, "{heard}");
    assert!(!answers.contains("geheim"), "{answers}");
    let record = proxy.finish();
    let added: Vec<bool> = requests(&record).iter().map(|request| request.credential).collect();
    assert_eq!(added, [true, false]);
    assert!(!format!("{record:?}").contains("geheim"));
}

#[test]
fn an_address_has_a_certificate_of_its_own() {
    let pki = Pki::new();
    let server = https(pki.server(&["127.0.0.1"], Flaw::Nothing), OK);
    let rules = [format!("https://127.0.0.1:{}/open/", server.port)];
    let proxy = Proxy::start(&pki.spec(&rules, &[]));
    let mut client = proxy.tls("127.0.0.1", server.port);
    let request = format!(
        "GET /open/x HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
        server.port
    );
    client.say(request.as_bytes());
    assert!(client.text().ends_with("hello"));
    assert_eq!(proxy.exchange().scheme, Scheme::Https);
}

#[test]
fn a_program_without_a_proxy_is_opened_by_the_name_behind_its_address() {
    let pki = Pki::new();
    let server = https(pki.server(&["allowed.test"], Flaw::Nothing), OK);
    let rules = [format!("https://allowed.test:{}/open/", server.port)];
    let proxy = Proxy::start(&pki.spec(&rules, &["allowed.test"]));
    let address = crate::dns::address(&proxy, "allowed.test");
    let mut client = proxy.tls_transparent(&format!("{address}:{}", server.port), "allowed.test");
    client.say(get(&server, "/closed/x", "").as_bytes());
    assert!(client.text().starts_with("HTTP/1.1 403 "));
    let mut client = proxy.tls_transparent(&format!("{address}:{}", server.port), "allowed.test");
    client.say(get(&server, "/open/x", "Connection: close\r\n").as_bytes());
    assert!(client.text().ends_with("hello"));
    let record = proxy.finish();
    assert_eq!((record.denied.len(), requests(&record).len()), (1, 1));
    assert_eq!(record.denied[0].reason, Reason::Path);
}

#[test]
fn an_answer_that_breaks_off_has_no_digest() {
    let pki = Pki::new();
    let config = pki.server(&["allowed.test"], Flaw::Nothing);
    let server = https(config, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
    let rules = [format!("allowed.test:{}", server.port)];
    let proxy = Proxy::start(&pki.spec(&rules, &["allowed.test"]));
    let mut client = proxy.tls("allowed.test", server.port);
    client.say(get(&server, "/x", "").as_bytes());
    client.head();
    assert_eq!(client.hear(5), b"hello");
    assert!(client.broken(), "the step must notice, too");
    let exchange = proxy.exchange();
    assert_eq!(exchange.outcome, Outcome::Cut);
    assert_eq!(exchange.request.unwrap().sha256, None);
}

#[test]
fn nothing_is_opened_without_roots() {
    let mut spec = Pki::new().spec(&["allowed.test".to_owned()], &[]);
    spec.roots = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
    let error = Egress::start(exe(), &spec).unwrap_err().to_string();
    assert!(error.contains("set `SSL_CERT_FILE`"), "{error}");
    // Nor by a process that was told nothing of it.
    spec.intercept = false;
    assert_eq!(Proxy::start(&spec).egress.certificate(), None);
}

#[test]
fn tls_is_opened_through_the_companys_proxy() {
    let pki = Pki::new();
    let server = https(pki.server(&["far.test"], Flaw::Nothing), OK);
    let (port, heads) = crate::upstream::company(server.port, "200 OK");
    let mut spec = pki.spec(&["https://far.test/open/".to_owned()], &[]);
    spec.upstream = Some(UpstreamProxy::parse(&format!("http://127.0.0.1:{port}"), "").unwrap());
    let proxy = Proxy::start(&spec);
    let mut client = proxy.tls("far.test", 443);
    client.say(b"GET /open/x HTTP/1.1\r\nHost: far.test\r\nConnection: close\r\n\r\n");
    assert!(client.text().ends_with("hello"));
    assert!(server.heard().contains("host: far.test\r\n"), "{}", server.heard());
    assert!(!heads.lock().unwrap().contains("/open/x"));
    let exchange = proxy.exchange();
    assert_eq!(exchange.address.as_deref(), Some("upstream"));
    assert_eq!(exchange.request.unwrap().url, "https://far.test/open/x");
}

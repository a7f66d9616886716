use penstock_egress::{Credential, HttpExchange, Outcome, Reason, Scheme, Way};
use penstock_model::{Secret, Sha256};

use crate::support::{Proxy, Server, brief, spec};

fn get(authority: &str, path: &str, lines: &str) -> String {
    format!("GET http://{authority}{path} HTTP/1.1\r\nHost: {authority}\r\n{lines}\r\n")
}

#[test]
fn a_request_is_passed_on_and_its_answer_hashed() {
    let server = Server::http(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x-hop\r\nX-Hop: 1\r\nX-End: 2\r\n\r\nhello",
    );
    let authority = format!("allowed.test:{}", server.port);
    let proxy = Proxy::start(&spec(&[format!("http://{authority}")], &["allowed.test"]));
    let lines = "Proxy-Authorization: Basic c3RlcA==\r\nProxy-Connection: keep-alive\r\n\
                 Connection: keep-alive, x-mine\r\nX-Mine: 1\r\nX-Yours: 2\r\nTE: trailers\r\n\
                 Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    let answer = proxy.ask(&get(&authority, "/p?token=geheim", lines));
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nhello"),
        "{answer}"
    );
    assert!(answer.contains("x-end: 2") && !answer.contains("x-hop"), "{answer}");
    let heard = server.heard();
    assert!(heard.starts_with("GET /p?token=geheim HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains(&format!("host: {authority}\r\n")), "{heard}");
    assert!(heard.contains("x-yours: 2\r\n") && heard.contains("connection: close\r\n"), "{heard}");
    for gone in ["proxy-", "x-mine", "keep-alive", "te:", "upgrade", "http2"] {
        assert!(!heard.to_lowercase().contains(gone), "{gone}: {heard}");
    }
    let exchange = proxy.exchange();
    assert_eq!((exchange.scheme, exchange.way), (Scheme::Http, Way::Proxy));
    assert_eq!(exchange.outcome, Outcome::Completed);
    let request = HttpExchange {
        method: "GET".to_owned(),
        url: format!("http://{authority}/p?…"),
        credential: false,
        status: Some(200),
        sha256: Some(Sha256::of(b"hello").to_string()),
        size: Some(5),
    };
    assert_eq!(exchange.request, Some(request));
    assert_eq!((exchange.up, exchange.down), (0, 5));
}

#[test]
fn bodies_are_counted_however_they_are_framed() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let server = Server::http(chunked);
    let authority = format!("allowed.test:{}", server.port);
    let proxy = Proxy::start(&spec(&[format!("http://{authority}")], &["allowed.test"]));
    let answer = proxy.ask(&format!(
        "POST http://{authority}/ HTTP/1.1\r\nHost: {authority}\r\nTransfer-Encoding: chunked\r\n\r\n\
         4\r\nbody\r\n0\r\n\r\n"
    ));
    assert!(answer.contains("\r\n3\r\nabc\r\n"), "{answer}");
    let exchange = proxy.exchange();
    assert_eq!((exchange.up, exchange.down), (4, 5));
    assert_eq!(exchange.request.unwrap().sha256, Some(Sha256::of(b"abcde").to_string()));
}

#[test]
fn an_answer_that_breaks_off_has_no_digest() {
    let server = Server::http("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
    let authority = format!("allowed.test:{}", server.port);
    let proxy = Proxy::start(&spec(&[format!("http://{authority}")], &["allowed.test"]));
    proxy.ask(&get(&authority, "/", ""));
    let exchange = proxy.exchange();
    assert_eq!(exchange.outcome, Outcome::Cut);
    assert_eq!(exchange.request.unwrap().sha256, None);
}

#[test]
fn an_answer_that_is_none_is_not_passed_on() {
    for answer in [
        "SSH-2.0-x\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    ] {
        let server = Server::http(answer);
        let authority = format!("allowed.test:{}", server.port);
        let proxy = Proxy::start(&spec(&[format!("http://{authority}")], &["allowed.test"]));
        let told = proxy.ask(&get(&authority, "/", ""));
        assert!(told.starts_with("HTTP/1.1 502 "), "{told}");
        assert_eq!(proxy.exchange().outcome, Outcome::BadAnswer);
    }
}

#[test]
fn head_and_empty_answers_keep_their_form() {
    let server = Server::http("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    let authority = format!("allowed.test:{}", server.port);
    let proxy = Proxy::start(&spec(&[format!("http://{authority}")], &["allowed.test"]));
    let request = get(&authority, "/", "").replacen("GET", "HEAD", 1);
    let answer = proxy.ask(&request);
    assert!(answer.contains("content-length: 5\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
    let exchange = proxy.exchange();
    assert_eq!((exchange.outcome, exchange.down), (Outcome::Completed, 0));
    assert_eq!(exchange.request.unwrap().sha256, None);
}

#[test]
fn methods_are_judged() {
    let server = Server::http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let authority = format!("allowed.test:{}", server.port);
    let proxy = Proxy::start(&spec(&[format!("GET http://{authority}/open/")], &["allowed.test"]));
    for method in ["POST", "PUT", "TRACE", "DELETE"] {
        let answer = proxy.ask(&get(&authority, "/open/x", "").replacen("GET", method, 1));
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    }
    assert_eq!(server.connections(), 0);
    let record = proxy.finish();
    assert!(record.denied.iter().all(|denial| denial.reason == Reason::Method), "{record:?}");
    let rules: Vec<_> = record.denied.iter().filter_map(|denial| denial.allow.clone()).collect();
    assert_eq!(rules.len(), 3, "none for TRACE");
    assert_eq!(rules[0].rule, format!("DELETE http://{authority}/open/x"));
}

#[test]
fn plain_http_in_a_tunnel_is_judged_as_well() {
    let server = Server::http("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let port = server.port;
    let authority = format!("allowed.test:{port}");
    let rules = [format!("http://{authority}/open/"), format!("http://127.0.0.1:{port}/open/")];
    let proxy = Proxy::start(&spec(&rules, &["allowed.test", "other.test"]));
    let tunnelled = |request: &str| {
        let mut client = proxy.client();
        client.say(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes());
        client.head();
        client.say(request.as_bytes()).text()
    };
    let request = |host: &str, path: &str| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    assert!(tunnelled(&request(&authority, "/open/x")).ends_with("\r\n\r\nok"));
    for (host, path) in [
        (authority.as_str(), "/closed/x"),
        (&format!("other.test:{port}"), "/open/x"),
        ("allowed.test", "/open/x"),
    ] {
        let answer = tunnelled(&request(host, path));
        assert!(answer.starts_with("HTTP/1.1 403 "), "{host} {path}: {answer}");
    }
    // A proxy behind the proxy, and another protocol.
    assert!(
        tunnelled("CONNECT other.test:443 HTTP/1.1\r\nHost: x\r\n\r\n")
            .starts_with("HTTP/1.1 403 ")
    );
    assert!(tunnelled("SSH-2.0-x\r\n").starts_with("HTTP/1.1 403 "));
    // Of a program that knows no proxy, by address.
    let mut client = proxy.transparent_client(&format!("127.0.0.1:{port}"));
    let answer = client.say(request(&format!("127.0.0.1:{port}"), "/open/x").as_bytes()).text();
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    let mut client = proxy.transparent_client(&format!("127.0.0.1:{port}"));
    let answer = client.say(request(&authority, "/open/x").as_bytes()).text();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert_eq!(server.connections(), 2);
    let record = proxy.finish();
    assert_eq!(record.requests.len(), 2);
    let count = |reason| record.denied.iter().filter(|one| one.reason == reason).count();
    assert_eq!((count(Reason::Path), count(Reason::OtherHost)), (1, 3), "{:#?}", record.denied);
}

#[test]
fn a_credential_goes_to_its_host_and_path_only() {
    let answer = "HTTP/1.1 302 Found\r\nLocation: http://other.test/\r\nContent-Length: 0\r\n\r\n";
    let (server, other) = (Server::http(answer), Server::http(answer));
    let (here, there) =
        (format!("allowed.test:{}", server.port), format!("other.test:{}", other.port));
    let rules = [format!("http://{here}"), format!("http://{there}")];
    let mut spec = spec(&rules, &["allowed.test", "other.test"]);
    let value = Secret::new(*b"Bearer geheim");
    spec.credentials
        .push(Credential::new(&format!("http://{here}/private/"), "Authorization", value).unwrap());
    let proxy = Proxy::start(&spec);
    let own = "Authorization: Bearer own\r\nauthorization: Bearer two\r\n\
               X-HTTP-Method-Override: DELETE\r\n";
    let told = proxy.ask(&get(&here, "/private/x?q", own));
    assert!(told.starts_with("HTTP/1.1 302 ") && !told.contains("geheim"), "{told}");
    assert_eq!(other.connections(), 0, "a redirect is not followed");
    let heard = server.heard();
    assert!(
        heard.contains("authorization: Bearer geheim\r\n") && !heard.contains("own"),
        "{heard}"
    );
    assert!(!heard.contains("two") && !heard.contains("DELETE"), "{heard}");
    // Nothing is published in a person's name.
    proxy.ask(&get(&here, "/private/x", "").replacen("GET", "PUT", 1));
    assert!(server.heard().contains("PUT /private/x"), "{}", server.heard());
    for path in ["/public/x", "/private", "/private/../public", "/private/%2e%2e/public"] {
        proxy.ask(&get(&here, path, ""));
    }
    assert_eq!(server.heard().matches("geheim").count(), 1, "{}", server.heard());
    proxy.ask(&get(&there, "/private/x", ""));
    assert!(!other.heard().contains("geheim"), "{}", other.heard());
    let record = proxy.finish();
    let json = serde_json::to_string(&record).unwrap();
    assert!(!json.contains("geheim") && !format!("{record:?}").contains("geheim"), "{json}");
    let with = record.requests.iter().filter(|one| one.request.as_ref().unwrap().credential);
    assert_eq!(with.count(), 1);
}

#[test]
fn a_server_that_is_not_there_is_not_a_denial() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let authority = format!("allowed.test:{port}");
    let proxy = Proxy::start(&spec(&[format!("http://{authority}")], &["allowed.test"]));
    assert!(proxy.ask(&get(&authority, "/", "")).starts_with("HTTP/1.1 502 "));
    let exchange = proxy.exchange();
    assert_eq!((exchange.outcome, exchange.address), (Outcome::Unreachable, None));
}

#[test]
fn what_no_rule_names_is_told_with_the_rule_for_it() {
    let proxy = Proxy::start(&spec(&["allowed.test".to_owned()], &["allowed.test"]));
    let answer = proxy.ask(&get("other.test", "/x", ""));
    assert!(
        answer.contains("not-allowed; the rule `http://other.test` would allow it"),
        "{answer}"
    );
    let denial = proxy.denial();
    assert_eq!(brief(&denial), (Reason::NotAllowed, "other.test", 80));
    assert_eq!(denial.allow.unwrap().rule, "http://other.test");
}

use super::*;

fn read(text: &str) -> Result<RequestHead, HeadError> {
    RequestHead::read(text.as_bytes()).map(|head| head.expect("a whole head"))
}

fn authority(text: &str) -> Authority {
    Authority::parse(text, None).unwrap()
}

/// An absolute-form request with more lines.
fn with(lines: &str) -> Result<RequestHead, HeadError> {
    read(&format!("POST http://a.example/x HTTP/1.1\r\nHost: a.example\r\n{lines}\r\n"))
}

#[test]
fn the_four_targets_are_told_apart() {
    let plain = |path: &str, query: Option<&str>| PathAndQuery {
        path: path.to_owned(),
        query: query.map(str::to_owned),
    };
    let head = read("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\nleft").unwrap();
    assert_eq!(head.target, Target::Connect(authority("a.example:443")));
    assert_eq!(head.length, 55);
    let head = read("GET http://A.example:80/p?q=1 HTTP/1.1\r\nHost: a.example\r\n\r\n").unwrap();
    let expected = Target::Absolute(authority("a.example:80"), plain("/p", Some("q=1")));
    assert_eq!(head.target, expected);
    let head = read("GET http://a.example?q HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!(head.target, Target::Absolute(authority("a.example:80"), plain("/", Some("q"))));
    let head = read("GET /p HTTP/1.1\r\nhost:\ta.example:8080 \r\n\r\n").unwrap();
    assert_eq!(head.target, Target::Origin(authority("a.example:8080"), plain("/p", None)));
    let head = read("GET https://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n").unwrap();
    assert_eq!(head.target, Target::Https(authority("a.example:443")));
    assert!(!head.has_body);
}

#[test]
fn a_body_is_framed_in_one_way() {
    assert!(with("Content-Length: 5\r\n").unwrap().has_body);
    assert!(!with("Content-Length: 0\r\n").unwrap().has_body);
    assert!(with("Transfer-Encoding: Chunked\r\n").unwrap().has_body);
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\ncontent-length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: \r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked;a=b\r\n",
    ] {
        assert_eq!(with(lines), Err(HeadError::Length), "{lines}");
    }
    let old = "POST http://a.example/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(read(old), Err(HeadError::Length));
    for lines in ["Content-Length: 4\r\n", "Transfer-Encoding: chunked\r\n"] {
        let head = format!("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n{lines}\r\n");
        assert_eq!(read(&head), Err(HeadError::ConnectBody), "{lines}");
    }
    let none = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nContent-Length: 0\r\n\r\n";
    assert!(read(none).is_ok());
}

#[test]
fn lines_are_lines_to_every_reader() {
    let refused = [
        ("Content-Length : 5\r\n", HeadError::Field),
        (": 5\r\n", HeadError::Field),
        ("no colon\r\n", HeadError::Field),
        ("X(y): 5\r\n", HeadError::Field),
        ("X: 1\r\n folded\r\n", HeadError::Folded),
        ("X: 1\r\n\tContent-Length: 5\r\n", HeadError::Folded),
        ("X: 1\nContent-Length: 5\r\n", HeadError::BareLineFeed),
        ("X: 1\n\n", HeadError::BareLineFeed),
        ("X: 1\rContent-Length: 5\r\n", HeadError::Character),
        ("X: 1\r\r\n", HeadError::Character),
        ("X: \0\r\n", HeadError::Character),
        ("X: é\r\n", HeadError::Character),
        ("Host: a.example\r\n", HeadError::Host),
        ("Host: b.example\r\n", HeadError::Host),
        ("Upgrade: websocket\r\nConnection: upgrade\r\n", HeadError::Upgrade),
        ("Upgrade: h2c, websocket\r\n", HeadError::Upgrade),
    ];
    for (lines, error) in refused {
        assert_eq!(with(lines), Err(error), "{lines}");
    }
    assert!(with("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n").is_ok());
}

#[test]
fn the_request_line_has_three_words() {
    let refused = [
        ("GET  http://a.example/ HTTP/1.1", HeadError::RequestLine),
        ("GET http://a.example/ HTTP/1.1 ", HeadError::RequestLine),
        ("GET http://a.example/ x HTTP/1.1", HeadError::RequestLine),
        ("GET\thttp://a.example/\tHTTP/1.1", HeadError::RequestLine),
        ("GET http://a.example/", HeadError::RequestLine),
        ("GET http://a.example/#x HTTP/1.1", HeadError::RequestLine),
        ("GET http://a.example/ HTTP/1.2", HeadError::RequestLine),
        ("GET http://a.example/ HTTP/9.9", HeadError::RequestLine),
        ("GeT http://a.example/ HTTP/1.1", HeadError::RequestLine),
        ("GET * HTTP/1.1", HeadError::RequestLine),
        ("GET a.example:443 HTTP/1.1", HeadError::RequestLine),
        ("GET ftp://a.example/ HTTP/1.1", HeadError::Scheme),
        ("GET ws://a.example/ HTTP/1.1", HeadError::Scheme),
        ("PRI * HTTP/2.0", HeadError::Http2),
        (" GET http://a.example/ HTTP/1.1", HeadError::NotHttp),
        ("\r\nGET http://a.example/ HTTP/1.1", HeadError::NotHttp),
        ("\u{5}\u{1}\0", HeadError::NotHttp),
        ("CONNECT a.example HTTP/1.1", HeadError::Authority(AuthorityError::NoPort)),
        (
            "CONNECT /a.example:443 HTTP/1.1",
            HeadError::Authority(crate::HostError::Character.into()),
        ),
        ("CONNECT http://a.example:443 HTTP/1.1", HeadError::Authority(AuthorityError::BareIpv6)),
        ("CONNECT u@a.example:443 HTTP/1.1", HeadError::Authority(AuthorityError::UserInformation)),
        (
            "GET http://u:p@a.example/ HTTP/1.1",
            HeadError::Authority(AuthorityError::UserInformation),
        ),
        ("GET http:///x HTTP/1.1", HeadError::Authority(crate::HostError::Empty.into())),
        (
            "GET http://2130706433/ HTTP/1.1",
            HeadError::Authority(crate::HostError::AmbiguousAddress.into()),
        ),
    ];
    for (line, error) in refused {
        assert_eq!(read(&format!("{line}\r\nHost: a.example\r\n\r\n")), Err(error), "{line}");
    }
}

#[test]
fn the_host_line_is_the_host_of_the_url() {
    for (host, agrees) in [
        ("a.example", true),
        ("A.EXAMPLE.:80", true),
        ("a.example:8080", false),
        ("b.example", false),
        ("a.example.evil.test", false),
    ] {
        let result = read(&format!("GET http://a.example/ HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(result.is_ok(), agrees, "{host}");
        assert!(agrees || result == Err(HeadError::OtherHost), "{host}");
    }
    assert_eq!(read("GET http://a.example/ HTTP/1.1\r\n\r\n"), Err(HeadError::Host));
    assert_eq!(read("GET / HTTP/1.0\r\n\r\n"), Err(HeadError::Host));
    for host in ["a.example, b.example", "u@a.example", "a.example:x", ""] {
        assert!(read(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).is_err(), "{host}");
    }
}

#[test]
fn heads_have_an_end() {
    let text = "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n";
    for end in 0..text.len() {
        assert_eq!(RequestHead::read(&text.as_bytes()[..end]), Ok(None), "{end}");
    }
    let long = format!("GET http://a.example/ HTTP/1.1\r\nX: {}", "a".repeat(MAX_HEAD_BYTES));
    assert_eq!(RequestHead::read(long.as_bytes()), Err(HeadError::TooLong));
    assert_eq!(with(&"X: 1\r\n".repeat(MAX_FIELDS)), Err(HeadError::TooLong));
}

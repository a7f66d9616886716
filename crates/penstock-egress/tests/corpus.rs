//! Fuzz targets over everything the proxy reads from a step, and over rules.

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_egress::{
    AddressClass, Authority, ClientHello, Host, MAX_HEAD_BYTES, MAX_HELLO_BYTES, MAX_NAME_CHARS,
    MAX_QUERY_BYTES, Name, Query, RequestHead, RequestPath, Rule, SocksGreeting, SocksRequest,
};

/// A host or a host and port as a client writes them.
pub(crate) fn authority(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(read) = Authority::parse(text, Some(443)) else { return false };
    assert_eq!(Authority::parse(&read.to_string(), None).as_ref(), Ok(&read));
    assert!(read.port > 0 && !text.contains(['@', '%', '/', '\\', ' ']));
    true
}

/// The first bytes of a TLS client.
pub(crate) fn client_hello(bytes: &[u8]) -> bool {
    let result = ClientHello::read(bytes);
    if let Ok(None) = result {
        assert!(bytes.len() < MAX_HELLO_BYTES);
        return false;
    }
    let Ok(Some(hello)) = result else { return false };
    // What is behind it changes nothing.
    let longer = [bytes, &[23, 3, 3, 0, 0]].concat();
    assert_eq!(ClientHello::read(&longer).as_ref(), Ok(&Some(hello.clone())));
    if let Some(name) = &hello.server_name {
        judged(name);
    }
    true
}

/// A question to the resolver.
pub(crate) fn dns_query(bytes: &[u8]) -> bool {
    let Ok(query) = Query::read(bytes) else { return false };
    assert!(bytes.len() <= MAX_QUERY_BYTES);
    if let Some(name) = &query.name {
        judged(name);
    }
    query.name.is_some()
}

/// A host in any notation.
pub(crate) fn host(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(host) = text.parse::<Host>() else { return false };
    assert_eq!(host.to_string().parse(), Ok(host.clone()));
    match host {
        Host::Name(name) => judged(&name),
        Host::Address(address) => {
            // Nothing but the notation Rust itself writes, in brackets or not, is an address.
            let plain = text.trim_start_matches('[').trim_end_matches([']', '.']);
            assert_eq!(plain.parse(), Ok(address));
            AddressClass::of(address);
        }
    }
    true
}

/// The head of a request.
pub(crate) fn request_head(bytes: &[u8]) -> bool {
    let result = RequestHead::read(bytes);
    if let Ok(None) = result {
        assert!(bytes.len() < MAX_HEAD_BYTES);
        return false;
    }
    let Ok(Some(head)) = result else { return false };
    let read = &bytes[..head.length];
    assert!(read.is_ascii() && read.ends_with(b"\r\n\r\n") && head.length <= MAX_HEAD_BYTES);
    assert_eq!(RequestHead::read(read), Ok(Some(head.clone())));
    assert_eq!(RequestHead::read(&read[..head.length - 1]), Ok(None));
    // Every line feed ends a line that a carriage return ended before.
    let lone = |pair: &[u8]| pair[1] == b'\n' && pair[0] != b'\r';
    assert!(!read.windows(2).any(lone));
    true
}

/// A rule.
pub(crate) fn rule(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let rule: Rule = match text.parse() {
        Ok(rule) => rule,
        Err(error) => {
            let message = error.to_string();
            assert!(!message.is_empty() && !message.ends_with('.'), "{message}");
            return false;
        }
    };
    assert_eq!(rule.to_string().parse(), Ok(rule.clone()));
    true
}

/// A SOCKS5 greeting and request.
pub(crate) fn socks(bytes: &[u8]) -> bool {
    let Ok(Some(greeting)) = SocksGreeting::read(bytes) else { return false };
    let rest = &bytes[greeting.length..];
    let Ok(Some(request)) = SocksRequest::read(rest) else { return false };
    assert!(request.length <= 262 && request.authority.port > 0);
    assert_eq!(SocksRequest::read(&rest[..request.length]), Ok(Some(request.clone())));
    assert_eq!(SocksRequest::read(&rest[..request.length - 1]), Ok(None));
    true
}

/// The path of a request.
pub(crate) fn path(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(path) = RequestPath::parse(text) else { return false };
    let path = path.as_str();
    assert!(path.starts_with('/') && path.len() <= text.len());
    assert!(path.split('/').all(|segment| segment != ".." && segment != "."));
    // Read again it is the same.
    assert_eq!(
        RequestPath::parse(path).map(|again| again.as_str().to_owned()).as_deref(),
        Ok(path)
    );
    true
}

/// What a name that was read promises.
fn judged(name: &Name) {
    let text = name.as_str();
    assert!(!text.is_empty() && text.len() <= MAX_NAME_CHARS);
    assert!(!text.bytes().any(|byte| byte.is_ascii_uppercase()));
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
    assert!(text.parse::<std::net::IpAddr>().is_err());
    assert_eq!(Name::parse(text).as_ref(), Ok(name));
}

#[test]
fn corpora() {
    corpus::run(&["tests/corpus/authority"], 20_000, authority);
    corpus::run(&["tests/corpus/client_hello"], 20_000, client_hello);
    corpus::run(&["tests/corpus/dns_query"], 20_000, dns_query);
    corpus::run(&["tests/corpus/host"], 20_000, host);
    corpus::run(&["tests/corpus/path"], 20_000, path);
    corpus::run(&["tests/corpus/request_head"], 20_000, request_head);
    corpus::run(&["tests/corpus/rule"], 20_000, rule);
    corpus::run(&["tests/corpus/socks"], 20_000, socks);
}

//! Fuzz targets over everything the proxy reads from a step, over rules, and over what a person's files
//! have of registries.

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use penstock_egress::{
    AddressClass, Authority, ClientConfig, ClientHello, ConfigFile, Host, MAX_HEAD_BYTES,
    MAX_HELLO_BYTES, MAX_NAME_CHARS, MAX_QUERY_BYTES, Name, Preset, Query, RequestHead,
    RequestPath, Rule, SocksGreeting, SocksRequest, Target,
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
    // Within TLS the same is read, but for the port that a `Host` line leaves out.
    let within = RequestHead::read_within_tls(read);
    assert!(matches!(within, Ok(Some(_))), "{within:?}");
    let Ok(Some(within)) = within else { return false };
    assert_eq!((&within.method, within.length), (&head.method, head.length));
    assert_eq!((within.has_body, within.persistent), (head.has_body, head.persistent));
    if let (Target::Origin(plain, path), Target::Origin(within, same)) =
        (&head.target, &within.target)
    {
        assert_eq!((&plain.host, path), (&within.host, same));
        assert!(plain.port == within.port || (plain.port, within.port) == (80, 443));
    } else {
        assert_eq!(head.target, within.target);
    }
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

/// A file of a person's, beneath the name of its client: what the client is told of it.
pub(crate) fn settings(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Some((client, text)) = text.split_once('\n') else { return false };
    let (preset, file) = match client {
        "bundler" => (Preset::Bundler, ConfigFile::BundleConfig),
        "cargo" => (Preset::Cargo, ConfigFile::CargoConfig),
        "git" => (Preset::Git, ConfigFile::GitConfig),
        "go" => (Preset::Go, ConfigFile::GoEnv),
        "maven" => (Preset::Maven, ConfigFile::MavenSettings),
        "npm" => (Preset::Npm, ConfigFile::Npmrc),
        "pip" => (Preset::Pip, ConfigFile::PipConf),
        "uv" => (Preset::Pip, ConfigFile::UvToml),
        _ => return false,
    };
    let netrc = (ConfigFile::Netrc, text.to_owned());
    let files = vec![(file, text.to_owned()), netrc];
    let theirs = ClientConfig { files, ..ClientConfig::default() };
    preset.credentials(&theirs);
    let told = preset.settings(&theirs);
    let mut ours = ClientConfig::default();
    for written in &told.files {
        let Some(text) = &written.text else { continue };
        assert!(written.path.starts_with('.') && !written.path.contains(".."));
        // That Cargo has a token is not to be told of the second time.
        let kept = text.split_inclusive('\n').filter(|line| !line.starts_with("credential-"));
        ours.files.push((file, kept.collect()));
    }
    let variables = told.variables.iter().filter(|(name, _)| !name.ends_with("_TOKEN"));
    ours.environment.extend(variables.map(|(name, value)| (name.clone(), value.clone())));
    let texts = ours.files.iter().map(|(_, text)| text).chain(ours.environment.values());
    for text in texts {
        assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')), "{text}");
        for (at, mark) in text.match_indices("://") {
            let authority = text[at + mark.len()..].split(['/', '"', '<', ' ', '\n']).next();
            assert!(authority.is_some_and(|authority| !authority.contains('@')), "{text}");
        }
    }
    // It is one that reads back as itself,
    let again = preset.settings(&ours);
    let without = |text: &Option<String>| {
        let lines = text.iter().flat_map(|text| text.split_inclusive('\n'));
        lines.filter(|line| !line.starts_with("credential-")).collect::<String>()
    };
    for (first, second) in told.files.iter().zip(&again.files) {
        assert_eq!(without(&first.text), without(&second.text));
    }
    for (name, value) in &ours.environment {
        assert_eq!(again.variables.get(name), Some(value));
    }
    // and of nobody whom the client could not reach.
    let allowed = preset.rules(&theirs);
    let public = preset.rules(&ClientConfig::default());
    for rule in preset.rules(&ours) {
        assert!(allowed.contains(&rule) || public.contains(&rule), "{rule}");
    }
    !ours.files.is_empty() || !ours.environment.is_empty()
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
    corpus::run(&["tests/corpus/settings"], 20_000, settings);
    corpus::run(&["tests/corpus/socks"], 20_000, socks);
}

use crate::{Authority, Host, Rule, Scheme, rule::HostPattern};

/// The rule for a mirror's URL: its host and port, whatever the path. A client fetches from places
/// beside the index, so the path would be wrong more often than right. `None` for what is no URL of
/// a server: files, `off`, `direct`.
pub(super) fn rule(url: &str) -> Option<Rule> {
    let url = url.trim();
    // Cargo: `sparse+https://…`, pip: `git+https://…`.
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.rsplit('+').next().unwrap_or_default().to_ascii_lowercase();
    let (scheme, port) = match scheme.as_str() {
        "https" => (Scheme::Tls, 443),
        "http" => (Scheme::Http, 80),
        "ssh" => (Scheme::Tcp, 22),
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // What stands before `@` is a name, a password or a token.
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let Authority { host, port } = Authority::parse(authority, Some(port)).ok()?;
    reachable(&host)?;
    Some(Rule::new(scheme, HostPattern::Exact(host), port).private())
}

/// The rule's own text must be one that can be written: not metadata, not barred addresses.
fn reachable(host: &Host) -> Option<Rule> {
    host.to_string().parse().ok()
}

/// The rules for all of these that are URLs.
pub(super) fn rules<'u>(urls: impl IntoIterator<Item = &'u str>) -> Vec<Rule> {
    urls.into_iter().filter_map(rule).collect()
}

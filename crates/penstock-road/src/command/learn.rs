//! The smallest policy with which a command would have got what it asked for.

use std::collections::BTreeSet;

use super::record::{CommandRecord, From};
use crate::egress::{OPAQUE, PRIVATE, Reached};

/// Rules that are missing from the project: what was denied and can be allowed, and what was only
/// allowed by an option. The preset needs no line. Sorted.
pub fn wanted(record: &CommandRecord) -> Vec<String> {
    let mut rules: BTreeSet<String> =
        record.network.as_ref().map(denied).unwrap_or_default().into_iter().collect();
    let by_option = record.given.reach.iter().filter(|reach| reach.from == From::Option);
    for reach in by_option {
        let used = record.network.as_ref().is_some_and(|network| {
            network.allowed.iter().any(|asked| speaks_of(&reach.rule, &asked.host))
        });
        if used {
            rules.insert(reach.rule.clone());
        }
    }
    rules.into_iter().collect()
}

/// Rules that would let what was denied through, where rules can.
pub fn denied(network: &Reached) -> Vec<String> {
    let rules: BTreeSet<String> =
        network.denied.iter().filter_map(|refused| refused.allow.clone()).collect();
    rules.into_iter().collect()
}

/// Whether a rule is for a host, as far as a name tells.
fn speaks_of(rule: &str, host: &str) -> bool {
    let rule = rule.strip_prefix(PRIVATE).unwrap_or(rule);
    let rule = rule.strip_prefix(OPAQUE).unwrap_or(rule);
    let rest = rule.split_once("://").map_or(rule, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => authority,
    };
    match name.strip_prefix("*.") {
        Some(parent) => host.strip_suffix(parent).is_some_and(|front| front.ends_with('.')),
        None => name.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::Refused;

    #[test]
    fn a_rule_is_known_by_its_host() {
        for (rule, host, expected) in [
            ("h.example", "h.example", true),
            ("h.example:8443", "h.example", true),
            ("http://h.example:80/a/", "h.example", true),
            ("private h.example", "h.example", true),
            ("private opaque h.example:8443", "h.example", true),
            ("GET https://h.example/p", "h.example", true),
            ("*.h.example", "a.h.example", true),
            ("*.h.example", "h.example", false),
            ("h.example", "evil-h.example", false),
        ] {
            assert_eq!(speaks_of(rule, host), expected, "{rule} {host}");
        }
    }

    #[test]
    fn what_nothing_may_allow_is_not_proposed() {
        let refused = |host: &str, allow: Option<&str>| Refused {
            host: host.to_owned(),
            port: 443,
            reason: "not-allowed".to_owned(),
            detail: None,
            allow: allow.map(str::to_owned),
            count: 1,
        };
        let network = Reached {
            denied: vec![
                refused("b.example", Some("b.example")),
                refused("169.254.169.254", None),
                refused("b.example", Some("b.example")),
                refused("a.example", Some("a.example")),
            ],
            ..Reached::default()
        };
        assert_eq!(denied(&network), ["a.example", "b.example"]);
    }
}

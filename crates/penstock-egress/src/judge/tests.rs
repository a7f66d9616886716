use penstock_model::Secret;

use super::*;

fn judge(rules: &[&str]) -> Judge {
    Judge::new(rules.iter().map(|rule| rule.parse().unwrap()).collect(), Vec::new(), true)
}

fn host(text: &str) -> Host {
    text.parse().unwrap()
}

fn reason(judge: &Judge, name: &str, port: u16) -> Option<Reason> {
    judge.admit(&host(name), port).err().map(|refusal| refusal.reason)
}

#[test]
fn without_rules_nothing_is_allowed() {
    let judge = judge(&[]);
    let refusal = judge.admit(&host("a.example"), 443).unwrap_err();
    assert_eq!(refusal.reason, Reason::NotAllowed);
    let rule = |host_name: &str, port| {
        let refusal = judge.admit(&host(host_name), port).unwrap_err();
        refusal.allow.map(|permit| (permit.rule, permit.private))
    };
    let permit = |rule: &str, private| Some((rule.to_owned(), private));
    assert_eq!(rule("a.example", 443), permit("a.example", false));
    assert_eq!(rule("a.example", 8443), permit("a.example:8443", false));
    assert_eq!(rule("a.example", 80), permit("http://a.example", false));
    assert_eq!(rule("a.example", 22), permit("tcp://a.example:22", false));
    assert_eq!(rule("10.0.0.1", 443), permit("10.0.0.1", true));
    assert_eq!(rule("169.254.169.254", 80), None);
}

#[test]
fn a_private_address_needs_the_word() {
    let mut rules = judge(&["10.0.0.1", "127.0.0.1:8443"]);
    assert_eq!(reason(&rules, "10.0.0.1", 443), Some(Reason::PrivateAddress));
    rules.rules = rules.rules.into_iter().map(Rule::private).collect();
    assert_eq!(reason(&rules, "10.0.0.1", 443), None);
    assert_eq!(reason(&rules, "127.0.0.1", 8443), None);
    assert_eq!(reason(&rules, "127.0.0.2", 8443), Some(Reason::NotAllowed));
}

#[test]
fn no_rule_reaches_metadata() {
    let judge = judge(&["*.google.internal", "*.google.internal:80", "http://a.example"]);
    for name in
        ["metadata.google.internal", "METADATA.google.internal.", "metadata", "169.254.169.254"]
    {
        assert_eq!(reason(&judge, name, 443), Some(Reason::Metadata), "{name}");
    }
    let name = Name::parse("metadata.google.internal").unwrap();
    assert_eq!(judge.knows(&name).unwrap_err().reason, Reason::Metadata);
    // A rule's name that resolves there.
    let refused = ["10.0.0.1".parse().unwrap(), "169.254.169.254".parse().unwrap()];
    let refusal = Judge::unusable(&host("a.example"), 80, &refused);
    assert_eq!((refusal.reason, refusal.allow), (Reason::Metadata, None));
}

#[test]
fn of_a_names_addresses_only_the_allowed_are_used() {
    let all: Vec<IpAddr> =
        ["1.1.1.1", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "2606:4700::1"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
    let usable = |private| Judge::usable(&all, private).0;
    assert_eq!(usable(false), [all[0], all[5]]);
    assert_eq!(usable(true), [all[0], all[1], all[2], all[4], all[5]]);
    let refusal = Judge::unusable(&host("a.example"), 443, &all[1..3]);
    assert_eq!(refusal.reason, Reason::PrivateAddress);
    assert_eq!(refusal.allow, Some(Permit { rule: "a.example".to_owned(), private: true }));
}

#[test]
fn names_are_known_by_rules_on_any_port() {
    let judge = judge(&["tcp://a.example:22", "*.b.example"]);
    let knows = |name: &str| judge.knows(&Name::parse(name).unwrap()).is_ok();
    assert!(knows("a.example") && knows("x.b.example"));
    assert!(!knows("x.a.example") && !knows("b.example") && !knows("secret.x.b.example"));
}

#[test]
fn requests_are_judged_by_method_and_path() {
    let judge =
        judge(&["GET http://m.example:8080/simple/", "http://m.example:8080/free/", "m.example"]);
    let ask =
        |method: &str, path: &str| judge.request(&host("m.example"), 8080, false, method, path);
    let refused = |method: &str, path: &str| ask(method, path).unwrap_err();
    assert_eq!(ask("GET", "/simple/a"), Ok(()));
    assert_eq!(ask("POST", "/free/a"), Ok(()));
    let refusal = refused("POST", "/simple/a");
    assert_eq!(refusal.reason, Reason::Method);
    assert_eq!(refusal.allow.unwrap().rule, "POST http://m.example:8080/simple/a");
    let refusal = refused("GET", "/other/a");
    assert_eq!(refusal.reason, Reason::Path);
    assert_eq!(refusal.allow.unwrap().rule, "http://m.example:8080/other/a");
    let refusal = refused("GET", "/simple/../other");
    assert_eq!((refusal.reason, refusal.allow), (Reason::Path, None));
    assert!(refusal.detail.is_some());
    assert_eq!(refused("TRACE", "/free/a").reason, Reason::Method);
    let other = judge.request(&host("m.example"), 443, false, "GET", "/").unwrap_err();
    assert_eq!(other.reason, Reason::NotAllowed);
}

#[test]
fn of_two_credentials_the_nearer_is_taken() {
    let credential = |prefix: &str, value: &str| {
        Credential::new(prefix, "authorization", Secret::new(value)).unwrap()
    };
    let credentials =
        vec![credential("http://m.example/", "far"), credential("http://m.example/a/", "near")];
    let judge = Judge::new(Vec::new(), credentials, false);
    let with = |method: &str, name: &str, path: &str| {
        let found = judge.credential(&host(name), 80, false, method, path);
        found.map(|one| one.value.expose().to_vec())
    };
    let value = |name: &str, path: &str| with("GET", name, path);
    assert_eq!(value("m.example", "/a/b").as_deref(), Some(&b"near"[..]));
    assert_eq!(value("m.example", "/b").as_deref(), Some(&b"far"[..]));
    assert_eq!(value("n.example", "/a/b"), None);
    assert_eq!(with("HEAD", "m.example", "/b").as_deref(), Some(&b"far"[..]));
    for method in ["PUT", "POST", "DELETE", "PATCH", "get", "X-GET"] {
        assert_eq!(with(method, "m.example", "/b"), None, "{method}");
    }
}

#[test]
fn tls_is_opened_where_no_rule_says_otherwise() {
    let rules = [
        "a.example",
        "https://b.example/p/",
        "opaque c.example",
        "*.d.example",
        "opaque x.d.example",
    ];
    let mut rules = judge(&rules);
    let opened = |judge: &Judge, name: &str| judge.admit(&host(name), 443).map(|one| one.opened);
    for (name, expected) in [
        ("a.example", true),
        ("b.example", true),
        ("c.example", false),
        ("y.d.example", true),
        ("x.d.example", false),
    ] {
        assert_eq!(opened(&rules, name), Ok(expected), "{name}");
    }
    rules.intercept = false;
    assert_eq!(opened(&rules, "a.example"), Ok(false));
}

#[test]
fn a_rule_for_one_scheme_lets_nothing_through_by_the_other() {
    let rules = ["https://m.example:80/s/", "http://m.example/p/", "tcp://t.example:80"];
    let judge = judge(&rules);
    let ask = |name: &str, tls, path: &str| {
        judge.request(&host(name), 80, tls, "GET", path).map_err(|refusal| refusal.reason)
    };
    assert_eq!(ask("m.example", true, "/s/x"), Ok(()));
    assert_eq!(ask("m.example", true, "/p/x"), Err(Reason::Path));
    assert_eq!(ask("m.example", false, "/p/x"), Ok(()));
    assert_eq!(ask("m.example", false, "/s/x"), Err(Reason::Path));
    assert_eq!(ask("t.example", true, "/"), Err(Reason::NotAllowed));
}

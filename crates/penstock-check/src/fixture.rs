//! A small area of rules for this crate's own tests.

use std::sync::LazyLock;

use penstock_model::{
    Area, Audience, Confidence, Location, RepoPath, Report, Severity, Timestamp, fact::Fact,
    report::Subject,
};
use regex::bytes::Regex;

use crate::{
    Check, Engine, Facts, File, FileInfo, Findings, Ignore, Kind, MemoryTree, Options, Place, Rule,
    redact,
};

macro_rules! pattern {
    ($text:expr) => {{
        static PATTERN: LazyLock<Regex> = LazyLock::new(|| Regex::new($text).unwrap());
        &PATTERN
    }};
}

const PAGE: &str = concat!(
    "+++
id = \"secrets/token\"
title = \"Token in a file\"
severity = \"high\"
confidence = \"high\"
audience = \"regular\"
area = \"secrets\"
cwe = [798]
controls = [\"IA-5\"]
control_areas = [3]
threats = [\"T2\"]
since = \"0.1.0\"
+++

## What it does
Finds tokens.

## Why it matters
They open things.

## How to fix
1. Revoke it, then look at the log. Or not.

## Examples
```text hit
token: TOKEN-{{upper:20}}
```

```text near-miss
token: TOKEN-SHORT
```

```text suppressed
token: TOKEN-{{upper:20}} # penstock",
    ": ignore[secrets/token] a sample
```
"
);

const fn rule(id: &'static str, title: &'static str, area: Area, severity: Severity) -> Rule {
    Rule {
        id,
        title,
        severity,
        confidence: Confidence::High,
        audience: Audience::Regular,
        area,
        cwe: &[798],
        controls: &["IA-5"],
        control_areas: &[3],
        threats: &["T2"],
        aliases: &["other/name"],
        since: "0.1.0",
        keywords: &[],
        pattern: None,
        entropy: None,
        shapes: &[],
        near: &[],
        parts: &[],
        markdown: PAGE,
    }
}

pub(crate) const TOKEN: &Rule = &Rule {
    aliases: &["other/name", "gitleaks/sample-token", "trivy/sample-token", "gosec/G101"],
    ..rule("secrets/token", "Token in a file", Area::Secrets, Severity::High)
};
pub(crate) const PASSWORD: &Rule =
    &rule("secrets/password", "Password in a file", Area::Secrets, Severity::Medium);
pub(crate) const EVAL: &Rule = &Rule {
    aliases: &[
        "other/name",
        "zizmor/eval",
        "trivy/AVD-X-0001",
        "checkov/CKV_X_1",
        "semgrep/rules.eval",
        "bandit/B307",
        "hadolint/DL3008",
    ],
    ..rule("ci/eval", "Evaluates text", Area::Ci, Severity::Low)
};
pub(crate) const IMAGE: &Rule = &rule("ci/image", "Image by tag", Area::Ci, Severity::Medium);
pub(crate) const MANY: &Rule = &rule("ci/many", "Many jobs", Area::Ci, Severity::Low);

/// `TOKEN-` and twenty capitals; `password=` and a word, quoted by its message on purpose.
pub(crate) struct Secrets;

impl Check for Secrets {
    fn rules(&self) -> &'static [&'static Rule] {
        &[PASSWORD, TOKEN]
    }

    fn wants(&self, file: &FileInfo<'_>) -> bool {
        file.kind != Kind::Binary
    }

    fn file(&self, file: &File<'_>, findings: &mut Findings<'_>) {
        for found in pattern!("TOKEN-[A-Z]{20}").find_iter(file.bytes()) {
            let message = format!("token `{}`", redact(found.as_bytes()));
            findings.secret(TOKEN, found.range(), message);
        }
        for found in pattern!(r"password=(\w+)").captures_iter(file.bytes()) {
            let value = found.get(1).unwrap();
            let leaky = format!("the password is {}", String::from_utf8_lossy(value.as_bytes()));
            findings.password(PASSWORD, value.range(), "password", leaky);
        }
    }
}

/// `eval(` anywhere, `image:` in YAML, and more than two of those in the whole project.
pub(crate) struct Ci;

impl Check for Ci {
    fn rules(&self) -> &'static [&'static Rule] {
        &[EVAL, IMAGE, MANY]
    }

    fn wants(&self, file: &FileInfo<'_>) -> bool {
        file.kind != Kind::Binary
    }

    fn looks_into_archives(&self) -> bool {
        false
    }

    fn file(&self, file: &File<'_>, findings: &mut Findings<'_>) {
        for found in pattern!(r"eval\(\w*\)").find_iter(file.bytes()) {
            findings.report(EVAL, found.range(), "evaluates text").audience(
                if found.as_bytes() == b"eval(pedantic)" {
                    Audience::Pedantic
                } else {
                    Audience::Regular
                },
            );
        }
        if file.kind() != Kind::GithubWorkflow {
            return;
        }
        let Some(document) = file.document() else { return };
        let image = document.root().get("image");
        match image.as_str() {
            Some(name) if name.contains("${") => {
                findings.unresolved(IMAGE, image, "is the image pinned", "the variable's value");
            }
            Some(name) => {
                findings
                    .report(IMAGE, image, format!("`{name}` can change"))
                    .related(document.root().get("on"), "started by this");
                let location = Location::file(file.path().clone());
                let id = name.to_owned();
                findings.fact(Fact::CiJob { location, id, triggers: Vec::new() });
            }
            None => {
                findings.report(IMAGE, Place::File, "no image at all");
            }
        }
    }

    fn looks_at_project(&self) -> bool {
        true
    }

    fn project(&self, facts: &Facts, findings: &mut Findings<'_>) {
        if facts.iter().count() > 2
            && let Some(Fact::CiJob { location, .. }) = facts.iter().next()
        {
            findings.report(MANY, location.clone(), "more than two jobs").identity("jobs");
        }
    }
}

pub(crate) fn engine() -> Engine {
    Engine::new(vec![Box::new(Secrets), Box::new(Ci)]).unwrap()
}

pub(crate) fn token() -> String {
    format!("TOKEN-{}", crate::template::expand("{{upper:20}}", "fixture").unwrap())
}

pub(crate) fn path(path: &str) -> RepoPath {
    RepoPath::new(path).unwrap()
}

pub(crate) fn tree(files: &[(&str, &str)]) -> MemoryTree {
    MemoryTree::new(files.iter().map(|(name, text)| (path(name), text.as_bytes().to_vec())))
}

pub(crate) fn now() -> Timestamp {
    "2026-11-23T14:00:00Z".parse().unwrap()
}

pub(crate) fn options() -> Options {
    Options::new(now(), [7; 32], "0.1.0")
}

pub(crate) fn subject() -> Subject {
    Subject { project: None, commit: None, tree: None, scope: "work-tree".to_owned() }
}

pub(crate) fn check(files: &[(&str, &str)], options: &Options) -> Report {
    engine().check(&tree(files), subject(), options).unwrap()
}

pub(crate) fn ignore(rule: &Rule) -> Ignore {
    Ignore {
        rule: rule.rule_id().unwrap(),
        path: None,
        fingerprint: None,
        reason: "known".to_owned(),
        owner: Some("ana".to_owned()),
        expires: None,
    }
}

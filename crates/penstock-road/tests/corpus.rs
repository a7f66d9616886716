//! Fuzz targets over the whole check, the logs of test runners and encrypted files.
#![expect(clippy::unwrap_used, reason = "a target fails by panicking")]

#[cfg(test)]
#[path = "../../../fuzz/corpus.rs"]
mod corpus;

use std::sync::LazyLock;

use penstock_check::{
    Engine, MemoryTree, Options,
    format::{Setting, human::Human, json::json, sarif::sarif},
    template::expand,
};
use penstock_model::{Audience, Location, RepoPath, Secret, report::Subject};
use penstock_road::{counts::Runner, secrets::decrypt};

/// Where a file lies decides what looks at it.
const PATHS: [&str; 5] =
    [".github/workflows/a.yml", "action.yml", "config/.env", "src/app.py", "settings.json"];

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut checks = penstock_ci::checks();
    checks.extend(penstock_secrets::checks());
    Engine::new(checks).unwrap()
});

/// A token that is none, planted into every file; no form of the report may show it.
static TOKEN: LazyLock<String> =
    LazyLock::new(|| expand("ghp_{{alnum:36|crc}}", "planted").unwrap());

/// A tree, through every check there is, and its report in every form.
pub(crate) fn check(bytes: &[u8]) -> bool {
    // Samples of secrets are committed as templates.
    let template = std::str::from_utf8(bytes).ok().and_then(|text| expand(text, "seed").ok());
    let content = template.map_or_else(|| bytes.to_vec(), String::into_bytes);
    let content = [&content, &b"\ntoken: "[..], TOKEN.as_bytes(), b"\n"].concat();
    let path = |text: &str| RepoPath::new(text.as_bytes()).unwrap();
    let tree = MemoryTree::new(PATHS.map(|text| (path(text), content.clone())));
    let mut options = Options::new("2026-11-23T00:00:00Z".parse().unwrap(), [7; 32], "0");
    options.audience = Audience::Auditor;
    let scope = "work-tree".to_owned();
    let subject = Subject { project: None, commit: None, tree: None, scope };
    // A check that panics is an error here, not a panic.
    let report = ENGINE.check(&tree, subject, &options).unwrap();

    let inside = |location: &Location| {
        let Some(region) = location.region else { return };
        let (start, end) = (region.start_byte, region.end_byte);
        assert!(start <= end && end <= content.len() as u64, "{location:?}");
        assert!(region.start_line >= 1 && region.start_line <= region.end_line, "{location:?}");
    };
    for finding in report.findings.iter().chain(report.suppressed.iter().map(|s| &s.finding)) {
        inside(&finding.location);
        finding.related.iter().for_each(|related| inside(&related.location));
    }
    report.unresolved.iter().for_each(|unresolved| inside(&unresolved.location));
    assert!(report.findings.is_sorted_by_key(|finding| std::cmp::Reverse(finding.severity)));

    let forms = [
        json(&report).unwrap(),
        sarif(&report, &Setting::new("penstock", ENGINE.rules())).unwrap(),
        Human::new("penstock", ENGINE.rules()).page(&report),
    ];
    for form in &forms {
        assert!(!form.contains(&**TOKEN), "the planted token is shown: {form}");
    }
    let control = |c: char| c.is_control() && c != '\n' && c != '\t';
    assert!(!forms[2].contains(control), "{:?}", forms[2]);
    true
}

/// A step's log, as each runner's.
pub(crate) fn test_log(bytes: &[u8]) -> bool {
    let log = String::from_utf8_lossy(bytes);
    let mut read = false;
    for (name, runner) in Runner::ALL {
        assert_eq!(Runner::named(name), Some(runner));
        let counts = runner.counts(&log);
        read |= counts.is_some();
        if !log.contains('\r') {
            let crlf = log.replace('\n', "\r\n");
            assert_eq!(runner.counts(&crlf), counts, "{name}: line breaks change the counts");
        }
    }
    read
}

/// An age file, with an identity of nobody, put together here so that no scanner trips over it.
pub(crate) fn age(bytes: &[u8]) -> bool {
    let key =
        ["AGE-SECRET-", "KEY-1", "LHK6QKJZDQP5FN675L0RL4F059WECP", "VY9AA3M6UHUZQ53T33APAQRG2PKX"]
            .concat();
    let identity = Secret::new(key.as_bytes());
    let text = decrypt(bytes, &identity, None);
    if let Err(error) = &text {
        assert!(!error.to_string().contains(&key[20..40]), "{error}");
    }
    // What decrypts is what was encrypted: nothing in the file can be changed unnoticed.
    assert!(text.iter().all(|text| text.expose().starts_with(b"# of the pipeline\n")));
    text.is_ok()
}

#[test]
fn corpus_of_age_files() {
    corpus::run(&["tests/corpus/age"], 2000, age);
}

#[test]
fn corpus_of_files() {
    corpus::run(&["tests/corpus/check"], 80, check);
}

#[test]
fn corpus_of_test_logs() {
    corpus::run(&["tests/corpus/test_log"], 4000, test_log);
}

//! One report that has something of everything, for the tests of the formats.

use penstock_model::{
    Applicability, Area, Edit, Finding, Fix, NotChecked, RepoPath, Report, SkipReason, Skipped,
    SuppressedFinding, SuppressionAuthority, report::Subject,
};

use crate::{
    Ignore, MemoryTree, Options,
    fixture::{EVAL, IMAGE, engine, ignore, options, path, token},
};

/// Made by the engine; what it cannot make yet (fixes, skipped parts) is added.
pub(super) fn report() -> Report {
    // YAML escapes become control characters in the value; the direction mark stands there itself.
    let hostile = "on: push\nimage: \"alpine\u{202e}\\e]0;owned\\a\"\n";
    let mut tree = MemoryTree::new([
        (path(".github/workflows/a.yml"), b"on: push\nimage: alpine:3\n".to_vec()),
        (path(".github/workflows/b.yml"), b"on: push\nimage: ${X}\n".to_vec()),
        (path(".github/workflows/c.yml"), hostile.as_bytes().to_vec()),
        (path(".github/workflows/e.yml"), b"on: push\nimage: debian:13\n".to_vec()),
        (path(".github/workflows/d.yml"), b"a: [".to_vec()),
        (path("deploy/legacy.env"), format!("A={}\r\npassword=hunter2\n", token()).into_bytes()),
        (
            RepoPath::new(*b"odd/\xff \x1b[31m#%.sh").unwrap(),
            b"eval(a) \x1b[2J\neval(a)\n".to_vec(),
        ),
        (path("held.sh"), b"# penstock: ignore[ci/eval] input is ours\neval(b)\n".to_vec()),
        (path("bare.sh"), b"# penstock: ignore[ci/eval]\neval(c)\n".to_vec()),
    ]);
    tree.skip(path("link"), SkipReason::NotRegular, "a link");
    let excepted = Ignore { path: Some("e.yml".to_owned()), ..ignore(IMAGE) };
    let options = Options {
        exceptions: vec![Ignore {
            expires: Some("2027-01-01T00:00:00Z".parse().unwrap()),
            ..excepted
        }],
        ignores: vec![Ignore { path: Some("nowhere".to_owned()), ..ignore(EVAL) }],
        require: vec![Area::Ci],
        ..options()
    };
    let subject = Subject {
        project: Some("git+https://example.org/team/app#service".parse().unwrap()),
        commit: Some("0123456789abcdef0123456789abcdef01234567".parse().unwrap()),
        tree: Some("89abcdef0123456789abcdef0123456789abcdef".parse().unwrap()),
        scope: "commit".to_owned(),
    };
    let mut report = engine().check(&tree, subject, &options).unwrap();
    let finding: &mut Finding =
        report.findings.iter_mut().find(|finding| finding.rule.as_str() == "ci/image").unwrap();
    finding.fix = Some(Fix {
        title: "Pin the image".to_owned(),
        applicability: Applicability::Unsafe,
        edits: vec![Edit {
            path: finding.location.path.clone(),
            region: finding.location.region.unwrap(),
            replacement: "alpine@sha256:0".to_owned(),
        }],
    });
    report.not_checked.push(NotChecked {
        part: "dependency advisories".to_owned(),
        reason: "none here (penstock db update)".to_owned(),
        required: false,
    });
    report
}

/// The same with nothing in it.
pub(super) fn clean() -> Report {
    Report {
        change: None,
        findings: Vec::new(),
        suppressed: Vec::new(),
        unresolved: Vec::new(),
        not_checked: Vec::new(),
        notes: Vec::new(),
        coverage: penstock_model::Coverage { files: 1204, ..Default::default() },
        ..report()
    }
}

/// The first suppressed finding, decided by another authority.
pub(super) fn with_authority(authority: SuppressionAuthority) -> Report {
    let mut report = report();
    for SuppressedFinding { suppression, .. } in &mut report.suppressed {
        suppression.authority = authority;
    }
    report
}

/// An incomplete part that is a file.
pub(super) fn unreadable() -> Report {
    let mut report = clean();
    report.coverage.incomplete.push(Skipped {
        path: path("a\nb"),
        reason: SkipReason::Unreadable,
        detail: "Permission denied (os error 13)".to_owned(),
    });
    report
}

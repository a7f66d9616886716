//! One report that has something of everything, for the tests of the formats.

use penstock_model::{
    Applicability, Area, Edit, Finding, Fix, History, Location, NotChecked, Region, Related,
    RepoPath, Report, Revision, Route, SkipReason, Skipped, SuppressedFinding, Suppression,
    SuppressionAuthority, SuppressionPlace,
    report::{Change, Note, NoteKind, Subject},
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

/// The same after years of use: a secret in several places and commits, a baseline, ignores of other
/// tools, an end that is near.
pub(super) fn grown() -> Report {
    let mut report = report();
    let secret = report.findings.iter_mut().find(|f| f.rule.as_str() == "secrets/token").unwrap();
    let second = Region { start_line: 7, end_line: 7, ..secret.location.region.unwrap() };
    secret.also = vec![
        Location { region: Some(second), ..secret.location.clone() },
        Location { path: path("src/legacy.rs"), ..secret.location.clone() },
        Location::file(path("vendor.tar.gz")),
    ];
    let revision = |commit: &str, time: &str| Revision {
        commit: commit.repeat(8).parse().unwrap(),
        time: time.parse().unwrap(),
    };
    let used = |line: u32, message: &str| Related {
        location: Location {
            path: path(".github/workflows/a.yml"),
            region: Some(Region { start_line: line, end_line: line, ..second }),
            route: Route::default(),
        },
        message: message.to_owned(),
        excerpt: None,
    };
    secret.used = vec![
        used(2, "CI uses the name `A_KEY`"),
        used(3, "CI names this file"),
        used(4, "code names this file"),
        used(5, "code uses the name `A_KEY`"),
    ];
    secret.history = Some(History {
        first: revision("0a1b2", "2024-03-11T09:00:00Z"),
        last: revision("c3d4e", "2026-11-20T17:30:00Z"),
        at_head: true,
    });
    let image = report.findings.iter().find(|f| f.rule.as_str() == "ci/image").unwrap().clone();
    let suppressed = |authority, tool: Option<&str>, expires: Option<&str>| SuppressedFinding {
        finding: image.clone(),
        suppression: Suppression {
            authority,
            reason: "known since the beginning".to_owned(),
            owner: Some("ana".to_owned()),
            expires: expires.map(|time| time.parse().unwrap()),
            tool: tool.map(str::to_owned),
            place: tool.map(|_| SuppressionPlace::Comment),
        },
    };
    report.suppressed.extend([
        suppressed(SuppressionAuthority::Baseline, None, Some("2026-12-01T00:00:00Z")),
        suppressed(SuppressionAuthority::Baseline, None, Some("2027-12-01T00:00:00Z")),
        suppressed(SuppressionAuthority::Base, Some("zizmor"), None),
        suppressed(SuppressionAuthority::Base, Some("gitleaks"), None),
    ]);
    let note = |kind, message: &str| Note { location: None, kind, message: message.to_owned() };
    report.notes.extend([
        note(NoteKind::Bare, "3 bare `nosec` not applied: they name no rule"),
        note(NoteKind::Expiring, "`ci/image` in the baseline ends on 2026-12-01 (owner: ana)"),
    ]);
    report.coverage.blobs = 23_171;
    report.coverage.commits = 4_000;
    report
}

/// What an attacker would write into names and files: line breaks, the commands, escapes, markup and
/// references of every reader, a terminal's escapes, a turned writing direction.
pub(super) const HOSTILE: &str = "a\r\nb ::error::owned %0A::set-env ##[add-path]x ]]> --> <script>alert(1)</script> | c `d` \
    @ana #1 !2 GH-3 [l](http://evil.example) www.evil.example ![i](x) \u{1b}[31m\u{9b}2J \u{202e}txt\u{0}\u{fffe} \\| *b* _c_ & \"'";

/// A report in which every text that can come from a repository is [`HOSTILE`].
pub(super) fn hostile() -> Report {
    let mut report = grown();
    let bytes = HOSTILE.replace('\0', "").replace('/', "_").into_bytes();
    let path = RepoPath::new(bytes).unwrap();
    for finding in &mut report.findings {
        finding.message = HOSTILE.to_owned();
        finding.location.path = path.clone();
        finding.excerpt = Some(HOSTILE.to_owned());
        for also in &mut finding.also {
            also.path = path.clone();
        }
        for related in finding.related.iter_mut().chain(&mut finding.used) {
            related.message = HOSTILE.to_owned();
            related.location.path = path.clone();
        }
        if let Some(fix) = &mut finding.fix {
            fix.title = HOSTILE.to_owned();
        }
    }
    for suppressed in &mut report.suppressed {
        suppressed.finding.message = HOSTILE.to_owned();
        suppressed.finding.location.path = path.clone();
        suppressed.suppression.reason = HOSTILE.to_owned();
        suppressed.suppression.owner = Some(HOSTILE.to_owned());
        if suppressed.suppression.tool.is_some() {
            suppressed.suppression.tool = Some(HOSTILE.to_owned());
        }
    }
    for unresolved in &mut report.unresolved {
        unresolved.location.path = path.clone();
        unresolved.question = HOSTILE.to_owned();
        unresolved.fact = HOSTILE.to_owned();
    }
    for skipped in &mut report.coverage.incomplete {
        skipped.path = path.clone();
        skipped.detail = HOSTILE.to_owned();
    }
    for part in &mut report.not_checked {
        part.part = HOSTILE.to_owned();
        part.reason = HOSTILE.to_owned();
    }
    for note in &mut report.notes {
        note.message = HOSTILE.to_owned();
    }
    report
}

/// A change of seven files that brings nothing new.
pub(super) fn quiet_change() -> Report {
    let mut report = clean();
    report.subject.scope = "diff".to_owned();
    report.change = Some(Change::default());
    report.coverage.files = 7;
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

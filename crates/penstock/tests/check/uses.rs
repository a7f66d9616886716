//! Where a secret is used, as every reader of a report is told.

use super::harness::Sandbox;

/// A project whose key and its file are used in all the ways that are known.
fn project() -> Sandbox {
    let sandbox = Sandbox::plain();
    let key =
        penstock_check::template::expand("STRIPE_KEY=sk_live_{{alnum:24}}\n", "uses").unwrap();
    sandbox.write("deploy/.env.live", key);
    sandbox.write(
        ".github/workflows/ci.yml",
        "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: ./deploy.sh\n        env:\n          KEY: ${{ secrets.STRIPE_KEY }}\n",
    );
    sandbox.write(".gitlab-ci.yml", "deploy:\n  script:\n    - charge \"$STRIPE_KEY\"\n");
    sandbox.write("Dockerfile", "FROM scratch\nARG STRIPE_KEY\nCOPY deploy/.env.live /app/.env\n");
    sandbox.write("compose.yml", "services:\n  app:\n    env_file: ./deploy/.env.live\n");
    sandbox.write("src/pay.js", "\nconst key = process.env.STRIPE_KEY;\n");
    sandbox.write("src/other.js", "const key = process.env.PUBLIC_NAME;\n");
    sandbox
}

const JSON: [&str; 4] = ["--format", "json", "--now", "2026-11-30T12:00:00Z"];

const USED: [&str; 6] = [
    ".github/workflows/ci.yml:9 CI uses the name `STRIPE_KEY`",
    ".gitlab-ci.yml:3 CI uses the name `STRIPE_KEY`",
    "Dockerfile:2 a container build uses the name `STRIPE_KEY`",
    "Dockerfile:3 a container build names this file",
    "compose.yml:3 a container service names this file",
    "src/pay.js:2 code uses the name `STRIPE_KEY`",
];

#[test]
fn each_format_says_where_a_secret_is_used() {
    let sandbox = project();
    let (code, report) = sandbox.report(&[]);
    assert_eq!((code, report.findings.len()), (1, 1), "{report:?}");
    let used = report.findings[0].used.iter();
    let used: Vec<String> =
        used.map(|used| format!("{} {}", used.location, used.message)).collect();
    assert_eq!(used, USED);
    let page = sandbox.check(&[]).out;
    let line =
        "   used .github/workflows/ci.yml:9 (CI uses the name `STRIPE_KEY`), .gitlab-ci.yml:3 (CI";
    assert!(page.contains(line) && page.contains(" and 3 more\n"), "{page}");
    let page = sandbox.check(&["--format", "markdown"]).out;
    assert!(page.contains("<br>used in .github/workflows/ci.yml"), "{page}");
    let sarif = sandbox.check(&["--format", "sarif"]).out;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let related = sarif["runs"][0]["results"][0]["relatedLocations"].as_array().unwrap();
    assert_eq!(related.len(), 6);
    assert_eq!(related[5]["physicalLocation"]["artifactLocation"]["uri"], "src/pay.js");
}

/// What one file says changes the finding of another that is not looked at again.
#[test]
fn what_is_known_of_a_file_is_the_same_from_the_cache() {
    let sandbox = project();
    let without = sandbox.check(&[&JSON[..], &["--no-cache"]].concat()).out;
    for _ in 0..2 {
        assert_eq!(sandbox.check(&JSON).out, without);
    }
    sandbox.write("src/pay.js", "const key = vault.read();\n");
    let (_, report) = sandbox.report(&[]);
    assert_eq!(report.findings[0].used.len(), 5);
    let fingerprint = &report.findings[0].fingerprint;
    assert!(without.contains(fingerprint.as_str()), "uses are no part of what a finding is");
}

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::harness;

const WORKFLOW: &str = "on: push\npermissions: write-all # why\njobs:\n  a:\n    runs-on: x\n    \
                        env:\n      KEY: 1\n    steps:\n      - run: make\n";

fn penstock(directory: &Path, arguments: &[&str]) -> (i32, String) {
    let answer = harness::penstock(directory, arguments);
    (answer.code, answer.said())
}

fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join(".github/workflows")).unwrap();
    fs::write(directory.path().join(".github/workflows/a.yml"), WORKFLOW).unwrap();
    directory
}

fn workflow(directory: &Path) -> String {
    fs::read_to_string(directory.join(".github/workflows/a.yml")).unwrap()
}

#[test]
fn a_fix_is_shown_first_written_when_told_to_and_needed_once() {
    let directory = project();
    let directory = directory.path();
    let place = directory.join(".github/workflows/a.yml");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).unwrap();

    let (code, said) = penstock(directory, &["check"]);
    assert!(code == 1 && said.contains("penstock fix 1 --unsafe"), "{code}: {said}");
    let (code, said) = penstock(directory, &["fix"]);
    assert!(code == 0 && said.contains("1 for a person to read first"), "{code}: {said}");
    let (code, said) = penstock(directory, &["fix", "--unsafe"]);
    assert!(said.contains("-permissions: write-all # why\n+permissions: {contents: read} # why\n"));
    assert!(code == 0 && said.contains("nothing yet"), "{code}: {said}");
    assert_eq!(workflow(directory), WORKFLOW, "nobody agreed");

    let (code, said) = penstock(directory, &["fix", "1", "--unsafe", "--yes"]);
    assert!(code == 0 && said.contains("fixed     .github/workflows/a.yml"), "{code}: {said}");
    assert_eq!(workflow(directory), WORKFLOW.replace("write-all", "{contents: read}"));
    assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o755);
    let (code, said) = penstock(directory, &["fix", "--unsafe", "--yes"]);
    assert!(code == 0 && said.contains("fixed     nothing"), "{code}: {said}");
    assert_eq!(fs::read_dir(place.parent().unwrap()).unwrap().count(), 1, "nothing lies about");
    assert_eq!(penstock(directory, &["check"]).0, 0);
}

#[test]
fn what_cannot_be_fixed_is_said() {
    let directory = project();
    for wrong in ["2", "0", "ci/nothing", "abcdef01"] {
        let (code, said) = penstock(directory.path(), &["fix", wrong]);
        assert!(code == 2 && said.contains("no finding is"), "{wrong}: {code}: {said}");
    }
    let (code, said) = penstock(directory.path(), &["fix", "ci/excessive-permissions"]);
    assert!(code == 0 && said.contains("penstock fix --unsafe"), "{code}: {said}");
    assert_eq!(workflow(directory.path()), WORKFLOW);
}

const UNUSED: &str = "on: push\npermissions: write-all # why\njobs:\n  a:\n    runs-on: x\n    \
                      permissions: {contents: read}\n    steps:\n      - run: make\n";

/// A safe fix changes nothing of what runs: no job has the rights that it takes away.
#[test]
fn what_no_job_has_is_taken_away_without_asking_to_read_first() {
    let directory = project();
    let directory = directory.path();
    let place = directory.join(".github/workflows/a.yml");
    fs::write(&place, UNUSED).unwrap();
    let (code, said) = penstock(directory, &["check"]);
    assert!(code == 0 && said.contains("penstock fix 1   ("), "{code}: {said}");
    let (code, said) = penstock(directory, &["fix", "--yes"]);
    assert!(code == 0 && said.contains("fixed     .github/workflows/a.yml"), "{code}: {said}");
    assert_eq!(workflow(directory), UNUSED.replace("write-all", "{}"));
    // Where one job has no rights of its own, or has those of the workflow by another name, the same
    // change would not be safe.
    for other in [
        UNUSED.replace("jobs:\n", "jobs:\n  b:\n    runs-on: x\n    steps:\n      - run: make\n"),
        UNUSED.replace("permissions: {contents: read}", "permissions:"),
        UNUSED.replace("write-all", "&all write-all").replace("{contents: read}", "*all"),
        UNUSED
            .replace("write-all", "&all write-all")
            .replace("- run", "- env: {X: *all}\n        run"),
    ] {
        fs::write(&place, &other).unwrap();
        let (code, said) = penstock(directory, &["fix", "--yes"]);
        assert!(code == 0 && said.contains("fixed     nothing"), "{code}: {said}");
        assert_eq!(workflow(directory), other);
    }
}

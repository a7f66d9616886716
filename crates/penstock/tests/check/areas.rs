use std::fs;

use super::harness::penstock;

#[test]
fn only_the_areas_asked_for_are_looked_at_and_the_others_are_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join(".github/workflows")).unwrap();
    let workflow = "on: push\npermissions: write-all\njobs: {}\n";
    fs::write(directory.path().join(".github/workflows/a.yml"), workflow).unwrap();
    let check = |arguments: &[&str]| {
        let answer = penstock(directory.path(), &[&["check"], arguments].concat());
        (answer.code, answer.said())
    };

    let (code, said) = check(&[]);
    assert!(code == 1 && said.contains("ci/excessive-permissions"), "{code}: {said}");
    let (code, said) = check(&["--area", "secrets"]);
    assert!(code == 0 && !said.contains("ci/excessive-permissions"), "{code}: {said}");
    assert!(said.contains("NOT CHECKED") && said.contains("leave out `--area`"), "{said}");
    let (code, said) = check(&["--area", "secrets,ci"]);
    assert!(code == 1 && said.contains("ci/excessive-permissions"), "{code}: {said}");
    let (code, said) = check(&["--history", "--area", "ci"]);
    assert!(code == 2 && said.contains("for secrets only"), "{code}: {said}");
    let (code, said) = check(&["--area", "passwords"]);
    assert!(code == 2 && said.contains("there are ci, secrets"), "{code}: {said}");
}

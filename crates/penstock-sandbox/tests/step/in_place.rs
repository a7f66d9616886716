//! Work on a person's files where they are.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, symlink},
};

use penstock_sandbox::{Outcome, Protected, StandIn, StepSpec};

use crate::support::{Place, run};

fn protected(inside: &str, stand_in: StandIn) -> Protected {
    Protected { inside: inside.parse().unwrap(), stand_in }
}

fn in_place(place: &Place, script: &str) -> StepSpec {
    let mut spec = place.spec(script);
    spec.place = Some(penstock_sandbox::Place(place.workspace()));
    spec
}

#[test]
fn a_command_sees_the_files_where_its_caller_does_and_leaves_them_its_caller() {
    let place = Place::new();
    fs::write(place.workspace().join("here"), "x").unwrap();
    let ran = run(&in_place(&place, "pwd; ls; echo new > made; mkdir d; echo y > d/f"));
    assert_eq!(ran.record.outcome, Outcome::Succeeded, "{}", ran.stderr);
    assert_eq!(ran.stdout, format!("{}\nhere\n", place.workspace().display()));
    let owner = fs::metadata(place.workspace()).unwrap().uid();
    for made in ["made", "d", "d/f"] {
        assert_eq!(fs::metadata(place.workspace().join(made)).unwrap().uid(), owner, "{made}");
    }
    // What lies beside the workspace is not there, although its parent's name is.
    fs::write(place.outside().join("beside"), "planted").unwrap();
    let ran = run(&in_place(&place, "cat ../beside; ls -A .."));
    assert_eq!(ran.stdout, "workspace\n", "{}", ran.stderr);
}

#[test]
fn protected_paths_can_be_read_and_neither_changed_nor_made() {
    let place = Place::new();
    let workspace = place.workspace();
    fs::create_dir_all(workspace.join(".git/hooks")).unwrap();
    fs::write(workspace.join(".git/config"), "kept").unwrap();
    fs::write(workspace.join(".git/index"), "old").unwrap();
    let mut spec = in_place(
        &place,
        "cat .git/config; echo x > .git/config; echo x > .git/hooks/pre-commit; rm -rf .git/hooks; \
         mv .git/config .git/c; ln -sf /tmp/x .git/config; chmod 777 .git/config; mv .git other; rm -rf .git/config; \
         echo x > ci.yml; rm ci.yml; mkdir -p .github/workflows; echo x > .github/workflows/w.yml; \
         rm -rf .github; mv .github g; ln -s /tmp .github; cp /bin/sh .github/x; \
         ln .git/config hard; echo new > .git/index; ls -A; true",
    );
    spec.protected = vec![
        protected(".git/config", StandIn::File),
        protected(".git/hooks", StandIn::Directory),
        protected("ci.yml", StandIn::File),
        protected(".github", StandIn::Directory),
        protected(".husky", StandIn::Nothing),
    ];
    let ran = run(&spec);
    assert_eq!(ran.record.outcome, Outcome::Succeeded, "{}", ran.stderr);
    assert_eq!(ran.stdout, "kept.git\n.github\nci.yml\n", "{}", ran.stderr);
    let left: Vec<String> = fs::read_dir(&workspace)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(left, [".git"], "what stood in is gone again");
    assert_eq!(fs::read_to_string(workspace.join(".git/config")).unwrap(), "kept");
    assert_eq!(fs::read_to_string(workspace.join(".git/index")).unwrap(), "new\n");
    assert_eq!(fs::read_dir(workspace.join(".git/hooks")).unwrap().count(), 0);
}

#[test]
fn a_protected_link_is_said_not_to_be_protected() {
    let place = Place::new();
    fs::create_dir(place.workspace().join("real")).unwrap();
    symlink("real", place.workspace().join(".husky")).unwrap();
    let mut spec = in_place(&place, "true");
    spec.protected = vec![protected(".husky", StandIn::Directory)];
    let ran = run(&spec);
    let notes = ran.record.isolation.degradations;
    assert!(notes.iter().any(|note| note.contains("`.husky` is a symbolic link")), "{notes:?}");
}

#[test]
fn a_kept_home_lasts_and_is_the_only_home() {
    let place = Place::new();
    let home = place.outside().join("home");
    fs::create_dir(&home).unwrap();
    let mut spec = place.spec("echo cached > ~/cache; mkdir -p ~/.npm/x");
    spec.kept_home = Some(penstock_sandbox::Place(home.clone()));
    assert_eq!(run(&spec).record.outcome, Outcome::Succeeded);
    spec.argv = ["sh", "-c", "cat ~/cache; ls -A ~; echo $HOME"].map(Into::into).into();
    assert_eq!(run(&spec).stdout, "cached\n.npm\ncache\n/home/build\n");
    assert_eq!(fs::metadata(home.join("cache")).unwrap().uid(), fs::metadata(&home).unwrap().uid());
}

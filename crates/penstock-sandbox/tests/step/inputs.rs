use std::{fs, os::unix::fs::symlink};

use penstock_sandbox::{Outcome, ReadOnlyInput, SandboxError};

use crate::support::{Place, run, try_run};

fn input(place: &Place, host: &str, inside: &str) -> ReadOnlyInput {
    ReadOnlyInput { host: place.outside().join(host), inside: inside.parse().unwrap() }
}

#[test]
fn outputs_of_other_steps_are_in_place_and_read_only() {
    let place = Place::new();
    fs::create_dir(place.outside().join("tree")).unwrap();
    fs::write(place.outside().join("tree/inner"), "tree\n").unwrap();
    fs::write(place.outside().join("file"), "file\n").unwrap();
    let mut spec = place.spec(
        "cat dist/app lib/inner; for t in dist/app lib/inner lib/new; do echo x > $t && echo wrote; done; \
         rm -f dist/app lib/inner; mv dist/app dist/b; chmod 777 dist/app; ln dist/app hard; \
         echo beside > dist/beside && cat dist/beside dist/app",
    );
    spec.inputs = vec![input(&place, "file", "dist/app"), input(&place, "tree", "lib")];
    let ran = run(&spec);
    assert_eq!(ran.stdout, "file\ntree\nbeside\nfile\n", "{}", ran.stderr);
    assert_eq!(fs::read(place.outside().join("file")).unwrap(), b"file\n");
    assert!(!place.workspace().join("hard").exists());
    // What was made to mount them on is not left behind, to be taken for an output.
    assert!(!place.workspace().join("dist/app").exists());
    assert!(!place.workspace().join("lib").exists());
    assert!(place.workspace().join("dist/beside").exists());
}

#[test]
fn a_link_of_the_project_leads_no_input_elsewhere() {
    for (name, link) in [("dir", "out/x"), ("leaf", "leaf"), ("deep", "a/out/x")] {
        let place = Place::new();
        fs::write(place.outside().join("file"), "file\n").unwrap();
        fs::create_dir(place.outside().join("target")).unwrap();
        fs::create_dir_all(place.workspace().join("a")).unwrap();
        symlink(place.outside().join("target"), place.workspace().join("out")).unwrap();
        symlink("../../target", place.workspace().join("a/out")).unwrap();
        symlink("/etc/hostname", place.workspace().join("leaf")).unwrap();
        let mut spec = place.spec("true");
        spec.inputs = vec![input(&place, "file", link)];
        let Err(SandboxError::Setup { reason, .. }) = try_run(&spec) else {
            panic!("{name} was followed")
        };
        assert!(reason.contains("would pass through a symbolic link"), "{reason}");
        assert_eq!(fs::read_dir(place.outside().join("target")).unwrap().count(), 0, "{name}");
    }
}

#[test]
fn an_input_that_is_not_there_is_an_error() {
    let place = Place::new();
    let mut spec = place.spec("true");
    spec.inputs = vec![input(&place, "absent", "dist/app")];
    assert!(matches!(try_run(&spec).err(), Some(SandboxError::Setup { .. })));
}

#[test]
fn a_file_cannot_take_the_place_of_a_directory() {
    let place = Place::new();
    fs::write(place.outside().join("file"), "file\n").unwrap();
    fs::create_dir(place.workspace().join("dist")).unwrap();
    let mut spec = place.spec("true");
    spec.inputs = vec![input(&place, "file", "dist")];
    assert!(matches!(try_run(&spec).err(), Some(SandboxError::Setup { .. })));
    assert_eq!(place.run("true").record.outcome, Outcome::Succeeded);
}

#[test]
fn a_file_of_the_project_stays_beneath_an_input() {
    let place = Place::new();
    fs::write(place.outside().join("file"), "input\n").unwrap();
    fs::write(place.workspace().join("app"), "committed\n").unwrap();
    let mut spec = place.spec("cat app");
    spec.inputs = vec![input(&place, "file", "app")];
    assert_eq!(run(&spec).stdout, "input\n");
    assert_eq!(fs::read(place.workspace().join("app")).unwrap(), b"committed\n");
}

#[test]
fn what_is_shown_in_the_home_is_read_only_and_what_is_beside_it_is_the_step_s() {
    let place = Place::new();
    let cache = place.outside().join("cache");
    fs::create_dir_all(&cache).unwrap();
    fs::write(cache.join("a.crate"), "verified").unwrap();
    let mut spec = place.spec(
        "cat ~/.cargo/registry/cache/a.crate && mkdir ~/.cargo/registry/src && echo wrote; \
         echo x > ~/.cargo/registry/cache/b || echo refused",
    );
    spec.home.push(ReadOnlyInput {
        host: cache.clone(),
        inside: ".cargo/registry/cache".parse().unwrap(),
    });
    let ran = run(&spec);
    assert_eq!(ran.stdout, "verifiedwrote\nrefused\n", "{}", ran.stderr);
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 1);
}

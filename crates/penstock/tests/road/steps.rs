//! Steps that misbehave: their run says so, leaves no release, and nothing of theirs outlives it.

use std::{fs, path::Path};

use penstock_statement::predicate::{Provenance, RunOutcome, RunSeal};

use crate::harness::World;

/// A project whose build step does this; its test step is as always.
fn building(command: &str, more: &str) -> World {
    World::with(&pipeline(command, more))
}

fn pipeline(command: &str, more: &str) -> String {
    format!(
        "[project]\nname = \"sample\"\n\n[steps.test]\nrun = \"echo '3 passed, 0 failed'\"\nresults = \"plain\"\n\n\
         [steps.build]\nneeds = [\"test\"]\nrun = '''\n{command}\n'''\noutputs = [\"dist/app\"]\n{more}\n"
    )
}

/// The run fails and says why; it is sealed as failed and leaves no release evidence.
#[track_caller]
fn fails(world: &World, why: &str) {
    world.penstock(["run"]).exits(3).says("build  FAIL").says(why).says("exit 3");
    assert_eq!(world.newest_statement::<RunSeal>().predicate.outcome, RunOutcome::Failed);
    assert_eq!(world.evidence::<Provenance>(), []);
    assert_eq!(world.deployed("staging"), None);
    world.log_verifies();
    works_again(world);
}

/// The next run, of a commit that behaves, works.
#[track_caller]
fn works_again(world: &World) {
    world.write("penstock.toml", crate::harness::PIPELINE);
    world.commit("Behave");
    world.penstock(["run"]).exits(0).says("gate staging      ALLOW");
    assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
    world.log_verifies();
}

/// No process of a step is left: each carries this mark in its arguments.
#[track_caller]
fn nobody_carries(mark: &str) {
    for process in fs::read_dir("/proc").unwrap() {
        let path = process.unwrap().path();
        let arguments = fs::read(path.join("cmdline")).unwrap_or_default();
        let arguments = String::from_utf8_lossy(&arguments).into_owned();
        assert!(!arguments.contains(mark), "{} is {arguments:?}", path.display());
    }
}

#[test]
fn a_step_that_fails() {
    fails(&building("exit 7", ""), "exit status 7");
}

#[test]
fn a_step_that_hangs() {
    let world = building("sleep 86399.25", "timeout = \"1s\"");
    fails(&world, "its time was up");
    nobody_carries("86399.25");
}

#[test]
fn a_step_that_forks_and_leaves_a_child() {
    let command = "mkdir dist; cp app.txt dist/app\n\
                   (setsid sleep 86398.25 >/dev/null 2>&1 &)\n(sleep 86398.25 &) &\nexit 0";
    let world = building(command, "");
    world.penstock(["run"]).exits(0);
    nobody_carries("86398.25");
    assert_eq!(world.deployed("staging").as_deref(), Some("one\n"));
    world.log_verifies();
}

#[test]
fn a_step_that_writes_outside() {
    let world = building("true", "");
    let outside = world.beside("outside");
    fs::create_dir(&outside).unwrap();
    let places = [
        outside.join("x"),
        world.home().join("x"),
        world.repository().join("x"),
        world.beside("state").join("x"),
        Path::new("/etc/penstock-attack").to_owned(),
    ];
    let tries: String = places
        .iter()
        .map(|place| format!("(echo x > '{}') 2>&1 || true\n", place.display()))
        .collect();
    world.write("penstock.toml", pipeline(&format!("{tries}mkdir dist; cp app.txt dist/app"), ""));
    world.commit("Reach out");
    world.penstock(["run"]).exits(0);
    for place in places {
        assert!(!place.exists(), "{}", place.display());
    }
    assert!(fs::read_dir(&outside).unwrap().next().is_none());
    world.log_verifies();
}

#[test]
fn a_step_that_reads_keys() {
    let world = building("mkdir dist; cp app.txt dist/app", "");
    world.penstock(["run"]).exits(0);
    fs::create_dir(world.home().join(".ssh")).unwrap();
    fs::write(world.home().join(".ssh/id_ed25519"), "the-private-half-of-somebody\n").unwrap();
    let key = world.state().join("keys/build.pem");
    let pem = fs::read_to_string(&key).unwrap();
    let (key, ssh) = (key.display(), world.home().join(".ssh/id_ed25519"));
    let command = format!(
        "for f in '{key}' '{}' ~/.ssh/id_ed25519 /proc/1/root'{key}' /proc/self/cwd/../../../../keys/build.pem; do\n\
         cat \"$f\" 2>/dev/null || true; done\n\
         find / -name '*.pem' -path '*keys*' -not -path '/proc/*' 2>/dev/null | head -5 || true\n\
         env; mkdir dist; cp app.txt dist/app",
        ssh.display()
    );
    world.write("penstock.toml", pipeline(&command, ""));
    world.commit("Read");
    let ran = world.penstock(["run"]);
    ran.exits(0).does_not_say("the-private-half").does_not_say("PRIVATE KEY");
    ran.does_not_say(pem.lines().nth(1).unwrap()).does_not_say("keys/build.pem");
    world.log_verifies();
}

#[test]
fn a_step_that_links_its_output_outside() {
    for command in [
        "mkdir dist; ln -s /etc/passwd dist/app",
        "mkdir dist; ln -s ../app.txt dist/app",
        "mkdir real; cp app.txt real/app; ln -s real dist",
        "ln -s / dist",
    ] {
        fails(&building(command, ""), "symbolic link");
    }
}

#[test]
fn a_step_whose_output_is_no_file() {
    fails(&building("mkdir dist; mkfifo dist/app", ""), "neither a regular file nor a directory");
    fails(&building("true", ""), "output `dist/app` was not made by the step");
}

/// What is signed is what was there when the step ended: nothing of it can change it any more.
#[test]
fn a_step_that_changes_its_output_after_it_ends() {
    let command = "mkdir dist; cp app.txt dist/app\n\
                   (setsid sh -c 'while :; do echo evil > dist/app; done' penstock-attack-late >/dev/null 2>&1 &)\n\
                   sleep 0.05; cp app.txt dist/app; exit 0";
    let world = building(command, "");
    // Which of the two is there in the end is the step's own race; what is sealed is deployed.
    world.penstock(["run"]).exits(0);
    nobody_carries("penstock-attack-late");
    let sealed = world.newest_statement::<RunSeal>();
    let digest = sealed.subject[0].digest["sha256"].clone();
    let deployed = world.deployed("staging").unwrap();
    assert_eq!(penstock_model::Sha256::of(deployed.as_bytes()).to_string(), digest);
    world.log_verifies();
}

/// A hard link from the output to a file that another process could still change is cut: the copy
/// is the subject.
#[test]
fn an_output_is_a_copy() {
    let world = building("mkdir dist; cp app.txt dist/app; ln dist/app other", "");
    world.penstock(["run"]).exits(0);
    use std::os::unix::fs::MetadataExt as _;
    assert_eq!(fs::metadata(world.artifact()).unwrap().nlink(), 1);
}

#[test]
fn a_secret_is_masked_wherever_it_is_printed() {
    let value = ["corr", "ect-horse-battery"].concat();
    let command = "echo \"token=$TOKEN\"; printf '%s' \"$TOKEN\" | cut -c1-4 > /dev/null\n\
                   printf '%s' \"${TOKEN%%-*}\"; printf -- '-%s\\n' \"${TOKEN#*-}\" >&1\n\
                   echo \"$TOKEN\" >&2; mkdir dist; cp app.txt dist/app";
    let world = building(command, "secrets = { TOKEN = \"env:RELEASE_TOKEN\" }");
    world.penstock(["run"]).exits(3).says("wants the variable `RELEASE_TOKEN`, which is not set");
    world.set("RELEASE_TOKEN", &value);
    let ran = world.penstock(["run"]);
    ran.exits(0).says("token=***").does_not_say(&value);
    for file in crate::harness::files(&world.state()) {
        // `current` is a link.
        let bytes = fs::read(&file).unwrap_or_default();
        assert!(!bytes.windows(value.len()).any(|w| w == value.as_bytes()), "{}", file.display());
    }
    world.log_verifies();
}

#[test]
fn a_step_sees_nothing_of_the_caller() {
    let world = building("env; mkdir dist; cp app.txt dist/app", "");
    world.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-the-runner");
    world.set("AWS_SECRET_ACCESS_KEY", "of-the-caller");
    world.penstock(["run"]).exits(0).does_not_say("of-the-runner").does_not_say("of-the-caller");
}

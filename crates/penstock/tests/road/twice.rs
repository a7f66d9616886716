//! `run --twice`: what depends on more than its inputs is found, and what does not is sealed as such.

use penstock_statement::predicate::{Provenance, RunOutcome, RunSeal};

use crate::harness::World;

fn building(command: &str) -> World {
    World::with(&format!(
        "[project]\nname = \"sample\"\n\n[steps.build]\nrun = '''\nmkdir dist\n{command}\n'''\n\
         outputs = [\"dist\"]\n"
    ))
}

#[test]
fn what_is_built_alike_is_released_and_sealed_as_built_twice() {
    let world = building("cat app.txt > dist/app; date -u -d @$SOURCE_DATE_EPOCH >> dist/app");
    world.penstock(["run", "--twice"]).exits(0).says("built twice").says("the same outputs");
    let seal = world.newest_statement::<RunSeal>().predicate;
    assert!(seal.steps[0].reproduced.contains(&"time zone".to_owned()), "{:?}", seal.steps[0]);
    assert!(world.deployed("staging").is_some());
    world.log_verifies();

    world.write("app.txt", "two\n");
    world.commit("Go on");
    world.penstock(["run"]).exits(0);
    assert!(world.newest_statement::<RunSeal>().predicate.steps[0].reproduced.is_empty());
}

/// Each of what is varied, and what no two builds have in common, is noticed.
#[test]
fn what_depends_on_its_environment_fails_and_the_first_difference_is_shown() {
    let commands = [
        (
            "date -u +%s > dist/time",
            "`dist` is another one when it is built again: `time`, from byte ",
        ),
        ("date -d @0 > dist/zone", "`zone`, from byte "),
        ("nproc > dist/nproc", "`nproc`, from byte 0 on: `"),
        ("echo $USER > dist/user", "`build\\n` and `rebuild\\n`"),
        ("env > dist/env", "`env`, from byte "),
        ("umask > dist/umask", "`umask`, from byte "),
        ("touch dist/$(date +%s)", "is in the first only"),
        ("head -c 16 /dev/urandom > dist/random", "`random`, from byte 0 on"),
    ];
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    for (command, said) in commands {
        if command.starts_with("nproc") && processors == 1 {
            println!("SKIPPED: there is one processor");
            continue;
        }
        let world = building(command);
        world.penstock(["run", "--twice"]).exits(3).says("build  FAIL").says(said);
        let seal = world.newest_statement::<RunSeal>().predicate;
        assert_eq!(seal.outcome, RunOutcome::Failed);
        assert_eq!(world.evidence::<Provenance>(), []);
        assert_eq!(world.deployed("staging"), None);
    }
}

#[test]
fn a_second_build_that_fails_is_no_second_build() {
    let world = building("test -z \"${PENSTOCK_AGAIN:-}\"; touch dist/app");
    let why = "the second build of it did not succeed: exit status 1";
    world.penstock(["run", "--twice"]).exits(3).says(why);
    world.penstock(["run"]).exits(0);
}

/// What the first build left is not there for the second, and cannot be passed on to it.
#[test]
fn the_second_build_starts_from_the_same_files() {
    let world = building("echo x >> app.txt; cat app.txt > dist/app");
    world.penstock(["run", "--twice"]).exits(0).says("built twice");
}

#[test]
fn commands_are_not_built_twice() {
    World::new().penstock(["run", "--twice", "--", "true"]).exits(125).says("--twice");
}

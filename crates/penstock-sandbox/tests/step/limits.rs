use penstock_sandbox::Outcome;

use crate::support::{Place, run};

#[test]
fn a_fork_bomb_is_bounded() {
    let place = Place::new().with_attack();
    let mut spec = place.spec("exec ./attack attack fork-bomb");
    spec.limits.processes = 40;
    let ran = run(&spec);
    let children: u32 = ran
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("children ")?.parse().ok())
        .unwrap_or_else(|| panic!("{}{}", ran.stdout, ran.stderr));
    assert!((10..40).contains(&children), "{children}");
    // The limit is each step's own: the next one has all of it.
    assert_eq!(run(&spec).stdout, ran.stdout);
}

#[test]
fn private_folders_have_a_size() {
    let place = Place::new();
    for (folder, set) in [("/tmp", 0), ("~", 1), ("/dev/shm", 2)] {
        let mut spec = place.spec(&format!(
            "head -c 3000000 /dev/zero > {folder}/big || echo full; wc -c < {folder}/big"
        ));
        let limit = if set == 1 { &mut spec.limits.home_bytes } else { &mut spec.limits.tmp_bytes };
        *limit = 1 << 20;
        assert_eq!(run(&spec).stdout, "full\n1048576\n", "{folder}");
    }
}

#[test]
fn one_file_has_a_size() {
    let place = Place::new();
    let mut spec = place.spec("head -c 3000000 /dev/zero > big; wc -c < big");
    spec.limits.file_bytes = 1 << 20;
    assert_eq!(run(&spec).stdout, "1048576\n");
}

#[test]
fn the_workspace_cannot_fill_the_disk() {
    let place = Place::new();
    // 16 MiB at a time, each a file of its own, up to ten times the limit.
    let mut spec = place.spec(
        "for i in $(seq 40); do head -c 16777216 /dev/zero > f$i; sync f$i; done; sleep 1000",
    );
    spec.limits.workspace_bytes = 64 << 20;
    assert_eq!(run(&spec).record.outcome, Outcome::WorkspaceFull);
}

#[test]
fn descriptors_and_core_files_are_bounded() {
    let place = Place::new();
    let mut spec = place.spec("ulimit -n; ulimit -c; ulimit -Hc; ulimit -n 1000000 || echo kept");
    spec.limits.open_files = 200;
    assert_eq!(run(&spec).stdout, "200\n0\n0\nkept\n");
}

#[test]
fn output_over_the_limit_is_dropped_and_counted() {
    let place = Place::new();
    let mut spec = place.spec("head -c 5000000 /dev/zero; echo end >&2");
    spec.limits.output_bytes = 1000;
    let ran = run(&spec);
    assert_eq!(ran.record.outcome, Outcome::Succeeded);
    assert_eq!(ran.stdout.len() + ran.stderr.len(), 1000);
    assert_eq!(ran.record.output_dropped_bytes, 5_000_000 + 4 - 1000);
}

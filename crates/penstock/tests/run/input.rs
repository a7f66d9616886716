//! What a command reads as its standard input.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    process::{Child, Stdio},
};

use crate::harness::{Place, installed};

const RUNGS: [&str; 2] = ["1", "2"];

/// `penstock run -q OPTIONS -- sh -c SCRIPT`, reading that.
fn start(place: &Place, options: &[&str], script: &str, stdin: Stdio) -> Child {
    let arguments = [&["run", "--quiet"][..], options, &["--", "sh", "-c", script]].concat();
    let mut command = place.command(&arguments);
    command.stdin(stdin).stdout(Stdio::piped()).spawn().unwrap()
}

fn said(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_is_piped_in_arrives_whole() {
    let place = Place::new();
    let bytes: Vec<u8> = (0..1_000_003_u32).flat_map(|n| n.to_le_bytes()).collect();
    place.write("wanted", "");
    std::fs::write(place.project.join("wanted"), &bytes).unwrap();
    for rung in RUNGS {
        let script = "cmp - wanted && echo same";
        let mut child = start(&place, &["--rung", rung], script, Stdio::piped());
        let mut to = child.stdin.take().unwrap();
        to.write_all(&bytes).unwrap();
        drop(to);
        assert_eq!(said(child), "same\n", "rung {rung}");
    }
}

#[test]
fn the_command_has_a_pipe_that_it_can_open_by_name_and_never_what_was_given() {
    let place = Place::new();
    place.write("lines", "one\ntwo\n");
    for rung in RUNGS {
        let file = File::open(place.project.join("lines")).unwrap();
        let script = "readlink /proc/self/fd/0 | tr -d 0-9; cat /dev/stdin";
        let child = start(&place, &["--rung", rung], script, file.into());
        assert_eq!(said(child), "pipe:[]\none\ntwo\n", "rung {rung}");
    }
}

#[test]
fn what_it_does_not_read_of_a_file_is_left_to_the_next() {
    let place = Place::new();
    place.write("lines", "one\ntwo\nthree\n");
    let file = File::open(place.project.join("lines")).unwrap();
    for line in ["one", "two"] {
        let stdin = file.try_clone().unwrap().into();
        assert_eq!(said(start(&place, &[], "read line; echo $line", stdin)), format!("{line}\n"));
    }
    let mut rest = String::new();
    (&file).read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "three\n");
}

#[test]
fn it_ends_though_its_input_does_not() {
    let place = Place::new();
    let mut child = start(&place, &[], "read line; echo $line", Stdio::piped());
    let mut open = child.stdin.take().unwrap();
    open.write_all(b"one\n").unwrap();
    let status = child.wait().unwrap();
    assert!(status.success());
    drop(open);
}

#[test]
fn a_terminal_is_read_when_that_is_asked_for() {
    if !installed("script") {
        return;
    }
    let place = Place::new();
    for (options, read) in [("--interactive", "typed"), ("", "nothing")] {
        let run = format!(
            "{} run --quiet {options} -- sh -c 'read line || line=nothing; test -t 0 && echo terminal; \
             echo got $line'",
            env!("CARGO_BIN_EXE_penstock")
        );
        let mut terminal = place
            .command(&[""; 0])
            .get_envs()
            .fold(std::process::Command::new("script"), |mut command, (name, value)| {
                command.env(name, value.unwrap_or_default());
                command
            })
            .args(["--quiet", "--return", "--command", &run, "/dev/null"])
            .current_dir(&place.project)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        terminal.stdin.take().unwrap().write_all(b"typed\n").unwrap();
        let said = said(terminal);
        assert!(said.contains(&format!("got {read}")), "{options}: {said}");
        assert!(!said.contains("terminal"), "{options}: {said}");
    }
}

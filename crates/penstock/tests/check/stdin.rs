use std::{fs, path::Path};

use super::harness::{Answer, program};

/// Nobody's token, with the checksum of a real one.
fn key() -> String {
    penstock_check::template::expand("ghp_{{alnum:36|crc}}", "stdin").unwrap()
}

fn check(directory: &Path, arguments: &[&str], input: &[u8]) -> Answer {
    let arguments = [&["check", "-", "--format", "json"], arguments].concat();
    Answer::of(&mut program(directory, &arguments), input)
}

fn report(answer: &Answer) -> serde_json::Value {
    serde_json::from_str(&answer.out).unwrap()
}

#[test]
fn one_file_from_standard_input_is_checked_at_its_place() {
    let directory = tempfile::tempdir().unwrap();
    // What lies in the directory is not looked at.
    fs::write(directory.path().join("other.txt"), key()).unwrap();
    let text = format!("fine\nkey = \"{}\"\n", key());
    for (arguments, place) in
        [(&[][..], "stdin"), (&["--stdin-name", "./src/a.py"][..], "src/a.py")]
    {
        let output = check(directory.path(), arguments, text.as_bytes());
        let report = report(&output);
        let findings = report["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{report}");
        assert_eq!(findings[0]["location"]["path"], place);
        assert_eq!(findings[0]["location"]["region"]["start_line"], 2);
        assert_eq!(report["subject"]["scope"], "stdin");
        assert_eq!(report["coverage"]["files"], 1);
        assert_eq!(output.code, 1);
    }
    assert_eq!(check(directory.path(), &[], b"fine\n").code, 0);
}

#[test]
fn a_place_outside_is_refused_and_a_file_too_large_is_incomplete() {
    let directory = tempfile::tempdir().unwrap();
    let output = check(directory.path(), &["--stdin-name", "../a"], b"");
    assert_eq!(output.code, 2);
    let output = check(directory.path(), &["--history"], b"");
    assert_eq!(output.code, 2);
    let output = check(directory.path(), &[], &vec![b'x'; (16 << 20) + 1]);
    assert_eq!(output.code, 3);
    assert_eq!(report(&output)["coverage"]["skipped"]["over-limit"], 1);
}

#[test]
fn the_excludes_of_the_project_count_for_the_place() {
    let directory = tempfile::tempdir().unwrap();
    let configuration = "[project]\nname = \"x\"\n\n[check]\nexclude = [\"vendor/\"]\n";
    fs::write(directory.path().join("penstock.toml"), configuration).unwrap();
    let output = check(directory.path(), &["--stdin-name", "vendor/a"], key().as_bytes());
    assert_eq!(report(&output)["coverage"]["skipped"]["excluded"], 1);
    assert_eq!(output.code, 4);
}

#[test]
fn a_token_in_a_cell_of_a_notebook_is_found_once() {
    let directory = tempfile::tempdir().unwrap();
    let cell = |source: &str, output: &str| {
        format!(
            "{{\n \"cells\": [\n  {{\n   \"cell_type\": \"code\",\n   \"source\": [\n    \"{source}\\n\"\n   ],\n   \"outputs\": [\n    {{\n     \"text\": [\n      \"{output}\\n\"\n     ]\n    }}\n   ]\n  }}\n ],\n \"nbformat\": 4\n}}\n"
        )
    };
    for (notebook, line) in
        [(cell(&format!("key = '{}'", key()), "done"), 6), (cell("print(key)", &key()), 11)]
    {
        let output = check(directory.path(), &["--stdin-name", "a.ipynb"], notebook.as_bytes());
        let report = report(&output);
        assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report}");
        assert_eq!(report["findings"][0]["location"]["region"]["start_line"], line);
    }
}

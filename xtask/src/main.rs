//! Set-up, generators, tests and benches of this repository. `cargo xtask` lists the tasks.

mod accuracy;
mod bench;
mod ci;
mod conformance;
mod escape_kit;
mod generate;
mod house;
mod readme;
mod task;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask ci                 set up, format, lint, document, test, check generated files and README
cargo xtask generate           write every generated file (rules, schemas, tables)
cargo xtask generate --check   fail if one of them is stale
cargo xtask readme             run the README's commands in a fresh clone and compare what they print
cargo xtask conformance        run the test suites of other projects, where their corpora are
cargo xtask accuracy           precision and recall of the secrets area, by category of its corpus
cargo xtask accuracy --train DIR…  learn anew what words are like, from packages below folders
cargo xtask bench              the budgets, as ratios or differences within one run
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["ci"] => ci::run(),
        ["generate"] => generate::run(false),
        ["generate", "--check"] => generate::run(true),
        ["conformance"] => conformance::run(),
        ["readme"] => readme::run(),
        ["accuracy"] => accuracy::run(),
        ["accuracy", "--train", folders @ ..] => accuracy::train(folders),
        ["bench"] => bench::run(),
        _ => {
            task::say(USAGE);
            return if words.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) };
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            task::say(&format!("xtask: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}

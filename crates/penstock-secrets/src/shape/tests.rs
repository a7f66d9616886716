use penstock_check::template::{self, Class, Piece};
use penstock_model::RepoPath;

use crate::{RULES, scan::scan};

/// Where the rule finds something in this text.
fn places(rule: &str, text: &str) -> Vec<std::ops::Range<usize>> {
    let path = RepoPath::new("src/settings.conf").unwrap();
    let all = scan(&path, text.as_bytes());
    all.into_iter().filter(|(owner, _)| owner.id == rule).map(|(_, found)| found.range).collect()
}

/// One shape of one rule, with what must stand before it.
struct Case {
    rule: &'static str,
    shape: &'static str,
    before: String,
}

fn cases() -> impl Iterator<Item = Case> {
    RULES.iter().flat_map(|rule| {
        rule.shapes.iter().map(|shape| {
            let before = rule.near.first().map_or("k = \"".to_owned(), |w| format!("{w}_k = \""));
            Case { rule: rule.id, shape, before }
        })
    })
}

/// Replaces the runs of a shape by what `fill` makes of their class and least length.
fn filled(shape: &str, fill: impl Fn(Class, usize) -> String) -> String {
    let pieces = template::parse(shape).unwrap();
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Run(run) => fill(run.class, run.least),
        })
        .collect()
}

/// What is wrong with how a shape is found, all at once so that a new rule shows all its faults.
fn faults(case: &Case) -> Vec<String> {
    let mut faults = Vec::new();
    let Case { rule, shape, before } = case;
    let mut expect = |what: &str, value: &str, after: &str, wanted: bool| {
        let found = places(rule, &format!("{before}{value}{after}"));
        let whole = found.contains(&(before.len()..before.len() + value.len()));
        if whole != wanted {
            faults.push(format!("{rule} {shape}: {what}: {before}{value}{after}: {found:?}"));
        }
    };
    for seed in 0..8 {
        let sample = template::expand(shape, &seed.to_string()).unwrap();
        expect("a sample is found", &sample, "\"\n", true);
        expect("at the end of the file", &sample, "", true);
        expect("at the end of a sentence", &sample, ". Then", true);
    }
    let sample = template::expand(shape, "9").unwrap();
    if let Some(Piece::Run(last)) = template::parse(shape).unwrap().last() {
        let more = char::from(last.class.alphabet()[9]);
        let longest: String = std::iter::repeat_n(more, last.most).collect();
        expect("glued to more of its characters", &sample, &longest, false);
        expect("glued to a word", &sample, "_name", false);
        if last.least == last.most {
            let cut = &sample[..sample.len() - 1];
            expect("one character short", cut, "\"\n", false);
        }
    }
    for placeholder in [
        "x",
        "X",
        "0",
        "A",
        "a",
        "1",
        "z",
        "abcdefghijklmnopqrstuvwxyz",
        "EXAMPLE",
        "Example",
        "0123456789abcdef",
        "0123456789",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "123456",
        "fedcba9876543210",
        "deadbeef",
    ] {
        let value = filled(shape, |_, length| placeholder.chars().cycle().take(length).collect());
        expect("a placeholder", &value, "\"\n", false);
    }
    faults
}

#[test]
fn every_shape_finds_its_samples_and_none_of_its_near_misses() {
    let faults: Vec<String> = cases().flat_map(|case| faults(&case)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

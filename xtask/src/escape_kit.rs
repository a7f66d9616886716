//! The table of the escape kit in THREATS.md, from the data that its tests run by: what is written
//! there has been tried, and a test fails where it is otherwise.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use self::{
    cases::{
        FAMILIES, RUNGS,
        case::{Case, Expect},
    },
    incidents::INCIDENTS,
};

/// As in the tests, without the tests.
macro_rules! cases {
    [$($name:ident = $case:expr),+ $(,)?] => {
        pub(crate) const CASES: &[Case] = &[$($case.named(stringify!($name))),+];
    };
}

#[path = "../../crates/penstock-sandbox/tests/escape/cases/mod.rs"]
#[expect(dead_code, reason = "a table needs less of a case than a test does")]
mod cases;
#[path = "../../crates/penstock-sandbox/tests/escape/incidents/mod.rs"]
mod incidents;

/// Where the table is.
pub(crate) const PAGE: &str = "THREATS.md";

const BEGIN: &str = "<!-- Written by `cargo xtask generate` from crates/penstock-sandbox/tests/escape; edit that. -->\n";
const END: &str = "<!-- The end of what is written by `cargo xtask generate`. -->\n";

/// The page with the table as it is now.
pub(crate) fn page(current: &str) -> Result<String> {
    let (before, rest) = current
        .split_once(BEGIN)
        .with_context(|| format!("{PAGE} has no line `{}`", BEGIN.trim_end()))?;
    let (_, after) =
        rest.split_once(END).with_context(|| format!("{PAGE} has no line `{}`", END.trim_end()))?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", tables()?))
}

fn tables() -> Result<String> {
    let mut out = String::new();
    let all = || FAMILIES.iter().flat_map(|(_, cases)| *cases);
    let count = |wanted: fn(&Expect) -> bool, rung: u8| {
        all().filter(|case| wanted(&expect(case, rung))).count()
    };
    write!(out, "\n{} cases.", all().count())?;
    for rung in RUNGS {
        write!(
            out,
            " Rung {rung}: {} blocked and recorded, {} put back and recorded, {} blocked, {} residual.",
            count(|expect| matches!(expect, Expect::Recorded(_)) && !expect.is_put_back(), *rung),
            count(|expect| expect.is_put_back(), *rung),
            count(|expect| matches!(expect, Expect::Unrecorded(_) | Expect::Blocked(_)), *rung),
            count(|expect| matches!(expect, Expect::Residual(..)), *rung),
        )?;
    }
    out.push('\n');
    for (family, cases) in FAMILIES {
        write!(out, "\n**{family}**\n\n")?;
        table(&mut out, cases)?;
    }
    out.push_str("\nWhat public incidents did:\n");
    for (incident, source, cases) in INCIDENTS {
        write!(out, "\n**{incident}** ([report]({source}))\n\n")?;
        table(&mut out, cases)?;
    }
    out.push('\n');
    Ok(out)
}

fn table(out: &mut String, cases: &[Case]) -> Result<()> {
    let rungs: Vec<String> = RUNGS.iter().map(|rung| format!(" rung {rung} |")).collect();
    writeln!(out, "| case | tries |{}", rungs.concat())?;
    writeln!(out, "|---|---|{}", "---|".repeat(RUNGS.len()))?;
    for case in cases {
        write!(out, "| `{}` | {} |", case.name, case.tries)?;
        for rung in RUNGS {
            write!(out, " {} |", shown(expect(case, *rung)))?;
        }
        out.push('\n');
    }
    Ok(())
}

fn expect(case: &Case, rung: u8) -> Expect {
    if rung == 1 { case.rung_1 } else { case.rung_2 }
}

fn shown(expect: Expect) -> String {
    match expect {
        Expect::Recorded(_) if expect.is_put_back() => "✓ put back and recorded".to_owned(),
        Expect::Recorded(_) if expect.is_in_full_recording_only() => {
            "✓ blocked and recorded°".to_owned()
        }
        Expect::Recorded(_) => "✓ blocked and recorded".to_owned(),
        Expect::Unrecorded(why) | Expect::Blocked(why) => format!("✓ blocked: {why}"),
        Expect::Residual(why, []) => format!("residual: {why}"),
        Expect::Residual(why, _) if expect.is_in_full_recording_only() => {
            format!("residual, recorded°: {why}")
        }
        Expect::Residual(why, _) => format!("residual, recorded: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_is_written() {
        let page = page(&format!("before\n{BEGIN}old\n{END}after\n")).unwrap();
        assert!(
            page.starts_with(&format!("before\n{BEGIN}"))
                && page.ends_with(&format!("{END}after\n"))
        );
        assert!(!page.contains("old\n"));
        assert!(
            page.contains("| `tcp_to_an_address` | TCP to an address | ✓ blocked and recorded |")
        );
        assert_eq!(super::page(&page).unwrap(), page);
    }

    #[test]
    fn a_page_without_markers_is_named() {
        assert!(page("text").unwrap_err().to_string().contains("THREATS.md has no line"));
        assert!(page(BEGIN).unwrap_err().to_string().contains("The end"));
    }

    #[test]
    fn every_cell_gives_a_reason_where_one_is_due() {
        let incidents = INCIDENTS.iter().map(|(_, _, cases)| *cases);
        for case in FAMILIES.iter().map(|(_, cases)| *cases).chain(incidents).flatten() {
            for rung in RUNGS {
                match expect(case, *rung) {
                    Expect::Unrecorded(why) | Expect::Blocked(why) | Expect::Residual(why, _) => {
                        assert!(!why.is_empty() && !why.contains('|'), "{}", case.name);
                    }
                    Expect::Recorded(marks) => assert!(!marks.is_empty(), "{}", case.name),
                }
            }
        }
    }
}

//! `penstock allow`: one line in `penstock.toml`, shown as a diff.

use std::{fmt::Write as _, fs, io, path::Path};

use penstock_road::{
    command::{
        Ground,
        allow::{Whom, allowed, opened},
    },
    egress::PRIVATE,
    project::CONFIGURATION,
};

use super::{Context, Failure, init::project_name};
use crate::arguments;

/// Writes the rule.
pub(super) fn allow(context: &Context, wanted: &arguments::Allow) -> Result<u8, Failure> {
    let home = context.around.user_home.as_deref();
    let ground = Ground::find(&context.common.directory, home, &[])
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let whom = wanted.step.as_deref().map_or(Whom::Commands, Whom::Step);
    let private = if wanted.private { PRIVATE } else { "" };
    let rule = format!("{private}{}", wanted.host);
    let diff = write_rules(&ground.root, &[rule], whom, false, true)?;
    if diff.is_empty() {
        context
            .screen
            .line(format_args!("{CONFIGURATION} allows it already: nothing to change"))?;
    } else {
        context.screen.text(&diff)?;
        context.screen.line("written: review it like any change")?;
    }
    Ok(0)
}

/// Adds rules to the project's configuration, which is made where there is none, and returns the
/// difference as a diff; empty if there is none. With `intercept`, what rules within TLS need is
/// added, too.
pub(super) fn write_rules(
    root: &Path,
    rules: &[String],
    whom: Whom<'_>,
    intercept: bool,
    write: bool,
) -> Result<String, Failure> {
    let path = root.join(CONFIGURATION);
    let before = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    let mut text = if before.is_empty() {
        let name = root.file_name().map(|name| name.to_string_lossy().into_owned());
        format!("[project]\nname = \"{}\"\n", project_name(&name.unwrap_or_default()))
    } else {
        before.clone()
    };
    let mut added = false;
    if intercept {
        let new = opened(&text, rules).map_err(|error| Failure::Usage(error.to_string()))?;
        if let Some(new) = new {
            text = new;
            added = true;
        }
    }
    for rule in rules {
        let new = allowed(&text, rule, whom).map_err(|error| Failure::Usage(error.to_string()))?;
        if let Some(new) = new {
            text = new;
            added = true;
        }
    }
    if !added {
        return Ok(String::new());
    }
    if write {
        let staged = root.join(format!(".{CONFIGURATION}.new"));
        fs::write(&staged, &text).and_then(|()| fs::rename(&staged, &path))?;
    }
    Ok(diff(&before, &text))
}

/// The lines that differ, with their sign, and up to two before and after. Only one stretch ever
/// does, or a few close together.
fn diff(before: &str, after: &str) -> String {
    const CONTEXT: usize = 2;
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) =
        (old.get(same..).unwrap_or_default(), new.get(same..).unwrap_or_default());
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let mut out = format!("--- {CONFIGURATION}\n+++ {CONFIGURATION}\n");
    let lead = same.saturating_sub(CONTEXT);
    let mut lines = |sign: char, lines: &[&str]| {
        for line in lines {
            _ = writeln!(out, "{sign}{line}");
        }
    };
    lines(' ', old.get(lead..same).unwrap_or_default());
    lines('-', old_rest.get(..old_rest.len() - tail).unwrap_or_default());
    lines('+', new_rest.get(..new_rest.len() - tail).unwrap_or_default());
    let rest = new_rest.get(new_rest.len() - tail..).unwrap_or_default();
    lines(' ', rest.get(..CONTEXT.min(rest.len())).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_what_differs_and_a_little_around() {
        assert_eq!(
            diff("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nD\ne\nf\n"),
            "--- penstock.toml\n+++ penstock.toml\n b\n c\n-d\n+D\n e\n f\n"
        );
        assert_eq!(diff("", "x\n"), "--- penstock.toml\n+++ penstock.toml\n+x\n");
        assert_eq!(diff("a\n", "a\n\nb\n"), "--- penstock.toml\n+++ penstock.toml\n a\n+\n+b\n");
    }
}

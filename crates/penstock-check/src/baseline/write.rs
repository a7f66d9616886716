use std::fmt;

use penstock_model::Timestamp;

use super::Baseline;

const HEADER: &str = "\
# Findings this project lives with for now. They do not block; every further occurrence does.
# Reason, owner and expires are yours to edit; `penstock init --baseline` keeps them.
";

/// The file's text: the same bytes for the same entries.
impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}version = {}", Self::VERSION)?;
        for entry in self.entries() {
            write!(f, "\n[[finding]]\nrule = {}\n", quoted(entry.rule.as_str()))?;
            writeln!(f, "fingerprint = {}", quoted(entry.fingerprint.as_str()))?;
            if entry.count != 1 {
                writeln!(f, "count = {}", entry.count)?;
            }
            if !entry.paths.is_empty() {
                let paths: Vec<_> = entry.paths.iter().map(|p| quoted(&p.to_string())).collect();
                writeln!(f, "paths = [{}]", paths.join(", "))?;
            }
            writeln!(f, "reason = {}", quoted(&entry.reason))?;
            if let Some(owner) = &entry.owner {
                writeln!(f, "owner = {}", quoted(owner))?;
            }
            for (key, time) in [("added", entry.added), ("expires", entry.expires)] {
                if let Some(time) = time {
                    writeln!(f, "{key} = \"{}\"", day(time))?;
                }
            }
        }
        Ok(())
    }
}

/// A basic string of TOML (<https://toml.io/en/v1.0.0#string>).
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// An instant at the beginning of a day as that day.
fn day(time: Timestamp) -> String {
    let text = time.to_string();
    text.strip_suffix("T00:00:00Z").map(str::to_owned).unwrap_or(text)
}

//! House rules no lint knows.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};

use crate::task;

/// Checks them all and names every place at once.
pub(crate) fn run() -> Result<()> {
    let mut faults = Vec::new();
    visit(&task::root().join("crates"), &mut faults)?;
    if faults.is_empty() {
        return Ok(());
    }
    faults.sort();
    bail!("house rules:\n{}", faults.join("\n"))
}

fn visit(directory: &Path, faults: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            visit(&path, faults)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            judge(&path, &text, faults);
        }
    }
    Ok(())
}

fn judge(path: &Path, text: &str, faults: &mut Vec<String>) {
    let shown = path.strip_prefix(task::root()).unwrap_or(path).display();
    let in_sandbox = path.components().any(|part| part.as_os_str() == "penstock-sandbox");
    if !in_sandbox && text.contains("unsafe_code") {
        faults.push(format!("{shown}: only penstock-sandbox may lift the ban on unsafe code"));
    }
    let generated = path.file_name().is_some_and(|name| name == "generated.rs");
    let lines = text.lines().count();
    if !generated && lines > 600 {
        faults.push(format!("{shown}: {lines} lines: which noun is hiding inside?"));
    }
}

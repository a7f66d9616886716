use std::{env::consts::ARCH, fs::DirBuilder, os::unix::fs::DirBuilderExt as _, path::Path};

use penstock_model::Sha256;
use penstock_road::session::Place;
use penstock_rootfs::{LeftOut, Platform, Record, RootError, Store};
use penstock_sandbox::confine_to_trees;

use super::{Context, Failure};
use crate::arguments;

/// Root file systems that steps can run in.
pub(super) fn root(context: &Context, wanted: &arguments::Root) -> Result<u8, Failure> {
    let project = context.project()?;
    let roots = Place::home(&project, &context.around)?.roots();
    let store = Store::at(&roots);
    match wanted {
        arguments::Root::Add { source, platform } => {
            let platform = match platform {
                Some(text) => text.parse()?,
                None => Platform::of_machine(ARCH),
            };
            // A second wall: what is unpacked is a stranger's.
            DirBuilder::new().recursive(true).mode(0o700).create(&roots)?;
            confine_to_trees(&roots);
            add(context, &store, source, &platform)
        }
        arguments::Root::List => list(context, &store),
        arguments::Root::Remove { digest } => {
            let digest = read(digest)?;
            store.remove(&digest)?;
            context.screen.line(format_args!("removed   sha256:{digest}"))?;
            Ok(0)
        }
    }
}

fn add(
    context: &Context,
    store: &Store,
    source: &Path,
    platform: &Platform,
) -> Result<u8, Failure> {
    let added = store.add(source, platform)?;
    let screen = &context.screen;
    let word = if added.already { "here      " } else { "added     " };
    screen.line(format_args!("{word}{}", described(&added.record)))?;
    if let Some(left_out) = left_out(&added.record.left_out) {
        screen.line(format_args!("left out  {left_out}"))?;
    }
    let names: Vec<&str> = added.record.environment.keys().map(String::as_str).collect();
    if !names.is_empty() {
        screen.line(format_args!("variables {}", names.join(", ")))?;
    }
    // Alone on its line, to be copied into a step of penstock.toml.
    screen.line(format_args!("root = \"sha256:{}\"", added.record.digest))?;
    Ok(0)
}

/// One that is not as it was is shown, and the answer is 3.
fn list(context: &Context, store: &Store) -> Result<u8, Failure> {
    let records = store.list()?;
    if records.is_empty() {
        context.screen.line("no roots yet: penstock root add FILE")?;
    }
    let mut changed = false;
    for record in records {
        let state = match store.get(&record.digest) {
            Ok(_) => "",
            Err(RootError::Changed(_)) => {
                changed = true;
                "  CHANGED: remove it and add it again"
            }
            Err(error) => return Err(error.into()),
        };
        let (digest, described) = (record.digest, described(&record));
        context.screen.line(format_args!("sha256:{digest}  {described}{state}"))?;
    }
    Ok(if changed { 3 } else { 0 })
}

/// The name comes from a file's, its bytes escaped when it was added.
fn described(record: &Record) -> String {
    let platform = record.platform.as_ref().map(|text| format!(", {text}")).unwrap_or_default();
    let mib = record.bytes.div_ceil(1 << 20);
    format!("{}{platform}, {} members, {mib} MiB", record.name, record.members)
}

fn left_out(left_out: &LeftOut) -> Option<String> {
    let kinds = [
        (left_out.devices, "devices"),
        (left_out.pipes, "pipes"),
        (left_out.special_bits, "set-user-id or like bits"),
        (left_out.attributes, "sets of extended attributes"),
    ];
    let some: Vec<String> = kinds
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{count} {kind}"))
        .collect();
    (!some.is_empty()).then(|| some.join(", "))
}

fn read(digest: &str) -> Result<Sha256, Failure> {
    digest.parse().map_err(|_| {
        let digest = digest.escape_debug();
        Failure::Usage(format!(
            "`{digest}` is no digest: give all of it, as penstock root list prints it"
        ))
    })
}

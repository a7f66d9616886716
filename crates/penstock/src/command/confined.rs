//! `penstock run -- COMMAND`: one command, confined, on the files here.

use std::{
    env, fs,
    io::{self, Write as _},
    os::{fd::AsFd as _, unix::fs::FileTypeExt as _},
    path::{Path, PathBuf},
};

use penstock_model::Secret;
use penstock_road::command::{Prepared, Request, World, allow::Whom, learn, record::CommandRecord};
use penstock_sandbox::{Stream, mask::Masker};

use super::{Context, Failure, allow::write_rules};
use crate::{arguments, summary};

/// Our own fault, where every other status is the command's: as `env` has it.
const OURS: u8 = 125;

/// Runs it; the status is the command's, 128 and the signal's number, or 125 to 127.
pub(super) fn run(context: &Context, wanted: &arguments::Run) -> Result<u8, Failure> {
    match try_run(context, wanted) {
        Ok(status) => Ok(status),
        Err(failure) => {
            _ = writeln!(io::stderr(), "penstock: {failure}");
            Ok(OURS)
        }
    }
}

fn try_run(context: &Context, wanted: &arguments::Run) -> Result<u8, Failure> {
    let around = &context.around;
    let usage = |error: penstock_road::command::CommandError| Failure::Usage(error.to_string());
    let cache = cache(context)?;
    let names: Vec<String> =
        env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
    let apart = apart(context, &cache);
    let world = World {
        exe: &around.exe,
        home: around.user_home.as_deref(),
        path: &around.path,
        cache: &cache,
        apart: &apart,
        lookup: &around.lookup,
        names: &names,
    };
    let request = Request {
        argv: wanted.command.clone(),
        directory: context.common.directory.clone(),
        preset: wanted.preset.clone(),
        allow: wanted.allow.clone(),
        no_network: wanted.no_network,
        intercept: wanted.intercept,
        env: wanted.env.clone(),
        secret: wanted.secret.clone(),
        allow_unconfined: wanted.allow_unconfined,
        strongest_rung: wanted.rung,
    };
    let prepared = Prepared::of(&request, &world).map_err(usage)?;
    // Opened before the command runs: a record that cannot be kept is no reason to have run it.
    let json = wanted.json.as_ref().map(|path| create(path)).transpose()?;
    let mut err = io::stderr();
    if !wanted.quiet {
        let home = around.user_home.as_deref();
        err.write_all(summary::head(&prepared, home, wanted.no_network).as_bytes())?;
    }
    let root = prepared.ground.root.clone();
    let mut output = Output::new(prepared.secrets());
    around.cancel.on_signals()?;
    let stdin = io::stdin();
    let input = (wanted.interactive || is_given(&stdin)).then(|| stdin.as_fd());
    let record = prepared.run(&around.exe, &around.cancel, input, &mut |stream, bytes| {
        output.write(stream, bytes);
    });
    output.finish();
    let record = record.map_err(usage)?;
    if let Some(file) = json {
        keep(file, &record)?;
    }
    if !wanted.quiet {
        err.write_all(summary::tail(&record).as_bytes())?;
    } else if record.exit_status >= OURS && record.outcome.contains(' ') {
        _ = writeln!(err, "penstock: {}", record.outcome);
    }
    if wanted.learn {
        teach(context, &record, &root, wanted.write)?;
    }
    Ok(record.exit_status)
}

/// Prints what the project's configuration would have to say, and writes it if told to.
fn teach(
    context: &Context,
    record: &CommandRecord,
    root: &Path,
    write: bool,
) -> Result<(), Failure> {
    let rules = learn::wanted(record);
    let mut err = io::stderr();
    let stay = record.denied.iter().filter(|denied| denied.kind == "write").count();
    if rules.is_empty() {
        writeln!(err, "learned   nothing to allow: penstock.toml needs no line for this")?;
    } else {
        let diff = write_rules(root, &rules, Whom::Commands, record.given.intercept, write)?;
        err.write_all(diff.as_bytes())?;
        if write {
            writeln!(err, "learned   {} written to penstock.toml: review it", hosts(rules.len()))?;
        } else {
            writeln!(
                err,
                "learned   penstock run --learn --write writes it; penstock allow HOST one line"
            )?;
        }
    }
    if stay > 0 {
        writeln!(err, "learned   {stay} refused writes stay refused: no line allows them")?;
    }
    _ = context;
    Ok(())
}

fn hosts(count: usize) -> String {
    if count == 1 { "1 host".to_owned() } else { format!("{count} hosts") }
}

fn create(path: &Path) -> Result<fs::File, Failure> {
    fs::File::create(path).map_err(|error| {
        Failure::Usage(format!("cannot write the record to `{}`: {error}", path.display()))
    })
}

fn keep(mut file: fs::File, record: &CommandRecord) -> Result<(), Failure> {
    let mut text = serde_json::to_vec_pretty(record).map_err(io::Error::from)?;
    text.push(b'\n');
    file.write_all(&text)?;
    Ok(())
}

/// Where caches are kept: the XDG base directory specification.
fn cache(context: &Context) -> Result<PathBuf, Failure> {
    let named = (context.around.lookup)("XDG_CACHE_HOME").map(PathBuf::from);
    let named = named.filter(|path| path.is_absolute());
    let home = || context.around.user_home.as_ref().map(|home| home.join(".cache"));
    named.or_else(home).ok_or_else(|| {
        Failure::Usage("there is nowhere to keep caches: set XDG_CACHE_HOME or HOME".to_owned())
    })
}

/// Our own directories, in which no command may work.
fn apart(context: &Context, cache: &Path) -> Vec<PathBuf> {
    let around = &context.around;
    let state = around.xdg_state_home.clone();
    let state = state.or_else(|| around.user_home.as_ref().map(|home| home.join(".local/state")));
    let mut apart = vec![cache.join("penstock")];
    apart.extend(state.map(|state| state.join("penstock")));
    apart.extend(around.state.clone());
    apart.extend(around.keys.clone());
    apart
}

/// Whether something is sent in: by a pipe, a file, a socket. A terminal is nobody's wish, and a
/// command that found a pipe in its place would wait for lines where it did not before.
fn is_given(stdin: &io::Stdin) -> bool {
    let metadata = stdin.as_fd().try_clone_to_owned().map(fs::File::from);
    let metadata = metadata.and_then(|input| input.metadata());
    metadata.is_ok_and(|input| !input.file_type().is_char_device())
}

/// What the command writes, as it comes, masked.
struct Output {
    out: Masker,
    err: Masker,
}

impl Output {
    fn new(secrets: &[Secret]) -> Self {
        Self { out: Masker::new(secrets), err: Masker::new(secrets) }
    }

    fn write(&mut self, stream: Stream, bytes: &[u8]) {
        match stream {
            Stream::Stdout => pass(&mut io::stdout(), &self.out.push(bytes)),
            Stream::Stderr => pass(&mut io::stderr(), &self.err.push(bytes)),
        }
    }

    fn finish(&mut self) {
        pass(&mut io::stdout(), &self.out.finish());
        pass(&mut io::stderr(), &self.err.finish());
    }
}

/// A reader that has gone away (`| head -1`) ends nothing half-way.
fn pass(to: &mut dyn io::Write, bytes: &[u8]) {
    _ = to.write_all(bytes).and_then(|()| to.flush());
}

//! Starting programs and reading clocks.

use std::{
    fs,
    num::NonZeroUsize,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::{
    param::clock_ticks_per_second,
    time::{ClockId, clock_gettime},
};

/// From before the start of a program to after its end. It must end with success.
pub(crate) fn time(command: &mut Command) -> Result<Duration> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status();
    let elapsed = start.elapsed();
    let status = status.with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?}: {status}");
    }
    Ok(elapsed)
}

/// Runs a program to its end; when that is no success, what it wrote is the error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        let wrote = [output.stdout, output.stderr].concat();
        bail!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&wrote));
    }
    Ok(())
}

/// A program that does nothing, started the same way.
pub(crate) fn nothing() -> Result<Duration> {
    time(&mut Command::new("/bin/true"))
}

/// `penstock`, with no colour, no configuration of the caller's and the state given.
pub(crate) fn penstock(exe: &Path, home: &Path) -> Command {
    let mut command = Command::new(exe);
    command.env_remove("CI").env_remove("PENSTOCK_KEYS").env("PENSTOCK_HOME", home);
    command
}

/// CPU time of all threads of this process.
pub(crate) fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// CPU time of all ended and awaited children of this process, with what they started.
pub(crate) fn cpu_of_children() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").context("/proc/self/stat")?;
    // proc_pid_stat(5): the name, in brackets, may hold anything; `cutime` is the 16th field.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
    let ticks: u64 =
        fields.split_whitespace().skip(13).take(2).map_while(|f| f.parse::<u64>().ok()).sum();
    Ok(Duration::from_secs(ticks) / u32::try_from(clock_ticks_per_second()).unwrap_or(100))
}

/// Whether a program is found along the search path.
pub(crate) fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// Whether more programs want a processor than there are, this one not counted.
pub(crate) fn contended() -> bool {
    // proc_loadavg(5): the fourth field is `runnable/all`, threads in both.
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let runnable = load.split([' ', '/']).nth(3).and_then(|field| field.parse::<usize>().ok());
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    runnable.is_some_and(|runnable| runnable > processors)
}

//! The one place that reads the clock and the environment.

use std::{
    collections::BTreeSet,
    env,
    ffi::OsString,
    fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use penstock_model::Timestamp;
use penstock_road::session::Surroundings;
use penstock_sandbox::CancelToken;

use crate::arguments::Common;

/// This program's version.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The world outside, as this process finds it and `common` overrides it.
pub(crate) fn surroundings(common: &Common) -> std::io::Result<Surroundings> {
    let fixed = common.now;
    // First of all: what is opened from here on is ours.
    let inherited = descriptors();
    Ok(Surroundings {
        exe: env::current_exe()?,
        state: absolute(common.home.clone())?,
        keys: absolute(common.keys.clone())?,
        xdg_state_home: variable("XDG_STATE_HOME").map(PathBuf::from),
        user_home: variable("HOME").map(PathBuf::from),
        path: variable("PATH").unwrap_or_default(),
        ci: variable("CI").is_some_and(|value| value == "true" || value == "1"),
        version: VERSION.to_owned(),
        cancel: CancelToken::new()?,
        clock: Box::new(move || fixed.unwrap_or_else(clock)),
        lookup: Box::new(|name| env::var_os(name)),
        inherited,
    })
}

/// The descriptors that are open, without the terminal's and the one that lists them.
fn descriptors() -> BTreeSet<u32> {
    let open = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let numbers = open.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let open: BTreeSet<u32> = numbers.filter(|number| *number > 2).collect();
    // The one that listed them is closed by now.
    open.into_iter()
        .filter(|number| fs::metadata(format!("/proc/self/fd/{number}")).is_ok())
        .collect()
}

fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Paths are given to other processes, which may be somewhere else.
fn absolute(path: Option<PathBuf>) -> std::io::Result<Option<PathBuf>> {
    path.map(std::path::absolute).transpose()
}

/// What time it is now.
pub(crate) fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    // A clock beyond the year 9999 is wrong, and so is any answer to it; the epoch shows it.
    Timestamp::from_unix(seconds)
        .or_else(|_| Timestamp::from_unix(0))
        .unwrap_or_else(|_| unreachable_epoch())
}

#[expect(clippy::unreachable, reason = "the epoch itself is always an instant")]
fn unreachable_epoch() -> Timestamp {
    unreachable!("the epoch is an instant")
}

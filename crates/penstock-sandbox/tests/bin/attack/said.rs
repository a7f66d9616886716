//! What a hostile program tells the test, one line a thing it tried.

use std::io::{self, Write as _};

/// It was done.
pub(super) fn through(what: &str, how: &str) -> io::Result<()> {
    line(&format!("through: {what}: {how}"))
}

/// It was done or it was not.
pub(super) fn tried(what: &str, result: io::Result<()>) -> io::Result<()> {
    match result {
        Ok(()) => through(what, "done"),
        Err(error) => line(&format!("closed: {what}: {error}")),
    }
}

pub(super) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{text}")?;
    out.flush()
}

/// A return value of the C library.
pub(super) fn checked(result: impl Into<i64>) -> io::Result<i64> {
    let result = result.into();
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

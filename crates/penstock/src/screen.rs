//! Standard output: facts, coloured where a person looks.

use std::{
    fmt,
    io::{self, IsTerminal as _, Write},
    sync::{Mutex, PoisonError},
};

use crate::arguments::Color;

/// Where results go. Progress goes to standard error, so that results can be piped.
pub(crate) struct Screen {
    out: Mutex<Box<dyn Write + Send>>,
    color: bool,
}

impl Screen {
    pub(crate) fn stdout(color: Color) -> Self {
        let stdout = io::stdout();
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        };
        Self { out: Mutex::new(Box::new(stdout)), color }
    }

    pub(crate) fn color(&self) -> bool {
        self.color
    }

    /// Prints one line.
    pub(crate) fn line(&self, line: impl fmt::Display) -> io::Result<()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        unless_nobody_reads(writeln!(out, "{line}").and_then(|()| out.flush()))
    }

    /// Prints text that ends its own lines.
    pub(crate) fn text(&self, text: &str) -> io::Result<()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        unless_nobody_reads(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
    }

    /// A word that stands out.
    pub(crate) fn paint(&self, tone: Tone, word: &str) -> String {
        if self.color { format!("\x1b[{}m{word}\x1b[0m", tone.code()) } else { word.to_owned() }
    }
}

/// A reader that has gone away (`| head -1`) stops nothing half-way and changes no exit status.
fn unless_nobody_reads(printed: io::Result<()>) -> io::Result<()> {
    match printed {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// How a word stands out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tone {
    Bad,
    Good,
    Quiet,
    Warn,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Self::Bad => "1;31",
            Self::Good => "32",
            Self::Quiet => "2",
            Self::Warn => "33",
        }
    }
}

use std::process::Output;

/// What the program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit status; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// It ended with this exit status.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "\n{self}");
        self
    }

    /// It said this, on either stream.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(self.has(words), "nowhere `{words}` in\n{self}");
        self
    }

    /// It did not say this.
    #[track_caller]
    pub(crate) fn does_not_say(&self, words: &str) -> &Self {
        assert!(!self.has(words), "`{words}` in\n{self}");
        self
    }

    pub(crate) fn has(&self, words: &str) -> bool {
        self.out.contains(words) || self.err.contains(words)
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {:?}\n--- out\n{}\n--- err\n{}", self.code, self.out, self.err)
    }
}

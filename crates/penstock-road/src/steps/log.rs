//! A step's output: masked, kept whole in a file, shown line by line.

use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
    sync::Arc,
};

use penstock_sandbox::{
    Stream,
    mask::{Forms, Masker},
};

use crate::timeline::{Event, Timeline};

/// The longest line that is shown as one; a longer one is shown in pieces.
const MAX_LINE_BYTES: usize = 64 << 10;

/// Takes what a step writes.
pub(super) struct Log<'a> {
    step: &'a str,
    timeline: &'a dyn Timeline,
    file: io::BufWriter<File>,
    failed: Option<io::Error>,
    streams: [Half; 2],
}

/// One of the two streams: its masker and the line that has begun.
struct Half {
    masker: Masker,
    line: Vec<u8>,
}

impl<'a> Log<'a> {
    /// A log of `step` in a new file at `path`.
    pub(super) fn create(
        path: &Path,
        step: &'a str,
        forms: &Arc<Forms>,
        timeline: &'a dyn Timeline,
    ) -> io::Result<Self> {
        let half = || Half { masker: Masker::of(Arc::clone(forms)), line: Vec::new() };
        let file = io::BufWriter::new(File::create_new(path)?);
        Ok(Self { step, timeline, file, failed: None, streams: [half(), half()] })
    }

    /// The next bytes of a stream.
    pub(super) fn write(&mut self, stream: Stream, bytes: &[u8]) {
        let [out, err] = &mut self.streams;
        let half = if stream == Stream::Stdout { out } else { err };
        let shown = half.masker.push(bytes);
        half.line.extend_from_slice(&shown);
        self.lines(stream);
    }

    /// The end of both streams. The file is complete when this returns.
    ///
    /// # Errors
    /// The first write to the file that failed, if one did.
    pub(super) fn finish(mut self) -> io::Result<()> {
        for stream in [Stream::Stdout, Stream::Stderr] {
            let half = self.half(stream);
            let rest = half.masker.finish();
            half.line.extend_from_slice(&rest);
            self.lines(stream);
            let last = std::mem::take(&mut self.half(stream).line);
            if !last.is_empty() {
                self.show(&last);
            }
        }
        match self.failed {
            Some(error) => Err(error),
            None => self.file.flush(),
        }
    }

    fn half(&mut self, stream: Stream) -> &mut Half {
        let [out, err] = &mut self.streams;
        if stream == Stream::Stdout { out } else { err }
    }

    /// Shows every line that is complete.
    fn lines(&mut self, stream: Stream) {
        let begun = std::mem::take(&mut self.half(stream).line);
        let mut rest = begun.as_slice();
        loop {
            let within = rest.get(..MAX_LINE_BYTES).unwrap_or(rest);
            if let Some(end) = within.iter().position(|byte| *byte == b'\n') {
                let (line, after) = rest.split_at(end);
                self.show(line);
                rest = after.strip_prefix(b"\n").unwrap_or(after);
            } else if within.len() == MAX_LINE_BYTES {
                self.show(within);
                rest = rest.get(MAX_LINE_BYTES..).unwrap_or_default();
            } else {
                break;
            }
        }
        self.half(stream).line = rest.to_vec();
    }

    fn show(&mut self, line: &[u8]) {
        self.timeline.event(&Event::StepOutput { step: self.step, line });
        if self.failed.is_none()
            && let Err(error) = self.file.write_all(line).and_then(|()| self.file.write_all(b"\n"))
        {
            self.failed = Some(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use penstock_model::Secret;

    use super::*;

    #[derive(Default)]
    struct Lines(Mutex<Vec<String>>);

    impl Timeline for Lines {
        fn event(&self, event: &Event<'_>) {
            if let Event::StepOutput { line, .. } = event {
                self.0.lock().unwrap().push(String::from_utf8_lossy(line).into_owned());
            }
        }
    }

    fn log(writes: &[(Stream, &str)], secrets: &[Secret]) -> (Vec<String>, String) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let lines = Lines::default();
        let mut log = Log::create(&path, "s", &Forms::new(secrets), &lines).unwrap();
        for (stream, text) in writes {
            log.write(*stream, text.as_bytes());
        }
        log.finish().unwrap();
        (lines.0.into_inner().unwrap(), std::fs::read_to_string(path).unwrap())
    }

    #[test]
    fn lines_come_whole_however_they_were_written() {
        use Stream::{Stderr, Stdout};
        let (lines, file) =
            log(&[(Stdout, "a"), (Stderr, "x\n"), (Stdout, "b\n\nc"), (Stdout, "d")], &[]);
        assert_eq!(lines, ["x", "ab", "", "cd"]);
        assert_eq!(file, "x\nab\n\ncd\n");
    }

    #[test]
    fn a_secret_split_across_writes_reaches_neither_the_screen_nor_the_file() {
        let secret = Secret::new(*b"correct-horse");
        let (lines, file) =
            log(&[(Stream::Stdout, "key=correct"), (Stream::Stdout, "-horse!\n")], &[secret]);
        assert_eq!(lines, ["key=***!"]);
        assert!(!file.contains("horse"));
    }

    #[test]
    fn a_line_without_end_is_shown_in_pieces() {
        let long = "x".repeat(MAX_LINE_BYTES * 2 + 10);
        let (lines, file) = log(&[(Stream::Stdout, &long)], &[]);
        assert!(lines.len() > 1);
        assert_eq!(file.bytes().filter(|b| *b == b'x').count(), long.len());
    }
}

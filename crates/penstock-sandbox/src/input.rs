use std::{
    io,
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
    slice,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{FileType, SeekFrom, fstat, seek},
    io::{Errno, ioctl_fionbio, ioctl_fionread, read, write},
    pipe::{PipeFlags, fcntl_setpipe_size, pipe_with},
};

/// Bytes taken at a time; a pipe takes as many at once or none (pipe(7), `PIPE_BUF`).
const PIECE_BYTES: usize = 4096;

/// Passes somebody's input on to a step. The step reads a pipe, never the terminal, socket or file
/// itself: what else can be done with those, it cannot do.
///
/// One piece at most is taken that the step has not read, so that little is lost to whoever reads
/// on after the step: the next command at a terminal, the loop of a script. Of a file nothing is
/// lost: what was not read is given back when this is dropped.
pub(crate) struct Input<'a> {
    from: BorrowedFd<'a>,
    /// Until all of the input was passed on.
    to: Option<OwnedFd>,
    /// The step's end again, of what comes from a file: what is in it was not read.
    rest: Option<OwnedFd>,
    /// Whether the step has read all there was so far.
    empty: bool,
}

impl<'a> Input<'a> {
    /// The relay, and the end of the pipe that is the step's.
    pub(crate) fn new(from: BorrowedFd<'a>) -> io::Result<(Self, OwnedFd)> {
        let (theirs, to) = pipe_with(PipeFlags::CLOEXEC)?;
        // One page: it can be written to when it is empty, and only then.
        fcntl_setpipe_size(&to, PIECE_BYTES)?;
        ioctl_fionbio(&to, true)?;
        let is_file = FileType::from_raw_mode(fstat(from)?.st_mode) == FileType::RegularFile;
        let rest = is_file.then(|| theirs.try_clone()).transpose()?;
        Ok((Self { from, to: Some(to), rest, empty: true }, theirs))
    }

    /// What to wait for before the next [`Self::pass`].
    pub(crate) fn awaits(&self) -> Vec<PollFd<'_>> {
        let Some(to) = &self.to else { return Vec::new() };
        // Without a wish, too, poll(2) tells that nobody reads any more.
        let wish = if self.empty { PollFlags::empty() } else { PollFlags::OUT };
        let mut fds = vec![PollFd::from_borrowed_fd(to.as_fd(), wish)];
        if self.empty {
            fds.push(PollFd::from_borrowed_fd(self.from, PollFlags::IN));
        }
        fds
    }

    /// Passes a piece on, if there is one and the step has read the one before. Does not wait.
    pub(crate) fn pass(&mut self) {
        let Some(to) = &self.to else { return };
        let room = ready(to.as_fd(), PollFlags::OUT);
        self.empty = room.contains(PollFlags::OUT);
        if room.contains(PollFlags::ERR) {
            self.to = None;
        } else if self.empty && !ready(self.from, PollFlags::IN).is_empty() {
            let mut piece = [0; PIECE_BYTES];
            let passed = match read(self.from, &mut piece) {
                Err(Errno::INTR | Errno::AGAIN) => return,
                Ok(count @ 1..) => write(to, piece.get(..count).unwrap_or_default()).is_ok(),
                Ok(0) | Err(_) => false,
            };
            self.empty = false;
            if !passed {
                // Its end is the end of the step's input.
                self.to = None;
            }
        }
    }
}

impl Drop for Input<'_> {
    fn drop(&mut self) {
        let unread = self.rest.as_ref().and_then(|rest| ioctl_fionread(rest).ok());
        if let Some(back) = unread.and_then(|unread| i64::try_from(unread).ok())
            && back > 0
        {
            // A file that cannot be sought in was no file.
            _ = seek(self.from, SeekFrom::Current(-back));
        }
    }
}

fn ready(fd: BorrowedFd<'_>, wish: PollFlags) -> PollFlags {
    let mut fd = PollFd::from_borrowed_fd(fd, wish);
    match poll(slice::from_mut(&mut fd), Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) {
        Ok(_) => fd.revents(),
        Err(_) => PollFlags::empty(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::File,
        io::{Read as _, Seek as _, Write as _},
        os::unix::net::UnixStream,
    };

    use super::*;

    #[test]
    fn one_piece_is_taken_before_the_first_was_read() {
        let (mut near, far) = UnixStream::pair().unwrap();
        near.write_all(&vec![b'x'; 3 * PIECE_BYTES]).unwrap();
        let (mut input, theirs) = Input::new(far.as_fd()).unwrap();
        for _ in 0..5 {
            input.pass();
        }
        assert_eq!(ioctl_fionread(&theirs).unwrap(), PIECE_BYTES as u64);
        assert_eq!(ioctl_fionread(&far).unwrap(), 2 * PIECE_BYTES as u64);
        let mut theirs = File::from(theirs);
        theirs.read_exact(&mut [0; PIECE_BYTES]).unwrap();
        input.pass();
        assert_eq!(ioctl_fionread(&far).unwrap(), PIECE_BYTES as u64);
    }

    #[test]
    fn its_end_is_the_end() {
        let (mut near, far) = UnixStream::pair().unwrap();
        near.write_all(b"all of it").unwrap();
        drop(near);
        let (mut input, theirs) = Input::new(far.as_fd()).unwrap();
        let mut theirs = File::from(theirs);
        input.pass();
        let mut said = [0; 9];
        theirs.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"all of it");
        input.pass();
        assert!(input.awaits().is_empty());
        assert_eq!(theirs.read(&mut said).unwrap(), 0);
    }

    #[test]
    fn what_was_not_read_of_a_file_is_given_back() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"first\nsecond\n").unwrap();
        file.rewind().unwrap();
        let from = file.try_clone().unwrap();
        let (mut input, theirs) = Input::new(from.as_fd()).unwrap();
        for _ in 0..3 {
            input.pass();
        }
        let mut theirs = File::from(theirs);
        theirs.read_exact(&mut [0; 6]).unwrap();
        // The step has ended, and with it its end.
        drop(theirs);
        drop(input);
        let mut rest = String::new();
        file.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "second\n");
    }

    #[test]
    fn nothing_is_taken_for_nobody() {
        let (mut near, far) = UnixStream::pair().unwrap();
        near.write_all(b"kept").unwrap();
        let (mut input, theirs) = Input::new(far.as_fd()).unwrap();
        drop(theirs);
        input.pass();
        assert!(input.awaits().is_empty());
        assert_eq!(ioctl_fionread(&far).unwrap(), 4);
    }
}

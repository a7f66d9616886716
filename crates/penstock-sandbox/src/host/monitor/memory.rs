//! What a waiting program's arguments point to. It is read from a hostile program's memory: bounded,
//! and nothing is ever allowed because of it.

use std::{fs::File, io, os::unix::fs::FileExt as _};

/// Pages are the unit in which memory is there or not.
const PAGE: usize = 4096;

/// A text up to its final zero byte, at most `most` bytes of it; and whether it was cut.
pub(super) fn text(thread: u32, address: u64, most: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut text = Vec::new();
    let mut chunk = [0; PAGE];
    while text.len() < most {
        let at = address.wrapping_add(text.len() as u64);
        let within = PAGE - usize::try_from(at % PAGE as u64).unwrap_or(0);
        let wanted = chunk.get_mut(..within.min(most - text.len())).unwrap_or_default();
        let count = read(thread, at, wanted)?;
        let part = chunk.get(..count).unwrap_or_default();
        if let Some(end) = memchr::memchr(0, part) {
            text.extend_from_slice(part.get(..end).unwrap_or_default());
            return Ok((text, false));
        }
        if part.is_empty() {
            return Err(io::Error::from_raw_os_error(libc::EFAULT));
        }
        text.extend_from_slice(part);
    }
    Ok((text, true))
}

/// The texts of a list of pointers that ends with null, at most `most` of them and `bytes` in all;
/// and whether it was cut.
pub(super) fn texts(
    thread: u32,
    address: u64,
    most: usize,
    bytes: usize,
) -> io::Result<(Vec<Vec<u8>>, bool)> {
    let mut texts = Vec::new();
    let mut left = bytes;
    if address == 0 {
        return Ok((texts, false));
    }
    for index in 0..=most {
        let mut pointer = [0; 8];
        read_exact(thread, address.wrapping_add(8 * index as u64), &mut pointer)?;
        let pointer = u64::from_ne_bytes(pointer);
        if pointer == 0 {
            return Ok((texts, false));
        }
        if index == most || left == 0 {
            break;
        }
        let (one, cut) = text(thread, pointer, left)?;
        left -= one.len().min(left);
        texts.push(one);
        if cut {
            break;
        }
    }
    Ok((texts, true))
}

/// Fills `buffer` or fails.
pub(super) fn read_exact(thread: u32, address: u64, buffer: &mut [u8]) -> io::Result<()> {
    if read(thread, address, buffer)? == buffer.len() {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(libc::EFAULT))
    }
}

/// process_vm_readv(2), or proc_pid_mem(5) where a container's filter bars that call.
fn read(thread: u32, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    match read_vector(thread, address, buffer) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::EPERM | libc::ENOSYS)) => {
            read_file(thread, address, buffer)
        }
        other => other,
    }
}

fn read_file(thread: u32, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let memory = File::open(format!("/proc/{thread}/mem"))?;
    match memory.read_at(buffer, address) {
        // What is not there is an I/O error of the file.
        Err(error) if error.raw_os_error() == Some(libc::EIO) => {
            Err(io::Error::from_raw_os_error(libc::EFAULT))
        }
        other => other,
    }
}

fn read_vector(thread: u32, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let ours = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let theirs = libc::iovec { iov_base: address as *mut libc::c_void, iov_len: buffer.len() };
    // SAFETY: our vector is an exclusively borrowed, live buffer with its true length. The other one
    // is an address of the other process, which the kernel checks there and never touches here.
    let count = unsafe {
        libc::process_vm_readv(thread.cast_signed(), &raw const ours, 1, &raw const theirs, 1, 0)
    };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> u32 {
        std::process::id()
    }

    #[test]
    fn texts_are_read_to_their_end_and_no_further() {
        let long = [vec![b'x'; 3 * PAGE], vec![0]].concat();
        let at = long.as_ptr() as u64;
        assert_eq!(text(own(), at, 4 * PAGE).unwrap(), (vec![b'x'; 3 * PAGE], false));
        assert_eq!(text(own(), at, 10).unwrap(), (vec![b'x'; 10], true));
        assert_eq!(text(own(), at, 0).unwrap(), (Vec::new(), true));
        let words = [c"one", c"", c"three"];
        let list: Vec<u64> = words.iter().map(|word| word.as_ptr() as u64).chain([0]).collect();
        let at = list.as_ptr() as u64;
        let all = vec![b"one".to_vec(), Vec::new(), b"three".to_vec()];
        assert_eq!(texts(own(), at, 9, 99).unwrap(), (all.clone(), false));
        assert_eq!(texts(own(), at, 3, 99).unwrap(), (all, false));
        assert_eq!(texts(own(), at, 2, 99).unwrap(), (vec![b"one".to_vec(), Vec::new()], true));
        assert_eq!(texts(own(), at, 9, 2).unwrap(), (vec![b"on".to_vec()], true));
    }

    #[test]
    fn both_ways_of_reading_read_the_same() {
        let text = vec![b'x'; 2 * PAGE];
        let at = text.as_ptr() as u64;
        for read in [read_vector, read_file] {
            let mut read_text = vec![0; text.len()];
            assert_eq!(read(own(), at, &mut read_text).unwrap(), text.len());
            assert_eq!(read_text, text);
            let error = read(own(), 8, &mut [0; 4]).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::EFAULT));
        }
    }

    #[test]
    fn a_bad_address_is_an_error() {
        assert!(text(own(), 8, 100).is_err());
        assert!(texts(own(), u64::MAX - 3, 9, 99).is_err());
        assert_eq!(texts(own(), 0, 9, 99).unwrap(), (Vec::new(), false));
    }
}

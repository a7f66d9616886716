//! Headers of tar: POSIX.1-2017 `pax`, "ustar Interchange Format" and "pax Extended Header", and
//! GNU's base-256 numbers (GNU tar manual, "Basic Tar Format").

use crate::RootError;

/// Headers are one block and contents whole ones.
pub(crate) const BLOCK: usize = 512;

/// One block that says what follows it.
pub(crate) struct Header<'a>(pub(crate) &'a [u8; BLOCK]);

impl Header<'_> {
    fn field(&self, start: usize, length: usize) -> &[u8] {
        self.0.get(start..start + length).unwrap_or_default()
    }

    /// Whether the sum over all bytes, its own counted as spaces, is the one written. Some old
    /// programs took the bytes as signed.
    pub(crate) fn adds_up(&self) -> bool {
        let Ok(written) = number(self.field(148, 8)) else { return false };
        let own = 148..156;
        let mut unsigned = 0_u64;
        let mut signed = 0_i64;
        for (at, byte) in self.0.iter().enumerate() {
            let byte = if own.contains(&at) { b' ' } else { *byte };
            unsigned += u64::from(byte);
            signed += i64::from(byte.cast_signed());
        }
        written == unsigned || i64::try_from(written) == Ok(signed)
    }

    pub(crate) fn kind(&self) -> u8 {
        self.field(156, 1).first().copied().unwrap_or(0)
    }

    pub(crate) fn size(&self) -> Result<u64, RootError> {
        number(self.field(124, 12))
    }

    /// Permission bits, set-user-id and the like among them.
    pub(crate) fn mode(&self) -> Result<u32, RootError> {
        Ok(u32::try_from(number(self.field(100, 8))? & 0o7777).unwrap_or(0))
    }

    /// Seconds since 1970; 0 where it makes no sense or lies before.
    pub(crate) fn modified(&self) -> i64 {
        number(self.field(136, 12)).ok().and_then(|time| i64::try_from(time).ok()).unwrap_or(0)
    }

    pub(crate) fn name(&self) -> Vec<u8> {
        let name = until_nul(self.field(0, 100));
        // GNU's mark is `ustar  `, and it keeps other things where POSIX has the prefix.
        let prefix = if self.field(257, 6) == b"ustar\0" { self.field(345, 155) } else { b"" };
        match until_nul(prefix) {
            b"" => name.to_vec(),
            prefix => [prefix, b"/", name].concat(),
        }
    }

    pub(crate) fn link(&self) -> Vec<u8> {
        until_nul(self.field(157, 100)).to_vec()
    }
}

/// What extended headers say about the next member, as far as it matters here.
#[derive(Default)]
pub(crate) struct Extended {
    pub(crate) name: Option<Vec<u8>>,
    pub(crate) link: Option<Vec<u8>>,
    pub(crate) size: Option<u64>,
    pub(crate) modified: Option<i64>,
    pub(crate) attributes: bool,
}

impl Extended {
    /// Takes in pax records, `LENGTH KEY=VALUE\n`. `global` ones are for all members that follow:
    /// nobody writes names or sizes that way but to be read differently by different programs.
    pub(crate) fn read(&mut self, mut records: &[u8], global: bool) -> Result<(), RootError> {
        while !records.is_empty() {
            let wrong = || malformed("an extended header makes no sense");
            let (key, value, rest) = record(records).ok_or_else(wrong)?;
            records = rest;
            if key.starts_with(b"GNU.sparse.") {
                return Err(sparse());
            }
            let matters = matches!(key, b"path" | b"linkpath" | b"size");
            if global {
                if matters {
                    return Err(malformed("a global header names or measures members"));
                }
                continue;
            }
            if matters && value.contains(&0) {
                return Err(wrong());
            }
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => self.size = Some(decimal(value).ok_or_else(wrong)?),
                b"mtime" => {
                    let whole = value.split(|byte| *byte == b'.').next().unwrap_or_default();
                    self.modified = decimal(whole).and_then(|time| i64::try_from(time).ok());
                }
                _ if key.starts_with(b"SCHILY.xattr.")
                    || key.starts_with(b"LIBARCHIVE.xattr.")
                    || key.starts_with(b"SCHILY.acl.")
                    || key.starts_with(b"RHT.security.selinux") =>
                {
                    self.attributes = true;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The first record's key and value, and what follows it.
fn record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = records.iter().take(20).position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(records.get(..space)?)?).ok()?;
    let (record, rest) = records.split_at_checked(length)?;
    let text = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = text.iter().position(|byte| *byte == b'=')?;
    Some((text.get(..equals)?, text.get(equals + 1..)?, rest))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    str::from_utf8(digits).ok().filter(|_| plain)?.parse().ok()
}

/// Octal digits between spaces and NULs, or GNU's base 256 where the first bit is set.
fn number(field: &[u8]) -> Result<u64, RootError> {
    let wrong = || malformed("a number in a header makes no sense");
    if let Some((first @ 0x80.., rest)) = field.split_first() {
        // The second bit is the sign: the number would be below zero.
        if first & 0x40 != 0 {
            return Err(wrong());
        }
        return rest.iter().try_fold(u64::from(first & 0x3f), |number, byte| {
            number.checked_mul(256).map(|number| number | u64::from(*byte)).ok_or_else(wrong)
        });
    }
    let digits = field.trim_ascii_start();
    let end = digits.iter().position(|byte| matches!(byte, b' ' | 0)).unwrap_or(digits.len());
    digits.iter().take(end).try_fold(0_u64, |number, digit| match digit {
        b'0'..=b'7' => {
            number.checked_mul(8).map(|number| number + u64::from(digit - b'0')).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    })
}

pub(crate) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

pub(crate) fn malformed(what: &str) -> RootError {
    RootError::Malformed(what.to_owned())
}

pub(crate) fn sparse() -> RootError {
    malformed("sparse members are not read: make the archive without --sparse")
}

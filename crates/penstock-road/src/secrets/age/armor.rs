//! The text form: RFC 7468 with the label `AGE ENCRYPTED FILE`, which the age format makes strict.

use std::borrow::Cow;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::AgeFault;

const BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const END: &[u8] = b"-----END AGE ENCRYPTED FILE-----";
const COLUMNS: usize = 64;

/// The bytes of a file that may be armored. White space may stand around the armor.
pub(super) fn remove(file: &[u8]) -> Result<Cow<'_, [u8]>, AgeFault> {
    let text = file.trim_ascii();
    let Some(text) = text.strip_prefix(BEGIN) else { return Ok(Cow::Borrowed(file)) };
    let text = text.strip_suffix(END).ok_or(AgeFault::Malformed("its armor has no end"))?;
    let mut body = Vec::with_capacity(text.len());
    let mut short = false;
    let lines = text.strip_prefix(b"\r").unwrap_or(text).strip_prefix(b"\n");
    let lines = lines.and_then(|lines| lines.strip_suffix(b"\n"));
    let lines = lines.ok_or(AgeFault::Malformed("its armor is not in lines"))?;
    for line in lines.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if short || line.is_empty() || line.len() > COLUMNS {
            return Err(AgeFault::Malformed("a line of its armor is too long or too short"));
        }
        short = line.len() < COLUMNS;
        body.extend_from_slice(line);
    }
    let bytes = BASE64_STANDARD.decode(body);
    Ok(Cow::Owned(bytes.map_err(|_| AgeFault::Malformed("its armor is not base64"))?))
}

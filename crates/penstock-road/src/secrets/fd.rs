//! `fd:N`.

use std::{fs::File, io::Read as _, sync::PoisonError};

use penstock_model::Secret;
use penstock_sandbox::mask::MAX_SECRET_BYTES;

use super::{SecretFault, Sources, without_last_line_feed};

impl Sources<'_> {
    /// What a descriptor of the caller holds up to its end, without the last line feed. It is read
    /// once; who names it again is given the same.
    pub(super) fn read_descriptor(&self, number: u32) -> Result<Secret, SecretFault> {
        if !self.inherited.contains(&number) {
            return Err(SecretFault::NotInherited(number));
        }
        // Held while reading, so that two steps do not each get a part.
        let mut known = self.from_descriptors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known.get(&number) {
            return Ok(value.clone());
        }
        let unreadable = |error: std::io::Error| SecretFault::Unreadable(error.kind());
        // Opening it anew needs no `unsafe`; the end of a pipe is the same. The number itself stays
        // open in this process, and the step-host closes it before anything of a step exists.
        let file = File::open(format!("/proc/self/fd/{number}")).map_err(unreadable)?;
        let mut bytes = Vec::with_capacity(MAX_SECRET_BYTES + 2);
        let limit = MAX_SECRET_BYTES as u64 + 2;
        file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
        let whole = Secret::new(bytes);
        let value = Secret::new(without_last_line_feed(whole.expose()));
        known.insert(number, value.clone());
        Ok(value)
    }
}

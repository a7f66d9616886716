use std::fmt;

use zeroize::Zeroize as _;

/// A value that must not be printed, logged or serialised.
///
/// There is no `Display`, no `Serialize`, and `Debug` shows only that something is there. The value
/// leaves through [`Secret::expose`], a name a reviewer can search for. Its memory is overwritten
/// when it is dropped; copies made of what `expose` shows are not.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<Vec<u8>>) -> Self {
        Self(value.into())
    }

    /// The value itself.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        assert_eq!(format!("{:?}", Secret::new(*b"hunter2")), "Secret(***)");
    }
}

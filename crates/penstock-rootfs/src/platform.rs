use std::{fmt, str::FromStr};

use crate::RootError;

/// What an image is made for: OCI image index, `platform`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// As Go names it: `amd64`, `arm64`.
    pub architecture: String,
    /// `v8`; none asked for is whichever there is.
    pub variant: Option<String>,
}

impl Platform {
    /// This machine's; `machine` is Rust's name of the architecture.
    pub fn of_machine(machine: &str) -> Self {
        let architecture = match machine {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        Self { os: "linux".to_owned(), architecture: architecture.to_owned(), variant: None }
    }

    /// Whether something for `other` is what was asked for.
    pub(crate) fn accepts(&self, other: &Self) -> bool {
        self.os == other.os
            && self.architecture == other.architecture
            && (self.variant.is_none() || self.variant == other.variant)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

impl FromStr for Platform {
    type Err = RootError;

    fn from_str(text: &str) -> Result<Self, RootError> {
        let plain = |part: &&str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        };
        let parts: Vec<&str> = text.split('/').filter(plain).collect();
        match (parts.as_slice(), text.matches('/').count()) {
            ([os, architecture], 1) => {
                Ok(Self { os: (*os).into(), architecture: (*architecture).into(), variant: None })
            }
            ([os, architecture, variant], 2) => Ok(Self {
                os: (*os).into(),
                architecture: (*architecture).into(),
                variant: Some((*variant).into()),
            }),
            _ => Err(RootError::BadPlatform(crate::name::shown(text.as_bytes()))),
        }
    }
}

use penstock_model::Region;

use crate::Format;

/// How much of an untrusted document is taken in. Reaching a limit is an error, never a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest document, in bytes.
    pub bytes: usize,
    /// The deepest nesting of mappings and sequences; the parsers' own ceilings (TOML 80, HCL 64,
    /// YAML 255, JSON about 250) hold where they are lower.
    pub depth: usize,
    /// The most nodes, keys included, after aliases are expanded.
    pub nodes: usize,
}

impl Default for Limits {
    /// 16 MiB, 128 levels, 1 000 000 nodes: above every honest file met so far.
    fn default() -> Self {
        Self { bytes: 16 << 20, depth: 128, nodes: 1_000_000 }
    }
}

/// Why a document could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The bytes are not UTF-8.
    #[error("not UTF-8 at byte {offset}; save the file as UTF-8")]
    NotUtf8 {
        /// The first byte that is wrong, from 0.
        offset: usize,
    },
    /// The text is not well formed.
    #[error("{message}")]
    Syntax {
        /// The format it was read as.
        format: Format,
        /// What is wrong, in lower case without a final full stop.
        message: String,
        /// Where.
        region: Region,
    },
    /// The document has more bytes than allowed.
    #[error("{size} bytes, more than the limit of {limit}")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
        /// The size, in bytes.
        size: usize,
    },
    /// Mappings and sequences are nested deeper than allowed.
    #[error("nested deeper than {limit} levels")]
    TooDeep {
        /// The limit that was reached, in levels: ours or the parser's own.
        limit: usize,
        /// Where it was reached, as near as the parser tells.
        region: Region,
    },
    /// There are more nodes than allowed, aliases expanded.
    #[error("more than {limit} values once aliases are expanded")]
    TooManyNodes {
        /// The limit.
        limit: usize,
        /// Where it was reached.
        region: Region,
    },
    /// Aliases repeat more text than a document may have.
    #[error("aliases repeat more than {limit} bytes")]
    TooMuchAliased {
        /// The limit, in bytes: that on the document's own size.
        limit: usize,
        /// The alias that went over it.
        region: Region,
    },
}

impl DocumentError {
    /// Where the error is, if it is at one place.
    pub fn region(&self) -> Option<Region> {
        match self {
            Self::Syntax { region, .. }
            | Self::TooDeep { region, .. }
            | Self::TooManyNodes { region, .. }
            | Self::TooMuchAliased { region, .. } => Some(*region),
            Self::NotUtf8 { .. } | Self::TooLarge { .. } => None,
        }
    }

    /// Whether a limit was reached, so that the document may well be valid.
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. }
                | Self::TooDeep { .. }
                | Self::TooManyNodes { .. }
                | Self::TooMuchAliased { .. }
        )
    }
}

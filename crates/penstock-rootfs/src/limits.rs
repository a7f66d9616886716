/// What one root file system may cost: counts and bytes, over all its layers together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Members of all layers, whiteouts and extended headers included.
    pub entries: u64,
    /// Bytes of all layers once they are decompressed.
    pub bytes: u64,
    /// How many bytes one compressed byte may become on average, beyond [`Limits::free_bytes`]. Gzip
    /// cannot do more than 1032; file systems seldom get to 10.
    pub ratio: u64,
    /// Bytes that any source may become, however small it is.
    pub free_bytes: u64,
    /// Bytes of a whole name, and of what a link names: `PATH_MAX` of linux/limits.h.
    pub name_bytes: usize,
    /// Directories above a member, links on the way resolved.
    pub depth: u32,
    /// Layers of an image.
    pub layers: usize,
    /// Bytes of an index, a manifest or a configuration.
    pub document_bytes: u64,
    /// How deep indexes may lie in indexes.
    pub nesting: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 1_000_000,
            bytes: 16 << 30,
            ratio: 200,
            free_bytes: 256 << 20,
            name_bytes: 4096,
            depth: 256,
            layers: 128,
            document_bytes: 4 << 20,
            nesting: 4,
        }
    }
}

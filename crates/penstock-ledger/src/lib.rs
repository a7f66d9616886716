//! The log on disk, the evidence store, the index and its queries.

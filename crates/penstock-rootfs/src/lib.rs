//! Root file systems that steps run in: read from an OCI image layout or from a tar, unpacked by us
//! without any right, kept by digest.
//!
//! What is read is a stranger's. Every blob is compared with the digest that names it, every name is
//! resolved beneath the new tree by the kernel, and what could give rights away (owners, set-user-id
//! bits, devices, extended attributes) is left out and counted.

mod archive;
mod blobs;
mod census;
mod decompress;
mod environment;
mod error;
mod header;
mod layer;
mod layout;
mod limits;
mod name;
mod platform;
mod store;
mod tap;
mod tree;
mod unpack;

pub use archive::{Archive, Entry, Kind};
pub use environment::Environment;
pub use error::RootError;
pub use layout::{Config, Descriptor, Index, Manifest};
pub use limits::Limits;
pub use platform::Platform;
pub use store::{Added, Form, LeftOut, Record, Store, Stored};

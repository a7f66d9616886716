//! Host paths on the wire: bytes, since a path need not be text.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

pub(crate) fn serialize<S: Serializer>(path: &Path, out: S) -> Result<S::Ok, S::Error> {
    path.as_os_str().serialize(out)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<PathBuf, D::Error> {
    OsString::deserialize(input).map(PathBuf::from)
}

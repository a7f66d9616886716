//! Step-host, isolation rungs, outputs; the only crate with unsafe.

//! Targets: where a release goes and how it comes back.

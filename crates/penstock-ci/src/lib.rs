//! Pipeline definitions: detectors and rules.

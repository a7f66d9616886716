//! Secrets: detectors and rules.

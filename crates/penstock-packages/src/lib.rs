//! Lock-file readers, purl and the CycloneDX document; pure.

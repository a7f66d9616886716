//! Signers and their process, verifiers, bundles, trust.

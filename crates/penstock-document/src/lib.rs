//! Spanned TOML, YAML and JSON documents behind one interface.

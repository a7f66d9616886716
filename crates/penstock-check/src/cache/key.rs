use penstock_model::Sha256;

use crate::Options;

/// The shape of what is kept; a change to it, or to what a result means, is another number.
const FORMAT: u32 = 2;

/// Digest over everything but path and content that the result of one file depends on, as far as the
/// engine knows it. `suppression_files` is a digest too, of those that speak of single files.
pub(crate) fn key(options: &Options, rule_set: &Sha256, suppression_files: &Sha256) -> Sha256 {
    // Every field is named, so that a new one is thought about here.
    let Options {
        salt,
        exclude,
        audience,
        max_file_bytes,
        archive_depth,
        tool_version,
        // Only the merging of results asks these, after the cache.
        threshold: _,
        rule_set: _,
        require: _,
        now: _,
        ignores: _,
        bare_ignores: _,
        exceptions: _,
        partial: _,
        threads: _,
        // Their digest comes beside, since they may be the tree's own.
        suppression_files: _,
        // Which rules run is in the digest of the rule set.
        areas: _,
    } = options;
    let mut text = Vec::new();
    let mut add = |part: &[u8]| {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    };
    add(&FORMAT.to_be_bytes());
    add(rule_set.as_bytes());
    add(suppression_files.as_bytes());
    add(salt);
    add(&max_file_bytes.to_be_bytes());
    add(&archive_depth.to_be_bytes());
    add(tool_version.as_bytes());
    add(format!("{audience:?}").as_bytes());
    for pattern in exclude {
        add(pattern.as_bytes());
    }
    Sha256::of(&text)
}

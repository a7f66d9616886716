#![no_main]

#[path = "../../crates/penstock-secrets/tests/corpus.rs"]
mod corpus;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    corpus::scan(bytes);
});

#![no_main]

#[path = "../../crates/penstock-check/tests/corpus.rs"]
mod corpus;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    corpus::archive(bytes);
});

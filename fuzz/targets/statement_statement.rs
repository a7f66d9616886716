#![no_main]

#[path = "../../crates/penstock-statement/tests/corpus.rs"]
mod corpus;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    corpus::statement(bytes);
});

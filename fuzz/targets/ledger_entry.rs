#![no_main]

#[path = "../../crates/penstock-ledger/tests/corpus.rs"]
mod corpus;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    corpus::entry(bytes);
});

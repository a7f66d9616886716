#![no_main]

#[path = "../../crates/penstock-rootfs/tests/corpus.rs"]
#[expect(dead_code, reason = "the crate has other targets")]
mod corpus;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    corpus::document(bytes);
});

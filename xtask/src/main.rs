//! Set-up, generators, tests and benches of this repository.

fn main() {}

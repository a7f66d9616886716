//! What an audit says of a ledger, and what it must not say.

mod areas;
mod break_glass;
mod format;
mod maturity;
mod population;
#[cfg(test)]
mod world;

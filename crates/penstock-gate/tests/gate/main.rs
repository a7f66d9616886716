//! What a gate lets in: each test spoils one thing about a release that passes.

mod absence;
#[cfg(test)]
mod approvals;
mod check;
#[cfg(test)]
mod deploy;
mod environment;
#[cfg(test)]
mod every_leaf;
#[cfg(test)]
mod isolation;
mod keys;
mod own_gate;
mod provenance;
mod run;
mod test_results;
#[cfg(test)]
mod world;

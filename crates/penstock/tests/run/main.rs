//! `penstock run -- COMMAND` as a stranger meets it: every test drives the real program.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod files;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod https;
#[cfg(test)]
mod input;
#[cfg(test)]
mod network;
#[cfg(test)]
mod opened;
#[cfg(test)]
mod registries;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod status;
#[cfg(test)]
mod tools;

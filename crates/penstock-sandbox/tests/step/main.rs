//! What a step can and cannot do, tried for real.
//!
//! Every test runs as whoever runs the tests; when that is root, all of them run once more as an
//! ordinary user ([`ordinary_user`]). Programs of the machine that a test needs beyond a shell and
//! coreutils are named where they are missing.
//!
//! A test attacks the host as if confinement were broken, and one day it will be: no attempt may do
//! harm if it succeeds. Open without writing, set modes to what they are, bound what grows.
#![cfg(target_os = "linux")]

/// What of this suite is tried in a container too, and one of it. What the container's own filter
/// refuses is never asked of us, and so not recorded.
#[cfg(test)]
const CONTAINED: (&[&str], &str) = (
    &["alone::", "--skip", "the_doors_of_the_kernel"],
    "alone::unix_sockets_of_the_host_are_out_of_reach_and_the_steps_own_are_not",
);

#[cfg(test)]
mod alone;
#[cfg(test)]
mod barred;
#[cfg(test)]
mod contained;
#[cfg(test)]
mod death;
#[cfg(test)]
mod files;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod in_place;
#[cfg(test)]
mod inputs;
#[cfg(test)]
mod kernel;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod network;
#[cfg(test)]
mod ordinary_user;
#[cfg(test)]
mod outcome;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod own_root;
#[cfg(test)]
mod support;
#[cfg(test)]
mod trace;

/// Of this suite, by which it is known to have run.
#[cfg(test)]
const SIGN: &str = "outcome::only_the_given_environment_arrives";

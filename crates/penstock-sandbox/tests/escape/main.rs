//! The escape kit: one small hostile program for each way out of a step that we know of.
//!
//! A case is data (`cases/`, `incidents/`): what is tried, what the host prepares, and for each rung
//! whether it is stopped and recorded. Each case is a test that runs it at every rung this machine
//! has and compares what happened with what is written; the same data is the table in THREATS.md.
//! A test attacks the host as if confinement were broken, and one day it will be: no attempt does
//! harm if it succeeds. Targets are the test's own, or of the ranges set aside for documentation.
#![cfg(target_os = "linux")]

/// Makes the table of a file, and one test for each case.
#[cfg(test)]
macro_rules! cases {
    [$($name:ident = $case:expr),+ $(,)?] => {
        pub(crate) const CASES: &[Case] = &[$($case.named(stringify!($name))),+];

        $(
            #[test]
            fn $name() {
                crate::kit::judge($case.named(stringify!($name)));
            }
        )+
    };
}

#[cfg(test)]
mod cases;
#[cfg(test)]
#[path = "../step/contained.rs"]
mod contained;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod kit;
#[cfg(test)]
#[path = "../step/ordinary_user.rs"]
mod ordinary_user;
#[cfg(test)]
mod scene;
#[cfg(test)]
#[path = "../step/support.rs"]
#[expect(dead_code, reason = "shared with the tests of single steps")]
mod support;
#[cfg(test)]
mod table;

/// What of this suite is tried in a container too, and one of it. Of the rest, much is refused by the
/// container's own filter: it is never asked of us, and so not recorded.
#[cfg(test)]
const CONTAINED: (&[&str], &str) = (
    &["cases::network::", "cases::local::", "cases::persistence::", "cases::outputs::"],
    "cases::network::tcp_to_an_address",
);

/// Of this suite, by which it is known to have run.
#[cfg(test)]
const SIGN: &str = "cases::network::tcp_to_an_address";

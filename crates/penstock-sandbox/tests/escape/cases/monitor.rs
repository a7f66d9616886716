//! By whoever watches: to hide from the record, or to be let because of what was read.

use super::case::{
    Case,
    Expect::{Blocked, Recorded},
    Mark::{CallWith, Network, OverLimit, Program},
    Scene,
};

cases![
    changing_the_address = Case::new(
        "an address changed while it is looked at",
        &["network", "race", "127.0.0.1:{port}", "203.0.113.9:443"],
    )
    .at(Scene::Service)
    .recorded(&[Network("203.0.113.9:443")]),
    changing_the_path =
        Case::new("a path changed while it is looked at", &["race-path", "{loot}"],)
            .at(Scene::Loot)
            .unrecorded("what is not there was not read")
            .but_at_rung_2(Blocked("recorded whenever the other name is what we read")),
    flooding = Case::new("more attempts than the record holds", &["network", "flood", "12000"])
        .recorded(&[OverLimit])
        .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET, SOCK_DGRAM")])),
    from_memory = Case::new("a program that is in no file", &["file", "from-memory"])
        .residual("it runs, and is recorded", &[Program("/memfd:hidden (deleted)")]),
];

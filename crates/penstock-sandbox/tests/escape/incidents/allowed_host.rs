//! Stores what it found at a service that every build may reach.

use super::case::{
    Case,
    Expect::Recorded,
    Mark::{CallWith, Connection, Network, Unheard},
    Scene,
};

cases![
    store_at_an_allowed_host =
        Case::new("stores it at an allowed host", &["network", "tcp", "{allowed}"])
            .at(Scene::AllowedHost)
            .residual("what may be reached may be told everything", &[Connection("{allowed}")]),
    by_another_port = Case::new("the same by SSH", &["network", "tcp", "203.0.113.7:22"])
        .at(Scene::AllowedHost)
        .recorded(&[Network("203.0.113.7:22")]),
    by_a_datagram =
        Case::new("the same by datagrams", &["network", "sendto-own", "203.0.113.7:4433"])
            .at(Scene::AllowedHost)
            .recorded(&[Network("203.0.113.7:4433"), Unheard])
            .but_at_rung_2(Recorded(&[CallWith("socket", "AF_INET, SOCK_DGRAM")])),
];

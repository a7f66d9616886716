//! What is open already, or is handed in.

use super::case::{
    Case,
    Mark::{Call, Connection},
    Scene,
};

cases![
    inherited = Case::new("a descriptor that the caller left open", &["file", "descriptors"])
        .at(Scene::Inherited)
        .unrecorded("there is none above standard error, so nothing is tried"),
    handed_in = Case::new(
        "a descriptor from a host process that listens in the workspace",
        &["socket", "receive", "{socket}"],
    )
    .at(Scene::Giver)
    .open_to_everybody()
    .residual(
        "sockets in the workspace are anybody's who can write there, in no namespace",
        &[Connection("unix:{socket}")],
    ),
    taken = Case::new("a descriptor of another process", &["process", "take-descriptor", "{pid}"])
        .at(Scene::Victim)
        .open_to_root()
        .recorded(&[Call("pidfd_getfd")]),
];

//! By what is taken out of the workspace afterwards, and by what people read.

use super::case::{
    Case,
    Expect::Recorded,
    Mark::{OutputRefused, Write},
    Scene,
};

cases![
    symbolic_link = Case::new("an output that is a link", &["file", "symlink", "{loot}", "out"])
        .at(Scene::Output)
        .recorded(&[OutputRefused]),
    linked_folder = Case::new("a link above an output", &["file", "symlink", "{outside}", "deep"])
        .at(Scene::Output)
        .recorded(&[OutputRefused]),
    process_link = Case::new(
        "a link by way of `/proc`",
        &["file", "symlink", "/proc/self/root{loot}", "out"],
    )
    .at(Scene::Output)
    .recorded(&[OutputRefused]),
    hard_link = Case::new("an output that is a hard link", &["file", "link", "../loot", "out"])
        .at(Scene::Output)
        .recorded(&[Write("/loot")])
        .but_at_rung_2(Recorded(&[Write("{loot}")])),
    swapped =
        Case::new("an output swapped for a link while it is taken", &["swap", "out", "{loot}"])
            .at(Scene::Output)
            .unrecorded("who swaps is gone before anything is taken"),
    escapes = Case::new("commands to the terminal in what is printed", &["terminal"])
        .at(Scene::Terminal)
        .unrecorded("shown as the characters they are, in the log as they came"),
];

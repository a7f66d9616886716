//! Publishes itself with the token it found, to every package that the token may change.

use super::case::{
    Case,
    Mark::{Connection, Credential, Network, PutBack, Write},
    Scene,
};

cases![
    find_token = Case::new(
        "looks for the registry's token",
        &["file", "read", "/home/ana/.npmrc", "/home/ana/.docker/config.json", "/home/ana/.pypirc"]
    )
    .recorded(&[Credential("/home/ana/.docker/config.json"), Credential("/home/ana/.pypirc")]),
    reach_registry = Case::new("reaches the registry", &["network", "tcp", "203.0.113.104:443"])
        .recorded(&[Network("203.0.113.104:443")]),
    publish_at_an_allowed_registry = Case::new(
        "publishes to a registry that is allowed",
        &["network", "tcp", "{allowed}"]
    )
    .at(Scene::AllowedHost)
    .residual(
        "it reaches it, without a token of the person's; a rule for methods needs `intercept`",
        &[Connection("{allowed}")],
    ),
    change_manifest = Case::new("changes the package it is in", &["file", "make", "package.json"])
        .at(Scene::InPlace)
        .residual("the workspace is the step's to write", &[]),
    hook_the_next = Case::new(
        "acts at the next commit",
        &["file", "make", ".git/hooks/post-commit", ".git/hooks/pre-push"],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.git/hooks/post-commit")])
    .put_back(&[
        PutBack("{workspace}/.git/hooks/post-commit"),
        PutBack("{workspace}/.git/hooks/pre-push")
    ]),
];

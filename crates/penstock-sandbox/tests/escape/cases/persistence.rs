//! To act later: when the step is over, or as somebody else.

use super::case::{
    Case,
    Expect::Residual,
    Mark::{Note, Write},
    Scene,
};

/// A private home that goes with the step.
const PRIVATE: &str = "its home is its own, and is gone with it";

/// Landlock gives beneath a folder or does not.
const NO_MOUNTS: &str = "without mounts, no part of the workspace can be taken back";

cases![
    hook = Case::new("a Git hook", &["file", "make", ".git/hooks/pre-commit"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/hooks/pre-commit")])
        .but_at_rung_2(Residual(NO_MOUNTS, &[Note("protected paths are not protected")])),
    configuration = Case::new("Git's configuration", &["file", "write", ".git/config"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .but_at_rung_2(Residual(NO_MOUNTS, &[Note("protected paths are not protected")])),
    pipeline = Case::new(
        "a pipeline's file, there or not",
        &["file", "make", ".github/workflows/x.yml", ".gitlab-ci.yml", ".vscode/tasks.json"],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.github/workflows/x.yml"), Write("{workspace}/.gitlab-ci.yml")])
    .but_at_rung_2(Residual(NO_MOUNTS, &[Note("protected paths are not protected")])),
    moved_folder = Case::new("moving the folder above", &["file", "rename", ".git", "other"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git")])
        .but_at_rung_2(Residual(NO_MOUNTS, &[Note("protected paths are not protected")])),
    replaced = Case::new("another file in its place", &["file", "rename", "own", ".git/config"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .but_at_rung_2(Residual(NO_MOUNTS, &[Note("protected paths are not protected")])),
    removed = Case::new("removing it", &["file", "remove", ".git/config"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .but_at_rung_2(Residual(NO_MOUNTS, &[Note("protected paths are not protected")])),
    hard_link = Case::new("a second name for it", &["file", "link", ".git/config", "second"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .but_at_rung_2(Residual(NO_MOUNTS, &[Note("protected paths are not protected")])),
    link_in_place = Case::new("a link in its place", &["file", "symlink", "/tmp/x", ".vscode/x"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.vscode/x")])
        .but_at_rung_2(Residual(NO_MOUNTS, &[Note("protected paths are not protected")])),
    cut = Case::new("cutting it short", &["file", "cut", ".git/config"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .but_at_rung_2(Residual(NO_MOUNTS, &[Note("protected paths are not protected")])),
    unprotected = Case::new(
        "a file of the workspace that people run",
        &["file", "make", "Makefile", "package.json"],
    )
    .at(Scene::InPlace)
    .residual("the workspace is the step's to write; only what is protected is not", &[]),
    dotfiles = Case::new(
        "shell, editor and login files of the home",
        &[
            "file",
            "make-in",
            "/root",
            "/etc/cron.d",
            "/var/spool/cron",
            "/etc/systemd/system",
            "/etc/profile.d",
            "/etc/xdg/autostart",
        ],
    )
    .recorded(&[Write("/root/penstock-escape"), Write("/etc/cron.d/penstock-escape")]),
    own_home = Case::new("the same in the step's home", &["file", "make-at-home", ".bashrc"])
        .residual(PRIVATE, &[]),
    kept_home = Case::new("the same in a home that is kept", &["file", "make-at-home", ".bashrc"])
        .at(Scene::KeptHome)
        .residual("it lasts from one command to the next; it is never the person's own", &[]),
    daemon = Case::new("a process that outlives the step", &["stay", "{marker}"])
        .at(Scene::LeftBehind)
        .unrecorded("it ends with the step, and nobody counts it"),
    stopped_daemon = Case::new("the same, stopped", &["stay-stopped", "{marker}"])
        .at(Scene::LeftBehind)
        .unrecorded("it ends with the step, and nobody counts it"),
];

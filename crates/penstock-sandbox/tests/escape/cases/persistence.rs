//! To act later: when the step is over, or as somebody else.

use super::case::{
    Case,
    Mark::{OverLimit, PutBack, Write},
    Scene,
};

/// A private home that goes with the step.
const PRIVATE: &str = "its home is its own, and is gone with it";

/// Nothing is mounted over rights.
const RIGHTS: &str = "its caller's folders may be closed to their owner, who opens them again";

cases![
    hook = Case::new("a Git hook", &["file", "make", ".git/hooks/pre-commit"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/hooks/pre-commit")])
        .put_back(&[PutBack("{workspace}/.git/hooks/pre-commit")]),
    configuration = Case::new("Git's configuration", &["file", "overwrite", ".git/config"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .put_back(&[PutBack("{workspace}/.git/config")]),
    pipeline = Case::new(
        "a pipeline's file, there or not",
        &["file", "make", ".github/workflows/x.yml", ".gitlab-ci.yml", ".vscode/tasks.json"],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.github/workflows/x.yml"), Write("{workspace}/.gitlab-ci.yml")])
    .put_back(&[
        PutBack("{workspace}/.github/workflows/x.yml"),
        PutBack("{workspace}/.gitlab-ci.yml"),
        PutBack("{workspace}/.vscode/tasks.json")
    ]),
    moved_folder = Case::new("moving the folder above", &["file", "rename", ".git", "other"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git")])
        .put_back(&[PutBack("{workspace}/.git")]),
    replaced = Case::new("another file in its place", &["file", "rename", "own", ".git/config"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .put_back(&[PutBack("{workspace}/.git/config")]),
    removed = Case::new("removing it", &["file", "remove", ".git/config"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .put_back(&[PutBack("{workspace}/.git/config")]),
    hard_link = Case::new("a second name for it", &["file", "link", ".git/config", "second"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .put_back(&[PutBack("{workspace}/.git/config")]),
    link_in_place = Case::new("a link in its place", &["file", "symlink", "/tmp/x", ".vscode/x"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.vscode/x")])
        .put_back(&[PutBack("{workspace}/.vscode/x")]),
    cut = Case::new("cutting it short", &["file", "cut", ".git/config"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .put_back(&[PutBack("{workspace}/.git/config")]),
    // Against putting back.
    swapped_for_link = Case::new(
        "a link to one's own folder in place of the folder above",
        &[
            "file",
            "in-turn",
            "own",
            "evil/config",
            "--",
            "own",
            "evil/hooks/x",
            "--",
            "rename",
            ".git",
            "elsewhere",
            "--",
            "symlink",
            "evil",
            ".git",
        ],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.git")])
    .put_back(&[PutBack("{workspace}/.git")]),
    swapped_folders = Case::new(
        "protected folders in each other's places",
        &[
            "file", "in-turn", "rename", ".vscode", "x", "--", "rename", ".github", ".vscode",
            "--", "rename", "x", ".github",
        ],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.vscode")])
    .put_back(&[PutBack("{workspace}/.github"), PutBack("{workspace}/.vscode")]),
    folder_in_folder = Case::new(
        "a protected folder moved into another",
        &["file", "rename", ".git", ".vscode/x"],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.git")])
    .put_back(&[PutBack("{workspace}/.git")]),
    hidden_folder = Case::new(
        "the folder above hidden in a closed folder",
        &[
            "file",
            "in-turn",
            "own",
            "shut/y",
            "--",
            "rename",
            ".git",
            "shut/x",
            "--",
            "close-own",
            "shut/x",
            "--",
            "close-own",
            "shut",
        ],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.git")])
    .put_back(&[PutBack("{workspace}/.git")]),
    hook_by_hard_link = Case::new(
        "a hook that is another name of one's own file",
        &["file", "link", "own", ".git/hooks/pre-commit"],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.git/hooks/pre-commit")])
    .put_back(&[PutBack("{workspace}/.git/hooks/pre-commit")]),
    fifo = Case::new(
        "a pipe in its place, which whoever opens it waits for",
        &["file", "in-turn", "remove", ".git/config", "--", "fifo", ".git/config"],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.git/config")])
    .put_back(&[PutBack("{workspace}/.git/config")]),
    socket = Case::new(
        "a socket in its place",
        &["file", "in-turn", "remove", ".git/config", "--", "socket", ".git/config"],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.git/config")])
    .put_back(&[PutBack("{workspace}/.git/config")]),
    directory = Case::new(
        "a folder in its place, with something in it",
        &[
            "file",
            "in-turn",
            "remove",
            ".git/config",
            "--",
            "directory",
            ".git/config",
            "--",
            "make",
            ".git/config/x",
        ],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .recorded(&[Write("{workspace}/.git/config")])
    .put_back(&[PutBack("{workspace}/.git/config")]),
    sparse = Case::new("8 GiB of nothing in its place", &["file", "sparse", ".git/config"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/config")])
        .put_back(&[PutBack("{workspace}/.git/config")]),
    closed_above = Case::new(
        "rights taken from the folder above",
        &[
            "file",
            "in-turn",
            "make",
            ".git/hooks/x",
            "--",
            "close",
            ".git/hooks",
            "--",
            "close",
            ".git"
        ],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .residual(RIGHTS, &[Write("{workspace}/.git/hooks/x")])
    .put_back(&[PutBack("{workspace}/.git"), PutBack("{workspace}/.git/hooks/x")]),
    closed_workspace = Case::new(
        "rights taken from the whole project",
        &["file", "in-turn", "make", ".git/hooks/x", "--", "close", "{workspace}"],
    )
    .at(Scene::InPlace)
    .open_to_everybody()
    .residual(RIGHTS, &[Write("{workspace}/.git/hooks/x")])
    .put_back(&[PutBack("{workspace}"), PutBack("{workspace}/.git/hooks/x")]),
    deep = Case::new("a hook's folder deeper than any path", &["file", "deep", ".git/hooks"],)
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.git/hooks/deeper")])
        .put_back(&[PutBack("{workspace}/.git/hooks/deeper")]),
    many = Case::new("more files than are kept", &["file", "many", ".vscode"])
        .at(Scene::InPlace)
        .open_to_everybody()
        .recorded(&[Write("{workspace}/.vscode/0")])
        .put_back(&[PutBack("{workspace}/.vscode/0"), OverLimit]),
    not_there_yet =
        Case::new("a setting where nothing may stand in", &["file", "make", ".git/commondir"],)
            .at(Scene::InPlace)
            .open_to_everybody()
            .recorded(&[PutBack("{workspace}/.git/commondir")]),
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

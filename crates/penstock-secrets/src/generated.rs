//! Every rule of this area. Written by `cargo xtask generate` from the files in `rules/`;
//! edit those.

use penstock_check::Rule;
use penstock_model::{Area, Audience, Confidence, Severity};

#[path = "../rules/aws-access-key.rs"]
pub(crate) mod aws_access_key;
#[path = "../rules/generic-secret.rs"]
pub(crate) mod generic_secret;
#[path = "../rules/github-token.rs"]
pub(crate) mod github_token;
#[path = "../rules/gitlab-token.rs"]
pub(crate) mod gitlab_token;
#[path = "../rules/google-api-key.rs"]
pub(crate) mod google_api_key;
#[path = "../rules/npm-token.rs"]
pub(crate) mod npm_token;
#[path = "../rules/password.rs"]
pub(crate) mod password;
#[path = "../rules/private-key.rs"]
pub(crate) mod private_key;
#[path = "../rules/pypi-token.rs"]
pub(crate) mod pypi_token;
#[path = "../rules/slack-token.rs"]
pub(crate) mod slack_token;
#[path = "../rules/url-credentials.rs"]
pub(crate) mod url_credentials;

/// AWS access key in a file.
pub(crate) const AWS_ACCESS_KEY: &Rule = &Rule {
    id: "secrets/aws-access-key",
    title: "AWS access key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/aws-access-token", "trivy/aws-access-key-id", "checkov/CKV_SECRET_2"],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/aws-access-key.md"),
};

/// Key or token in a file.
pub(crate) const GENERIC_SECRET: &Rule = &Rule {
    id: "secrets/generic-secret",
    title: "Key or token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[321, 798],
    controls: &["IA-5", "SC-12", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T14"],
    aliases: &[
        "gitleaks/generic-api-key",
        "detect-secrets/KeywordDetector",
        "noseyparker/np.generic.1",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/generic-secret.md"),
};

/// GitHub token in a file.
pub(crate) const GITHUB_TOKEN: &Rule = &Rule {
    id: "secrets/github-token",
    title: "GitHub token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/github-pat",
        "gitleaks/github-fine-grained-pat",
        "gitleaks/github-oauth",
        "gitleaks/github-app-token",
        "gitleaks/github-refresh-token",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/github-token.md"),
};

/// GitLab token in a file.
pub(crate) const GITLAB_TOKEN: &Rule = &Rule {
    id: "secrets/gitlab-token",
    title: "GitLab token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/gitlab-pat",
        "gitleaks/gitlab-pat-routable",
        "gitleaks/gitlab-deploy-token",
        "gitleaks/gitlab-ptt",
        "gitleaks/gitlab-runner-authentication-token",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/gitlab-token.md"),
};

/// Google API key in a file.
pub(crate) const GOOGLE_API_KEY: &Rule = &Rule {
    id: "secrets/google-api-key",
    title: "Google API key in a file",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T15"],
    aliases: &["gitleaks/gcp-api-key", "checkov/CKV_SECRET_8"],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/google-api-key.md"),
};

/// npm token in a file.
pub(crate) const NPM_TOKEN: &Rule = &Rule {
    id: "secrets/npm-token",
    title: "npm token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SR-3"],
    control_areas: &[3, 4],
    threats: &["T1", "T2"],
    aliases: &["gitleaks/npm-access-token", "trivy/npm-access-token", "checkov/CKV_SECRET_12"],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/npm-token.md"),
};

/// Password in a file.
pub(crate) const PASSWORD: &Rule = &Rule {
    id: "secrets/password",
    title: "Password in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[259, 798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T14"],
    aliases: &[
        "detect-secrets/KeywordDetector",
        "bandit/B105",
        "bandit/B106",
        "semgrep/detected-generic-secret",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/password.md"),
};

/// Private key in a file.
pub(crate) const PRIVATE_KEY: &Rule = &Rule {
    id: "secrets/private-key",
    title: "Private key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[321, 798],
    controls: &["IA-5", "SC-12", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T4"],
    aliases: &[
        "gitleaks/private-key",
        "trivy/private-key",
        "checkov/CKV_SECRET_13",
        "bandit/private-key",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/private-key.md"),
};

/// PyPI token in a file.
pub(crate) const PYPI_TOKEN: &Rule = &Rule {
    id: "secrets/pypi-token",
    title: "PyPI token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SR-3"],
    control_areas: &[3, 4],
    threats: &["T1", "T2"],
    aliases: &["gitleaks/pypi-upload-token", "trivy/pypi-upload-token", "checkov/CKV_SECRET_61"],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/pypi-token.md"),
};

/// Slack token or webhook in a file.
pub(crate) const SLACK_TOKEN: &Rule = &Rule {
    id: "secrets/slack-token",
    title: "Slack token or webhook in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2"],
    aliases: &[
        "gitleaks/slack-bot-token",
        "gitleaks/slack-user-token",
        "gitleaks/slack-app-token",
        "gitleaks/slack-webhook-url",
        "checkov/CKV_SECRET_14",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/slack-token.md"),
};

/// Stripe live key in a file.
pub(crate) const STRIPE_LIVE_KEY: &Rule = &Rule {
    id: "secrets/stripe-live-key",
    title: "Stripe live key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2"],
    aliases: &[
        "gitleaks/stripe-access-token",
        "trivy/stripe-secret-token",
        "checkov/CKV_SECRET_17",
    ],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["sk_live_{{alnum:24-247}}", "rk_live_{{alnum:24-247}}"],
    near: &[],
    markdown: include_str!("../rules/stripe-live-key.md"),
};

/// Password in an address.
pub(crate) const URL_CREDENTIALS: &Rule = &Rule {
    id: "secrets/url-credentials",
    title: "Password in an address",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[522, 798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T14"],
    aliases: &["detect-secrets/BasicAuthDetector", "noseyparker/np.http.1", "checkov/CKV_SECRET_4"],
    since: "0.1.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    markdown: include_str!("../rules/url-credentials.md"),
};

/// Every rule of this area, sorted by id.
pub static RULES: &[&Rule] = &[
    AWS_ACCESS_KEY,
    GENERIC_SECRET,
    GITHUB_TOKEN,
    GITLAB_TOKEN,
    GOOGLE_API_KEY,
    NPM_TOKEN,
    PASSWORD,
    PRIVATE_KEY,
    PYPI_TOKEN,
    SLACK_TOKEN,
    STRIPE_LIVE_KEY,
    URL_CREDENTIALS,
];

/// The rules that need logic, and theirs.
pub(crate) const DETECTORS: &[(&Rule, crate::Detector)] = &[
    (AWS_ACCESS_KEY, aws_access_key::DETECTOR),
    (GENERIC_SECRET, generic_secret::DETECTOR),
    (GITHUB_TOKEN, github_token::DETECTOR),
    (GITLAB_TOKEN, gitlab_token::DETECTOR),
    (GOOGLE_API_KEY, google_api_key::DETECTOR),
    (NPM_TOKEN, npm_token::DETECTOR),
    (PASSWORD, password::DETECTOR),
    (PRIVATE_KEY, private_key::DETECTOR),
    (PYPI_TOKEN, pypi_token::DETECTOR),
    (SLACK_TOKEN, slack_token::DETECTOR),
    (URL_CREDENTIALS, url_credentials::DETECTOR),
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
    fn aws_access_key() {
        run(AWS_ACCESS_KEY);
    }

    #[test]
    fn generic_secret() {
        run(GENERIC_SECRET);
    }

    #[test]
    fn github_token() {
        run(GITHUB_TOKEN);
    }

    #[test]
    fn gitlab_token() {
        run(GITLAB_TOKEN);
    }

    #[test]
    fn google_api_key() {
        run(GOOGLE_API_KEY);
    }

    #[test]
    fn npm_token() {
        run(NPM_TOKEN);
    }

    #[test]
    fn password() {
        run(PASSWORD);
    }

    #[test]
    fn private_key() {
        run(PRIVATE_KEY);
    }

    #[test]
    fn pypi_token() {
        run(PYPI_TOKEN);
    }

    #[test]
    fn slack_token() {
        run(SLACK_TOKEN);
    }

    #[test]
    fn stripe_live_key() {
        run(STRIPE_LIVE_KEY);
    }

    #[test]
    fn url_credentials() {
        run(URL_CREDENTIALS);
    }
}

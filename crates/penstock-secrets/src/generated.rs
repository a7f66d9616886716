//! Every rule of this area. Written by `cargo xtask generate` from the files in `rules/`;
//! edit those.

use penstock_check::Rule;
use penstock_model::{Area, Audience, Confidence, Severity};

#[path = "../rules/aws-access-key.rs"]
pub(crate) mod aws_access_key;
#[path = "../rules/azure-service-key.rs"]
pub(crate) mod azure_service_key;
#[path = "../rules/generic-secret.rs"]
pub(crate) mod generic_secret;
#[path = "../rules/github-token.rs"]
pub(crate) mod github_token;
#[path = "../rules/gitlab-token.rs"]
pub(crate) mod gitlab_token;
#[path = "../rules/google-api-key.rs"]
pub(crate) mod google_api_key;
#[path = "../rules/jwt.rs"]
pub(crate) mod jwt;
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

/// Adobe client secret in a file.
pub(crate) const ADOBE_SECRET: &Rule = &Rule {
    id: "secrets/adobe-secret",
    title: "Adobe client secret in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/adobe-client-secret", "trivy/adobe-client-secret"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["p8e-{{alnum:1}}{{base64url:31}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/adobe-secret.md"),
};

/// Airtable token in a file.
pub(crate) const AIRTABLE_TOKEN: &Rule = &Rule {
    id: "secrets/airtable-token",
    title: "Airtable token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/airtable-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["pat{{alnum:14}}.{{hex:64}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/airtable-token.md"),
};

/// Algolia admin key in a file.
pub(crate) const ALGOLIA_KEY: &Rule = &Rule {
    id: "secrets/algolia-key",
    title: "Algolia admin key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/algolia-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:32}}"],
    near: &[
        "algolia_admin_key",
        "algolia_admin_api_key",
        "algolia_write_key",
        "algolia_write_api_key",
        "algolia_secret",
        "algolia_admin",
        "algolia_api_admin_key",
    ],
    parts: &[],
    markdown: include_str!("../rules/algolia-key.md"),
};

/// Alibaba Cloud access key in a file.
pub(crate) const ALIBABA_ACCESS_KEY: &Rule = &Rule {
    id: "secrets/alibaba-access-key",
    title: "Alibaba Cloud access key in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/alibaba-access-key-id",
        "gitleaks/alibaba-secret-key",
        "trivy/alibaba-access-key-id",
        "trivy/alibaba-secret-key",
    ],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["LTAI5t{{alnum:18}}", "{{alnum:30}}"],
    near: &["aliyun", "alibaba", "alicloud", "access_key_secret", "accesskeysecret"],
    parts: &[],
    markdown: include_str!("../rules/alibaba-access-key.md"),
};

/// Anthropic API key in a file.
pub(crate) const ANTHROPIC_KEY: &Rule = &Rule {
    id: "secrets/anthropic-key",
    title: "Anthropic API key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/anthropic-api-key", "gitleaks/anthropic-admin-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "sk-ant-api03-{{base64url:93}}AA",
        "sk-ant-admin01-{{base64url:93}}AA",
        "sk-ant-oat01-{{base64url:93}}AA",
        "sk-ant-ort01-{{base64url:93}}AA",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/anthropic-key.md"),
};

/// Apify API token in a file.
pub(crate) const APIFY_TOKEN: &Rule = &Rule {
    id: "secrets/apify-token",
    title: "Apify API token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["apify_api_{{alnum:36}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/apify-token.md"),
};

/// JFrog Artifactory token in a file.
pub(crate) const ARTIFACTORY_TOKEN: &Rule = &Rule {
    id: "secrets/artifactory-token",
    title: "JFrog Artifactory token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/artifactory-api-key",
        "gitleaks/artifactory-reference-token",
        "gitleaks/jfrog-api-key",
    ],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["AKCp{{alnum:69}}", "cmVmdGtu{{alnum:56}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/artifactory-token.md"),
};

/// Asana token in a file.
pub(crate) const ASANA_TOKEN: &Rule = &Rule {
    id: "secrets/asana-token",
    title: "Asana token in a file",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["1/{{digits:13-17}}:{{hex:32}}", "2/{{digits:13-17}}/{{digits:13-17}}:{{hex:32}}"],
    near: &["asana"],
    parts: &[],
    markdown: include_str!("../rules/asana-token.md"),
};

/// Atlassian API token in a file.
pub(crate) const ATLASSIAN_TOKEN: &Rule = &Rule {
    id: "secrets/atlassian-token",
    title: "Atlassian API token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/atlassian-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["ATATT3xFfGF0{{base64url:171}}={{uhex:8|crc32hex}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/atlassian-token.md"),
};

/// Auth0 client secret in a file.
pub(crate) const AUTH0_SECRET: &Rule = &Rule {
    id: "secrets/auth0-secret",
    title: "Auth0 client secret in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:1}}{{base64url:63}}"],
    near: &[
        "auth0_client_secret",
        "auth0_secret",
        "auth0_api_secret",
        "auth0_mgmt_client_secret",
        "auth0clientsecret",
    ],
    parts: &[penstock_check::Part {
        name: "client id",
        keys: &["client_id", "clientid", "app_id", "application_id"],
        shape: None,
    }],
    markdown: include_str!("../rules/auth0-secret.md"),
};

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
    parts: &[],
    markdown: include_str!("../rules/aws-access-key.md"),
};

/// Amazon Bedrock API key in a file.
pub(crate) const AWS_BEDROCK_KEY: &Rule = &Rule {
    id: "secrets/aws-bedrock-key",
    title: "Amazon Bedrock API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "ABSKQmVkcm9ja0FQSUtleS{{base64:80-260}}",
        "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t{{base64:100-2000}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/aws-bedrock-key.md"),
};

/// Axiom token in a file.
pub(crate) const AXIOM_TOKEN: &Rule = &Rule {
    id: "secrets/axiom-token",
    title: "Axiom token in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["xaat-{{uuid}}", "xapt-{{uuid}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/axiom-token.md"),
};

/// Azure key with Microsoft's key signature in a file.
pub(crate) const AZURE_ANNOTATED_KEY: &Rule = &Rule {
    id: "secrets/azure-annotated-key",
    title: "Azure key with Microsoft's key signature in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:52}}JQQJ99{{alnum:1}}{{upper:1}}{{alnum:24}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/azure-annotated-key.md"),
};

/// Microsoft Entra client secret in a file.
pub(crate) const AZURE_CLIENT_SECRET: &Rule = &Rule {
    id: "secrets/azure-client-secret",
    title: "Microsoft Entra client secret in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/azure-ad-client-secret"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "{{unreserved:3}}8Q~{{unreserved:33}}{{base64url:1}}",
        "{{unreserved:3}}7Q~{{unreserved:30}}{{base64url:1}}",
    ],
    near: &[],
    parts: &[
        penstock_check::Part {
            name: "client id",
            keys: &["client_id", "clientid", "app_id", "application_id"],
            shape: None,
        },
        penstock_check::Part {
            name: "tenant id",
            keys: &["tenant_id", "directory_id"],
            shape: None,
        },
    ],
    markdown: include_str!("../rules/azure-client-secret.md"),
};

/// Azure DevOps personal access token of the old format in a file.
pub(crate) const AZURE_DEVOPS_PAT: &Rule = &Rule {
    id: "secrets/azure-devops-pat",
    title: "Azure DevOps personal access token of the old format in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{lalnum:52}}"],
    near: &[
        "azure_devops_pat",
        "azure_devops_ext_pat",
        "azdo_pat",
        "azdo_token",
        "azdo_personal_access_token",
        "azp_token",
        "ado_pat",
        "ado_token",
        "vsts_token",
        "vsts_pat",
        "vsce_pat",
        "azure_devops_token",
        "devops_pat",
    ],
    parts: &[],
    markdown: include_str!("../rules/azure-devops-pat.md"),
};

/// Azure service key in a file.
pub(crate) const AZURE_SERVICE_KEY: &Rule = &Rule {
    id: "secrets/azure-service-key",
    title: "Azure service key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[penstock_check::Part {
        name: "account",
        keys: &["account_name", "storage_account"],
        shape: None,
    }],
    markdown: include_str!("../rules/azure-service-key.md"),
};

/// Bitbucket app password in a file.
pub(crate) const BITBUCKET_APP_PASSWORD: &Rule = &Rule {
    id: "secrets/bitbucket-app-password",
    title: "Bitbucket app password in a file",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["ATBB{{alnum:32}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/bitbucket-app-password.md"),
};

/// Bitbucket access token in a file.
pub(crate) const BITBUCKET_TOKEN: &Rule = &Rule {
    id: "secrets/bitbucket-token",
    title: "Bitbucket access token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["ATCTT3xFfGN0{{base64url:171}}={{uhex:8|crc32hex}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/bitbucket-token.md"),
};

/// PayPal Braintree access token in a file.
pub(crate) const BRAINTREE_TOKEN: &Rule = &Rule {
    id: "secrets/braintree-token",
    title: "PayPal Braintree access token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["access_token$production${{lalnum:16}}${{hex:32}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/braintree-token.md"),
};

/// Brevo key in a file.
pub(crate) const BREVO_KEY: &Rule = &Rule {
    id: "secrets/brevo-key",
    title: "Brevo key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/sendinblue-api-token", "trivy/sendinblue-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["xkeysib-{{hex:64}}-{{alnum:16}}", "xsmtpsib-{{hex:64}}-{{alnum:16}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/brevo-key.md"),
};

/// Buildkite token in a file.
pub(crate) const BUILDKITE_TOKEN: &Rule = &Rule {
    id: "secrets/buildkite-token",
    title: "Buildkite token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["bkua_{{hex:40}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/buildkite-token.md"),
};

/// Cerebras API key in a file.
pub(crate) const CEREBRAS_KEY: &Rule = &Rule {
    id: "secrets/cerebras-key",
    title: "Cerebras API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["csk-{{lalnum:48}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/cerebras-key.md"),
};

/// Webhook of a chat robot in a file.
pub(crate) const CHAT_ROBOT_WEBHOOK: &Rule = &Rule {
    id: "secrets/chat-robot-webhook",
    title: "Webhook of a chat robot in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "oapi.dingtalk.com/robot/send?access_token={{hex:64}}",
        "open.feishu.cn/open-apis/bot/v2/hook/{{uuid}}",
        "open.larksuite.com/open-apis/bot/v2/hook/{{uuid}}",
        "qyapi.weixin.qq.com/cgi-bin/webhook/send?key={{uuid}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/chat-robot-webhook.md"),
};

/// CircleCI token in a file.
pub(crate) const CIRCLECI_TOKEN: &Rule = &Rule {
    id: "secrets/circleci-token",
    title: "CircleCI token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["CCIPAT_{{alnum:22}}_{{hex:40}}", "CCIPRJ_{{alnum:22}}_{{hex:40}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/circleci-token.md"),
};

/// ClickHouse Cloud API secret in a file.
pub(crate) const CLICKHOUSE_CLOUD_SECRET: &Rule = &Rule {
    id: "secrets/clickhouse-cloud-secret",
    title: "ClickHouse Cloud API secret in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/clickhouse-cloud-api-secret-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["4b1d{{alnum:38}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/clickhouse-cloud-secret.md"),
};

/// ClickUp token in a file.
pub(crate) const CLICKUP_TOKEN: &Rule = &Rule {
    id: "secrets/clickup-token",
    title: "ClickUp token in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["pk_{{digits:5-9}}_{{ualnum:32}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/clickup-token.md"),
};

/// Clojars deploy token in a file.
pub(crate) const CLOJARS_TOKEN: &Rule = &Rule {
    id: "secrets/clojars-token",
    title: "Clojars deploy token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SR-3"],
    control_areas: &[3],
    threats: &["T1", "T2"],
    aliases: &["gitleaks/clojars-api-token", "trivy/clojars-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["CLOJARS_{{lalnum:60}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/clojars-token.md"),
};

/// Cloudflare key of the old format in a file.
pub(crate) const CLOUDFLARE_LEGACY_KEY: &Rule = &Rule {
    id: "secrets/cloudflare-legacy-key",
    title: "Cloudflare key of the old format in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/cloudflare-api-key", "gitleaks/cloudflare-global-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:1}}{{base64url:39}}", "{{hex:37}}"],
    near: &[
        "cloudflare_api_token",
        "cloudflare_api_key",
        "cloudflare_token",
        "cloudflare_key",
        "cf_api_token",
        "cf_api_key",
        "cf_token",
        "x-auth-key",
    ],
    parts: &[],
    markdown: include_str!("../rules/cloudflare-legacy-key.md"),
};

/// Cloudflare token in a file.
pub(crate) const CLOUDFLARE_TOKEN: &Rule = &Rule {
    id: "secrets/cloudflare-token",
    title: "Cloudflare token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/cloudflare-origin-ca-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "cfut_{{alnum:46-48}}",
        "cfat_{{alnum:46-48}}",
        "cfk_{{alnum:46-48}}",
        "cfast_{{alnum:48}}",
        "v1.0-{{hex:24}}-{{hex:146}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/cloudflare-token.md"),
};

/// Cloudflare Tunnel token in a file.
pub(crate) const CLOUDFLARE_TUNNEL_TOKEN: &Rule = &Rule {
    id: "secrets/cloudflare-tunnel-token",
    title: "Cloudflare Tunnel token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["eyJhIjoi{{base64:130-240}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/cloudflare-tunnel-token.md"),
};

/// CockroachDB Cloud key in a file.
pub(crate) const COCKROACH_KEY: &Rule = &Rule {
    id: "secrets/cockroach-key",
    title: "CockroachDB Cloud key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["CCDB1_{{alnum:22}}_{{alnum:40}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/cockroach-key.md"),
};

/// Codecov upload token in a file.
pub(crate) const CODECOV_TOKEN: &Rule = &Rule {
    id: "secrets/codecov-token",
    title: "Codecov upload token in a file",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/codecov-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{uuid}}"],
    near: &["codecov_token", "codecov_upload_token", "codecov_api_token", "codecov-token"],
    parts: &[],
    markdown: include_str!("../rules/codecov-token.md"),
};

/// Cohere API key in a file.
pub(crate) const COHERE_KEY: &Rule = &Rule {
    id: "secrets/cohere-key",
    title: "Cohere API key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/cohere-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:40}}"],
    near: &["cohere_api_key", "cohere_key", "cohere_token", "co_api_key", "cohere_apikey"],
    parts: &[],
    markdown: include_str!("../rules/cohere-key.md"),
};

/// Confluent Cloud API secret in a file.
pub(crate) const CONFLUENT_SECRET: &Rule = &Rule {
    id: "secrets/confluent-secret",
    title: "Confluent Cloud API secret in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/confluent-secret-key", "gitleaks/confluent-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["cflt{{base64:60}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/confluent-secret.md"),
};

/// Contentful management token in a file.
pub(crate) const CONTENTFUL_TOKEN: &Rule = &Rule {
    id: "secrets/contentful-token",
    title: "Contentful management token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["CFPAT-{{base64url:43}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/contentful-token.md"),
};

/// crates.io token in a file.
pub(crate) const CRATES_IO_TOKEN: &Rule = &Rule {
    id: "secrets/crates-io-token",
    title: "crates.io token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SR-3"],
    control_areas: &[3],
    threats: &["T1", "T2"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["cio{{alnum:32}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/crates-io-token.md"),
};

/// Databricks token in a file.
pub(crate) const DATABRICKS_TOKEN: &Rule = &Rule {
    id: "secrets/databricks-token",
    title: "Databricks token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/databricks-api-token", "trivy/databricks-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["dapi{{hex:32}}", "dose{{hex:32}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/databricks-token.md"),
};

/// Datadog key in a file.
pub(crate) const DATADOG_KEY: &Rule = &Rule {
    id: "secrets/datadog-key",
    title: "Datadog key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/datadog-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["ddapp_{{alnum:34}}", "{{hex:32}}", "{{hex:40}}"],
    near: &[
        "datadog_api_key",
        "datadog_app_key",
        "datadog_application_key",
        "dd_api_key",
        "dd_app_key",
        "dd_application_key",
        "datadog_key",
        "dd-api-key",
        "dd-application-key",
        "datadog_token",
    ],
    parts: &[],
    markdown: include_str!("../rules/datadog-key.md"),
};

/// Deepgram API key in a file.
pub(crate) const DEEPGRAM_KEY: &Rule = &Rule {
    id: "secrets/deepgram-key",
    title: "Deepgram API key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:40}}"],
    near: &["deepgram_api_key", "deepgram_key", "deepgram_token", "dg_api_key", "deepgram_secret"],
    parts: &[],
    markdown: include_str!("../rules/deepgram-key.md"),
};

/// DeepSeek API key in a file.
pub(crate) const DEEPSEEK_KEY: &Rule = &Rule {
    id: "secrets/deepseek-key",
    title: "DeepSeek API key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["sk-{{hex:32}}"],
    near: &["deepseek_api_key", "deepseek_key", "deepseek_token", "deepseek"],
    parts: &[],
    markdown: include_str!("../rules/deepseek-key.md"),
};

/// DigitalOcean token in a file.
pub(crate) const DIGITALOCEAN_TOKEN: &Rule = &Rule {
    id: "secrets/digitalocean-token",
    title: "DigitalOcean token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/digitalocean-access-token",
        "gitleaks/digitalocean-pat",
        "gitleaks/digitalocean-refresh-token",
    ],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["dop_v1_{{hex:64}}", "doo_v1_{{hex:64}}", "dor_v1_{{hex:64}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/digitalocean-token.md"),
};

/// Discord bot token in a file.
pub(crate) const DISCORD_BOT_TOKEN: &Rule = &Rule {
    id: "secrets/discord-bot-token",
    title: "Discord bot token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/discord-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "MT{{alnum:22-24}}.{{base64url:6}}.{{base64url:27-38}}",
        "Mj{{alnum:22-24}}.{{base64url:6}}.{{base64url:27-38}}",
        "Mz{{alnum:22-24}}.{{base64url:6}}.{{base64url:27-38}}",
        "ND{{alnum:22-24}}.{{base64url:6}}.{{base64url:27-38}}",
        "NT{{alnum:22-24}}.{{base64url:6}}.{{base64url:27-38}}",
        "Nj{{alnum:22-24}}.{{base64url:6}}.{{base64url:27-38}}",
        "Nz{{alnum:22-24}}.{{base64url:6}}.{{base64url:27-38}}",
        "OD{{alnum:22-24}}.{{base64url:6}}.{{base64url:27-38}}",
        "OT{{alnum:22-24}}.{{base64url:6}}.{{base64url:27-38}}",
    ],
    near: &["discord", "bot_token", "client.login", "client.run", "bot.run", "bot.login"],
    parts: &[],
    markdown: include_str!("../rules/discord-bot-token.md"),
};

/// Discord webhook in a file.
pub(crate) const DISCORD_WEBHOOK: &Rule = &Rule {
    id: "secrets/discord-webhook",
    title: "Discord webhook in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "discord.com/api/webhooks/{{digits:17-20}}/{{base64url:60-72}}",
        "discordapp.com/api/webhooks/{{digits:17-20}}/{{base64url:60-72}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/discord-webhook.md"),
};

/// Docker Hub token in a file.
pub(crate) const DOCKER_HUB_TOKEN: &Rule = &Rule {
    id: "secrets/docker-hub-token",
    title: "Docker Hub token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SR-3"],
    control_areas: &[3],
    threats: &["T1", "T2"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["dckr_pat_{{base64url:27}}", "dckr_oat_{{base64url:32}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/docker-hub-token.md"),
};

/// Doppler token in a file.
pub(crate) const DOPPLER_TOKEN: &Rule = &Rule {
    id: "secrets/doppler-token",
    title: "Doppler token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/doppler-api-token", "trivy/doppler-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "dp.pt.{{alnum:40-44}}",
        "dp.ct.{{alnum:40-44}}",
        "dp.sa.{{alnum:40-44}}",
        "dp.st.{{alnum:40-44}}",
        "dp.st.{{base64url:2-35}}.{{alnum:40-44}}",
        "dp.scim.{{alnum:40-44}}",
        "dp.audit.{{alnum:40-44}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/doppler-token.md"),
};

/// Dropbox access token in a file.
pub(crate) const DROPBOX_TOKEN: &Rule = &Rule {
    id: "secrets/dropbox-token",
    title: "Dropbox access token in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/dropbox-short-lived-api-token", "trivy/dropbox-short-lived-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["sl.{{base64url:130-152}}", "sl.u.{{base64url:130-2000}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/dropbox-token.md"),
};

/// Duffel live token in a file.
pub(crate) const DUFFEL_TOKEN: &Rule = &Rule {
    id: "secrets/duffel-token",
    title: "Duffel live token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/duffel-api-token", "trivy/duffel-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["duffel_live_{{base64url:43}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/duffel-token.md"),
};

/// Dynatrace token in a file.
pub(crate) const DYNATRACE_TOKEN: &Rule = &Rule {
    id: "secrets/dynatrace-token",
    title: "Dynatrace token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/dynatrace-api-token", "trivy/dynatrace-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["dt0c01.{{ualnum:24}}.{{ualnum:64}}", "dt0s01.{{ualnum:24}}.{{ualnum:64}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/dynatrace-token.md"),
};

/// EasyPost API key in a file.
pub(crate) const EASYPOST_KEY: &Rule = &Rule {
    id: "secrets/easypost-key",
    title: "EasyPost API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/easypost-api-token", "trivy/easypost-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["EZAK{{alnum:54}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/easypost-key.md"),
};

/// ElevenLabs API key in a file.
pub(crate) const ELEVENLABS_KEY: &Rule = &Rule {
    id: "secrets/elevenlabs-key",
    title: "ElevenLabs API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["sk_{{hex:48}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/elevenlabs-key.md"),
};

/// Facebook access token in a file.
pub(crate) const FACEBOOK_TOKEN: &Rule = &Rule {
    id: "secrets/facebook-token",
    title: "Facebook access token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/facebook-page-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["EAA{{alnum:120-400}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/facebook-token.md"),
};

/// Fastly API token in a file.
pub(crate) const FASTLY_TOKEN: &Rule = &Rule {
    id: "secrets/fastly-token",
    title: "Fastly API token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/fastly-api-token", "trivy/fastly-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:1}}{{base64url:31}}"],
    near: &["fastly_api_token", "fastly_api_key", "fastly_token", "fastly_key", "fastly-key"],
    parts: &[],
    markdown: include_str!("../rules/fastly-token.md"),
};

/// Figma token in a file.
pub(crate) const FIGMA_TOKEN: &Rule = &Rule {
    id: "secrets/figma-token",
    title: "Figma token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["figd_{{base64url:38-43}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/figma-token.md"),
};

/// Flutterwave live key in a file.
pub(crate) const FLUTTERWAVE_KEY: &Rule = &Rule {
    id: "secrets/flutterwave-key",
    title: "Flutterwave live key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["FLWSECK-{{lalnum:32}}-X"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/flutterwave-key.md"),
};

/// Fly.io token in a file.
pub(crate) const FLY_TOKEN: &Rule = &Rule {
    id: "secrets/fly-token",
    title: "Fly.io token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/flyio-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "fo1_{{base64url:43}}",
        "fm2_{{base64:100-4000}}",
        "fm1r_{{base64:100-4000}}",
        "fm1a_{{base64:100-4000}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/fly-token.md"),
};

/// Frame.io token in a file.
pub(crate) const FRAME_IO_TOKEN: &Rule = &Rule {
    id: "secrets/frame-io-token",
    title: "Frame.io token in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/frameio-api-token", "trivy/frameio-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["fio-u-{{base64url:64}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/frame-io-token.md"),
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
    parts: &[
        penstock_check::Part {
            name: "client id",
            keys: &["client_id", "clientid", "app_id", "application_id"],
            shape: None,
        },
        penstock_check::Part {
            name: "key id",
            keys: &["consumer_key", "api_key", "access_key", "key_id"],
            shape: None,
        },
    ],
    markdown: include_str!("../rules/generic-secret.md"),
};

/// Ghost Admin API key in a file.
pub(crate) const GHOST_KEY: &Rule = &Rule {
    id: "secrets/ghost-key",
    title: "Ghost Admin API key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:24}}:{{hex:64}}"],
    near: &["ghost_admin_api_key", "ghost_admin_key", "ghost_api_key", "ghost_key"],
    parts: &[],
    markdown: include_str!("../rules/ghost-key.md"),
};

/// Gitea or Forgejo access token in a file.
pub(crate) const GITEA_TOKEN: &Rule = &Rule {
    id: "secrets/gitea-token",
    title: "Gitea or Forgejo access token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:40}}"],
    near: &[
        "gitea_token",
        "gitea_api_token",
        "gitea_access_token",
        "gitea_api_key",
        "forgejo_token",
        "forgejo_api_token",
        "codeberg_token",
        "codeberg_api_token",
        "tea_token",
    ],
    parts: &[],
    markdown: include_str!("../rules/gitea-token.md"),
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
    parts: &[],
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
    parts: &[],
    markdown: include_str!("../rules/gitlab-token.md"),
};

/// GoCardless live access token in a file.
pub(crate) const GOCARDLESS_TOKEN: &Rule = &Rule {
    id: "secrets/gocardless-token",
    title: "GoCardless live access token in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["trivy/gocardless-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["live_{{base64url:40}}"],
    near: &["gocardless_access_token", "gocardless_token", "gocardless_api_key", "gc_access_token"],
    parts: &[],
    markdown: include_str!("../rules/gocardless-token.md"),
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
    parts: &[],
    markdown: include_str!("../rules/google-api-key.md"),
};

/// Google OAuth secret or token in a file.
pub(crate) const GOOGLE_OAUTH_SECRET: &Rule = &Rule {
    id: "secrets/google-oauth-secret",
    title: "Google OAuth secret or token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["GOCSPX-{{base64url:28}}", "ya29.{{base64url:60-1200}}", "1//0{{base64url:60-200}}"],
    near: &[],
    parts: &[penstock_check::Part {
        name: "client id",
        keys: &["client_id"],
        shape: Some("{{digits:10-14}}-{{alnum:32}}.apps.googleusercontent.com"),
    }],
    markdown: include_str!("../rules/google-oauth-secret.md"),
};

/// Grafana token in a file.
pub(crate) const GRAFANA_TOKEN: &Rule = &Rule {
    id: "secrets/grafana-token",
    title: "Grafana token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/grafana-service-account-token",
        "gitleaks/grafana-cloud-api-token",
        "gitleaks/grafana-api-key",
        "trivy/grafana-api-token",
    ],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "glsa_{{alnum:32}}_{{hex:8|crc32lehex}}",
        "glc_eyJ{{base64:60-400}}",
        "eyJrIjoi{{base64:60-120}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/grafana-token.md"),
};

/// Groq API key in a file.
pub(crate) const GROQ_KEY: &Rule = &Rule {
    id: "secrets/groq-key",
    title: "Groq API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["gsk_{{alnum:52}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/groq-key.md"),
};

/// Harness token in a file.
pub(crate) const HARNESS_TOKEN: &Rule = &Rule {
    id: "secrets/harness-token",
    title: "Harness token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/harness-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "pat.{{base64url:22}}.{{alnum:24}}.{{alnum:20}}",
        "sat.{{base64url:22}}.{{alnum:24}}.{{alnum:20}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/harness-token.md"),
};

/// Heroku API key in a file.
pub(crate) const HEROKU_KEY: &Rule = &Rule {
    id: "secrets/heroku-key",
    title: "Heroku API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/heroku-api-key-v2"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["HRKU-AA{{base64url:58}}", "HRKU-{{uuid}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/heroku-key.md"),
};

/// Heroku API key of the old format in a file.
pub(crate) const HEROKU_LEGACY_KEY: &Rule = &Rule {
    id: "secrets/heroku-legacy-key",
    title: "Heroku API key of the old format in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/heroku-api-key", "trivy/heroku-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{uuid}}"],
    near: &[
        "heroku_api_key",
        "heroku_api_token",
        "heroku_key",
        "heroku_token",
        "heroku_auth_token",
    ],
    parts: &[],
    markdown: include_str!("../rules/heroku-legacy-key.md"),
};

/// Hetzner Cloud token in a file.
pub(crate) const HETZNER_TOKEN: &Rule = &Rule {
    id: "secrets/hetzner-token",
    title: "Hetzner Cloud token in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:64}}"],
    near: &[
        "hcloud_token",
        "hetzner_token",
        "hetzner_cloud_token",
        "hetzner_api_token",
        "hcloud_api_token",
    ],
    parts: &[],
    markdown: include_str!("../rules/hetzner-token.md"),
};

/// Honeycomb API key in a file.
pub(crate) const HONEYCOMB_KEY: &Rule = &Rule {
    id: "secrets/honeycomb-key",
    title: "Honeycomb API key in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "hcaik_{{lalnum:58}}",
        "hcxik_{{lalnum:58}}",
        "hc{{lower:1}}ik_{{lalnum:58}}",
        "hc{{lower:1}}lk_{{lalnum:58}}",
    ],
    near: &["honeycomb", "hny_key", "x-honeycomb-team"],
    parts: &[],
    markdown: include_str!("../rules/honeycomb-key.md"),
};

/// HubSpot private app token in a file.
pub(crate) const HUBSPOT_TOKEN: &Rule = &Rule {
    id: "secrets/hubspot-token",
    title: "HubSpot private app token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["pat-na1-{{uuid}}", "pat-na2-{{uuid}}", "pat-eu1-{{uuid}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/hubspot-token.md"),
};

/// Hugging Face token in a file.
pub(crate) const HUGGINGFACE_TOKEN: &Rule = &Rule {
    id: "secrets/huggingface-token",
    title: "Hugging Face token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/huggingface-access-token",
        "gitleaks/huggingface-organization-api-token",
        "trivy/hugging-face-access-token",
    ],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["hf_{{alnum:34}}", "api_org_{{alnum:34}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/huggingface-token.md"),
};

/// IBM Cloud API key in a file.
pub(crate) const IBM_CLOUD_KEY: &Rule = &Rule {
    id: "secrets/ibm-cloud-key",
    title: "IBM Cloud API key in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:1}}{{base64url:43}}"],
    near: &[
        "ibmcloud_api_key",
        "ibm_cloud_api_key",
        "ibmcloud_apikey",
        "ibm_api_key",
        "ic_api_key",
        "bluemix_api_key",
        "bluemix_apikey",
    ],
    parts: &[],
    markdown: include_str!("../rules/ibm-cloud-key.md"),
};

/// Infisical service token in a file.
pub(crate) const INFISICAL_TOKEN: &Rule = &Rule {
    id: "secrets/infisical-token",
    title: "Infisical service token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["st.{{uuid}}.{{hex:32}}.{{hex:32}}", "st.{{hex:24}}.{{hex:32}}.{{hex:32}}"],
    near: &["infisical"],
    parts: &[],
    markdown: include_str!("../rules/infisical-token.md"),
};

/// Infracost API key in a file.
pub(crate) const INFRACOST_KEY: &Rule = &Rule {
    id: "secrets/infracost-key",
    title: "Infracost API key in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/infracost-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["ico-{{alnum:32}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/infracost-key.md"),
};

/// Intercom access token in a file.
pub(crate) const INTERCOM_TOKEN: &Rule = &Rule {
    id: "secrets/intercom-token",
    title: "Intercom access token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/intercom-api-key", "trivy/intercom-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["dG9rO{{base64:54}}="],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/intercom-token.md"),
};

/// Jenkins API token in a file.
pub(crate) const JENKINS_TOKEN: &Rule = &Rule {
    id: "secrets/jenkins-token",
    title: "Jenkins API token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["11{{hex:32}}"],
    near: &[
        "jenkins_token",
        "jenkins_api_token",
        "jenkins_user_token",
        "jenkins_password",
        "jenkins_auth",
        "jenkins_api_key",
        "jenkins_pass",
    ],
    parts: &[],
    markdown: include_str!("../rules/jenkins-token.md"),
};

/// JSON Web Token in a file.
pub(crate) const JWT: &Rule = &Rule {
    id: "secrets/jwt",
    title: "JSON Web Token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/jwt", "trivy/jwt-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/jwt.md"),
};

/// Langfuse secret key in a file.
pub(crate) const LANGFUSE_KEY: &Rule = &Rule {
    id: "secrets/langfuse-key",
    title: "Langfuse secret key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["sk-lf-{{uuid}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/langfuse-key.md"),
};

/// LangSmith API key in a file.
pub(crate) const LANGSMITH_KEY: &Rule = &Rule {
    id: "secrets/langsmith-key",
    title: "LangSmith API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["lsv2_pt_{{hex:32}}_{{hex:10}}", "lsv2_sk_{{hex:32}}_{{hex:10}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/langsmith-key.md"),
};

/// LaunchDarkly key in a file.
pub(crate) const LAUNCHDARKLY_KEY: &Rule = &Rule {
    id: "secrets/launchdarkly-key",
    title: "LaunchDarkly key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/launchdarkly-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["api-{{uuid}}", "sdk-{{uuid}}"],
    near: &[
        "launchdarkly",
        "ld_sdk_key",
        "ld_api_key",
        "ld_api_token",
        "ld_access_token",
        "ldclient",
    ],
    parts: &[],
    markdown: include_str!("../rules/launchdarkly-key.md"),
};

/// Linear API key in a file.
pub(crate) const LINEAR_KEY: &Rule = &Rule {
    id: "secrets/linear-key",
    title: "Linear API key in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/linear-api-key", "trivy/linear-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["lin_api_{{alnum:40}}", "lin_oauth_{{hex:64}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/linear-key.md"),
};

/// LinkedIn client secret in a file.
pub(crate) const LINKEDIN_SECRET: &Rule = &Rule {
    id: "secrets/linkedin-secret",
    title: "LinkedIn client secret in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/linkedin-client-secret", "trivy/linkedin-client-secret"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["WPL_AP1.{{alnum:16}}.{{base64:6}}=="],
    near: &[],
    parts: &[penstock_check::Part {
        name: "client id",
        keys: &["client_id", "clientid", "app_id", "application_id"],
        shape: None,
    }],
    markdown: include_str!("../rules/linkedin-secret.md"),
};

/// Linode token in a file.
pub(crate) const LINODE_TOKEN: &Rule = &Rule {
    id: "secrets/linode-token",
    title: "Linode token in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:64}}"],
    near: &["linode_token", "linode_api_token", "linode_cli_token", "linode_access_token"],
    parts: &[],
    markdown: include_str!("../rules/linode-token.md"),
};

/// Lob live key in a file.
pub(crate) const LOB_KEY: &Rule = &Rule {
    id: "secrets/lob-key",
    title: "Lob live key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/lob-api-key", "trivy/lob-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["live_{{hex:35}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/lob-key.md"),
};

/// Mailchimp API key in a file.
pub(crate) const MAILCHIMP_KEY: &Rule = &Rule {
    id: "secrets/mailchimp-key",
    title: "Mailchimp API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/mailchimp-api-key", "trivy/mailchimp-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:32}}-us{{digits:1-2}}", "md-{{alnum:1}}{{base64url:21}}"],
    near: &[
        "mandrill_api_key",
        "mandrill_key",
        "mailchimp_transactional",
        "mandrill_apikey",
        "mailchimp_api_key",
        "mailchimp_key",
        "mailchimp",
    ],
    parts: &[],
    markdown: include_str!("../rules/mailchimp-key.md"),
};

/// Mailgun key in a file.
pub(crate) const MAILGUN_KEY: &Rule = &Rule {
    id: "secrets/mailgun-key",
    title: "Mailgun key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/mailgun-private-api-token",
        "gitleaks/mailgun-signing-key",
        "trivy/mailgun-token",
        "trivy/mailgun-signing-key",
    ],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["key-{{hex:32}}", "{{hex:32}}-{{hex:8}}-{{hex:8}}"],
    near: &["mailgun"],
    parts: &[],
    markdown: include_str!("../rules/mailgun-key.md"),
};

/// Mapbox secret token in a file.
pub(crate) const MAPBOX_TOKEN: &Rule = &Rule {
    id: "secrets/mapbox-token",
    title: "Mapbox secret token in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["sk.eyJ{{base64url:40-200}}.{{base64url:22}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/mapbox-token.md"),
};

/// Mattermost token in a file.
pub(crate) const MATTERMOST_TOKEN: &Rule = &Rule {
    id: "secrets/mattermost-token",
    title: "Mattermost token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/mattermost-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{lalnum:26}}"],
    near: &[
        "mattermost_token",
        "mattermost_access_token",
        "mattermost_bot_token",
        "mattermost_api_token",
        "mattermost_personal_access_token",
    ],
    parts: &[],
    markdown: include_str!("../rules/mattermost-token.md"),
};

/// MaxMind license key in a file.
pub(crate) const MAXMIND_KEY: &Rule = &Rule {
    id: "secrets/maxmind-key",
    title: "MaxMind license key in a file",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/maxmind-license-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:6}}_{{alnum:29}}_mmk"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/maxmind-key.md"),
};

/// Mercado Pago access token in a file.
pub(crate) const MERCADOPAGO_TOKEN: &Rule = &Rule {
    id: "secrets/mercadopago-token",
    title: "Mercado Pago access token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["APP_USR-{{digits:15-17}}-{{digits:6}}-{{hex:32}}-{{digits:6-11}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/mercadopago-token.md"),
};

/// minisign secret key in a file.
pub(crate) const MINISIGN_SECRET_KEY: &Rule = &Rule {
    id: "secrets/minisign-secret-key",
    title: "minisign secret key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["RWRTY0Iy{{base64:204}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/minisign-secret-key.md"),
};

/// Mistral API key in a file.
pub(crate) const MISTRAL_KEY: &Rule = &Rule {
    id: "secrets/mistral-key",
    title: "Mistral API key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:32}}"],
    near: &[
        "mistral_api_key",
        "mistral_key",
        "mistral_token",
        "mistralai_api_key",
        "codestral_api_key",
    ],
    parts: &[],
    markdown: include_str!("../rules/mistral-key.md"),
};

/// Mollie live key in a file.
pub(crate) const MOLLIE_KEY: &Rule = &Rule {
    id: "secrets/mollie-key",
    title: "Mollie live key in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["live_{{alnum:30}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/mollie-key.md"),
};

/// MongoDB Atlas service account secret in a file.
pub(crate) const MONGODB_ATLAS_SECRET: &Rule = &Rule {
    id: "secrets/mongodb-atlas-secret",
    title: "MongoDB Atlas service account secret in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["mdb_sa_sk_{{base64url:40}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/mongodb-atlas-secret.md"),
};

/// Amazon MWS authorization token in a file.
pub(crate) const MWS_TOKEN: &Rule = &Rule {
    id: "secrets/mws-token",
    title: "Amazon MWS authorization token in a file",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["amzn.mws.{{uuid}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/mws-token.md"),
};

/// Neon API key in a file.
pub(crate) const NEON_KEY: &Rule = &Rule {
    id: "secrets/neon-key",
    title: "Neon API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["napi_{{lalnum:64}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/neon-key.md"),
};

/// Netlify token in a file.
pub(crate) const NETLIFY_TOKEN: &Rule = &Rule {
    id: "secrets/netlify-token",
    title: "Netlify token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "nfp_{{alnum:36-48}}",
        "nfc_{{alnum:36-48}}",
        "nfo_{{alnum:36-48}}",
        "nfb_{{alnum:36-48}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/netlify-token.md"),
};

/// New Relic key in a file.
pub(crate) const NEW_RELIC_KEY: &Rule = &Rule {
    id: "secrets/new-relic-key",
    title: "New Relic key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/new-relic-user-api-key",
        "gitleaks/new-relic-insert-key",
        "trivy/new-relic-user-api-key",
    ],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "NRAK-{{ualnum:27}}",
        "NRII-{{alnum:1}}{{base64url:31}}",
        "{{hex:36}}NRAL",
        "eu01xx{{hex:30}}NRAL",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/new-relic-key.md"),
};

/// ngrok token in a file.
pub(crate) const NGROK_TOKEN: &Rule = &Rule {
    id: "secrets/ngrok-token",
    title: "ngrok token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:25-30}}_{{alnum:20-22}}"],
    near: &[
        "ngrok_authtoken",
        "ngrok_auth_token",
        "ngrok_token",
        "ngrok_api_key",
        "ngrok_auth",
        "add-authtoken",
    ],
    parts: &[],
    markdown: include_str!("../rules/ngrok-token.md"),
};

/// Notion token in a file.
pub(crate) const NOTION_TOKEN: &Rule = &Rule {
    id: "secrets/notion-token",
    title: "Notion token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/notion-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["ntn_{{digits:11}}{{alnum:35}}", "secret_{{alnum:43}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/notion-token.md"),
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
    parts: &[],
    markdown: include_str!("../rules/npm-token.md"),
};

/// NuGet API key in a file.
pub(crate) const NUGET_KEY: &Rule = &Rule {
    id: "secrets/nuget-key",
    title: "NuGet API key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SR-3"],
    control_areas: &[3],
    threats: &["T1", "T2"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["oy2{{lalnum:43}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/nuget-key.md"),
};

/// NVIDIA API key in a file.
pub(crate) const NVIDIA_KEY: &Rule = &Rule {
    id: "secrets/nvidia-key",
    title: "NVIDIA API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["nvapi-{{base64url:64}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/nvidia-key.md"),
};

/// Octopus Deploy API key in a file.
pub(crate) const OCTOPUS_KEY: &Rule = &Rule {
    id: "secrets/octopus-key",
    title: "Octopus Deploy API key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/octopus-deploy-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["API-{{ualnum:26}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/octopus-key.md"),
};

/// Okta API token in a file.
pub(crate) const OKTA_TOKEN: &Rule = &Rule {
    id: "secrets/okta-token",
    title: "Okta API token in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/okta-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["00{{base64url:40}}"],
    near: &["okta", "ssws"],
    parts: &[],
    markdown: include_str!("../rules/okta-token.md"),
};

/// 1Password credential in a file.
pub(crate) const ONEPASSWORD_TOKEN: &Rule = &Rule {
    id: "secrets/onepassword-token",
    title: "1Password credential in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/1password-service-account-token", "gitleaks/1password-secret-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "ops_eyJ{{base64:240-2000}}",
        "A3-{{ualnum:6}}-{{ualnum:6}}-{{ualnum:5}}-{{ualnum:5}}-{{ualnum:5}}-{{ualnum:5}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/onepassword-token.md"),
};

/// OpenAI API key in a file.
pub(crate) const OPENAI_KEY: &Rule = &Rule {
    id: "secrets/openai-key",
    title: "OpenAI API key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/openai-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "sk-{{alnum:20}}T3BlbkFJ{{alnum:20}}",
        "sk-proj-{{base64url:74}}T3BlbkFJ{{base64url:74}}",
        "sk-proj-{{base64url:58}}T3BlbkFJ{{base64url:58}}",
        "sk-proj-{{alnum:20}}T3BlbkFJ{{alnum:20}}",
        "sk-svcacct-{{base64url:74}}T3BlbkFJ{{base64url:74}}",
        "sk-svcacct-{{base64url:58}}T3BlbkFJ{{base64url:58}}",
        "sk-svcacct-{{alnum:20}}T3BlbkFJ{{alnum:20}}",
        "sk-admin-{{base64url:74}}T3BlbkFJ{{base64url:74}}",
        "sk-admin-{{base64url:58}}T3BlbkFJ{{base64url:58}}",
        "sk-None-{{alnum:20}}T3BlbkFJ{{alnum:20}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/openai-key.md"),
};

/// OpenRouter API key in a file.
pub(crate) const OPENROUTER_KEY: &Rule = &Rule {
    id: "secrets/openrouter-key",
    title: "OpenRouter API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["sk-or-v1-{{hex:64}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/openrouter-key.md"),
};

/// OpenShift token in a file.
pub(crate) const OPENSHIFT_TOKEN: &Rule = &Rule {
    id: "secrets/openshift-token",
    title: "OpenShift token in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/openshift-user-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["sha256~{{base64url:43}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/openshift-token.md"),
};

/// Private Packagist token in a file.
pub(crate) const PACKAGIST_TOKEN: &Rule = &Rule {
    id: "secrets/packagist-token",
    title: "Private Packagist token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["trivy/private-packagist-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["packagist_uut_{{hex:68}}", "packagist_ort_{{hex:68}}", "packagist_out_{{hex:68}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/packagist-token.md"),
};

/// PagerDuty API token in a file.
pub(crate) const PAGERDUTY_TOKEN: &Rule = &Rule {
    id: "secrets/pagerduty-token",
    title: "PagerDuty API token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:1}}{{base64url:19}}"],
    near: &[
        "pagerduty_token",
        "pagerduty_api_key",
        "pagerduty_api_token",
        "pagerduty_key",
        "pd_api_token",
        "pd_api_key",
        "pagerduty_access_token",
    ],
    parts: &[],
    markdown: include_str!("../rules/pagerduty-token.md"),
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
    parts: &[
        penstock_check::Part {
            name: "user",
            keys: &["user", "username", "login", "uid"],
            shape: None,
        },
        penstock_check::Part { name: "host", keys: &["host", "hostname", "server"], shape: None },
        penstock_check::Part { name: "database", keys: &["database", "db", "dbname"], shape: None },
    ],
    markdown: include_str!("../rules/password.md"),
};

/// Password file of a web server.
pub(crate) const PASSWORD_FILE: &Rule = &Rule {
    id: "secrets/password-file",
    title: "Password file of a web server",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[256, 916],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/password-file.md"),
};

/// Perplexity API key in a file.
pub(crate) const PERPLEXITY_KEY: &Rule = &Rule {
    id: "secrets/perplexity-key",
    title: "Perplexity API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/perplexity-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["pplx-{{alnum:48}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/perplexity-key.md"),
};

/// Pinecone API key in a file.
pub(crate) const PINECONE_KEY: &Rule = &Rule {
    id: "secrets/pinecone-key",
    title: "Pinecone API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["pcsk_{{alnum:5-6}}_{{alnum:63}}", "{{uuid}}"],
    near: &["pinecone_api_key", "pinecone_key", "pinecone_token"],
    parts: &[],
    markdown: include_str!("../rules/pinecone-key.md"),
};

/// Plaid secret or access token in a file.
pub(crate) const PLAID_SECRET: &Rule = &Rule {
    id: "secrets/plaid-secret",
    title: "Plaid secret or access token in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/plaid-api-token", "gitleaks/plaid-secret-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["access-production-{{uuid}}", "{{hex:30}}"],
    near: &["plaid_secret", "plaid_production_secret", "plaid_secret_key"],
    parts: &[penstock_check::Part {
        name: "client id",
        keys: &["client_id", "clientid", "app_id", "application_id"],
        shape: None,
    }],
    markdown: include_str!("../rules/plaid-secret.md"),
};

/// PlanetScale token in a file.
pub(crate) const PLANETSCALE_TOKEN: &Rule = &Rule {
    id: "secrets/planetscale-token",
    title: "PlanetScale token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/planetscale-api-token",
        "gitleaks/planetscale-oauth-token",
        "gitleaks/planetscale-password",
        "trivy/planetscale-password",
        "trivy/planetscale-api-token",
    ],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "pscale_tkn_{{base64url:32-64}}",
        "pscale_pw_{{base64url:32-64}}",
        "pscale_oauth_{{base64url:32-64}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/planetscale-token.md"),
};

/// PostHog personal API key in a file.
pub(crate) const POSTHOG_KEY: &Rule = &Rule {
    id: "secrets/posthog-key",
    title: "PostHog personal API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["phx_{{alnum:40-60}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/posthog-key.md"),
};

/// Postman API key in a file.
pub(crate) const POSTMAN_KEY: &Rule = &Rule {
    id: "secrets/postman-key",
    title: "Postman API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/postman-api-token", "trivy/postman-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["PMAK-{{hex:24}}-{{hex:34}}", "PMAT-{{ualnum:26}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/postman-key.md"),
};

/// Postmark token in a file.
pub(crate) const POSTMARK_TOKEN: &Rule = &Rule {
    id: "secrets/postmark-token",
    title: "Postmark token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{uuid}}"],
    near: &[
        "postmark_token",
        "postmark_api_token",
        "postmark_server_token",
        "postmark_account_token",
        "postmark_api_key",
        "postmark_key",
        "x-postmark-server-token",
        "x-postmark-account-token",
    ],
    parts: &[],
    markdown: include_str!("../rules/postmark-token.md"),
};

/// Prefect API key in a file.
pub(crate) const PREFECT_KEY: &Rule = &Rule {
    id: "secrets/prefect-key",
    title: "Prefect API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/prefect-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["pnu_{{alnum:36}}", "pnb_{{alnum:36}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/prefect-key.md"),
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
    parts: &[
        penstock_check::Part { name: "service account", keys: &["client_email"], shape: None },
        penstock_check::Part { name: "app id", keys: &["app_id", "application_id"], shape: None },
        penstock_check::Part { name: "passphrase", keys: &["passphrase"], shape: None },
    ],
    markdown: include_str!("../rules/private-key.md"),
};

/// Pulumi access token in a file.
pub(crate) const PULUMI_TOKEN: &Rule = &Rule {
    id: "secrets/pulumi-token",
    title: "Pulumi access token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/pulumi-api-token", "trivy/pulumi-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["pul-{{hex:40}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/pulumi-token.md"),
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
    parts: &[],
    markdown: include_str!("../rules/pypi-token.md"),
};

/// Railway token in a file.
pub(crate) const RAILWAY_TOKEN: &Rule = &Rule {
    id: "secrets/railway-token",
    title: "Railway token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{uuid}}"],
    near: &["railway_token", "railway_api_token"],
    parts: &[],
    markdown: include_str!("../rules/railway-token.md"),
};

/// Razorpay live key in a file.
pub(crate) const RAZORPAY_KEY: &Rule = &Rule {
    id: "secrets/razorpay-key",
    title: "Razorpay live key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["rzp_live_{{alnum:14}}", "{{alnum:24}}"],
    near: &[
        "razorpay_key_secret",
        "razorpay_secret",
        "razorpay_api_secret",
        "rzp_secret",
        "rzp_key_secret",
    ],
    parts: &[],
    markdown: include_str!("../rules/razorpay-key.md"),
};

/// ReadMe API key in a file.
pub(crate) const README_KEY: &Rule = &Rule {
    id: "secrets/readme-key",
    title: "ReadMe API key in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/readme-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["rdme_{{lalnum:70}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/readme-key.md"),
};

/// Render API key in a file.
pub(crate) const RENDER_KEY: &Rule = &Rule {
    id: "secrets/render-key",
    title: "Render API key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["rnd_{{alnum:28-40}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/render-key.md"),
};

/// Replicate API token in a file.
pub(crate) const REPLICATE_TOKEN: &Rule = &Rule {
    id: "secrets/replicate-token",
    title: "Replicate API token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["r8_{{alnum:37}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/replicate-token.md"),
};

/// Resend API key in a file.
pub(crate) const RESEND_KEY: &Rule = &Rule {
    id: "secrets/resend-key",
    title: "Resend API key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["re_{{alnum:8}}_{{alnum:24}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/resend-key.md"),
};

/// Rollbar access token in a file.
pub(crate) const ROLLBAR_TOKEN: &Rule = &Rule {
    id: "secrets/rollbar-token",
    title: "Rollbar access token in a file",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:32}}"],
    near: &[
        "rollbar_access_token",
        "rollbar_token",
        "rollbar_server_token",
        "rollbar_post_server_item",
        "x-rollbar-access-token",
    ],
    parts: &[],
    markdown: include_str!("../rules/rollbar-token.md"),
};

/// RubyGems API key in a file.
pub(crate) const RUBYGEMS_KEY: &Rule = &Rule {
    id: "secrets/rubygems-key",
    title: "RubyGems API key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SR-3"],
    control_areas: &[3],
    threats: &["T1", "T2"],
    aliases: &["gitleaks/rubygems-api-token", "trivy/rubygems-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["rubygems_{{hex:48}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/rubygems-key.md"),
};

/// Scaleway API key in a file.
pub(crate) const SCALEWAY_KEY: &Rule = &Rule {
    id: "secrets/scaleway-key",
    title: "Scaleway API key in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{uuid}}"],
    near: &["scw_secret_key", "scaleway_secret_key", "scaleway_token", "scw_token"],
    parts: &[],
    markdown: include_str!("../rules/scaleway-key.md"),
};

/// Scalingo API token in a file.
pub(crate) const SCALINGO_TOKEN: &Rule = &Rule {
    id: "secrets/scalingo-token",
    title: "Scalingo API token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/scalingo-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["tk-us-{{base64url:48}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/scalingo-token.md"),
};

/// SendGrid API key in a file.
pub(crate) const SENDGRID_KEY: &Rule = &Rule {
    id: "secrets/sendgrid-key",
    title: "SendGrid API key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/sendgrid-api-token", "trivy/sendgrid-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["SG.{{base64url:22}}.{{base64url:43}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/sendgrid-key.md"),
};

/// Sentry auth token of the old format in a file.
pub(crate) const SENTRY_LEGACY_TOKEN: &Rule = &Rule {
    id: "secrets/sentry-legacy-token",
    title: "Sentry auth token of the old format in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/sentry-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:64}}"],
    near: &["sentry_auth_token", "sentry_token", "sentry_api_token", "sentry_api_key"],
    parts: &[],
    markdown: include_str!("../rules/sentry-legacy-token.md"),
};

/// Sentry auth token in a file.
pub(crate) const SENTRY_TOKEN: &Rule = &Rule {
    id: "secrets/sentry-token",
    title: "Sentry auth token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/sentry-org-token", "gitleaks/sentry-user-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "sntryu_{{hex:64}}",
        "sntrya_{{hex:64}}",
        "sntryi_{{hex:64}}",
        "sntrys_eyJ{{base64:60-500}}_{{base64:43}}",
        "sntrys_eyJ{{base64:60-500}}=_{{base64:43}}",
        "sntrys_eyJ{{base64:60-500}}==_{{base64:43}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/sentry-token.md"),
};

/// Shippo live token in a file.
pub(crate) const SHIPPO_TOKEN: &Rule = &Rule {
    id: "secrets/shippo-token",
    title: "Shippo live token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/shippo-api-token", "trivy/shippo-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["shippo_live_{{hex:40}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/shippo-token.md"),
};

/// Shopify token in a file.
pub(crate) const SHOPIFY_TOKEN: &Rule = &Rule {
    id: "secrets/shopify-token",
    title: "Shopify token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[
        "gitleaks/shopify-access-token",
        "gitleaks/shopify-custom-access-token",
        "gitleaks/shopify-private-app-access-token",
        "gitleaks/shopify-shared-secret",
        "trivy/shopify-token",
    ],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "shpat_{{anyhex:32}}",
        "shpca_{{anyhex:32}}",
        "shppa_{{anyhex:32}}",
        "shpss_{{anyhex:32}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/shopify-token.md"),
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
    parts: &[],
    markdown: include_str!("../rules/slack-token.md"),
};

/// Snyk token in a file.
pub(crate) const SNYK_TOKEN: &Rule = &Rule {
    id: "secrets/snyk-token",
    title: "Snyk token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/snyk-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "{{uuid}}",
        "snyk_uat.{{hex:8}}.{{base64url:40-1200}}.{{base64url:40-200}}",
        "snyk_sat.{{hex:8}}.{{base64url:40-1200}}.{{base64url:40-200}}",
    ],
    near: &["snyk_token", "snyk_api_token", "snyk_api_key", "snyk_oauth_token", "snyk_auth_token"],
    parts: &[],
    markdown: include_str!("../rules/snyk-token.md"),
};

/// SonarQube token of the old format in a file.
pub(crate) const SONARCLOUD_TOKEN: &Rule = &Rule {
    id: "secrets/sonarcloud-token",
    title: "SonarQube token of the old format in a file",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/sonar-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:40}}"],
    near: &[
        "sonar_token",
        "sonar.token",
        "sonar.login",
        "sonar_login",
        "sonarcloud_token",
        "sonarqube_token",
        "sonar_auth_token",
    ],
    parts: &[],
    markdown: include_str!("../rules/sonarcloud-token.md"),
};

/// SonarQube token in a file.
pub(crate) const SONARQUBE_TOKEN: &Rule = &Rule {
    id: "secrets/sonarqube-token",
    title: "SonarQube token in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["squ_{{hex:40}}", "sqp_{{hex:40}}", "sqa_{{hex:40}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/sonarqube-token.md"),
};

/// Sourcegraph token in a file.
pub(crate) const SOURCEGRAPH_TOKEN: &Rule = &Rule {
    id: "secrets/sourcegraph-token",
    title: "Sourcegraph token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/sourcegraph-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "sgp_{{hex:16}}_{{hex:40}}",
        "sgp_local_{{hex:40}}",
        "sgp_{{hex:40}}",
        "slk_{{hex:64}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/sourcegraph-token.md"),
};

/// Splunk HTTP event collector token in a file.
pub(crate) const SPLUNK_HEC_TOKEN: &Rule = &Rule {
    id: "secrets/splunk-hec-token",
    title: "Splunk HTTP event collector token in a file",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{uuid}}"],
    near: &[
        "splunk_hec_token",
        "splunk_token",
        "hec_token",
        "splunk_hec",
        "splunk-token",
        "splunk_access_token",
    ],
    parts: &[],
    markdown: include_str!("../rules/splunk-hec-token.md"),
};

/// Spotify client secret in a file.
pub(crate) const SPOTIFY_SECRET: &Rule = &Rule {
    id: "secrets/spotify-secret",
    title: "Spotify client secret in a file",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:32}}"],
    near: &[
        "spotify_client_secret",
        "spotify_secret",
        "spotipy_client_secret",
        "spotifyclientsecret",
    ],
    parts: &[penstock_check::Part {
        name: "client id",
        keys: &["client_id", "clientid", "app_id", "application_id"],
        shape: None,
    }],
    markdown: include_str!("../rules/spotify-secret.md"),
};

/// Square access token in a file.
pub(crate) const SQUARE_TOKEN: &Rule = &Rule {
    id: "secrets/square-token",
    title: "Square access token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/square-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["EAAA{{base64url:60}}", "sq0atp-{{base64url:22}}", "sq0csp-{{base64url:43}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/square-token.md"),
};

/// Stability AI API key in a file.
pub(crate) const STABILITY_KEY: &Rule = &Rule {
    id: "secrets/stability-key",
    title: "Stability AI API key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["sk-{{alnum:48}}"],
    near: &[
        "stability_api_key",
        "stability_key",
        "stability_token",
        "stabilityai_api_key",
        "dreamstudio_api_key",
        "stability_host_key",
    ],
    parts: &[],
    markdown: include_str!("../rules/stability-key.md"),
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
    parts: &[penstock_check::Part {
        name: "publishable key",
        keys: &["publishable_key"],
        shape: Some("pk_live_{{alnum:24-247}}"),
    }],
    markdown: include_str!("../rules/stripe-live-key.md"),
};

/// Stytch live secret in a file.
pub(crate) const STYTCH_SECRET: &Rule = &Rule {
    id: "secrets/stytch-secret",
    title: "Stytch live secret in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["secret-live-{{base64url:35}}=", "secret-live-{{base64url:36}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/stytch-secret.md"),
};

/// Sumo Logic access key in a file.
pub(crate) const SUMOLOGIC_KEY: &Rule = &Rule {
    id: "secrets/sumologic-key",
    title: "Sumo Logic access key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/sumologic-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:64}}"],
    near: &[
        "sumologic_access_key",
        "sumologic_accesskey",
        "sumo_access_key",
        "sumo_accesskey",
        "sumologic_key",
        "sumologic_secret",
    ],
    parts: &[],
    markdown: include_str!("../rules/sumologic-key.md"),
};

/// Supabase key in a file.
pub(crate) const SUPABASE_KEY: &Rule = &Rule {
    id: "secrets/supabase-key",
    title: "Supabase key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "sb_secret_{{base64url:22}}_{{base64url:8}}",
        "sbp_{{hex:40}}",
        "sbp_v0_{{hex:40}}",
        "sbp_oauth_{{hex:40}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/supabase-key.md"),
};

/// Tailscale key in a file.
pub(crate) const TAILSCALE_KEY: &Rule = &Rule {
    id: "secrets/tailscale-key",
    title: "Tailscale key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "tskey-auth-{{alnum:10-20}}-{{alnum:16-48}}",
        "tskey-api-{{alnum:10-20}}-{{alnum:16-48}}",
        "tskey-client-{{alnum:10-20}}-{{alnum:16-48}}",
        "tskey-scim-{{alnum:10-20}}-{{alnum:16-48}}",
        "tskey-webhook-{{alnum:10-20}}-{{alnum:16-48}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/tailscale-key.md"),
};

/// TeamCity access token in a file.
pub(crate) const TEAMCITY_TOKEN: &Rule = &Rule {
    id: "secrets/teamcity-token",
    title: "TeamCity access token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["eyJ0eXAiOiAiVENWMiJ9.{{base64url:36}}.{{base64url:48}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/teamcity-token.md"),
};

/// Microsoft Teams webhook in a file.
pub(crate) const TEAMS_WEBHOOK: &Rule = &Rule {
    id: "secrets/teams-webhook",
    title: "Microsoft Teams webhook in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/microsoft-teams-webhook"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["webhook.office.com/webhookb2/{{uuid}}@{{uuid}}/IncomingWebhook/{{hex:32}}/{{uuid}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/teams-webhook.md"),
};

/// Telegram bot token in a file.
pub(crate) const TELEGRAM_BOT_TOKEN: &Rule = &Rule {
    id: "secrets/telegram-bot-token",
    title: "Telegram bot token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/telegram-bot-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{digits:8-10}}:AA{{base64url:33}}", "bot{{digits:8-10}}:AA{{base64url:33}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/telegram-bot-token.md"),
};

/// HCP Terraform token in a file.
pub(crate) const TERRAFORM_CLOUD_TOKEN: &Rule = &Rule {
    id: "secrets/terraform-cloud-token",
    title: "HCP Terraform token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/hashicorp-tf-api-token", "trivy/hashicorp-tf-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:14}}.atlasv1.{{base64url:60-70}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/terraform-cloud-token.md"),
};

/// Secret in a Terraform state.
pub(crate) const TERRAFORM_STATE_SECRET: &Rule = &Rule {
    id: "secrets/terraform-state-secret",
    title: "Secret in a Terraform state",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[312, 798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3, 7],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/terraform-state-secret.md"),
};

/// Together AI API key in a file.
pub(crate) const TOGETHER_KEY: &Rule = &Rule {
    id: "secrets/together-key",
    title: "Together AI API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["tgp_v1_{{base64url:43}}", "{{hex:64}}"],
    near: &["together_api_key", "togetherai_api_key", "together_ai_api_key"],
    parts: &[],
    markdown: include_str!("../rules/together-key.md"),
};

/// Travis CI token in a file.
pub(crate) const TRAVIS_TOKEN: &Rule = &Rule {
    id: "secrets/travis-token",
    title: "Travis CI token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/travisci-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:1}}{{base64url:21}}"],
    near: &[
        "travis_token",
        "travis_api_token",
        "travis_access_token",
        "travis_ci_token",
        "travisci_token",
    ],
    parts: &[],
    markdown: include_str!("../rules/travis-token.md"),
};

/// Twilio key or auth token in a file.
pub(crate) const TWILIO_KEY: &Rule = &Rule {
    id: "secrets/twilio-key",
    title: "Twilio key or auth token in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/twilio-api-key", "trivy/twilio-api-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["SK{{hex:32}}", "{{hex:32}}"],
    near: &[
        "twilio_auth_token",
        "twilio_token",
        "twilio_authtoken",
        "twilio_api_key",
        "twilio_key",
        "twilio_api_sid",
        "twilio_sid",
        "twilio_api_key_sid",
        "twilioauthtoken",
        "twilio_auth",
    ],
    parts: &[penstock_check::Part {
        name: "account sid",
        keys: &["account_sid"],
        shape: Some("AC{{hex:32}}"),
    }],
    markdown: include_str!("../rules/twilio-key.md"),
};

/// Twitch secret in a file.
pub(crate) const TWITCH_SECRET: &Rule = &Rule {
    id: "secrets/twitch-secret",
    title: "Twitch secret in a file",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/twitch-api-token", "trivy/twitch-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{lalnum:30}}"],
    near: &[
        "twitch_client_secret",
        "twitch_secret",
        "twitch_access_token",
        "twitch_oauth_token",
        "twitch_token",
        "twitch_refresh_token",
    ],
    parts: &[penstock_check::Part {
        name: "client id",
        keys: &["client_id", "clientid", "app_id", "application_id"],
        shape: None,
    }],
    markdown: include_str!("../rules/twitch-secret.md"),
};

/// Typeform token in a file.
pub(crate) const TYPEFORM_TOKEN: &Rule = &Rule {
    id: "secrets/typeform-token",
    title: "Typeform token in a file",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/typeform-api-token", "trivy/typeform-api-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["tfp_{{base64url:44}}_{{base64url:14}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/typeform-token.md"),
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
    parts: &[],
    markdown: include_str!("../rules/url-credentials.md"),
};

/// HashiCorp Vault token in a file.
pub(crate) const VAULT_TOKEN: &Rule = &Rule {
    id: "secrets/vault-token",
    title: "HashiCorp Vault token in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/vault-service-token", "gitleaks/vault-batch-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "hvs.{{base64url:90-120}}",
        "hvs.{{alnum:24}}",
        "hvb.{{base64url:138-400}}",
        "hvr.{{base64url:90-400}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/vault-token.md"),
};

/// Vercel token of the old format in a file.
pub(crate) const VERCEL_LEGACY_TOKEN: &Rule = &Rule {
    id: "secrets/vercel-legacy-token",
    title: "Vercel token of the old format in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:24}}"],
    near: &[
        "vercel_token",
        "vercel_api_token",
        "vercel_access_token",
        "vercel_api_key",
        "zeit_token",
        "now_token",
    ],
    parts: &[],
    markdown: include_str!("../rules/vercel-legacy-token.md"),
};

/// Vercel token in a file.
pub(crate) const VERCEL_TOKEN: &Rule = &Rule {
    id: "secrets/vercel-token",
    title: "Vercel token in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &[
        "vcp_{{base64url:56|crc}}",
        "vci_{{base64url:56|crc}}",
        "vca_{{base64url:56|crc}}",
        "vcr_{{base64url:56|crc}}",
        "vck_{{base64url:56|crc}}",
    ],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/vercel-token.md"),
};

/// Vultr API key in a file.
pub(crate) const VULTR_KEY: &Rule = &Rule {
    id: "secrets/vultr-key",
    title: "Vultr API key in a file",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{ualnum:36}}"],
    near: &["vultr_api_key", "vultr_key", "vultr_token", "vultr_api"],
    parts: &[],
    markdown: include_str!("../rules/vultr-key.md"),
};

/// Weights & Biases API key in a file.
pub(crate) const WANDB_KEY: &Rule = &Rule {
    id: "secrets/wandb-key",
    title: "Weights & Biases API key in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{hex:40}}"],
    near: &["wandb_api_key", "wandb_key", "wandb_token", "wandb.login"],
    parts: &[],
    markdown: include_str!("../rules/wandb-key.md"),
};

/// WooCommerce consumer secret in a file.
pub(crate) const WOOCOMMERCE_SECRET: &Rule = &Rule {
    id: "secrets/woocommerce-secret",
    title: "WooCommerce consumer secret in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["cs_{{hex:40}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/woocommerce-secret.md"),
};

/// xAI API key in a file.
pub(crate) const XAI_KEY: &Rule = &Rule {
    id: "secrets/xai-key",
    title: "xAI API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["xai-{{alnum:80}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/xai-key.md"),
};

/// Yandex Cloud key in a file.
pub(crate) const YANDEX_KEY: &Rule = &Rule {
    id: "secrets/yandex-key",
    title: "Yandex Cloud key in a file",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/yandex-api-key", "gitleaks/yandex-aws-access-token"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["AQVN{{base64url:35-38}}", "YCAJE{{base64url:20}}", "YCM{{base64url:37}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/yandex-key.md"),
};

/// Zapier webhook in a file.
pub(crate) const ZAPIER_WEBHOOK: &Rule = &Rule {
    id: "secrets/zapier-webhook",
    title: "Zapier webhook in a file",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["hooks.zapier.com/hooks/catch/{{digits:5-9}}/{{lalnum:6-8}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/zapier-webhook.md"),
};

/// Zendesk token in a file.
pub(crate) const ZENDESK_SECRET: &Rule = &Rule {
    id: "secrets/zendesk-secret",
    title: "Zendesk token in a file",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &["gitleaks/zendesk-secret-key"],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["{{alnum:40}}"],
    near: &[
        "zendesk_token",
        "zendesk_api_token",
        "zendesk_api_key",
        "zendesk_secret",
        "zendesk_key",
    ],
    parts: &[],
    markdown: include_str!("../rules/zendesk-secret.md"),
};

/// Zuplo API key in a file.
pub(crate) const ZUPLO_KEY: &Rule = &Rule {
    id: "secrets/zuplo-key",
    title: "Zuplo API key in a file",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Regular,
    area: Area::Secrets,
    cwe: &[798],
    controls: &["IA-5", "SC-28"],
    control_areas: &[3],
    threats: &["T2", "T5"],
    aliases: &[],
    since: "0.2.0",
    keywords: &[],
    pattern: None,
    entropy: None,
    shapes: &["zpka_{{lalnum:32}}_{{hex:8|crc32bodyhex}}"],
    near: &[],
    parts: &[],
    markdown: include_str!("../rules/zuplo-key.md"),
};

/// Every rule of this area, sorted by id.
pub static RULES: &[&Rule] = &[
    ADOBE_SECRET,
    AIRTABLE_TOKEN,
    ALGOLIA_KEY,
    ALIBABA_ACCESS_KEY,
    ANTHROPIC_KEY,
    APIFY_TOKEN,
    ARTIFACTORY_TOKEN,
    ASANA_TOKEN,
    ATLASSIAN_TOKEN,
    AUTH0_SECRET,
    AWS_ACCESS_KEY,
    AWS_BEDROCK_KEY,
    AXIOM_TOKEN,
    AZURE_ANNOTATED_KEY,
    AZURE_CLIENT_SECRET,
    AZURE_DEVOPS_PAT,
    AZURE_SERVICE_KEY,
    BITBUCKET_APP_PASSWORD,
    BITBUCKET_TOKEN,
    BRAINTREE_TOKEN,
    BREVO_KEY,
    BUILDKITE_TOKEN,
    CEREBRAS_KEY,
    CHAT_ROBOT_WEBHOOK,
    CIRCLECI_TOKEN,
    CLICKHOUSE_CLOUD_SECRET,
    CLICKUP_TOKEN,
    CLOJARS_TOKEN,
    CLOUDFLARE_LEGACY_KEY,
    CLOUDFLARE_TOKEN,
    CLOUDFLARE_TUNNEL_TOKEN,
    COCKROACH_KEY,
    CODECOV_TOKEN,
    COHERE_KEY,
    CONFLUENT_SECRET,
    CONTENTFUL_TOKEN,
    CRATES_IO_TOKEN,
    DATABRICKS_TOKEN,
    DATADOG_KEY,
    DEEPGRAM_KEY,
    DEEPSEEK_KEY,
    DIGITALOCEAN_TOKEN,
    DISCORD_BOT_TOKEN,
    DISCORD_WEBHOOK,
    DOCKER_HUB_TOKEN,
    DOPPLER_TOKEN,
    DROPBOX_TOKEN,
    DUFFEL_TOKEN,
    DYNATRACE_TOKEN,
    EASYPOST_KEY,
    ELEVENLABS_KEY,
    FACEBOOK_TOKEN,
    FASTLY_TOKEN,
    FIGMA_TOKEN,
    FLUTTERWAVE_KEY,
    FLY_TOKEN,
    FRAME_IO_TOKEN,
    GENERIC_SECRET,
    GHOST_KEY,
    GITEA_TOKEN,
    GITHUB_TOKEN,
    GITLAB_TOKEN,
    GOCARDLESS_TOKEN,
    GOOGLE_API_KEY,
    GOOGLE_OAUTH_SECRET,
    GRAFANA_TOKEN,
    GROQ_KEY,
    HARNESS_TOKEN,
    HEROKU_KEY,
    HEROKU_LEGACY_KEY,
    HETZNER_TOKEN,
    HONEYCOMB_KEY,
    HUBSPOT_TOKEN,
    HUGGINGFACE_TOKEN,
    IBM_CLOUD_KEY,
    INFISICAL_TOKEN,
    INFRACOST_KEY,
    INTERCOM_TOKEN,
    JENKINS_TOKEN,
    JWT,
    LANGFUSE_KEY,
    LANGSMITH_KEY,
    LAUNCHDARKLY_KEY,
    LINEAR_KEY,
    LINKEDIN_SECRET,
    LINODE_TOKEN,
    LOB_KEY,
    MAILCHIMP_KEY,
    MAILGUN_KEY,
    MAPBOX_TOKEN,
    MATTERMOST_TOKEN,
    MAXMIND_KEY,
    MERCADOPAGO_TOKEN,
    MINISIGN_SECRET_KEY,
    MISTRAL_KEY,
    MOLLIE_KEY,
    MONGODB_ATLAS_SECRET,
    MWS_TOKEN,
    NEON_KEY,
    NETLIFY_TOKEN,
    NEW_RELIC_KEY,
    NGROK_TOKEN,
    NOTION_TOKEN,
    NPM_TOKEN,
    NUGET_KEY,
    NVIDIA_KEY,
    OCTOPUS_KEY,
    OKTA_TOKEN,
    ONEPASSWORD_TOKEN,
    OPENAI_KEY,
    OPENROUTER_KEY,
    OPENSHIFT_TOKEN,
    PACKAGIST_TOKEN,
    PAGERDUTY_TOKEN,
    PASSWORD,
    PASSWORD_FILE,
    PERPLEXITY_KEY,
    PINECONE_KEY,
    PLAID_SECRET,
    PLANETSCALE_TOKEN,
    POSTHOG_KEY,
    POSTMAN_KEY,
    POSTMARK_TOKEN,
    PREFECT_KEY,
    PRIVATE_KEY,
    PULUMI_TOKEN,
    PYPI_TOKEN,
    RAILWAY_TOKEN,
    RAZORPAY_KEY,
    README_KEY,
    RENDER_KEY,
    REPLICATE_TOKEN,
    RESEND_KEY,
    ROLLBAR_TOKEN,
    RUBYGEMS_KEY,
    SCALEWAY_KEY,
    SCALINGO_TOKEN,
    SENDGRID_KEY,
    SENTRY_LEGACY_TOKEN,
    SENTRY_TOKEN,
    SHIPPO_TOKEN,
    SHOPIFY_TOKEN,
    SLACK_TOKEN,
    SNYK_TOKEN,
    SONARCLOUD_TOKEN,
    SONARQUBE_TOKEN,
    SOURCEGRAPH_TOKEN,
    SPLUNK_HEC_TOKEN,
    SPOTIFY_SECRET,
    SQUARE_TOKEN,
    STABILITY_KEY,
    STRIPE_LIVE_KEY,
    STYTCH_SECRET,
    SUMOLOGIC_KEY,
    SUPABASE_KEY,
    TAILSCALE_KEY,
    TEAMCITY_TOKEN,
    TEAMS_WEBHOOK,
    TELEGRAM_BOT_TOKEN,
    TERRAFORM_CLOUD_TOKEN,
    TERRAFORM_STATE_SECRET,
    TOGETHER_KEY,
    TRAVIS_TOKEN,
    TWILIO_KEY,
    TWITCH_SECRET,
    TYPEFORM_TOKEN,
    URL_CREDENTIALS,
    VAULT_TOKEN,
    VERCEL_LEGACY_TOKEN,
    VERCEL_TOKEN,
    VULTR_KEY,
    WANDB_KEY,
    WOOCOMMERCE_SECRET,
    XAI_KEY,
    YANDEX_KEY,
    ZAPIER_WEBHOOK,
    ZENDESK_SECRET,
    ZUPLO_KEY,
];

/// The rules that need logic, and theirs.
pub(crate) const DETECTORS: &[(&Rule, crate::Detector)] = &[
    (AWS_ACCESS_KEY, aws_access_key::DETECTOR),
    (AZURE_SERVICE_KEY, azure_service_key::DETECTOR),
    (GENERIC_SECRET, generic_secret::DETECTOR),
    (GITHUB_TOKEN, github_token::DETECTOR),
    (GITLAB_TOKEN, gitlab_token::DETECTOR),
    (GOOGLE_API_KEY, google_api_key::DETECTOR),
    (JWT, jwt::DETECTOR),
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
    fn adobe_secret() {
        run(ADOBE_SECRET);
    }

    #[test]
    fn airtable_token() {
        run(AIRTABLE_TOKEN);
    }

    #[test]
    fn algolia_key() {
        run(ALGOLIA_KEY);
    }

    #[test]
    fn alibaba_access_key() {
        run(ALIBABA_ACCESS_KEY);
    }

    #[test]
    fn anthropic_key() {
        run(ANTHROPIC_KEY);
    }

    #[test]
    fn apify_token() {
        run(APIFY_TOKEN);
    }

    #[test]
    fn artifactory_token() {
        run(ARTIFACTORY_TOKEN);
    }

    #[test]
    fn asana_token() {
        run(ASANA_TOKEN);
    }

    #[test]
    fn atlassian_token() {
        run(ATLASSIAN_TOKEN);
    }

    #[test]
    fn auth0_secret() {
        run(AUTH0_SECRET);
    }

    #[test]
    fn aws_access_key() {
        run(AWS_ACCESS_KEY);
    }

    #[test]
    fn aws_bedrock_key() {
        run(AWS_BEDROCK_KEY);
    }

    #[test]
    fn axiom_token() {
        run(AXIOM_TOKEN);
    }

    #[test]
    fn azure_annotated_key() {
        run(AZURE_ANNOTATED_KEY);
    }

    #[test]
    fn azure_client_secret() {
        run(AZURE_CLIENT_SECRET);
    }

    #[test]
    fn azure_devops_pat() {
        run(AZURE_DEVOPS_PAT);
    }

    #[test]
    fn azure_service_key() {
        run(AZURE_SERVICE_KEY);
    }

    #[test]
    fn bitbucket_app_password() {
        run(BITBUCKET_APP_PASSWORD);
    }

    #[test]
    fn bitbucket_token() {
        run(BITBUCKET_TOKEN);
    }

    #[test]
    fn braintree_token() {
        run(BRAINTREE_TOKEN);
    }

    #[test]
    fn brevo_key() {
        run(BREVO_KEY);
    }

    #[test]
    fn buildkite_token() {
        run(BUILDKITE_TOKEN);
    }

    #[test]
    fn cerebras_key() {
        run(CEREBRAS_KEY);
    }

    #[test]
    fn chat_robot_webhook() {
        run(CHAT_ROBOT_WEBHOOK);
    }

    #[test]
    fn circleci_token() {
        run(CIRCLECI_TOKEN);
    }

    #[test]
    fn clickhouse_cloud_secret() {
        run(CLICKHOUSE_CLOUD_SECRET);
    }

    #[test]
    fn clickup_token() {
        run(CLICKUP_TOKEN);
    }

    #[test]
    fn clojars_token() {
        run(CLOJARS_TOKEN);
    }

    #[test]
    fn cloudflare_legacy_key() {
        run(CLOUDFLARE_LEGACY_KEY);
    }

    #[test]
    fn cloudflare_token() {
        run(CLOUDFLARE_TOKEN);
    }

    #[test]
    fn cloudflare_tunnel_token() {
        run(CLOUDFLARE_TUNNEL_TOKEN);
    }

    #[test]
    fn cockroach_key() {
        run(COCKROACH_KEY);
    }

    #[test]
    fn codecov_token() {
        run(CODECOV_TOKEN);
    }

    #[test]
    fn cohere_key() {
        run(COHERE_KEY);
    }

    #[test]
    fn confluent_secret() {
        run(CONFLUENT_SECRET);
    }

    #[test]
    fn contentful_token() {
        run(CONTENTFUL_TOKEN);
    }

    #[test]
    fn crates_io_token() {
        run(CRATES_IO_TOKEN);
    }

    #[test]
    fn databricks_token() {
        run(DATABRICKS_TOKEN);
    }

    #[test]
    fn datadog_key() {
        run(DATADOG_KEY);
    }

    #[test]
    fn deepgram_key() {
        run(DEEPGRAM_KEY);
    }

    #[test]
    fn deepseek_key() {
        run(DEEPSEEK_KEY);
    }

    #[test]
    fn digitalocean_token() {
        run(DIGITALOCEAN_TOKEN);
    }

    #[test]
    fn discord_bot_token() {
        run(DISCORD_BOT_TOKEN);
    }

    #[test]
    fn discord_webhook() {
        run(DISCORD_WEBHOOK);
    }

    #[test]
    fn docker_hub_token() {
        run(DOCKER_HUB_TOKEN);
    }

    #[test]
    fn doppler_token() {
        run(DOPPLER_TOKEN);
    }

    #[test]
    fn dropbox_token() {
        run(DROPBOX_TOKEN);
    }

    #[test]
    fn duffel_token() {
        run(DUFFEL_TOKEN);
    }

    #[test]
    fn dynatrace_token() {
        run(DYNATRACE_TOKEN);
    }

    #[test]
    fn easypost_key() {
        run(EASYPOST_KEY);
    }

    #[test]
    fn elevenlabs_key() {
        run(ELEVENLABS_KEY);
    }

    #[test]
    fn facebook_token() {
        run(FACEBOOK_TOKEN);
    }

    #[test]
    fn fastly_token() {
        run(FASTLY_TOKEN);
    }

    #[test]
    fn figma_token() {
        run(FIGMA_TOKEN);
    }

    #[test]
    fn flutterwave_key() {
        run(FLUTTERWAVE_KEY);
    }

    #[test]
    fn fly_token() {
        run(FLY_TOKEN);
    }

    #[test]
    fn frame_io_token() {
        run(FRAME_IO_TOKEN);
    }

    #[test]
    fn generic_secret() {
        run(GENERIC_SECRET);
    }

    #[test]
    fn ghost_key() {
        run(GHOST_KEY);
    }

    #[test]
    fn gitea_token() {
        run(GITEA_TOKEN);
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
    fn gocardless_token() {
        run(GOCARDLESS_TOKEN);
    }

    #[test]
    fn google_api_key() {
        run(GOOGLE_API_KEY);
    }

    #[test]
    fn google_oauth_secret() {
        run(GOOGLE_OAUTH_SECRET);
    }

    #[test]
    fn grafana_token() {
        run(GRAFANA_TOKEN);
    }

    #[test]
    fn groq_key() {
        run(GROQ_KEY);
    }

    #[test]
    fn harness_token() {
        run(HARNESS_TOKEN);
    }

    #[test]
    fn heroku_key() {
        run(HEROKU_KEY);
    }

    #[test]
    fn heroku_legacy_key() {
        run(HEROKU_LEGACY_KEY);
    }

    #[test]
    fn hetzner_token() {
        run(HETZNER_TOKEN);
    }

    #[test]
    fn honeycomb_key() {
        run(HONEYCOMB_KEY);
    }

    #[test]
    fn hubspot_token() {
        run(HUBSPOT_TOKEN);
    }

    #[test]
    fn huggingface_token() {
        run(HUGGINGFACE_TOKEN);
    }

    #[test]
    fn ibm_cloud_key() {
        run(IBM_CLOUD_KEY);
    }

    #[test]
    fn infisical_token() {
        run(INFISICAL_TOKEN);
    }

    #[test]
    fn infracost_key() {
        run(INFRACOST_KEY);
    }

    #[test]
    fn intercom_token() {
        run(INTERCOM_TOKEN);
    }

    #[test]
    fn jenkins_token() {
        run(JENKINS_TOKEN);
    }

    #[test]
    fn jwt() {
        run(JWT);
    }

    #[test]
    fn langfuse_key() {
        run(LANGFUSE_KEY);
    }

    #[test]
    fn langsmith_key() {
        run(LANGSMITH_KEY);
    }

    #[test]
    fn launchdarkly_key() {
        run(LAUNCHDARKLY_KEY);
    }

    #[test]
    fn linear_key() {
        run(LINEAR_KEY);
    }

    #[test]
    fn linkedin_secret() {
        run(LINKEDIN_SECRET);
    }

    #[test]
    fn linode_token() {
        run(LINODE_TOKEN);
    }

    #[test]
    fn lob_key() {
        run(LOB_KEY);
    }

    #[test]
    fn mailchimp_key() {
        run(MAILCHIMP_KEY);
    }

    #[test]
    fn mailgun_key() {
        run(MAILGUN_KEY);
    }

    #[test]
    fn mapbox_token() {
        run(MAPBOX_TOKEN);
    }

    #[test]
    fn mattermost_token() {
        run(MATTERMOST_TOKEN);
    }

    #[test]
    fn maxmind_key() {
        run(MAXMIND_KEY);
    }

    #[test]
    fn mercadopago_token() {
        run(MERCADOPAGO_TOKEN);
    }

    #[test]
    fn minisign_secret_key() {
        run(MINISIGN_SECRET_KEY);
    }

    #[test]
    fn mistral_key() {
        run(MISTRAL_KEY);
    }

    #[test]
    fn mollie_key() {
        run(MOLLIE_KEY);
    }

    #[test]
    fn mongodb_atlas_secret() {
        run(MONGODB_ATLAS_SECRET);
    }

    #[test]
    fn mws_token() {
        run(MWS_TOKEN);
    }

    #[test]
    fn neon_key() {
        run(NEON_KEY);
    }

    #[test]
    fn netlify_token() {
        run(NETLIFY_TOKEN);
    }

    #[test]
    fn new_relic_key() {
        run(NEW_RELIC_KEY);
    }

    #[test]
    fn ngrok_token() {
        run(NGROK_TOKEN);
    }

    #[test]
    fn notion_token() {
        run(NOTION_TOKEN);
    }

    #[test]
    fn npm_token() {
        run(NPM_TOKEN);
    }

    #[test]
    fn nuget_key() {
        run(NUGET_KEY);
    }

    #[test]
    fn nvidia_key() {
        run(NVIDIA_KEY);
    }

    #[test]
    fn octopus_key() {
        run(OCTOPUS_KEY);
    }

    #[test]
    fn okta_token() {
        run(OKTA_TOKEN);
    }

    #[test]
    fn onepassword_token() {
        run(ONEPASSWORD_TOKEN);
    }

    #[test]
    fn openai_key() {
        run(OPENAI_KEY);
    }

    #[test]
    fn openrouter_key() {
        run(OPENROUTER_KEY);
    }

    #[test]
    fn openshift_token() {
        run(OPENSHIFT_TOKEN);
    }

    #[test]
    fn packagist_token() {
        run(PACKAGIST_TOKEN);
    }

    #[test]
    fn pagerduty_token() {
        run(PAGERDUTY_TOKEN);
    }

    #[test]
    fn password() {
        run(PASSWORD);
    }

    #[test]
    fn password_file() {
        run(PASSWORD_FILE);
    }

    #[test]
    fn perplexity_key() {
        run(PERPLEXITY_KEY);
    }

    #[test]
    fn pinecone_key() {
        run(PINECONE_KEY);
    }

    #[test]
    fn plaid_secret() {
        run(PLAID_SECRET);
    }

    #[test]
    fn planetscale_token() {
        run(PLANETSCALE_TOKEN);
    }

    #[test]
    fn posthog_key() {
        run(POSTHOG_KEY);
    }

    #[test]
    fn postman_key() {
        run(POSTMAN_KEY);
    }

    #[test]
    fn postmark_token() {
        run(POSTMARK_TOKEN);
    }

    #[test]
    fn prefect_key() {
        run(PREFECT_KEY);
    }

    #[test]
    fn private_key() {
        run(PRIVATE_KEY);
    }

    #[test]
    fn pulumi_token() {
        run(PULUMI_TOKEN);
    }

    #[test]
    fn pypi_token() {
        run(PYPI_TOKEN);
    }

    #[test]
    fn railway_token() {
        run(RAILWAY_TOKEN);
    }

    #[test]
    fn razorpay_key() {
        run(RAZORPAY_KEY);
    }

    #[test]
    fn readme_key() {
        run(README_KEY);
    }

    #[test]
    fn render_key() {
        run(RENDER_KEY);
    }

    #[test]
    fn replicate_token() {
        run(REPLICATE_TOKEN);
    }

    #[test]
    fn resend_key() {
        run(RESEND_KEY);
    }

    #[test]
    fn rollbar_token() {
        run(ROLLBAR_TOKEN);
    }

    #[test]
    fn rubygems_key() {
        run(RUBYGEMS_KEY);
    }

    #[test]
    fn scaleway_key() {
        run(SCALEWAY_KEY);
    }

    #[test]
    fn scalingo_token() {
        run(SCALINGO_TOKEN);
    }

    #[test]
    fn sendgrid_key() {
        run(SENDGRID_KEY);
    }

    #[test]
    fn sentry_legacy_token() {
        run(SENTRY_LEGACY_TOKEN);
    }

    #[test]
    fn sentry_token() {
        run(SENTRY_TOKEN);
    }

    #[test]
    fn shippo_token() {
        run(SHIPPO_TOKEN);
    }

    #[test]
    fn shopify_token() {
        run(SHOPIFY_TOKEN);
    }

    #[test]
    fn slack_token() {
        run(SLACK_TOKEN);
    }

    #[test]
    fn snyk_token() {
        run(SNYK_TOKEN);
    }

    #[test]
    fn sonarcloud_token() {
        run(SONARCLOUD_TOKEN);
    }

    #[test]
    fn sonarqube_token() {
        run(SONARQUBE_TOKEN);
    }

    #[test]
    fn sourcegraph_token() {
        run(SOURCEGRAPH_TOKEN);
    }

    #[test]
    fn splunk_hec_token() {
        run(SPLUNK_HEC_TOKEN);
    }

    #[test]
    fn spotify_secret() {
        run(SPOTIFY_SECRET);
    }

    #[test]
    fn square_token() {
        run(SQUARE_TOKEN);
    }

    #[test]
    fn stability_key() {
        run(STABILITY_KEY);
    }

    #[test]
    fn stripe_live_key() {
        run(STRIPE_LIVE_KEY);
    }

    #[test]
    fn stytch_secret() {
        run(STYTCH_SECRET);
    }

    #[test]
    fn sumologic_key() {
        run(SUMOLOGIC_KEY);
    }

    #[test]
    fn supabase_key() {
        run(SUPABASE_KEY);
    }

    #[test]
    fn tailscale_key() {
        run(TAILSCALE_KEY);
    }

    #[test]
    fn teamcity_token() {
        run(TEAMCITY_TOKEN);
    }

    #[test]
    fn teams_webhook() {
        run(TEAMS_WEBHOOK);
    }

    #[test]
    fn telegram_bot_token() {
        run(TELEGRAM_BOT_TOKEN);
    }

    #[test]
    fn terraform_cloud_token() {
        run(TERRAFORM_CLOUD_TOKEN);
    }

    #[test]
    fn terraform_state_secret() {
        run(TERRAFORM_STATE_SECRET);
    }

    #[test]
    fn together_key() {
        run(TOGETHER_KEY);
    }

    #[test]
    fn travis_token() {
        run(TRAVIS_TOKEN);
    }

    #[test]
    fn twilio_key() {
        run(TWILIO_KEY);
    }

    #[test]
    fn twitch_secret() {
        run(TWITCH_SECRET);
    }

    #[test]
    fn typeform_token() {
        run(TYPEFORM_TOKEN);
    }

    #[test]
    fn url_credentials() {
        run(URL_CREDENTIALS);
    }

    #[test]
    fn vault_token() {
        run(VAULT_TOKEN);
    }

    #[test]
    fn vercel_legacy_token() {
        run(VERCEL_LEGACY_TOKEN);
    }

    #[test]
    fn vercel_token() {
        run(VERCEL_TOKEN);
    }

    #[test]
    fn vultr_key() {
        run(VULTR_KEY);
    }

    #[test]
    fn wandb_key() {
        run(WANDB_KEY);
    }

    #[test]
    fn woocommerce_secret() {
        run(WOOCOMMERCE_SECRET);
    }

    #[test]
    fn xai_key() {
        run(XAI_KEY);
    }

    #[test]
    fn yandex_key() {
        run(YANDEX_KEY);
    }

    #[test]
    fn zapier_webhook() {
        run(ZAPIER_WEBHOOK);
    }

    #[test]
    fn zendesk_secret() {
        run(ZENDESK_SECRET);
    }

    #[test]
    fn zuplo_key() {
        run(ZUPLO_KEY);
    }
}

use penstock_check::template::expand;
use penstock_model::RepoPath;

use super::*;
use crate::scan::scan;

/// `rule: parts` of each finding of a file, templates expanded.
fn composed(path: &str, template: &str) -> Vec<String> {
    let text = expand(template, "composite").unwrap();
    let all = scan(&RepoPath::new(path).unwrap(), text.as_bytes());
    compose(text.as_bytes(), all)
        .iter()
        .map(|one| {
            let name = one.rule.id.strip_prefix("secrets/").unwrap();
            let (_, parts) =
                one.found.message.split_once(", together with its ").unwrap_or_default();
            format!("{name}: {parts}")
        })
        .collect()
}

#[test]
fn one_finding_names_all_parts() {
    for (path, text, expected) in [
        (
            "a.env",
            "TWILIO_ACCOUNT_SID=AC{{hex:32}}\nTWILIO_AUTH_TOKEN={{hex:32}}\n",
            "twilio-key: account sid",
        ),
        (
            "a.env",
            "STRIPE_PUBLISHABLE_KEY=pk_live_{{alnum:24}}\nSTRIPE_SECRET=sk_live_{{alnum:24}}\n",
            "stripe-live-key: publishable key",
        ),
        (
            "a.env",
            "AZURE_TENANT_ID={{uuid}}\nAZURE_CLIENT_ID={{uuid}}\nAZURE_CLIENT_SECRET={{unreserved:3}}8Q~{{unreserved:33}}{{base64url:1}}\n",
            "azure-client-secret: client id and tenant id",
        ),
        (
            "app.json",
            "{\n \"github\": {\"clientId\": \"Iv1.0a1b2c3d\", \"clientSecret\": \"{{hex:40}}\"}\n}\n",
            "generic-secret: client id",
        ),
        (
            "config/database.yml",
            "production:\n  adapter: pg\n  host: db.internal\n  database: shop\n  username: app\n  password: Sail{{digits:4}}boat!\n",
            "password: user, host and database",
        ),
        (
            "a.conf",
            "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={{base64:85}}A==;EndpointSuffix=core.windows.net\n",
            "azure-service-key: account",
        ),
        ("a.env", "API_KEY={{alnum:32}}\nAPI_SECRET={{alnum:40}}\n", "generic-secret: key id"),
    ] {
        assert_eq!(composed(path, text), [expected], "{text}");
    }
}

#[test]
fn what_belongs_to_another_secret_or_stands_apart_is_no_part() {
    for text in [
        "SMTP_USER=mailer\nDB_PASSWORD=Sail{{digits:4}}boat!\n",
        "DB_USER=app\n\nDB_PASSWORD=Sail{{digits:4}}boat!\n",
        "DB_USER=$OTHER\nDB_PASSWORD=Sail{{digits:4}}boat!\n",
        "DB_USER=\nDB_PASSWORD=Sail{{digits:4}}boat!\n",
        "# DB_USER=app\nDB_PASSWORD=Sail{{digits:4}}boat!\n",
    ] {
        assert_eq!(composed("a.env", text), ["password: "], "{text}");
    }
    let apart =
        format!("DB_USER=app\n{}DB_PASSWORD=Sail{{{{digits:4}}}}boat!\n", "A=1\n".repeat(13));
    assert_eq!(composed("a.env", &apart), ["password: "]);
    // Two tokens of two services stay two findings.
    let two = "MAILER_API_KEY={{alnum:32}}\nBILLING_API_SECRET={{alnum:40}}\n";
    assert_eq!(composed("a.env", two), ["generic-secret: ", "generic-secret: "]);
}

/// Code gives variables to names; only literals are parts of a literal.
#[test]
fn a_call_is_no_user() {
    let text = "user = current_user()\npassword = \"Sail{{digits:4}}boat!\"\n";
    assert_eq!(composed("src/a.py", text), ["password: "]);
    let text = "user = \"app\"\npassword = \"Sail{{digits:4}}boat!\"\n";
    assert_eq!(composed("src/a.py", text), ["password: user"]);
}

#[test]
fn a_file_of_secrets_ends() {
    let text = "API_KEY={{alnum:32}}\nAPI_SECRET={{alnum:40}}\n".repeat(600);
    let found = composed("a.env", &text).len();
    assert!((600..1200).contains(&found), "{found}");
}

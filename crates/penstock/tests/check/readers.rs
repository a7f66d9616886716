//! Files whose form tells what is secret in them, and credentials of several parts.

use super::harness::{Sandbox, places};

fn expand(template: &str) -> String {
    penstock_check::template::expand(template, "readers").unwrap()
}

#[test]
fn a_state_is_told_value_by_value_with_its_way() {
    let sandbox = Sandbox::plain();
    let state = expand(
        "{\n \"version\": 4,\n \"resources\": [{\n  \"type\": \"aws_db_instance\", \"name\": \"main\",\n  \"instances\": [{\n   \"attributes\": {\n    \"password\": \"Sail{{digits:4}}boat\",\n    \"phrase\": \"{{alnum:32}}\"\n   },\n   \"sensitive_attributes\": [[{\"type\": \"get_attr\", \"value\": \"phrase\"}]]\n  }]\n }]\n}\n",
    );
    sandbox.write("infra/terraform.tfstate", &state);
    let (code, report) = sandbox.report(&[]);
    assert_eq!(code, 1, "{report:?}");
    assert_eq!(places(&report).len(), 2, "{report:?}");
    for finding in &report.findings {
        assert_eq!(finding.rule.as_str(), "secrets/terraform-state-secret");
        let route = finding.location.route.to_string();
        assert!(route.starts_with("resources/0/instances/0/attributes/"), "{route}");
        assert!(finding.message.contains("of `aws_db_instance.main`"), "{}", finding.message);
    }
    let page = sandbox.check(&[]).out;
    let value = state.split('"').find(|text| text.len() == 32).unwrap();
    assert!(!page.contains(value) && !page.contains("boat"), "{page}");
    // Half a state is not looked at as one, and that is said.
    sandbox.write("infra/terraform.tfstate", &state[..state.len() - 3]);
    let (code, report) = sandbox.report(&[]);
    assert!(!report.is_complete() && code != 0, "{report:?}");
}

#[test]
fn logins_of_programs_are_found_in_their_files() {
    let sandbox = Sandbox::plain();
    sandbox.write(".netrc", expand("machine git.acme.io\nlogin b password Sail{{digits:4}}boat\n"));
    sandbox.write(".my.cnf", expand("[client]\nuser=app\npassword=Sail{{digits:4}}boat\n"));
    sandbox.write(".pgpass", expand("db:5432:*:app:Sail{{digits:4}}boat\n"));
    sandbox.write("web/.htpasswd", expand("ana:{SHA}{{base64:27}}=\n"));
    let (_, report) = sandbox.report(&[]);
    let mut places = places(&report);
    places.sort();
    assert_eq!(places, [".my.cnf:3", ".netrc:2", ".pgpass:1", "web/.htpasswd:1"]);
}

#[test]
fn one_finding_names_all_parts_of_a_credential() {
    let sandbox = Sandbox::plain();
    sandbox.write(
        "deploy/app.env",
        expand("TWILIO_ACCOUNT_SID=AC{{hex:32}}\nTWILIO_AUTH_TOKEN={{hex:32}}\n\nDB_HOST=db.internal\nDB_USER=app\nDB_PASSWORD=Sail{{digits:4}}boat!\n"),
    );
    let (_, report) = sandbox.report(&[]);
    let told: Vec<(&str, Vec<String>)> = report
        .findings
        .iter()
        .map(|finding| {
            let (_, parts) = finding.message.split_once("together with its ").unwrap_or_default();
            (parts, finding.related.iter().map(|related| related.location.to_string()).collect())
        })
        .collect();
    let at = |line: u32| format!("deploy/app.env:{line}");
    assert_eq!(
        told,
        [("account sid", vec![at(1)]), ("user and host", vec![at(5), at(4)])],
        "{report:?}"
    );
}

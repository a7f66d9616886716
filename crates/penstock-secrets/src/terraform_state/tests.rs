use penstock_check::template::expand;
use penstock_model::RepoPath;

use super::*;
use crate::scan::scan;

/// `rule route` of each finding of a state, templates expanded; those of other rules included.
fn found(path: &str, template: &str) -> Vec<String> {
    let text = expand(template, "state").unwrap();
    let path = RepoPath::new(path).unwrap();
    let file = File::new(&path, text.as_bytes());
    let mut known = scan(&path, text.as_bytes());
    let new = find(&file, &mut known);
    let mut all: Vec<_> = known.into_iter().chain(new).collect();
    all.sort_by_key(|(_, found)| found.range.start);
    for (_, found) in &all {
        let quotes = (found.range.start - 1, found.range.end);
        let bytes = text.as_bytes();
        assert_eq!((bytes[quotes.0], bytes[quotes.1]), (b'"', b'"'), "{}", found.message);
    }
    let name = |rule: &Rule| rule.id.strip_prefix("secrets/").unwrap();
    all.iter().map(|(rule, found)| format!("{} {}", name(rule), found.route)).collect()
}

const HEAD: &str = "{\"version\": 4, \"resources\": [{\"mode\": \"managed\", \"type\": \"aws_thing\", \"name\": \"main\", \"instances\": [";

#[test]
fn a_value_is_found_by_the_path_the_provider_gives_or_by_its_name() {
    let state = format!(
        "{HEAD}{{\"attributes\": {{\"id\": \"x\", \"login\": [{{\"user\": \"app\", \"phrase\": \"{{{{alnum:32}}}}\"}}], \
         \"labels\": {{\"note\": \"{{{{alnum:32}}}}\"}}, \"master_password\": \"Sail{{{{digits:4}}}}boat\", \
         \"primary_access_key\": \"{{{{alnum:40}}}}\"}}, \
         \"sensitive_attributes\": [[{{\"type\": \"get_attr\", \"value\": \"login\"}}, \
         {{\"type\": \"index\", \"value\": {{\"value\": 0, \"type\": \"number\"}}}}, \
         {{\"type\": \"get_attr\", \"value\": \"phrase\"}}], \
         [{{\"type\": \"get_attr\", \"value\": \"master_password\"}}]]}}]}}], \
         \"outputs\": {{\"a\": {{\"value\": \"{{{{alnum:32}}}}\", \"sensitive\": true}}, \"b\": {{\"value\": \"{{{{alnum:32}}}}\"}}}}}}"
    );
    let expected = [
        "terraform-state-secret resources/0/instances/0/attributes/login/0/phrase",
        "terraform-state-secret resources/0/instances/0/attributes/master_password",
        "terraform-state-secret resources/0/instances/0/attributes/primary_access_key",
        "terraform-state-secret outputs/a/value",
    ];
    assert_eq!(found("terraform.tfstate", &state), expected);
    assert_eq!(found("a/prod.tfstate.backup", &state), expected);
}

#[test]
fn what_has_a_form_keeps_its_rule_and_gets_its_way() {
    let state = format!(
        "{HEAD}{{\"attributes\": {{\"token\": \"glpat-{{{{base64url:20}}}}\"}}, \"sensitive_attributes\": []}}]}}]}}"
    );
    assert_eq!(
        found("terraform.tfstate", &state),
        ["gitlab-token resources/0/instances/0/attributes/token"]
    );
}

#[test]
fn version_3_names_nothing_and_is_read_by_names() {
    let state = "{\"version\": 3, \"modules\": [{\"resources\": {\"random_password.db\": {\"type\": \"random_password\", \"primary\": {\"attributes\": {\"result\": \"{{alnum:24}}\", \"length\": \"24\"}}}}}]}";
    assert_eq!(
        found("terraform.tfstate", state),
        ["terraform-state-secret modules/0/resources/random_password.db/primary/attributes/result"]
    );
}

/// A path that leads nowhere, out of the document or around in it must not stand for everything.
#[test]
fn a_hostile_path_leads_to_what_it_names_and_no_further() {
    for path in [
        "[]",
        "[{\"type\": \"get_attr\", \"value\": \"absent\"}]",
        "[{\"type\": \"index\", \"value\": {\"value\": 99999999999999999999, \"type\": \"number\"}}]",
        "[{\"type\": \"get_attr\"}]",
        "7",
    ] {
        let state = format!(
            "{HEAD}{{\"attributes\": {{\"phrase\": \"{{{{alnum:32}}}}\"}}, \"sensitive_attributes\": [{path}]}}]}}]}}"
        );
        assert_eq!(found("terraform.tfstate", &state), [""; 0], "{path}");
    }
    assert_eq!(found("terraform.tfstate", "[1, {\"resources\": 3}]"), [""; 0]);
    assert_eq!(found("terraform.tfstate", "{\"resources\": [{\"instances\": "), [""; 0]);
}

#[test]
fn a_value_with_escapes_is_known_by_what_it_is() {
    let text =
        format!("{HEAD}{{\"attributes\": {{\"password\": \"a8\\u0051Kd93mZp/Lw7tYx2\"}}}}]}}]}}");
    let path = RepoPath::new("terraform.tfstate").unwrap();
    let file = File::new(&path, text.as_bytes());
    let new = find(&file, &mut scan(&path, text.as_bytes()));
    let [(_, one)] = &new[..] else { panic!("{new:?}") };
    assert!(
        matches!(&one.value, Value::Decoded(value) if value == b"a8QKd93mZp/Lw7tYx2"),
        "{one:?}"
    );
}

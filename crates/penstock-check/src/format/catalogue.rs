//! The list of all rules (`penstock rules`), for a person and for a program.

use penstock_model::{Audience, Confidence, RuleSet, Severity};
use serde::Serialize;

use super::terminal::{self, count, wrap};
use crate::Rule;

/// The version of the JSON list; additive within it.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Catalogue<'a> {
    version: u32,
    rules: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    title: &'a str,
    area: &'a str,
    severity: Severity,
    confidence: Confidence,
    audience: Audience,
    cwe: &'a [u32],
    controls: &'a [&'a str],
    control_areas: &'a [u8],
    threats: &'a [&'a str],
    aliases: &'a [&'a str],
    since: &'a str,
    set: String,
}

/// The rules as indented JSON with a final line break: `version`, and `rules` in the given order.
///
/// # Errors
/// None that the rules of this program can cause.
pub fn json(rules: &[&'static Rule]) -> Result<String, serde_json::Error> {
    let rules = rules.iter().map(|rule| Entry {
        id: rule.id,
        title: rule.title,
        area: rule.area.name(),
        severity: rule.severity,
        confidence: rule.confidence,
        audience: rule.audience,
        cwe: rule.cwe,
        controls: rule.controls,
        control_areas: rule.control_areas,
        threats: rule.threats,
        aliases: rule.aliases,
        since: rule.since,
        set: set(rule).to_string(),
    });
    let catalogue = Catalogue { version: VERSION, rules: rules.collect() };
    terminal::json(&catalogue)
}

/// The rules in columns: severity, audience, rule set, id, title; beneath, what else a rule is called.
pub fn human(rules: &[&'static Rule]) -> String {
    const COLUMN: usize = 28;
    let widest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut page = String::new();
    for rule in rules {
        let (severity, audience) = (rule.severity.name(), audience(rule.audience));
        let used = COLUMN + widest + 2;
        let title = wrap(rule.title, used, used);
        let set = set(rule);
        page.push_str(&format!(
            "{severity:<8} {audience:<8}  {set}  {:<widest$}  {title}\n",
            rule.id
        ));
        if !rule.aliases.is_empty() {
            let aliases = wrap(&format!("also {}", rule.aliases.join(", ")), COLUMN, COLUMN + 5);
            page.push_str(&format!("{:COLUMN$}{aliases}\n", ""));
        }
    }
    let newest = rules.iter().map(|rule| set(rule)).max().unwrap_or(RuleSet::FIRST);
    page.push_str(&format!(
        "{}, the newest of set {newest}; the page of one: penstock explain RULE\n",
        count(rules.len(), "rule")
    ));
    page
}

/// The set a rule came with; its page was read when the table was generated.
fn set(rule: &Rule) -> RuleSet {
    rule.rule_set().unwrap_or(RuleSet::FIRST)
}

fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Regular => "regular",
        Audience::Pedantic => "pedantic",
        Audience::Auditor => "auditor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::engine;

    #[test]
    fn every_rule_is_listed_with_all_its_names() {
        insta::assert_snapshot!(human(engine().rules()), @r"
    low      regular   2026.11  ci/eval           Evaluates text
                                also other/name, zizmor/eval, trivy/AVD-X-0001, checkov/CKV_X_1,
                                     semgrep/rules.eval, bandit/B307, hadolint/DL3008
    medium   regular   2026.11  ci/image          Image by tag
                                also other/name
    low      regular   2026.11  ci/many           Many jobs
                                also other/name
    medium   regular   2026.11  secrets/password  Password in a file
                                also other/name
    high     regular   2026.11  secrets/token     Token in a file
                                also other/name, gitleaks/sample-token, trivy/sample-token, gosec/G101
    5 rules, the newest of set 2026.11; the page of one: penstock explain RULE
    ");
    }

    #[test]
    fn programs_get_the_same_list() {
        let list: serde_json::Value =
            serde_json::from_str(&json(engine().rules()).unwrap()).unwrap();
        assert_eq!(list["version"], 1);
        let rules = list["rules"].as_array().unwrap();
        let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        assert_eq!(ids, engine().rules().iter().map(|rule| rule.id).collect::<Vec<_>>());
        assert_eq!(
            (&rules[0]["severity"], &rules[0]["audience"], &rules[0]["aliases"][0]),
            (&"low".into(), &"regular".into(), &"other/name".into())
        );
        assert_eq!(rules[0]["set"], "2026.11");
    }
}

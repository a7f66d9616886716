use super::*;

const GOOD: &str = "+++
id = \"ci/some-rule\"
title = \"Something is wrong\"
severity = \"high\"
confidence = \"high\"
audience = \"regular\"
area = \"ci\"
cwe = [829]
controls = [\"SR-3\"]
control_areas = [4]
threats = [\"T3\"]
aliases = [\"zizmor/x\"]
since = \"0.1.0\"
+++

## What it does
Finds it.

```yaml
## not a heading
```

## Why it matters
It does.

## How to fix
So.

## Examples
```yaml hit path=.github/workflows/a.yml
on: push
```

````text near-miss
```
````

```suppressed
x
```
";

fn error(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    RuleFile::parse(&GOOD.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn a_rule_file_is_front_matter_prose_and_examples() {
    let file = RuleFile::parse(GOOD).unwrap();
    assert_eq!(file.front.id.as_str(), "ci/some-rule");
    let examples: Vec<_> =
        file.examples.iter().map(|e| (e.kind, e.path.as_str(), e.text.as_str(), e.line)).collect();
    assert_eq!(
        examples,
        [
            (ExampleKind::Hit, ".github/workflows/a.yml", "on: push\n", 30),
            (ExampleKind::NearMiss, "example.txt", "```\n", 34),
            (ExampleKind::Suppressed, "example.txt", "x\n", 38),
        ]
    );
    assert_eq!(section(GOOD, "Why it matters"), Some("It does."));
    assert_eq!(section(GOOD, "What it does"), Some("Finds it.\n\n```yaml\n## not a heading\n```"));
    assert_eq!(section(GOOD, "not a heading"), None);
}

#[test]
fn every_mistake_is_named_with_its_line() {
    for (from, to, expected) in [
        ("+++\n", "", "1: a rule begins with front matter between two lines `+++`"),
        (
            "severity = \"high\"",
            "severity = \"bad\"",
            "4: unknown variant `bad`, expected one of `low`, `medium`, `high`, `critical`",
        ),
        (
            "cwe = [829]",
            "cew = [829]",
            "8: unknown field `cew`, expected one of `id`, `title`, `severity`, `confidence`, `audience`, `area`, `cwe`, `controls`, `control_areas`, `threats`, `aliases`, `since`, `set`, `keywords`, `pattern`, `entropy`, `shapes`, `near`, `parts`",
        ),
        (
            "ci/some-rule",
            "secrets/some-rule",
            "2: `secrets/some-rule` is not a rule id of its own area",
        ),
        (
            "wrong\"",
            "wrong.\"",
            "3: `Something is wrong.` is not a short phrase without a final full stop",
        ),
        ("SR-3", "SR-03", "9: `SR-03` is not a NIST SP 800-53 control such as `AC-3`"),
        ("[4]", "[14]", "10: `14` is not a control area, 1 to 13"),
        ("T3", "T16", "11: `T16` is not a threat, `T1` to `T15`"),
        ("zizmor/x", "x", "12: `x` is not an alias such as `zizmor/unpinned-uses`"),
        ("It does.", "", "15: the section `## Why it matters` is missing or empty"),
        (
            "yaml hit path",
            "yaml hot path",
            "30: `yaml hot path=.github/workflows/a.yml` does not say what the example is: `yaml hit path=…`, `near-miss` or `suppressed`",
        ),
        ("```suppressed", "```hit", "15: there is no example `suppressed`"),
        ("x\n```\n", "x\n", "38: this fence is not closed"),
    ] {
        assert_eq!(error(from, to), expected);
    }
}

#[test]
fn a_rule_says_with_which_set_it_came() {
    assert_eq!(RuleFile::parse(GOOD).unwrap().front.set, RuleSet::FIRST);
    assert_eq!(rule_set(GOOD).unwrap(), RuleSet::FIRST);
    for line in ["set = \"2027.01\"", "set='2027.01'", "\"set\" = \"2027.01\""] {
        let page = GOOD.replacen("since = ", &format!("{line}\nsince = "), 1);
        let set: RuleSet = "2027.01".parse().unwrap();
        assert_eq!(RuleFile::parse(&page).unwrap().front.set, set, "{line}");
        assert_eq!(rule_set(&page).unwrap(), set, "{line}");
    }
    let bad = error("since = ", "set = \"2027.1\"\nsince = ");
    assert!(bad.starts_with("13: `2027.1` is not a rule set"), "{bad}");
    assert!(rule_set("no front matter").is_err());
}

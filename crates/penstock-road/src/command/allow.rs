//! Edits of `penstock.toml` that let something be reached: one rule at a time, comments kept.

use penstock_config::{ConfigErrors, PenstockToml, Reach};
use penstock_document::{Document, EditError, Format, Limits, Node, TextEdit, Value};
use penstock_model::{Route, RouteStep};

use crate::{
    egress::{self, EgressFault},
    project::CONFIGURATION,
};

/// Who is allowed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom<'a> {
    /// Commands: `[run] allow`.
    Commands,
    /// One step of the pipeline: its `network`.
    Step(&'a str),
}

/// Why a rule is not written.
#[derive(Debug, thiserror::Error)]
pub enum AllowError {
    /// The file as it is, or as it would be.
    #[error(transparent)]
    Configuration(#[from] ConfigErrors),
    /// The layout around the place cannot be edited.
    #[error("{0}; add `{1}` to it by hand")]
    Edit(EditError, String),
    /// The rule is none.
    #[error(transparent)]
    Rule(#[from] EgressFault),
    /// No such step.
    #[error("penstock.toml has no step `{name}`: it has {known}")]
    Step {
        /// As written.
        name: String,
        /// The steps.
        known: String,
    },
    /// The text cannot be read as TOML.
    #[error("{CONFIGURATION} cannot be read")]
    Unreadable,
}

/// The text with one more rule; `None` if it is there already.
///
/// # Errors
/// A rule that can never be allowed, a text that is no configuration, a step that is not in it.
pub fn allowed(text: &str, rule: &str, whom: Whom<'_>) -> Result<Option<String>, AllowError> {
    let rule = egress::rule(rule)?;
    let before = PenstockToml::parse(text, CONFIGURATION)?;
    let present = |configuration: &PenstockToml| -> Result<bool, AllowError> {
        let rules = match whom {
            Whom::Commands => configuration.run.allow.as_slice(),
            Whom::Step(name) => configuration
                .steps
                .get(name)
                .ok_or_else(|| AllowError::Step {
                    name: name.to_owned(),
                    known: match configuration.steps.is_empty() {
                        true => "none".to_owned(),
                        false => configuration.steps.keys().cloned().collect::<Vec<_>>().join(", "),
                    },
                })?
                .network
                .allowed(),
        };
        Ok(rules.iter().any(|other| egress::rule(other.as_str()).is_ok_and(|o| o == rule)))
    };
    if present(&before)? {
        return Ok(None);
    }
    let opened = match whom {
        Whom::Commands => before.run.intercept,
        Whom::Step(name) => before.steps.get(name).is_some_and(|step| step.network.intercepts()),
    };
    if !opened && rule.parse::<Reach>().is_ok_and(|reach| reach.needs_intercept()) {
        return Err(EgressFault::Closed { rule }.into());
    }
    let document = Document::parse(Format::Toml, text, &Limits::default())
        .map_err(|_| AllowError::Unreadable)?;
    let new = match whom {
        Whom::Commands => for_commands(&document, &rule),
        Whom::Step(name) => for_step(&document, name, &rule),
    };
    let new = new.map_err(|error| AllowError::Edit(error, rule.clone()))?;
    // What is handed out is what was wanted: the rule is there and all else is as it was.
    let mut after = PenstockToml::parse(&new, CONFIGURATION)?;
    if !present(&after)? {
        return Err(AllowError::Unreadable);
    }
    match whom {
        Whom::Commands => after.run.clone_from(&before.run),
        Whom::Step(name) => {
            if let (Some(step), Some(was)) = (after.steps.get_mut(name), before.steps.get(name)) {
                step.network.clone_from(&was.network);
            }
        }
    }
    if after == before { Ok(Some(new)) } else { Err(AllowError::Unreadable) }
}

/// The text by which commands have their TLS opened, where one of the rules needs that and no line
/// says otherwise; `None` if nothing is to be changed.
///
/// # Errors
/// A text that is no configuration.
pub fn opened(text: &str, rules: &[String]) -> Result<Option<String>, AllowError> {
    let needs = |rule: &String| rule.parse::<Reach>().is_ok_and(|reach| reach.needs_intercept());
    let document = Document::parse(Format::Toml, text, &Limits::default())
        .map_err(|_| AllowError::Unreadable)?;
    let run = document.root().get("run");
    if !rules.iter().any(needs) || run.get("intercept").exists() {
        return Ok(None);
    }
    let before = PenstockToml::parse(text, CONFIGURATION)?;
    let new = match run.exists() {
        true => document
            .insert(&route(&["run"]), "intercept", &Value::from(true))
            .and_then(|edit| document.apply(&[edit])),
        false => Ok(section(&document, "intercept = true")),
    };
    let new = new.map_err(|error| AllowError::Edit(error, "intercept = true".to_owned()))?;
    let mut after = PenstockToml::parse(&new, CONFIGURATION)?;
    let opened = std::mem::take(&mut after.run.intercept);
    if opened && after == before { Ok(Some(new)) } else { Err(AllowError::Unreadable) }
}

/// The text with a section for commands of one line behind it.
fn section(document: &Document, line: &str) -> String {
    let text = document.text();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() {
        ""
    } else if text.ends_with('\n') {
        end
    } else {
        "\n\n"
    };
    format!("{text}{gap}[run]{end}{line}{end}")
}

fn for_commands(document: &Document, rule: &str) -> Result<String, EditError> {
    let run = document.root().get("run");
    if !run.exists() {
        let quoted = serde_json::Value::from(rule);
        return Ok(section(document, &format!("allow = [{quoted}]")));
    }
    list(document, run, &["run"], rule)
}

fn for_step(document: &Document, step: &str, rule: &str) -> Result<String, EditError> {
    let here = document.root().get("steps").get(step);
    let network = here.get("network");
    if network.is_mapping() {
        return list(document, network, &["steps", step, "network"], rule);
    }
    let quoted = serde_json::Value::from(rule);
    if network.exists() {
        let replacement = format!("{{ allow = [{quoted}] }}");
        return document.apply(&[TextEdit { span: network.span(), replacement }]);
    }
    let allow = Value::Sequence(vec![Value::from(rule)]);
    let table = Value::Mapping(vec![("allow".to_owned(), allow)]);
    let edit = document.insert(&route(&["steps", step]), "network", &table)?;
    document.apply(&[edit])
}

/// One more item of `allow` in a table.
fn list(
    document: &Document,
    table: Node<'_>,
    names: &[&str],
    rule: &str,
) -> Result<String, EditError> {
    let allow = table.get("allow");
    if !allow.exists() {
        let edit =
            document.insert(&route(names), "allow", &Value::Sequence(vec![Value::from(rule)]))?;
        return document.apply(&[edit]);
    }
    let quoted = serde_json::Value::from(rule).to_string();
    let text = document.text();
    let (at, replacement) = match allow.items().last() {
        None => (allow.span().start + 1, quoted),
        Some(last) => {
            let start = last.span().start;
            let line =
                text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
            let indent = text.get(line..start).unwrap_or_default();
            // One rule a line stays one rule a line.
            let separator = if line > allow.span().start && indent.trim().is_empty() {
                format!(",\n{indent}")
            } else {
                ", ".to_owned()
            };
            (last.span().end, format!("{separator}{quoted}"))
        }
    };
    document.apply(&[TextEdit { span: at..at, replacement }])
}

fn route(names: &[&str]) -> Route {
    Route(names.iter().map(|name| RouteStep::Key((*name).to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = "[project]\nname = \"p\" # ours\n";

    fn commands(text: &str, rule: &str) -> String {
        allowed(text, rule, Whom::Commands).unwrap().unwrap()
    }

    #[test]
    fn a_rule_is_added_where_it_belongs_and_everything_else_stays() {
        let first = commands(PROJECT, "a.example");
        assert_eq!(first, format!("{PROJECT}\n[run]\nallow = [\"a.example\"]\n"));
        let second = commands(&first, "b.example:8443");
        assert_eq!(
            second,
            format!("{PROJECT}\n[run]\nallow = [\"a.example\", \"b.example:8443\"]\n")
        );
        assert_eq!(allowed(&second, "a.example", Whom::Commands).unwrap(), None);

        let long = format!(
            "{PROJECT}[run] # for npm\nallow = [\n  \"a.example\", # why\n  # more\n  \"b.example\", # last\n]\n[check]\nthreshold = \"low\"\n"
        );
        let longer = commands(&long, "c.example");
        assert!(longer.contains("\"b.example\",\n  \"c.example\", # last\n]"), "{longer}");
        assert!(longer.contains("# why\n  # more"), "{longer}");
        for empty in ["[run]\n", "[run]\nallow = []\n", "[run] # x\nallow = [ ]"] {
            let text = commands(&format!("{PROJECT}{empty}"), "a.example");
            assert!(text.contains("allow = [\"a.example\""), "{text}");
        }
    }

    #[test]
    fn what_a_rule_within_tls_needs_is_written_with_it() {
        let rules = ["h.example".to_owned(), "https://h.example/p/".to_owned()];
        for run in ["", "[run]\nallow = [\"x.example\"] # ours\n", "[run] # empty\n"] {
            let text = format!("{PROJECT}{run}");
            let opened = opened(&text, &rules).unwrap().unwrap();
            let read = PenstockToml::parse(&opened, "penstock.toml").unwrap();
            assert!(read.run.intercept && opened.contains("# ours"), "{opened}");
            assert!(commands(&opened, &rules[1]).contains("https://h.example/p/"), "{opened}");
            assert_eq!(super::opened(&opened, &rules).unwrap(), None);
            assert_eq!(super::opened(&text, &rules[..1]).unwrap(), None);
        }
        // Somebody decided that.
        let text = format!("{PROJECT}[run]\nintercept = false\n");
        assert_eq!(opened(&text, &rules).unwrap(), None);
    }

    #[test]
    fn a_step_is_allowed_in_its_own_network() {
        let step = |text: &str, rule: &str| allowed(text, rule, Whom::Step("a")).unwrap().unwrap();
        for network in
            ["", "network = \"none\" # dark\n", "network = { allow = [\"x.example\"] }\n"]
        {
            let text =
                format!("{PROJECT}[steps.a]\nrun = \"true\"\n{network}[steps.b]\nrun = \"true\"\n");
            let new = step(&text, "h.example");
            let read = PenstockToml::parse(&new, "penstock.toml").unwrap();
            assert!(
                read.steps["a"].network.allowed().iter().any(|r| r.as_str() == "h.example"),
                "{new}"
            );
            assert!(!read.steps["a"].network.intercepts(), "{new}");
            assert!(read.steps["b"].network.allowed().is_empty(), "{new}");
            assert_eq!(new.contains("# dark"), network.contains("# dark"));
        }
        let table = format!(
            "{PROJECT}[steps.a]\nrun = \"true\"\n[steps.a.network]\nallow = [\"x.example\"]\n"
        );
        assert!(step(&table, "h.example").contains("allow = [\"x.example\", \"h.example\"]"));
        let opened = "network = { allow = [\"x.example\"], intercept = true }";
        let text = format!("{PROJECT}[steps.a]\nrun = \"true\"\n{opened}\n");
        let new = step(&text, "https://h.example/path/");
        let read = PenstockToml::parse(&new, "penstock.toml").unwrap();
        assert!(read.steps["a"].network.intercepts(), "{new}");
        assert_eq!(read.steps["a"].network.allowed().len(), 2, "{new}");
        let none = allowed(PROJECT, "h.example", Whom::Step("a")).unwrap_err();
        assert!(matches!(none, AllowError::Step { .. }), "{none}");
    }

    #[test]
    fn what_can_never_be_allowed_is_refused() {
        for rule in ["*.com", "*", "https://h.example/path", "user@h.example"] {
            assert!(
                matches!(allowed(PROJECT, rule, Whom::Commands), Err(AllowError::Rule(_))),
                "{rule}"
            );
        }
        assert!(allowed("[project]\n", "h.example", Whom::Commands).is_err());
    }
}

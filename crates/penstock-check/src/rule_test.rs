//! Runs the examples in a rule's file. The generated tests of every area call it.

use penstock_model::{
    Audience, Finding, Fix, RepoPath, RepoPathError, Report, SuppressedFinding, Timestamp,
    TimestampError, report::Subject,
};

use crate::{
    Check, CheckError, Engine, EngineError, MemoryTree, Options, Rule, fix,
    rule_file::{Example, ExampleKind, Fault, RuleFile},
    template::{self, TemplateError},
};

/// Runs one rule's examples with only the checks that speak for it, and looks only at its findings:
/// each `hit` must fire it, no `near-miss` may, and each `suppressed` must fire and be suppressed.
///
/// # Errors
/// The first example that does otherwise, named by its line in the rule's file.
pub fn run(rule: &'static Rule, checks: Vec<Box<dyn Check>>) -> Result<(), RuleTestError> {
    let error = |line, fault| RuleTestError { rule: rule.id, line, fault };
    let file = RuleFile::parse(rule.markdown)
        .map_err(|cause| error(cause.line, RuleTestFault::File(cause.fault)))?;
    let own: Vec<_> = checks
        .into_iter()
        .filter(|check| check.rules().iter().any(|declared| declared.id == rule.id))
        .collect();
    if own.is_empty() {
        return Err(error(1, RuleTestFault::NoCheck));
    }
    let engine = Engine::new(own).map_err(|cause| error(1, cause.into()))?;
    for example in &file.examples {
        judge(&engine, rule, example).map_err(|fault| error(example.line, fault))?;
    }
    Ok(())
}

/// An example that does not do what it says.
#[derive(Debug, thiserror::Error)]
#[error("{rule}, line {line} of its file: {fault}")]
pub struct RuleTestError {
    /// The rule.
    pub rule: &'static str,
    /// The line of its file, from 1.
    pub line: usize,
    /// What went wrong.
    pub fault: RuleTestFault,
}

/// What can go wrong with an example.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RuleTestFault {
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    File(Fault),
    #[error("no check declares this rule")]
    NoCheck,
    #[error("this example must not be reported, but it is: {0}")]
    NearMissFound(String),
    #[error("this example must be reported, but it is not")]
    NotFound,
    #[error("this example must be suppressed, but it is not: {0}")]
    NotSuppressed(String),
    #[error("a fix does not remove what it is for:\n{0}")]
    FixLeaves(String),
    #[error(transparent)]
    Path(#[from] RepoPathError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Time(#[from] TimestampError),
    #[error("the example is malformed: {0}")]
    Malformed(String),
}

fn judge(engine: &Engine, rule: &'static Rule, example: &Example) -> Result<(), RuleTestFault> {
    let text = template::expand(&example.text, &format!("{}:{}", rule.id, example.line))?;
    let path: RepoPath = example.path.parse()?;
    let text = text.into_bytes();
    let report = check(engine, &path, &text)?;
    fixes_remove_their_findings(engine, rule, &path, &text, &report)?;
    let mut open = report.findings.iter().filter(|finding| finding.rule.as_str() == rule.id);
    let mut suppressed = suppressed(&report, rule);
    let describe = |finding: &Finding| format!("{}: {}", finding.location, finding.message);
    match (example.kind, open.next(), suppressed.next()) {
        (ExampleKind::Hit, Some(_), _)
        | (ExampleKind::NearMiss, None, None)
        | (ExampleKind::Suppressed, None, Some(_)) => Ok(()),
        (ExampleKind::Hit, None, _) | (ExampleKind::Suppressed, None, None) => {
            Err(RuleTestFault::NotFound)
        }
        (ExampleKind::NearMiss, Some(finding), _) => {
            Err(RuleTestFault::NearMissFound(describe(finding)))
        }
        (ExampleKind::NearMiss, None, Some(found)) => {
            Err(RuleTestFault::NearMissFound(describe(&found.finding)))
        }
        (ExampleKind::Suppressed, Some(finding), _) => {
            Err(RuleTestFault::NotSuppressed(describe(finding)))
        }
    }
}

/// What the engine says of one file, which must be well formed.
fn check(engine: &Engine, path: &RepoPath, text: &[u8]) -> Result<Report, RuleTestFault> {
    let tree = MemoryTree::new([(path.clone(), text.to_vec())]);
    let options = Options {
        audience: Audience::Auditor,
        ..Options::new(Timestamp::from_unix(0)?, [0; 32], "test")
    };
    let report = engine.check(&tree, example_subject(), &options)?;
    match report.coverage.incomplete.first() {
        Some(malformed) => Err(RuleTestFault::Malformed(malformed.detail.clone())),
        None => Ok(report),
    }
}

/// Makes every fix that the rule offers: the file must stay well formed, and as many findings be
/// gone as fixes were made, so that a second round finds nothing more to do.
fn fixes_remove_their_findings(
    engine: &Engine,
    rule: &Rule,
    path: &RepoPath,
    text: &[u8],
    report: &Report,
) -> Result<(), RuleTestFault> {
    let own = |report: &Report| -> Vec<Finding> {
        report.findings.iter().filter(|f| f.rule.as_str() == rule.id).cloned().collect()
    };
    let before = own(report);
    let fixes: Vec<&Fix> = before.iter().filter_map(|finding| finding.fix.as_ref()).collect();
    let plan = fix::plan(&fixes, |wanted| (wanted == path).then(|| text.to_vec()));
    for change in &plan.changes {
        let left = own(&check(engine, path, &change.after)?);
        if left.len() + plan.made.len() != before.len() {
            let text = String::from_utf8_lossy(&change.after).into_owned();
            return Err(RuleTestFault::FixLeaves(text));
        }
    }
    Ok(())
}

fn suppressed<'r>(report: &'r Report, rule: &Rule) -> impl Iterator<Item = &'r SuppressedFinding> {
    report.suppressed.iter().filter(|found| found.finding.rule.as_str() == rule.id)
}

fn example_subject() -> Subject {
    Subject { project: None, commit: None, tree: None, scope: "work-tree".to_owned() }
}

#[cfg(test)]
mod tests;

mod parallel;
mod results;

use std::panic::{AssertUnwindSafe, catch_unwind};

use penstock_model::{
    Area, NotChecked, Report, RuleIdError, RuleSet, Sha256, SkipReason, Skipped,
    report::{Subject, Tool},
};

use crate::{
    Cache, Check, CheckError, Entry, Facts, Findings, Listing, Options, Rule, SuppressionFiles,
    Tree, accepted::Accepted, exclude::Patterns, explain, finish, look::Look, merge::Merge,
};

/// All checks, ready to run over any number of trees.
pub struct Engine {
    checks: Vec<Box<dyn Check>>,
    rules: Vec<&'static Rule>,
}

/// Why a set of checks makes no engine: a defect of a rule crate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A rule's id is none.
    #[error(transparent)]
    BadId(#[from] RuleIdError),
    /// Two different rules have one id.
    #[error("two rules are called `{0}`")]
    RuleTwice(String),
}

impl Engine {
    /// An engine of these checks.
    ///
    /// # Errors
    /// A rule id that is none, or that two different rules have.
    pub fn new(checks: Vec<Box<dyn Check>>) -> Result<Self, EngineError> {
        let mut rules: Vec<&'static Rule> =
            checks.iter().flat_map(|check| check.rules()).copied().collect();
        rules.sort_by_key(|rule| rule.id);
        rules.dedup();
        for rule in &rules {
            rule.rule_id()?;
        }
        if let Some([rule, _]) = rules.array_windows().find(|[a, b]| a.id == b.id) {
            return Err(EngineError::RuleTwice(rule.id.to_owned()));
        }
        Ok(Self { checks, rules })
    }

    /// Every rule, sorted by id.
    pub fn rules(&self) -> &[&'static Rule] {
        &self.rules
    }

    /// The rule with this id, or else the first that has it as an alias.
    pub fn rule(&self, name: &str) -> Option<&'static Rule> {
        let by_id = self.rules.iter().find(|rule| rule.id == name);
        by_id.or_else(|| self.rules.iter().find(|rule| rule.is_named(name))).copied()
    }

    /// The page of a rule for a terminal, by id or alias.
    pub fn explain(&self, name: &str) -> Option<String> {
        self.rule(name).map(explain::page)
    }

    /// Digest over every rule's id and text: equal digests ask the same.
    pub fn rule_set(&self) -> Sha256 {
        digest(&self.rules)
    }

    /// The newest rule set a rule came with.
    pub fn newest_rule_set(&self) -> RuleSet {
        let sets = self.rules.iter().filter_map(|rule| rule.rule_set().ok());
        sets.max().unwrap_or(RuleSet::FIRST)
    }

    /// Refuses a pin to a set this program does not know: what came with it is not here.
    ///
    /// # Errors
    /// A set newer than the newest of these rules.
    pub fn has_rule_set(&self, pinned: Option<RuleSet>) -> Result<(), CheckError> {
        let Some(pinned) = pinned else { return Ok(()) };
        let newest = self.newest_rule_set();
        if pinned > newest { Err(CheckError::NewerRuleSet { pinned, newest }) } else { Ok(()) }
    }

    /// Whether a check looks at the project as a whole, so that a part of its files is not enough.
    pub fn looks_at_project(&self) -> bool {
        self.checks.iter().any(|check| check.looks_at_project())
    }

    /// Checks a tree. The report is a function of the tree, the rules, the subject and the options
    /// other than the number of threads: the same bytes every time.
    ///
    /// # Errors
    /// A tree that cannot be listed, a path pattern that cannot be compiled, a defect of a check.
    /// What can be seen only in part is no error: it is in the report's coverage.
    pub fn check(
        &self,
        tree: &dyn Tree,
        subject: Subject,
        options: &Options,
    ) -> Result<Report, CheckError> {
        self.check_listing(tree, tree.list()?, subject, options, None)
    }

    /// The same for a tree that was listed already, with what is known of its files from an earlier
    /// run. The report is the same with or without; [`Cache::save`] is for the caller to call. Not
    /// to be given where the result is evidence or lets anything in.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn check_listing(
        &self,
        tree: &dyn Tree,
        listing: Listing,
        subject: Subject,
        options: &Options,
        cache: Option<&mut Cache>,
    ) -> Result<Report, CheckError> {
        self.has_rule_set(options.rule_set)?;
        let (checks, ran) = self.select(options);
        let suppression_files =
            options.suppression_files.clone().unwrap_or_else(|| SuppressionFiles::of(tree));
        let accepted = Accepted::read(&suppression_files, &options.bare_ignores, options.now)?;
        let mut merge = Merge::new(&self.rules, &ran, options, &accepted)?;
        let excluded = Patterns::new(options.exclude.iter().map(String::as_str))?;
        let files = wanted(listing, &excluded, &mut merge);
        let mut facts = Facts::default();
        let look = Look {
            checks: &checks,
            rules: &ran,
            tree,
            excluded: &excluded,
            options,
            foreign: &accepted.foreign,
            keep: cache.is_some(),
        };
        let known = cache.map(|cache| (cache, suppression_files.without_baseline().digest()));
        for result in results::results(&look, &files, known)? {
            facts.extend(merge.file(result));
        }
        for check in checks.iter().filter(|check| check.looks_at_project() && !options.partial) {
            let findings = catch_unwind(AssertUnwindSafe(|| {
                let mut findings = Findings::of(&[]);
                check.project(&facts, &mut findings);
                findings
            }));
            let findings = findings.map_err(|_| {
                let rules = check.rules().iter().map(|rule| rule.id).collect::<Vec<_>>();
                CheckError::PanickedOverFacts { rules: rules.join("`, `") }
            })?;
            merge.file(finish::project(findings, options, &ran)?);
        }

        let tool = Tool {
            name: "penstock".to_owned(),
            version: options.tool_version.clone(),
            rule_set: digest(&ran),
        };
        let mut areas: Vec<Area> = ran.iter().map(|rule| rule.area).collect();
        areas.sort();
        areas.dedup();
        Ok(merge.report(tool, subject, areas, not_checked(self, options), &facts))
    }

    /// The checks of the areas asked for, and their rules, sorted by id.
    fn select(&self, options: &Options) -> (Vec<&dyn Check>, Vec<&'static Rule>) {
        let wanted = |area| options.areas.as_ref().is_none_or(|areas| areas.contains(&area));
        let selected = |check: &&dyn Check| check.rules().iter().any(|rule| wanted(rule.area));
        let checks: Vec<&dyn Check> =
            self.checks.iter().map(AsRef::as_ref).filter(selected).collect();
        let mut rules: Vec<&'static Rule> =
            checks.iter().flat_map(|check| check.rules()).copied().collect();
        rules.sort_by_key(|rule| rule.id);
        rules.dedup_by_key(|rule| rule.id);
        (checks, rules)
    }
}

/// The files to look at, sorted; the others are counted.
fn wanted(listing: Listing, excluded: &Patterns, merge: &mut Merge<'_>) -> Vec<Entry> {
    let Listing { mut files, skipped } = listing;
    files.sort();
    files.dedup_by(|a, b| (&a.path, a.version) == (&b.path, b.version));
    for mut skipped in skipped {
        if skipped.reason != SkipReason::Ignored && excluded.matches(&skipped.path) {
            skipped.reason = SkipReason::Excluded;
        }
        merge.skip(skipped);
    }
    let (passed_over, files): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|entry| excluded.matches(&entry.path));
    for Entry { path, .. } in passed_over {
        merge.skip(Skipped { path, reason: SkipReason::Excluded, detail: String::new() });
    }
    files
}

/// Areas that did not run: those required and those this engine has.
fn not_checked(engine: &Engine, options: &Options) -> Vec<NotChecked> {
    Area::ALL
        .into_iter()
        .filter_map(|area| {
            let present = engine.rules.iter().any(|rule| rule.area == area);
            let asked = options.areas.as_ref().is_none_or(|areas| areas.contains(&area));
            let required = options.require.contains(&area);
            let reason = match (present, asked) {
                (true, true) => return None,
                (false, _) if !required => return None,
                (false, _) => "this program has no checks for it; use one that does",
                (true, false) => "not asked for; leave out `--area` to run every area",
            };
            Some(NotChecked { part: area.name().to_owned(), reason: reason.to_owned(), required })
        })
        .collect()
}

fn digest(rules: &[&'static Rule]) -> Sha256 {
    let mut text = Vec::new();
    for rule in rules {
        for part in [rule.id, rule.markdown] {
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part.as_bytes());
        }
    }
    Sha256::of(&text)
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

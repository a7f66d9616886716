use std::collections::{BTreeMap, BTreeSet};

use penstock_statement::{
    Predicate, ResourceDescriptor, Verified,
    predicate::{Party, SignatureStatus, SourceChange},
};

use crate::Case;

/// Who had a hand in a change, as far as it can be told.
pub(crate) struct Change<'a> {
    pub(crate) evidence: &'a Verified<SourceChange>,
    /// Every person in it, with what they did.
    pub(crate) persons: BTreeMap<&'a str, &'static str>,
    /// Why that list may be short, if it may.
    pub(crate) gaps: Vec<String>,
    /// How many commits prove who made them.
    pub(crate) proved: usize,
}

impl<'a> Change<'a> {
    /// The change that brings this release to this environment; an error names what is missing.
    pub(crate) fn of(case: &Case<'a>) -> Result<Self, String> {
        let Some(evidence) = case.source_change() else {
            let note = case.refused_note(SourceChange::TYPE);
            return Err(format!("nothing says who made the change{note}"));
        };
        let change = evidence.predicate();
        let candidate = case.seal().and_then(|seal| seal.predicate().commit.as_ref());
        if change.project != case.policy.project {
            return Err(format!("the source change is of project `{}`", change.project));
        }
        if change.environment != case.input.environment {
            return Err(format!("the source change is measured for `{}`", change.environment));
        }
        if candidate != Some(&change.to) {
            return Err(format!("the source change ends at another commit, {}", change.to.short()));
        }
        let subject = ResourceDescriptor::git_commit(&change.to);
        if !evidence.statement.subject.iter().any(|s| s.same_digest(&subject)) {
            return Err("the source change is about another commit than it describes".to_owned());
        }
        let admitted = match case.admitted()? {
            None => None,
            Some(seal) => Some(seal.predicate().commit.as_ref().ok_or_else(|| {
                format!("what `{}` runs was built from no commit", case.input.environment)
            })?),
        };
        if change.from.as_ref() != admitted {
            return Err(format!(
                "the source change begins at {}, but {} was last admitted to `{}`",
                change.from.as_ref().map_or("the first commit", |c| c.short()),
                admitted.map_or("nothing", |c| c.short()),
                case.input.environment
            ));
        }
        let mut this = Self { evidence, persons: BTreeMap::new(), gaps: Vec::new(), proved: 0 };
        this.read(case);
        Ok(this)
    }

    fn read(&mut self, case: &Case<'a>) {
        let change = self.evidence.predicate();
        if let Some(gap) = &change.gap {
            self.gaps.push(format!("the history is not whole: {gap}"));
        }
        if change.commits.is_empty() {
            self.gaps.push("the change has no commit of its own".to_owned());
        } else if !change.commits.iter().any(|commit| commit.id == change.to) {
            self.gaps.push("the change does not list its own last commit".to_owned());
        }
        let mut strangers = BTreeSet::new();
        for commit in &change.commits {
            let parties = [(&commit.author, "wrote"), (&commit.committer, "committed")]
                .into_iter()
                .chain(commit.co_authors.iter().map(|party| (party, "wrote")));
            for (party, did) in parties {
                if !self.add(case, party, did) {
                    strangers.insert(party.email.as_str());
                }
            }
        }
        self.proved =
            change.commits.iter().filter(|c| c.signature == SignatureStatus::Verified).count();
        if !strangers.is_empty() {
            let names: Vec<_> =
                strangers.iter().take(3).map(|email| format!("`{email}`")).collect();
            let more = if strangers.len() > 3 { " and more" } else { "" };
            self.gaps.push(format!("{}{more}: nobody in the policy", names.join(", ")));
        }
    }

    /// Adds whoever the policy knows by that e-mail, and whoever the statement says it is: evidence
    /// may name somebody in addition, never instead.
    fn add(&mut self, case: &Case<'a>, party: &'a Party, did: &'static str) -> bool {
        let by_policy = case.policy.person_of_email(&party.email).map(|(handle, _)| handle);
        let stated = party.person.as_deref().filter(|name| case.policy.people.contains_key(*name));
        for person in by_policy.into_iter().chain(stated) {
            self.persons.entry(person).or_insert(did);
        }
        by_policy.is_some()
    }

    /// What keeps the persons of this change from being known for certain.
    pub(crate) fn doubts(&self) -> Vec<String> {
        let mut doubts = self.gaps.clone();
        let all = self.evidence.predicate().commits.len();
        if self.proved < all {
            doubts.push(format!(
                "{} of {all} commits carry no verified signature: their authors are only asserted",
                all - self.proved
            ));
        }
        doubts
    }
}

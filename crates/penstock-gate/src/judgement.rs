use penstock_model::Sha256;
use penstock_statement::{Verified, predicate::Outcome};

/// What one gate rule says about one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub(crate) outcome: Outcome,
    pub(crate) message: String,
    pub(crate) remedy: Option<String>,
    pub(crate) warning: Option<String>,
    pub(crate) next: Vec<String>,
    /// What was used: predicate type and evidence id.
    pub(crate) used: Vec<(String, Sha256)>,
}

impl Judgement {
    fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self {
            outcome,
            message: message.into(),
            remedy: None,
            warning: None,
            next: Vec::new(),
            used: Vec::new(),
        }
    }

    pub(crate) fn allow(message: impl Into<String>) -> Self {
        Self::new(Outcome::Allow, message)
    }

    pub(crate) fn held(message: impl Into<String>) -> Self {
        Self::new(Outcome::Held, message)
    }

    pub(crate) fn indeterminate(message: impl Into<String>) -> Self {
        Self::new(Outcome::Indeterminate, message)
    }

    pub(crate) fn deny(message: impl Into<String>) -> Self {
        Self::new(Outcome::Deny, message)
    }

    /// What to do about it; the rule's own remediation stands in where none is given.
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Adds something accepted here that a stricter profile would not accept.
    pub(crate) fn warning(mut self, warning: impl Into<String>) -> Self {
        let warning = warning.into();
        self.warning = Some(match self.warning {
            Some(earlier) => format!("{earlier}; {warning}"),
            None => warning,
        });
        self
    }

    /// An exact command that would change the outcome.
    pub(crate) fn next(mut self, command: impl Into<String>) -> Self {
        self.next.push(command.into());
        self
    }

    pub(crate) fn using<P>(mut self, evidence: &Verified<P>) -> Self {
        self.used.push((evidence.statement.predicate_type.clone(), evidence.evidence));
        self
    }

    pub(crate) fn using_all<'a, P: 'a>(
        self,
        evidence: impl IntoIterator<Item = &'a Verified<P>>,
    ) -> Self {
        evidence.into_iter().fold(self, Self::using)
    }

    /// Of two judgements on one question, the worse; warnings and evidence of both are kept.
    pub(crate) fn and(self, other: Self) -> Self {
        let (mut worse, milder) =
            if other.outcome > self.outcome { (other, self) } else { (self, other) };
        worse.used.extend(milder.used);
        worse.next.extend(milder.next);
        match milder.warning {
            Some(warning) => worse.warning(warning),
            None => worse,
        }
    }
}

use std::ops::Range;

use penstock_document::{Node, TextEdit};
use penstock_model::{Applicability, Audience, Confidence, Location, Route, Severity, fact::Fact};

use crate::{
    Rule,
    mask::{HIDDEN, Mask},
    redact,
};

/// Where in the file at hand a finding is, or where elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A range of its bytes, with the way to it where it has structure.
    Span(Range<usize>, Route),
    /// Anywhere, for checks over facts.
    Elsewhere(Location),
}

impl From<Range<usize>> for Place {
    fn from(range: Range<usize>) -> Self {
        Self::Span(range, Route::default())
    }
}

impl From<Node<'_>> for Place {
    fn from(node: Node<'_>) -> Self {
        Self::Span(node.span(), node.route())
    }
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        Self::Elsewhere(location)
    }
}

/// The most findings kept of one file. A file made to have millions must not take the memory of the
/// machine; what is left out makes the result incomplete.
pub(crate) const MAX_PER_FILE: usize = 10_000;

/// Where a check writes what it found. Places are relative to the file being looked at.
///
/// ```ignore
/// findings
///     .report(UNPINNED_ACTION, step.get("uses"), format!("`{uses}` is not pinned"))
///     .related(workflow.get("on"), "anyone on GitHub can start this");
/// ```
#[derive(Debug, Default)]
pub struct Findings<'a> {
    content: &'a [u8],
    pub(crate) drafts: Vec<Draft>,
    /// The last of those beyond [`MAX_PER_FILE`]; it is still written to, then dropped.
    beyond: Option<Box<Draft>>,
    /// How many are beyond it.
    pub(crate) left_out: u64,
    /// What those hide stays hidden.
    masks: Vec<Mask>,
    pub(crate) questions: Vec<Question>,
    pub(crate) facts: Vec<Fact>,
}

/// A question a rule could not answer.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) rule: &'static Rule,
    pub(crate) place: Place,
    pub(crate) question: String,
    pub(crate) fact: String,
}

impl<'a> Findings<'a> {
    /// An empty collection for a file with this content.
    pub fn of(content: &'a [u8]) -> Self {
        Self { content, ..Self::default() }
    }

    /// Reports one finding. What is returned refines it; nothing needs to be called on it. Severity,
    /// confidence and audience are the rule's, the fingerprint is of the rule, the route and the
    /// text of the place, and the excerpt is the line it begins on.
    pub fn report(
        &mut self,
        rule: &'static Rule,
        place: impl Into<Place>,
        message: impl Into<String>,
    ) -> &mut Draft {
        let draft = Draft {
            rule,
            place: place.into(),
            message: message.into(),
            severity: rule.severity,
            confidence: rule.confidence,
            audience: rule.audience,
            related: Vec::new(),
            masks: Vec::new(),
            identity: Identity::Place,
            fix: None,
        };
        if self.drafts.len() < MAX_PER_FILE {
            return self.drafts.push_mut(draft);
        }
        self.left_out += 1;
        self.masks.extend(self.beyond.take().map(|beyond| beyond.masks).unwrap_or_default());
        self.beyond.insert(Box::new(draft))
    }

    /// Every stretch of the file that must not be shown.
    pub(crate) fn masks(&self) -> impl Iterator<Item = &Mask> {
        let drafts = self.drafts.iter().chain(self.beyond.as_deref());
        drafts.flat_map(|draft| &draft.masks).chain(&self.masks)
    }

    /// Reports a secret of high entropy that stands at `range`: the fingerprint is keyed by the
    /// repository's salt and independent of the place, and the value is masked in every excerpt and
    /// message of the file. Use [`redact`](crate::redact()) to name it in the message.
    pub fn secret(
        &mut self,
        rule: &'static Rule,
        range: Range<usize>,
        message: impl Into<String>,
    ) -> &mut Draft {
        let value = self.content.get(range.clone()).unwrap_or_default().to_vec();
        let masked = redact(&value);
        let draft = self.report(rule, range.clone(), message);
        draft.identity = Identity::Secret(value);
        draft.masks.push(Mask { range, masked });
        draft
    }

    /// Reports a password, or another value that could be guessed, at `range`. `context` (the
    /// setting's name, the user and host) identifies it together with the value's length and
    /// character classes; the value itself does not enter the fingerprint.
    pub fn password(
        &mut self,
        rule: &'static Rule,
        range: Range<usize>,
        context: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Draft {
        let class = class(self.content.get(range.clone()).unwrap_or_default());
        let draft = self.report(rule, range.clone(), message);
        draft.identity = Identity::Password { context: context.into(), class };
        draft.masks.push(Mask { range, masked: HIDDEN.to_owned() });
        draft
    }

    /// Records that a rule could not tell, and the fact whose absence is the reason. It is outside
    /// every threshold.
    pub fn unresolved(
        &mut self,
        rule: &'static Rule,
        place: impl Into<Place>,
        question: impl Into<String>,
        fact: impl Into<String>,
    ) {
        let (question, fact) = (question.into(), fact.into());
        self.questions.push(Question { rule, place: place.into(), question, fact });
    }

    /// Records a fact for checks that look at the whole project.
    pub fn fact(&mut self, fact: Fact) {
        self.facts.push(fact);
    }
}

/// A finding while its check still writes it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(crate) rule: &'static Rule,
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) audience: Audience,
    pub(crate) related: Vec<(Place, String)>,
    pub(crate) masks: Vec<Mask>,
    pub(crate) identity: Identity,
    pub(crate) fix: Option<Proposal>,
}

/// What makes two findings of a rule the same.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    Password { context: String, class: String },
    Place,
    Secret(Vec<u8>),
    Text(String),
}

impl Draft {
    /// The secret's value, where the finding is one.
    pub(crate) fn secret(&self) -> Option<&[u8]> {
        match &self.identity {
            Identity::Secret(value) => Some(value),
            _ => None,
        }
    }

    /// Says where in its structure the finding is, when the place was given as a range of bytes.
    pub fn route(&mut self, route: Route) -> &mut Self {
        if let Place::Span(_, own) = &mut self.place {
            *own = route;
        }
        self
    }

    /// Raises or lowers the severity for this finding.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Sets the confidence for this finding.
    pub fn confidence(&mut self, confidence: Confidence) -> &mut Self {
        self.confidence = confidence;
        self
    }

    /// Sets the audience for this finding.
    pub fn audience(&mut self, audience: Audience) -> &mut Self {
        self.audience = audience;
        self
    }

    /// Adds a place that makes the finding understandable, in reading order, and what it adds:
    /// `runs their install scripts`.
    pub fn related(&mut self, place: impl Into<Place>, message: impl Into<String>) -> &mut Self {
        self.related.push((place.into(), message.into()));
        self
    }

    /// Replaces the text of the place in the fingerprint, where that text changes without the
    /// finding changing (a version, a comment) or says nothing (a whole file).
    pub fn identity(&mut self, text: impl Into<String>) -> &mut Self {
        self.identity = Identity::Text(text.into());
        self
    }

    /// Identifies a secret by its value where the file holds it in another form (encoded, escaped,
    /// or with white space).
    pub fn secret_value(&mut self, value: impl Into<Vec<u8>>) -> &mut Self {
        self.identity = Identity::Secret(value.into());
        self
    }

    /// Masks a further stretch of the file, wherever it would be shown: the second half of a key
    /// pair.
    pub fn mask(&mut self, range: Range<usize>) -> &mut Self {
        self.masks.push(Mask { range, masked: HIDDEN.to_owned() });
        self
    }

    /// What `penstock fix` would do to this file, as an imperative phrase and its edits. Without an
    /// edit (an editor that refused, for instance) no fix is offered.
    pub fn fix(
        &mut self,
        applicability: Applicability,
        title: impl Into<String>,
        edits: impl IntoIterator<Item = TextEdit>,
    ) -> &mut Self {
        let edits: Vec<_> = edits.into_iter().collect();
        if !edits.is_empty() {
            self.fix = Some(Proposal { applicability, title: title.into(), edits });
        }
        self
    }
}

/// A fix whose edits are relative to the file being looked at.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    pub(crate) applicability: Applicability,
    pub(crate) title: String,
    pub(crate) edits: Vec<TextEdit>,
}

/// A value's length and character classes: `12:lower,digit`.
fn class(value: &[u8]) -> String {
    let has = |name: &'static str, is: fn(&u8) -> bool| value.iter().any(is).then_some(name);
    let classes = [
        has("lower", u8::is_ascii_lowercase),
        has("upper", u8::is_ascii_uppercase),
        has("digit", u8::is_ascii_digit),
        has("other", |byte| !byte.is_ascii_alphanumeric()),
    ];
    let classes: Vec<_> = classes.into_iter().flatten().collect();
    format!("{}:{}", value.len(), classes.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_shape_only() {
        assert_eq!(class(b"hunter2"), "7:lower,digit");
        assert_eq!(class(b"hunter3"), class(b"hunter2"));
        assert_ne!(class(b"hunter22"), class(b"hunter2"));
        assert_ne!(class(b"Hunter2"), class(b"hunter2"));
        assert_eq!(class(b""), "0:");
    }
}

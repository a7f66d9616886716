//! Whether an assignment is reported, and to whom.

use penstock_model::{Audience, Confidence, Severity};

use super::{
    Assignment, Material, Operator, Promise, Syntax,
    stand_in::is_stand_in,
    strength::{Strength, strength},
    weak::is_weak,
};
use crate::detector::Sight;

/// What is said about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) strength: Strength,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) audience: Audience,
}

/// Judges an assignment; nothing if there is no secret in it.
pub(crate) fn verdict(
    sight: &Sight<'_>,
    assignment: &Assignment,
    material: Material,
) -> Option<Verdict> {
    let value = sight.slice(assignment.value.range.clone());
    let name = sight.slice(assignment.name.clone());
    if material.generated || goes_on(sight.bytes, assignment, material) {
        return None;
    }
    let judged = judge(sight, assignment, material, value, name);
    judged.or_else(|| {
        is_weak(sight, assignment, material).then(|| Verdict {
            strength: strength(value).map_or(Strength::Word, |s| s.min(Strength::Chosen)),
            severity: Severity::Low,
            confidence: Confidence::Low,
            audience: Audience::Pedantic,
        })
    })
}

/// The verdict on a value that stands for nothing else.
fn judge(
    sight: &Sight<'_>,
    assignment: &Assignment,
    material: Material,
    value: &[u8],
    name: &[u8],
) -> Option<Verdict> {
    // What stands in settings outside of tests and examples is used as it is.
    let used = material.has_settings() && !material.translations && !sight.is_made_up();
    if is_stand_in(value, assignment.value.quote.is_some(), name, used) {
        return None;
    }
    let strength = strength(value)?;
    let case = Case { assignment, material, strength, length: value.len(), name, value, used };
    let mut audience = case.audience()?;
    let made_up = sight.is_made_up();
    // The vectors of a standard, and requests that a test sends.
    if made_up
        && (assignment.meaning.promise == Promise::Salt || assignment.operator == Operator::Taken)
    {
        audience = Audience::Pedantic;
    }
    let sure = strength >= Strength::Uuid && !made_up && material.syntax != Syntax::Prose;
    Some(Verdict {
        strength,
        severity: match (strength, made_up) {
            (Strength::Generated | Strength::Uuid, false) => Severity::High,
            (Strength::Chosen, false) => Severity::Medium,
            _ => Severity::Low,
        },
        confidence: if sure { Confidence::Medium } else { Confidence::Low },
        audience,
    })
}

/// Everything that is weighed.
struct Case<'a> {
    assignment: &'a Assignment,
    material: Material,
    strength: Strength,
    length: usize,
    name: &'a [u8],
    value: &'a [u8],
    used: bool,
}

impl Case<'_> {
    fn audience(&self) -> Option<Audience> {
        let meaning = self.assignment.meaning;
        if self.material.translations
            && (self.strength < Strength::Uuid || !self.value.iter().any(u8::is_ascii_digit))
        {
            return None;
        }
        // The token of a badge, and whatever else stands in an address for people.
        let prose = self.material.syntax == Syntax::Prose;
        if prose && self.assignment.operator == Operator::Inline && self.length < 16 {
            return None;
        }
        match meaning.promise {
            Promise::Password => self.password(meaning.exact),
            Promise::Secret => self.secret(meaning.exact),
            Promise::Key => self.key(meaning.exact),
            Promise::Vague => self.vague(),
            Promise::Salt => self.salt(),
        }
    }

    fn password(&self, exact: bool) -> Option<Audience> {
        let prose = self.material.syntax == Syntax::Prose;
        if self.assignment.operator == Operator::Taken && self.strength == Strength::Chosen {
            return Some(Audience::Pedantic);
        }
        // `$passwordRow.find("…")`
        if self.assignment.operator == Operator::Call && !exact && self.strength < Strength::Uuid {
            return None;
        }
        match self.strength {
            Strength::Generated | Strength::Uuid => Some(Audience::Regular),
            // `takes password= argument`
            Strength::Word if prose && self.assignment.value.quote.is_none() => None,
            Strength::Chosen if prose || !exact => Some(Audience::Pedantic),
            Strength::Chosen => Some(Audience::Regular),
            Strength::Number if !exact || prose || !self.is_plain() => None,
            Strength::Number => Some(Audience::Regular),
            Strength::Word if !exact || self.material.translations || !self.is_plain() => None,
            Strength::Word if !prose && self.is_single_word() => Some(Audience::Regular),
            Strength::Word if self.used && self.is_own_choice() => Some(Audience::Regular),
            Strength::Word => Some(Audience::Pedantic),
        }
    }

    fn secret(&self, exact: bool) -> Option<Audience> {
        let least = if exact { 8 } else { 16 };
        match self.strength {
            Strength::Generated if self.length >= least => Some(Audience::Regular),
            Strength::Uuid if exact => Some(Audience::Regular),
            Strength::Chosen if exact && self.length >= 6 && self.is_plain() => Some(self.chosen()),
            Strength::Word if exact && self.is_secret_in_lines() => Some(Audience::Regular),
            _ => None,
        }
    }

    fn key(&self, exact: bool) -> Option<Audience> {
        let least = if exact { 10 } else { 20 };
        match self.strength {
            Strength::Generated if self.length >= least => Some(Audience::Regular),
            Strength::Uuid if exact => Some(Audience::Regular),
            Strength::Chosen if exact && self.length >= 6 && self.is_plain() => Some(self.chosen()),
            _ => None,
        }
    }

    /// A key or secret somebody made up: `console123`. Tokens are issued, not made up.
    fn chosen(&self) -> Audience {
        let parts = self.value.iter().any(|byte| b"-_./:".contains(byte));
        let digits = self.value.iter().any(u8::is_ascii_digit);
        let signs = self.value.iter().any(|byte| b"!@#$%^&*?~".contains(byte));
        let issued = self.name.to_ascii_lowercase().ends_with(b"token");
        let upper = self.value.iter().any(u8::is_ascii_uppercase);
        let mixed = upper && self.value.iter().any(u8::is_ascii_lowercase);
        let prose = self.material.syntax == Syntax::Prose;
        if digits && mixed && parts && self.length >= 8 && !prose && self.name != b"token" {
            return Audience::Regular;
        }
        if prose || issued || !(signs || digits && !parts) {
            Audience::Pedantic
        } else {
            Audience::Regular
        }
    }

    fn vague(&self) -> Option<Audience> {
        let mixed = self.value.iter().any(u8::is_ascii_uppercase)
            && self.value.iter().any(u8::is_ascii_lowercase)
            && self.value.iter().any(u8::is_ascii_digit);
        let generated = self.strength == Strength::Generated;
        (generated && mixed && self.length >= 20).then_some(Audience::Regular)
    }

    fn salt(&self) -> Option<Audience> {
        // `check("form-nonce", "formnonce")` hands on two names.
        let given = self.assignment.operator != Operator::Argument
            || self.value.iter().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        (given && self.strength == Strength::Generated && self.length >= 8)
            .then_some(Audience::Regular)
    }

    /// Given directly, not as one of a list of words.
    fn is_plain(&self) -> bool {
        matches!(
            self.assignment.operator,
            Operator::Assign
                | Operator::Element
                | Operator::Pair
                | Operator::Inline
                | Operator::Default
        )
    }

    /// Letters with a capital among them that name no part of a program: `mySecret`, `Sommer`.
    fn is_own_choice(&self) -> bool {
        let own = self.value.strip_prefix(b"my");
        // One word with a capital is a label where texts for people stand too.
        let lines = matches!(self.material.syntax, Syntax::Lines | Syntax::Yaml | Syntax::Shell);
        let rest = own.or(lines.then_some(self.value)).and_then(|rest| rest.get(1..));
        let rest = rest.unwrap_or_default();
        !rest.is_empty() && rest.iter().all(u8::is_ascii_lowercase)
    }

    /// `secret = …` where a line is a setting, not the name of a secret.
    fn is_secret_in_lines(&self) -> bool {
        let plain = self.used && self.is_plain() && self.length >= 5;
        let is_secret = self.name.to_ascii_lowercase().ends_with(b"secret");
        plain
            && is_secret
            && self.material.syntax == Syntax::Lines
            && (self.is_single_word() || self.is_own_choice())
    }

    fn is_single_word(&self) -> bool {
        self.value.iter().all(u8::is_ascii_lowercase)
    }
}

/// Whether the literal is only a part of an expression: `"prefix" + rest`, `"…" % name`.
fn goes_on(bytes: &[u8], assignment: &Assignment, material: Material) -> bool {
    if assignment.value.quote.is_none() || material.syntax != Syntax::Code {
        return false;
    }
    let rest = bytes.get(assignment.value.end..).unwrap_or_default();
    let rest = rest.get(..rest.len().min(24)).unwrap_or_default().trim_ascii_start();
    [&b"+"[..], b"%", b".format", b". $", b".$", b"..", b"&", b".replace", b"."]
        .iter()
        .any(|mark| rest.starts_with(mark))
        && ![
            &b".to_"[..],
            b".into",
            b".as_",
            b".get",
            b".encode",
            b".to",
            b".by",
            b".un",
            b"&&",
            b".clone",
            b".char",
            b".freeze",
            b".ljust",
            b".b",
        ]
        .iter()
        .any(|mark| rest.starts_with(mark))
}

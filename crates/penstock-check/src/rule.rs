use penstock_model::{Area, Audience, Confidence, RuleId, RuleIdError, RuleSet, Severity};

use crate::rule_file::{self, RuleFileError};

/// A rule's identity and everything that is the same for all its findings.
///
/// It is generated from the rule's Markdown file (`cargo xtask generate`); nobody writes one by
/// hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// `area/kebab-name`, stable for ever.
    pub id: &'static str,
    /// What is wrong, as a short phrase.
    pub title: &'static str,
    /// The severity of a finding that does not set its own.
    pub severity: Severity,
    /// The confidence of a finding that does not set its own.
    pub confidence: Confidence,
    /// For whom a finding is worth reading, unless it sets its own.
    pub audience: Audience,
    /// The area it belongs to.
    pub area: Area,
    /// CWE numbers.
    pub cwe: &'static [u32],
    /// NIST SP 800-53 controls: `AC-3`.
    pub controls: &'static [&'static str],
    /// Control areas, 1 to 13.
    pub control_areas: &'static [u8],
    /// Threats of THREATS.md: `T1`.
    pub threats: &'static [&'static str],
    /// What other tools call it: `zizmor/unpinned-uses`.
    pub aliases: &'static [&'static str],
    /// The first version of Penstock that has it.
    pub since: &'static str,
    /// Byte strings one of which a file must contain before the pattern is tried.
    pub keywords: &'static [&'static str],
    /// A regular expression, for rules a table can hold.
    pub pattern: Option<&'static str>,
    /// The least Shannon entropy of a match in bits per byte, for rules a table can hold.
    pub entropy: Option<f64>,
    /// How its secrets look, for rules a table can hold: `glpat-{{base64url:20}}`
    /// ([`template::Shape`](crate::template::Shape)).
    pub shapes: &'static [&'static str],
    /// Words one of which stands before a secret on its line, for shapes without a text of their own.
    pub near: &'static [&'static str],
    /// What else its secrets are used with, where that stands beside them.
    pub parts: &'static [Part],
    /// The whole Markdown file.
    pub markdown: &'static str,
}

/// Another part of a credential: the client id beside a client secret, the user beside a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called in a message: `client id`.
    pub name: &'static str,
    /// The last words of names it is given to, in lower case with low lines between: `client_id`.
    pub keys: &'static [&'static str],
    /// How it looks, where that tells it without a name ([`template::Shape`](crate::template::Shape)).
    pub shape: Option<&'static str>,
}

impl Rule {
    /// The id as the type reports speak in.
    ///
    /// # Errors
    /// An id that is no `area/kebab-name`; the generator lets none through.
    pub fn rule_id(&self) -> Result<RuleId, RuleIdError> {
        self.id.parse()
    }

    /// The rule set it came with, as its page says.
    ///
    /// # Errors
    /// A page whose front matter cannot be read; the generator lets none through.
    pub fn rule_set(&self) -> Result<RuleSet, RuleFileError> {
        rule_file::rule_set(self.markdown)
    }

    /// Whether `name` is this rule's id or one of its aliases.
    pub fn is_named(&self, name: &str) -> bool {
        self.id == name || self.aliases.contains(&name)
    }

    /// The text of one `## ` section of the page, without its heading and outer blank lines.
    pub fn section(&self, heading: &str) -> Option<&'static str> {
        rule_file::section(self.markdown, heading)
    }
}

use std::fmt;

use penstock_document::{DocumentError, LineIndex, Node};
use penstock_model::{Region, Role};

use crate::{policy::PredicateName, shown::shown};

/// Everything that is wrong with one file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    pub(crate) fn new(mut errors: Vec<ConfigError>) -> Self {
        errors.sort_by_key(|error| (error.region.start_byte, error.region.end_byte));
        Self(errors)
    }

    /// The errors; at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigError> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a ConfigErrors {
    type Item = &'a ConfigError;
    type IntoIter = std::slice::Iter<'a, ConfigError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.iter().enumerate() {
            let separator = if i > 0 { "\n" } else { "" };
            write!(f, "{separator}{error}\n  help: {}", error.problem.help())?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// One thing that is wrong at one place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{}:{}: {problem}", region.start_line, region.start_column)]
pub struct ConfigError {
    /// The file's name, as it was passed in.
    pub file: String,
    /// Where.
    pub region: Region,
    /// The offending text: the first line of what stands there, at most 80 characters,
    /// what cannot be seen written as `\u{…}`.
    pub text: String,
    /// What is wrong.
    pub problem: Problem,
}

impl ConfigError {
    pub(crate) fn at(file: &str, node: Node<'_>, problem: Problem) -> Self {
        let source = node.source().unwrap_or_default();
        let text = shown(source.lines().next().unwrap_or_default());
        Self { file: file.to_owned(), region: node.region(), text, problem }
    }

    pub(crate) fn of_document(file: &str, text: &str, error: DocumentError) -> Self {
        let lines = LineIndex::new(text);
        let region = error.region().unwrap_or_else(|| lines.region(text, &(0..0)));
        let line = lines.line(text, region.start_line).and_then(|range| text.get(range));
        let text = shown(line.unwrap_or_default());
        let problem = Problem::NotToml(error);
        Self { file: file.to_owned(), region, text, problem }
    }
}

/// What can be wrong with a configuration file or a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum Problem {
    /// The file cannot be read at all.
    #[error("{0}")]
    NotToml(DocumentError),
    #[error("unknown key `{key}`{}", did_you_mean(.nearest))]
    UnknownKey { key: String, nearest: Option<String>, known: Vec<String> },
    #[error("{table} has no `{key}`")]
    MissingKey { table: String, key: String, description: String },
    #[error("{name} must be {expected}, not {found}")]
    WrongType { name: String, expected: String, found: &'static str, description: String },
    #[error("{name} cannot be `{value}`{}", did_you_mean(.nearest))]
    UnknownValue { name: String, value: String, nearest: Option<String>, known: Vec<String> },
    #[error("`{value}` is not {noun}")]
    Malformed { value: String, noun: &'static str, help: &'static str },
    #[error("{name} must be {least} to {most}, not {value}")]
    OutOfRange { name: String, least: i64, most: i64, value: String },
    #[error("{name} must not be empty")]
    Empty { name: String, description: String },
    #[error("{name} lists `{value}` twice")]
    Repeated { name: String, value: String },
    #[error("network `{value}` is not available: a step reaches nothing, or what is listed")]
    Network { value: String },
    /// The types refuse what their own schema allows: a mistake of ours.
    #[error("{message}")]
    Undecodable { message: String },

    #[error("step `{step}` needs `{need}`, which is not a step{}", did_you_mean(.nearest))]
    UnknownNeed { step: String, need: String, nearest: Option<String> },
    #[error("steps need each other in a circle: {}", circle(.steps))]
    Circle { steps: Vec<String> },
    #[error("output `{output}` of step `{step}` overlaps `{other}` of step `{other_step}`")]
    OverlappingOutputs { step: String, output: String, other_step: String, other: String },
    #[error("`{rule}` has a path or method within TLS, which is not opened")]
    ClosedTls { rule: String },
    #[error("`{name}` is both in `env` and in `secrets` of step `{step}`")]
    VariableTwice { step: String, name: String },

    #[error("key `{label}`: the id is not that of the public key, which is `{actual}`")]
    KeyId { label: String, actual: String },
    #[error("keys `{first}` and `{second}` are the same key")]
    SameKey { first: String, second: String },
    #[error("person `{person}` has key `{key}`, which is not in `[keys]`")]
    UnknownKeyOfPerson { person: String, key: String },
    #[error("key `{key}` of person `{person}` has role `{role}`")]
    NotAPersonKey { person: String, key: String, role: Role },
    #[error("`{value}` belongs to both `{first}` and `{second}`")]
    SharedIdentity { value: String, first: String, second: String },
    #[error("a key of role `{role}` cannot speak `{predicate}`")]
    PredicateOutsideRole { role: Role, predicate: PredicateName, allowed: Vec<PredicateName> },
    #[error("environments `{first}` and `{second}` both have order {order}")]
    SameOrder { first: String, second: String, order: u32 },
    #[error("the next version needs {threshold} policy keys and there are {available}")]
    AdoptionImpossible { threshold: u32, available: usize },
    #[error("the freeze ends before it begins")]
    FreezeReversed,
    #[error("`[vault]` does not say in one way how to log in")]
    VaultLogin,
}

impl Problem {
    /// What to do about it, without a final full stop.
    pub fn help(&self) -> String {
        match self {
            Self::NotToml(error) if error.is_limit() => {
                "a configuration file is small and flat: split off what does not belong".to_owned()
            }
            Self::NotToml(_) => "correct the TOML here: https://toml.io/en/v1.0.0".to_owned(),
            Self::UnknownKey { known, .. } if known.is_empty() => {
                "nothing can be set here: remove it".to_owned()
            }
            Self::UnknownKey { known, .. } => format!("the keys here are {}", list(known)),
            Self::MissingKey { key, description, .. } => format!("add `{key}`: {description}"),
            Self::WrongType { description, .. } | Self::Empty { description, .. } => {
                description.clone()
            }
            Self::UnknownValue { known, .. } => format!("it is one of {}", list(known)),
            Self::Malformed { help, .. } => (*help).to_owned(),
            Self::OutOfRange { least, most, .. } => {
                format!("write a whole number from {least} to {most}")
            }
            Self::Repeated { .. } => "remove one".to_owned(),
            Self::Network { .. } => {
                "write `network = \"none\"`, or list the hosts: `network = { allow = \
                 [\"registry.npmjs.org\"] }`"
                    .to_owned()
            }
            Self::Undecodable { .. } => {
                "this is a defect of penstock: please report it with the file".to_owned()
            }
            Self::UnknownNeed { need, .. } => {
                format!("add `[steps.{need}]` or name an existing step")
            }
            Self::Circle { .. } => "remove one `needs` of the circle".to_owned(),
            Self::OverlappingOutputs { .. } => {
                "give every step paths of its own: each output has exactly one maker".to_owned()
            }
            Self::ClosedTls { .. } => {
                "set `intercept = true` beside `allow`, or allow the host alone".to_owned()
            }
            Self::VariableTwice { .. } => {
                "keep it in `secrets` if it must be masked, else in `env`".to_owned()
            }
            Self::KeyId { .. } => {
                "the id is the SHA-256 of the public key's DER form: check both were copied whole"
                    .to_owned()
            }
            Self::SameKey { .. } => {
                "remove one: a key has one role, so that no role speaks for another".to_owned()
            }
            Self::UnknownKeyOfPerson { .. } => {
                "add the key to `[keys]` with role `person`, or remove it here".to_owned()
            }
            Self::NotAPersonKey { .. } => {
                "a person approves with a key of role `person` of their own".to_owned()
            }
            Self::SharedIdentity { .. } => {
                "give it to one person: separation of duties compares persons".to_owned()
            }
            Self::PredicateOutsideRole { allowed, .. } if allowed.is_empty() => {
                "a key of this role signs checkpoints only: remove `predicates`".to_owned()
            }
            Self::PredicateOutsideRole { allowed, .. } => {
                format!("it may be narrowed to some of {}", list(allowed))
            }
            Self::SameOrder { .. } => {
                "give each environment its own order: a release goes through them one by one"
                    .to_owned()
            }
            Self::AdoptionImpossible { .. } => {
                "lower `[adoption] threshold` or add keys of role `policy`: else no version could \
                 ever follow this one"
                    .to_owned()
            }
            Self::VaultLogin => {
                "write `role` and `jwt`, or `token` alone: `jwt = \"env:CI_JOB_JWT\"`".to_owned()
            }
            Self::FreezeReversed => "let `to` be later than `from`".to_owned(),
        }
    }
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!(": did you mean `{name}`?"))
}

fn circle(steps: &[String]) -> String {
    let named: Vec<_> = steps.iter().map(|step| format!("`{step}`")).collect();
    named.join(" → ")
}

fn list<T: fmt::Display>(names: &[T]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

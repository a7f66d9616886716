use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A detecting area of `penstock check`: each is one crate of rules.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// Pipeline definitions (`penstock-ci`).
    Ci,
    /// Credentials and keys (`penstock-secrets`).
    Secrets,
}

impl Area {
    /// Every area this version has.
    pub const ALL: [Self; 2] = [Self::Ci, Self::Secrets];

    /// The area's name in rule ids, configuration and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ci => "ci",
            Self::Secrets => "secrets",
        }
    }

    /// The area of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| area.name() == name)
    }
}

/// One of the thirteen control areas a pipeline is audited by, 1 to 13.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ControlArea(u8);

impl ControlArea {
    const NAMES: [&'static str; 13] = [
        "Pipeline infrastructure security",
        "Source code & repository governance",
        "Secrets & credential management",
        "Software supply chain integrity",
        "Automated security testing",
        "Artifact integrity & provenance",
        "Deployment security & environment promotion",
        "Infrastructure as code governance",
        "Audit, evidence & compliance automation",
        "Application authentication & authorisation baseline",
        "Input validation & output encoding",
        "Structured application logging",
        "API security hardening",
    ];

    /// The area with this number, if it is one of the thirteen.
    pub fn new(number: u8) -> Option<Self> {
        (1..=13).contains(&number).then_some(Self(number))
    }

    /// All thirteen, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=13).map(Self)
    }

    /// Its number, 1 to 13.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        Self::NAMES.get(usize::from(self.0.saturating_sub(1))).copied().unwrap_or("unknown area")
    }
}

/// A NIST SP 800-53 control by its identifier, for example `AC-3`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Control(pub String);

/// One of the fifteen threats of THREATS.md, `T1` to `T15`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Threat(pub String);

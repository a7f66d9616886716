use penstock_model::{Area, Audience, Fingerprint, RuleId, RuleSet, Severity, Timestamp};

use crate::{BaselineErrors, GlobError, SuppressionFiles, TreeError};

/// Everything a check depends on beside the tree and the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The lowest severity that makes the check fail.
    pub threshold: Severity,
    /// The pinned rule set: rules of newer ones advise at first. Without it every rule counts.
    pub rule_set: Option<RuleSet>,
    /// Areas that must have run for the result to be complete.
    pub require: Vec<Area>,
    /// The areas to run; all when absent.
    pub areas: Option<Vec<Area>>,
    /// The instant the check calls now.
    pub now: Timestamp,
    /// The repository's salt, which keys the fingerprints of secrets.
    pub salt: [u8; 32],
    /// `[[check.ignore]]` of the configuration: proposed until a base proves them older.
    pub ignores: Vec<Ignore>,
    /// The baseline and the other tools' ignore files that apply; those of the tree that is checked
    /// when absent.
    pub suppression_files: Option<SuppressionFiles>,
    /// The tools whose bare ignores (which name no rule) are applied: `gitleaks`.
    pub bare_ignores: Vec<String>,
    /// Exceptions of the pinned policy.
    pub exceptions: Vec<Ignore>,
    /// Patterns of paths to pass over, as `.gitignore` writes them.
    pub exclude: Vec<String>,
    /// Whether the tree is only a part of the project: checks of the whole are left out.
    pub partial: bool,
    /// The widest audience whose findings are reported.
    pub audience: Audience,
    /// How many threads look at files; at least one does.
    pub threads: usize,
    /// The largest file looked at, in bytes. A larger one makes the result incomplete.
    pub max_file_bytes: u64,
    /// How many archives deep a member may lie and still be looked at: 1 opens archives but none
    /// inside of one, 0 opens none.
    pub archive_depth: u32,
    /// The version of the program, for the report.
    pub tool_version: String,
}

impl Options {
    /// The largest file looked at by default: 16 MiB.
    pub const MAX_FILE_BYTES: u64 = 16 << 20;
    /// How many archives deep members are looked at by default: 3.
    pub const ARCHIVE_DEPTH: u32 = 3;

    /// Defaults: threshold high, every area, regular audience, one thread, nothing ignored.
    pub fn new(now: Timestamp, salt: [u8; 32], tool_version: impl Into<String>) -> Self {
        Self {
            threshold: Severity::High,
            rule_set: None,
            require: Vec::new(),
            areas: None,
            now,
            salt,
            ignores: Vec::new(),
            suppression_files: None,
            bare_ignores: Vec::new(),
            exceptions: Vec::new(),
            exclude: Vec::new(),
            partial: false,
            audience: Audience::Regular,
            threads: 1,
            max_file_bytes: Self::MAX_FILE_BYTES,
            archive_depth: Self::ARCHIVE_DEPTH,
            tool_version: tool_version.into(),
        }
    }

    /// Runs only these areas, if any is named. Who asks for less is told what is missing, and not
    /// that it had been required.
    pub fn narrow(&mut self, areas: &[Area]) {
        if !areas.is_empty() {
            self.require.retain(|area| areas.contains(area));
            self.areas = Some(areas.to_vec());
        }
    }
}

/// A decision, written in the configuration or the policy, not to act on some findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// The rule it is about.
    pub rule: RuleId,
    /// Which paths, as `.gitignore` writes them; every path when absent.
    pub path: Option<String>,
    /// Which finding; every finding when absent.
    pub fingerprint: Option<Fingerprint>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The first instant at which it no longer applies.
    pub expires: Option<Timestamp>,
}

/// Why a check could not start or finish.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The baseline cannot be read.
    #[error(transparent)]
    Baseline(#[from] BaselineErrors),
    /// A path pattern of the configuration or the policy is wrong.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// A check reported a rule it does not declare; that is a defect of the check.
    #[error("a check reported rule `{rule}`, which no check declares; please report this defect")]
    UndeclaredRule {
        /// The rule's id.
        rule: String,
    },
    /// A check over facts reported a place in a file it does not name; a defect of the check.
    #[error("a check reported `{rule}` without saying in which file; please report this defect")]
    Placeless {
        /// The rule's id.
        rule: String,
    },
    /// A thread ended without a result; that is a defect of a check.
    #[error("a check failed while it looked at `{path}`; please report this defect")]
    Panicked {
        /// The file in question.
        path: String,
    },
    /// The same over the facts of all files.
    #[error("a check failed over what all files say (rules `{rules}`); please report this defect")]
    PanickedOverFacts {
        /// The rules of that check.
        rules: String,
    },
    /// The pinned rule set is none this program has yet.
    #[error(
        "rule set `{pinned}` is newer than the newest of this program, `{newest}`: write `rules = \"{newest}\"` in `[check]`, or update penstock"
    )]
    NewerRuleSet {
        /// What is pinned.
        pinned: RuleSet,
        /// The newest set of the program's rules.
        newest: RuleSet,
    },
    /// There is nothing to list.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

//! The command line: what may be asked, nothing of how it is done.

use std::{ffi::OsString, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};
use penstock_model::{Area, Audience, Timestamp};

/// The secure delivery pipeline in one binary.
#[derive(Debug, Parser)]
#[command(name = "penstock", version, propagate_version = false, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// The project: the directory that holds penstock.toml
    #[arg(short = 'C', long = "directory", value_name = "DIR", default_value = ".", global = true)]
    pub(crate) directory: PathBuf,
    /// Where the project's state lives [default: the XDG state directory]
    #[arg(long, value_name = "DIR", env = "PENSTOCK_HOME", hide_env_values = true, global = true)]
    pub(crate) home: Option<PathBuf>,
    /// Where the signing keys are [default: keys/ in the state directory]
    #[arg(long, value_name = "DIR", env = "PENSTOCK_KEYS", hide_env_values = true, global = true)]
    pub(crate) keys: Option<PathBuf>,
    /// The instant to call now, as 2026-11-23T14:02:00Z [default: the clock]
    #[arg(long, value_name = "TIME", global = true)]
    pub(crate) now: Option<Timestamp>,
    /// Colour the output
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Always,
    Auto,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a starter penstock.toml, or with --baseline what is found today
    Init(Init),
    /// Look for what is wrong, in one pass
    Check(Check),
    /// Check, run the pipeline in the sandbox, sign what came out, gate and deploy it; or run one
    /// command confined: penstock run -- npm install
    Run(Box<Run>),
    /// Let commands, or a step, reach a host: one line in penstock.toml
    Allow(Allow),
    /// What this machine confines steps with, and what would make it stronger
    Doctor(Doctor),
    /// Show what stands behind a file, offline
    Verify(Verify),
    /// The ledger
    #[command(subcommand)]
    Log(Log),
    /// The rules changes are judged by
    #[command(subcommand)]
    Policy(Policy),
    /// Decide whether a release may enter an environment
    Gate(Gate),
    /// Give one person's word on a release
    Approve(Approve),
    /// Bring a release into an environment, if its gate allows
    Promote(Promote),
    /// Go back to a release that was there before
    Rollback(Rollback),
    /// What the evidence supports, area by area
    Audit(Audit),
    /// Every rule: how grave, for whom, what other tools call it
    Rules {
        /// How to print the list
        #[arg(long, value_enum, default_value_t = ListFormat::Human)]
        format: ListFormat,
    },
    /// Make the changes that findings propose; shows them first
    Fix(Fix),
    /// The page of a rule, offline
    Explain {
        /// A rule's id, or what another tool calls it
        rule: String,
    },
    /// A JSON Schema of ours, or the list of them
    Schema {
        /// penstock.toml, policy, report, audit, command, or predicate/NAME
        name: Option<String>,
    },
    /// The keys of persons
    #[command(subcommand)]
    Key(Key),
    /// Root file systems that steps can run in instead of this machine's
    #[command(subcommand)]
    Root(Root),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// Write today's findings into penstock.baseline.toml: they stop blocking, new ones do not
    #[arg(long)]
    pub(crate) baseline: bool,
    /// Who answers for new entries
    #[arg(long, value_name = "NAME", requires = "baseline")]
    pub(crate) owner: Option<String>,
    /// Why new entries are accepted
    #[arg(long, value_name = "TEXT", requires = "baseline")]
    pub(crate) reason: Option<String>,
    /// The day new entries end, and ended ones end anew: 2027-01-01
    #[arg(long, value_name = "DATE", requires = "baseline")]
    pub(crate) expires: Option<String>,
    /// Drop entries that match nothing any more
    #[arg(long, requires = "baseline")]
    pub(crate) prune: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// What to check: a directory, a file, `-` for one file from standard input; by the rules of its
    /// project [default: the directory]
    pub(crate) path: Option<PathBuf>,
    /// With `-`: where in the project that file has its place
    #[arg(long, value_name = "PATH", default_value = "stdin")]
    pub(crate) stdin_name: PathBuf,
    /// Check what `git commit` would commit, for what the last commit does not have
    #[arg(long, conflicts_with_all = ["diff", "history"])]
    pub(crate) staged: bool,
    /// Check the files that differ from a commit, for what it does not have; its configuration and
    /// ignores count
    #[arg(long, value_name = "REV", conflicts_with = "history")]
    pub(crate) diff: Option<String>,
    /// Look for secrets in every version of every file that any ref leads to
    #[arg(long)]
    pub(crate) history: bool,
    /// With --history: also in what no ref leads to any more
    #[arg(long, requires = "history")]
    pub(crate) unreachable: bool,
    /// Only these areas; what the others would say is named as not checked
    #[arg(long, value_name = "AREA", value_delimiter = ',', value_parser = area)]
    pub(crate) area: Vec<Area>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub(crate) format: CheckFormat,
    /// With `--format github`: also add a Markdown summary to this file
    #[arg(long, value_name = "FILE", env = "GITHUB_STEP_SUMMARY", hide_env_values = true)]
    pub(crate) summary: Option<PathBuf>,
    /// Show every finding, not only the first ones
    #[arg(long)]
    pub(crate) all: bool,
    /// Whose findings to show
    #[arg(long, value_enum, default_value_t = AudienceArgument::Regular)]
    pub(crate) audience: AudienceArgument,
    /// Anything not looked at fails the check
    #[arg(long)]
    pub(crate) strict: bool,
    /// Findings do not fail the check
    #[arg(long, conflicts_with = "strict")]
    pub(crate) advise: bool,
    /// Look at every file, also at those that have not changed since the last check
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Say on standard error how this process is confined
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Fix {
    /// Findings by the number `penstock check` gives them, by fingerprint, or all of a rule [default:
    /// all that have a fix]
    pub(crate) findings: Vec<String>,
    /// Also changes that a person must read first
    #[arg(long = "unsafe")]
    pub(crate) with_unsafe: bool,
    /// Write without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Whose findings to fix
    #[arg(long, value_enum, default_value_t = AudienceArgument::Regular)]
    pub(crate) audience: AudienceArgument,
}

fn area(name: &str) -> Result<Area, String> {
    Area::named(name).ok_or_else(|| {
        let areas = Area::ALL.map(Area::name).join(", ");
        format!("there is no such area; there are {areas}")
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    Human,
    /// Report v1, everything there is to say
    Json,
    /// SARIF 2.1.0, within the limits of GitHub code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// A `secret_detection` report of GitLab
    GitlabSecretDetection,
    /// A `codequality` report of GitLab
    GitlabCodeQuality,
    /// JUnit XML
    Junit,
    /// A comment for a change
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AudienceArgument {
    Regular,
    Pedantic,
    Auditor,
}

impl From<AudienceArgument> for Audience {
    fn from(argument: AudienceArgument) -> Self {
        match argument {
            AudienceArgument::Regular => Self::Regular,
            AudienceArgument::Pedantic => Self::Pedantic,
            AudienceArgument::Auditor => Self::Auditor,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// Steps to run, with the steps they need [default: all]; only all of them make a release
    #[arg(conflicts_with = "command")]
    pub(crate) steps: Vec<String>,
    /// A command to run on the files here instead, confined: `penstock run -- npm install`
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
    /// Build the work tree as it is; claims no commit and passes no gate
    #[arg(long, conflicts_with = "command")]
    pub(crate) worktree: bool,
    /// Build every step that has outputs a second time, in another environment: it must leave the same
    #[arg(long, conflicts_with = "command")]
    pub(crate) twice: bool,
    /// Also write the evidence into this directory, for a host that imports it
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) evidence_out: Option<PathBuf>,
    /// The identities that secrets in age files are decrypted with
    #[arg(long, value_name = "FILE", env = "PENSTOCK_AGE_IDENTITY", hide_env_values = true)]
    pub(crate) identity: Option<PathBuf>,
    /// Print what penstock.toml would have to say for all of it to pass
    #[arg(long)]
    pub(crate) learn: bool,
    /// With --learn: write it there
    #[arg(long, requires = "learn")]
    pub(crate) write: bool,
    /// COMMAND may also reach this host, this once: HOST, HOST:PORT, http://HOST/, tcp://HOST:PORT
    #[arg(long, value_name = "HOST", requires = "command")]
    pub(crate) allow: Vec<String>,
    /// COMMAND reaches nothing of the network
    #[arg(long, requires = "command", conflicts_with = "allow")]
    pub(crate) no_network: bool,
    /// Open TLS: paths and methods of https are judged, downloads have digests; `opaque HOST` stays closed
    #[arg(long, requires = "command", conflicts_with = "no_network")]
    pub(crate) intercept: bool,
    /// Pass this variable to COMMAND
    #[arg(long, value_name = "NAME", requires = "command")]
    pub(crate) env: Vec<String>,
    /// Pass this variable to COMMAND and mask its value in all that is shown
    #[arg(long, value_name = "NAME", requires = "command")]
    pub(crate) secret: Vec<String>,
    /// What is built in for another command than COMMAND, for scripts: npm, pip, cargo, …
    #[arg(long, value_name = "NAME", requires = "command")]
    pub(crate) preset: Option<String>,
    /// COMMAND reads what is typed here; what is piped in, it reads anyway
    #[arg(long, short, requires = "command")]
    pub(crate) interactive: bool,
    /// Say nothing but what COMMAND says and what is wrong
    #[arg(long, short, requires = "command")]
    pub(crate) quiet: bool,
    /// Write the record of COMMAND into this file (penstock schema command)
    #[arg(long, value_name = "FILE", requires = "command")]
    pub(crate) json: Option<PathBuf>,
    /// Run COMMAND even where this machine cannot confine it
    #[arg(long, requires = "command")]
    pub(crate) allow_unconfined: bool,
    /// The strongest rung to try
    #[arg(long, value_name = "N", default_value_t = 1, hide = true, requires = "command",
          value_parser = clap::value_parser!(u8).range(1..=2))]
    pub(crate) rung: u8,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// Print it as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Allow {
    /// HOST, HOST:PORT, *.HOST, http://HOST/PATH, https://HOST/PATH, opaque HOST, tcp://HOST:PORT
    pub(crate) host: String,
    /// It may be at an address of a private network: a mirror within the company
    #[arg(long)]
    pub(crate) private: bool,
    /// For this step of the pipeline, not for commands
    #[arg(long, value_name = "NAME")]
    pub(crate) step: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The file
    pub(crate) file: PathBuf,
    /// Verify with this evidence directory and policy instead of the project's ledger
    #[arg(long, value_name = "DIR", requires = "policy")]
    pub(crate) evidence: Option<PathBuf>,
    /// The policy whose keys are trusted
    #[arg(long, value_name = "FILE", requires = "evidence")]
    pub(crate) policy: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// The entries, newest last
    List {
        /// Only the last N
        #[arg(short = 'n', long, default_value_t = 50)]
        last: u64,
    },
    /// One entry and what it says
    Show {
        /// Its index, or the beginning of its evidence id
        entry: String,
    },
    /// Every tile, entry, bundle and checkpoint
    Verify,
    /// The inclusion proof of an entry, as a .tlog-proof
    Prove {
        /// Its index
        index: u64,
    },
    /// Make the index anew from the ledger
    Reindex,
    /// Accept the ledger as it is when its last seen checkpoint was lost; gives up what that would
    /// have shown
    Adopt,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// The policy in force
    Show {
        /// Its exact text
        #[arg(long)]
        toml: bool,
        /// Its text with the next version's number, to edit and adopt
        #[arg(long, conflicts_with = "toml")]
        next: bool,
    },
    /// Make a text the next version
    Adopt {
        /// The text
        file: PathBuf,
        /// Who adopts it: a person of the policy whose key is here
        #[arg(long = "as", value_name = "PERSON")]
        person: Option<String>,
    },
    /// What a text would change
    Diff {
        /// The text
        file: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Gate {
    /// The environment
    pub(crate) environment: String,
    /// A release, an output's digest (their first digits), or a file [default: the newest release]
    pub(crate) release: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Approve {
    /// The environment
    pub(crate) environment: String,
    /// A release or an output's digest (their first digits)
    pub(crate) release: String,
    /// Who speaks: a person of the policy whose key is here
    #[arg(long = "as", value_name = "PERSON")]
    pub(crate) person: Option<String>,
    /// Refuse instead
    #[arg(long)]
    pub(crate) reject: bool,
    /// Why
    #[arg(long, default_value = "")]
    pub(crate) reason: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Promote {
    /// The environment
    pub(crate) environment: String,
    /// A release or an output's digest (their first digits)
    pub(crate) release: String,
    /// Deploy although the gate does not allow it; recorded, and loud in every audit
    #[arg(long, value_name = "REASON")]
    pub(crate) break_glass: Option<String>,
    /// Who takes the responsibility for --break-glass
    #[arg(long = "as", value_name = "PERSON", requires = "break_glass")]
    pub(crate) person: Option<String>,
    /// Hours until the exception ends
    #[arg(long, value_name = "HOURS", default_value_t = 24, requires = "break_glass",
          value_parser = clap::value_parser!(u32).range(1..=168))]
    pub(crate) expires: u32,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rollback {
    /// The environment
    pub(crate) environment: String,
    /// The release to go back to [default: the one before]
    pub(crate) release: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Audit {
    /// Also by the clauses of a framework (`--framework list` names them)
    #[arg(long, value_name = "NAME")]
    pub(crate) framework: Option<String>,
    /// Only this period: 2026-05-01..2026-10-31
    #[arg(long, value_name = "FROM..TO")]
    pub(crate) period: Option<String>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = AuditFormat::Human)]
    pub(crate) format: AuditFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Human,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Make a key for a person and print what the policy needs to know of it
    New {
        /// The person, as the policy will call them
        person: String,
    },
    /// What the policy needs to know of a person's key that is here
    Show {
        /// The person
        person: String,
    },
    /// The keys that are here
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Root {
    /// Verify and unpack an image or a tar, and print the line for a step of penstock.toml
    Add {
        /// An OCI image layout (a directory, or a tar of one), or a tar of a root file system
        source: PathBuf,
        /// Which image of several, as linux/arm64 [default: this machine's]
        #[arg(long, value_name = "OS/ARCHITECTURE")]
        platform: Option<String>,
    },
    /// What is here, and whether each is as it was unpacked
    List,
    /// Remove one
    Remove {
        /// Its digest
        digest: String,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}

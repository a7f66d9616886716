//! A run as a person reads it: one line a stretch, facts first, the next command at the end.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    sync::{Mutex, PoisonError},
};

use penstock_model::{Report, Severity};
use penstock_road::{
    command::learn,
    egress::Reached,
    run::RunResult,
    session::Session,
    timeline::{Event, Timeline},
};
use penstock_sandbox::{Isolation, printable};
use penstock_statement::predicate::{Decision, Deployment, Outcome, SealedStep, StepOutcome};

use crate::{
    screen::{Screen, Tone},
    summary::{allow_command, refusal},
};

/// Prints events. Steps' own output goes to standard error, everything else to standard output.
pub(crate) struct Lines<'a> {
    screen: &'a Screen,
    /// Environments reached, and the one that was not; told once more at the end.
    reached: Mutex<Vec<(String, Option<Outcome>)>>,
    /// A write that failed: the run goes on, the failure is told at the end.
    failed: Mutex<Option<io::Error>>,
    made_release: Mutex<bool>,
    /// By step, the rules that would have let through what it was denied.
    learned: Mutex<BTreeSet<(String, String)>>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(screen: &'a Screen) -> Self {
        Self {
            screen,
            reached: Mutex::default(),
            failed: Mutex::default(),
            made_release: Mutex::new(true),
            learned: Mutex::default(),
        }
    }

    /// What is known before anything runs.
    pub(crate) fn head(&self, session: &Session<'_>) -> io::Result<()> {
        if session.place.made_keys {
            self.screen.line(format_args!(
                "keys      demo keys made on first use in {}: they prove nothing about anybody",
                session.place.keys.path().display()
            ))?;
        }
        let reference = &session.pinned.reference;
        let kind = match (session.first_use, session.pinned.policy.demo) {
            (true, true) => "built-in starter, trust on first use, demo identities",
            (true, false) => "built-in starter, trust on first use",
            (false, true) => "demo identities",
            (false, false) => "signed by its predecessor",
        };
        let short = reference.digest.short();
        self.screen.line(format_args!(
            "policy    v{} {short}, {kind} (penstock policy show)",
            reference.version
        ))?;
        let status = session.project.repository.status(session.project.subdirectory.as_ref());
        if let Ok(status) = status
            && !status.is_clean()
        {
            self.screen.line(format_args!(
                "commit    {}; the work tree differs ({} modified, {} deleted, {} untracked) and is not what is built",
                session.project.head.id.short(),
                status.modified.len(),
                status.deleted.len(),
                status.untracked.len()
            ))?;
        } else {
            let id = session.project.head.id.short();
            self.screen.line(format_args!(
                "commit    {id} {}",
                printable(session.project.head.summary().as_bytes())
            ))?;
        }
        Ok(())
    }

    /// The last line: the exit status and why.
    pub(crate) fn tail(&self, result: RunResult) -> io::Result<()> {
        if let Some(error) = self.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        let reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let there: Vec<&str> =
            reached.iter().filter(|(_, o)| o.is_none()).map(|(name, _)| name.as_str()).collect();
        let stopped = reached.iter().find_map(|(name, outcome)| Some((name, (*outcome)?)));
        let there = match there.as_slice() {
            [] => "no environment reached".to_owned(),
            names => format!("{} reached", names.join(", ")),
        };
        let why = match (result, stopped) {
            (RunResult::Failed, None) => "a step did not succeed".to_owned(),
            (_, Some((name, Outcome::Held))) => {
                format!("{there}; {name} waits for a person, it did not fail")
            }
            (_, Some((name, outcome))) => format!("{there}; the gate of {name} said {outcome}"),
            (_, None) if !*self.made_release.lock().unwrap_or_else(PoisonError::into_inner) => {
                "every step succeeded; no release".to_owned()
            }
            (_, None) => there,
        };
        self.screen.line(format_args!("exit {}: {why}", result.exit_code()))
    }

    fn print(&self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Isolation(isolation) => self.isolation(isolation),
            Event::Checked(report) => self.checked(report),
            Event::StepStarted { step } => progress(format_args!("{step} | started")),
            Event::StepOutput { step, line } => {
                progress(format_args!("{step} | {}", printable(line)))
            }
            Event::StepNote { step, note } => {
                self.screen.line(format_args!("{step:<6} note {}", printable(note.as_bytes())))
            }
            Event::StepReached { step, reached } => self.reached(step, reached),
            Event::StepEnded { step, before } => self.step(step, *before),
            Event::NoRelease { work_tree } => {
                *self.made_release.lock().unwrap_or_else(PoisonError::into_inner) = false;
                let why = match work_tree {
                    true => "the work tree was built, which is no commit",
                    false => "only some of the steps ran",
                };
                self.screen
                    .line(format_args!("evidence  none: {why}, so nothing is signed or deployed"))
            }
            Event::NothingToDeploy => {
                self.screen.line("release   nothing to deploy: no step declares outputs")
            }
            Event::Billed(bill) => {
                for (path, error) in &bill.unreadable {
                    self.screen.line(format_args!("sbom   INCOMPLETE  {path}: {error}"))?;
                }
                for gap in bill.unresolved() {
                    self.screen.line(format_args!(
                        "sbom   INCOMPLETE  {} is not pinned",
                        printable(gap.as_bytes())
                    ))?;
                }
                self.screen.line(format_args!(
                    "sbom   ok   {} packages from lock files, CycloneDX 1.6",
                    bill.len()
                ))
            }
            Event::Logged { statements, range, key, seal, released } => {
                self.screen.line(format_args!(
                    "evidence  {statements} statements · signed by build key {} · ledger {}–{} · no witness: self-asserted",
                    key.short(), range.0, range.1
                ))?;
                match released {
                    true => self.screen.line(format_args!("release   {}", seal.short())),
                    false => self
                        .screen
                        .line(format_args!("run       {}: failed, no release", seal.short())),
                }
            }
            Event::Decided { decision, deployed } => self.decided(decision, *deployed),
        }
    }

    fn reached(&self, step: &str, reached: &Reached) -> io::Result<()> {
        let opened = |opened: bool| if opened { " (TLS opened)" } else { "" };
        let hosts = reached.allowed.iter();
        let hosts = hosts
            .map(|asked| format!("{}:{}{}", asked.host, asked.port, opened(asked.intercepted)));
        let hosts: Vec<String> = hosts.collect();
        if !hosts.is_empty() {
            self.screen.line(format_args!("   {step} reached  {}", hosts.join(", ")))?;
        }
        for refused in &reached.denied {
            self.screen.line(format_args!("   {step} denied   {}", refusal(refused)))?;
        }
        for rule in learn::denied(reached) {
            self.screen
                .line(format_args!("            needed? {}", allow_command(&rule, Some(step))))?;
            let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
            learned.insert((step.to_owned(), rule));
        }
        if reached.lost > 0 {
            self.screen.line(format_args!(
                "   {step} LOST     {} connections are not in this list",
                reached.lost
            ))?;
        }
        Ok(())
    }

    /// What steps were denied and could be allowed: step and rule, sorted.
    pub(crate) fn learned(&self) -> Vec<(String, String)> {
        let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        learned.iter().cloned().collect()
    }

    fn isolation(&self, isolation: &Isolation) -> io::Result<()> {
        let named =
            |name: &str| isolation.mechanisms.iter().any(|m| m.applied && m.name.contains(name));
        let mut parts = Vec::new();
        if named("namespace") {
            parts.push("namespaces".to_owned());
        }
        if isolation.landlock_abi > 0 {
            parts.push(format!("Landlock {}", isolation.landlock_abi));
        }
        if isolation.seccomp_filter.is_some() {
            parts.push("seccomp".to_owned());
        }
        self.screen.line(format_args!(
            "isolation rung {}: {}. Signer shares this user: SLSA Build L1, no more.",
            isolation.rung,
            if parts.is_empty() { "nothing applied".to_owned() } else { parts.join(", ") }
        ))?;
        for degradation in &isolation.degradations {
            self.screen.line(format_args!("   weaker: {degradation}"))?;
        }
        Ok(())
    }

    fn checked(&self, report: &Report) -> io::Result<()> {
        let counts = report.counts();
        let open: u64 = counts.values().sum();
        let (tone, word) = match (report.over_threshold(), report.is_complete()) {
            (true, _) => (Tone::Bad, "FAIL"),
            (false, false) => (Tone::Warn, "INCOMPLETE"),
            (false, true) => (Tone::Good, "ok"),
        };
        let by_severity: Vec<String> = Severity::ALL
            .iter()
            .rev()
            .filter_map(|severity| {
                let count = *counts.get(severity)?;
                (count > 0).then(|| format!("{count} {severity}"))
            })
            .collect();
        let found = match open {
            0 => "nothing open".to_owned(),
            _ => format!("{open} open ({})", by_severity.join(", ")),
        };
        self.screen.line(format_args!(
            "check  {}   {found} in {} {}, {} suppressed",
            self.screen.paint(tone, word),
            report.coverage.files,
            if report.coverage.files == 1 { "file" } else { "files" },
            report.suppressed.len()
        ))?;
        let worst = report.open().filter(|finding| finding.severity >= report.threshold).take(5);
        for finding in worst {
            self.screen.line(format_args!(
                "   {} {} {}: {}",
                finding.severity,
                finding.rule,
                finding.location,
                printable(finding.message.as_bytes())
            ))?;
        }
        for part in report.not_checked.iter().filter(|part| part.required) {
            self.screen.line(format_args!("   NOT CHECKED {}: {}", part.part, part.reason))?;
        }
        Ok(())
    }

    fn step(&self, step: &SealedStep, before: Option<&SealedStep>) -> io::Result<()> {
        let (tone, word) = match &step.outcome {
            StepOutcome::Succeeded => (Tone::Good, "ok"),
            StepOutcome::NotStarted { .. } => (Tone::Bad, "NOT RUN"),
            _ => (Tone::Bad, "FAIL"),
        };
        let mut facts = Vec::new();
        if step.outcome != StepOutcome::Succeeded {
            facts.push(printable(step.outcome.to_string().as_bytes()));
        }
        if !step.reproduced.is_empty() {
            facts.push("built twice".to_owned());
        }
        if let Some(tests) = step.tests {
            let last = before.and_then(|before| before.tests);
            let last = last.map_or_else(String::new, |t| format!(" (last release {})", t.passed));
            facts.push(format!("{} tests passed{last}, {} failed", tests.passed, tests.failed));
        }
        if !step.secrets.is_empty() {
            let read: Vec<String> = step
                .secrets
                .iter()
                .map(|secret| format!("{} from {}", secret.name, secret.source))
                .collect();
            facts.push(printable(format!("secrets {}", read.join(", ")).as_bytes()));
        }
        for output in &step.outputs {
            let digest = output.digest.values().next().map_or("", |d| d.get(..12).unwrap_or(d));
            facts.push(format!("{} {digest}", output.path));
        }
        if let Some(before) = before {
            facts.push(match before.definition == step.definition {
                true => "definition unchanged".to_owned(),
                false => "definition CHANGED since the last release".to_owned(),
            });
        }
        self.screen.line(format_args!(
            "{:<6} {}   {}  {}",
            step.name,
            self.screen.paint(tone, word),
            facts.join(", "),
            self.screen.paint(Tone::Quiet, &seconds(step.duration_ms))
        ))
    }

    fn decided(&self, decision: &Decision, deployed: Option<&Deployment>) -> io::Result<()> {
        self.reached
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((decision.environment.clone(), deployed.is_none().then_some(decision.outcome)));
        for line in decision_lines(self.screen, decision, deployed) {
            self.screen.line(line)?;
        }
        Ok(())
    }
}

impl Timeline for Lines<'_> {
    fn event(&self, event: &Event<'_>) {
        if let Err(error) = self.print(event) {
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.get_or_insert(error);
        }
    }
}

fn progress(line: std::fmt::Arguments<'_>) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{line}")
}

/// A duration for people.
fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}

/// A decision: outcome, what stands in the way, the next command.
pub(crate) fn decision_lines(
    screen: &Screen,
    decision: &Decision,
    deployed: Option<&Deployment>,
) -> Vec<String> {
    let met = decision.reasons.iter().filter(|r| r.outcome == Outcome::Allow).count();
    let tone = match decision.outcome {
        Outcome::Allow => Tone::Good,
        Outcome::Held => Tone::Warn,
        Outcome::Indeterminate | Outcome::Deny => Tone::Bad,
    };
    let word = decision.outcome.name().to_uppercase();
    let after = match deployed {
        Some(deployment) => format!(" → deployed {}", deployment.deployed_on),
        None => String::new(),
    };
    let mut lines = vec![format!(
        "gate {:<12} {}  {met} of {}{after}",
        decision.environment,
        screen.paint(tone, &word),
        decision.reasons.len()
    )];
    for reason in &decision.reasons {
        if reason.outcome != Outcome::Allow {
            let message = printable(reason.message.as_bytes());
            lines.push(format!("   {message} ({})", reason.rule));
            if reason.outcome != Outcome::Held
                && let Some(remedy) = &reason.remedy
            {
                lines.push(format!("      do  {}", printable(remedy.as_bytes())));
            }
        }
        if let Some(warning) = &reason.warning {
            let message = printable(warning.as_bytes());
            let word = screen.paint(Tone::Warn, "warning");
            lines.push(format!("   {word} {message} ({})", reason.rule));
        }
    }
    if deployed.is_none() {
        lines.extend(
            decision.next.iter().map(|command| format!("   {}", printable(command.as_bytes()))),
        );
    }
    lines
}

use penstock_config::policy::{Direction, PolicyChange};
use penstock_road::{adopt, approve, session::Session};

use super::{Context, Failure};
use crate::{
    arguments,
    screen::{Screen, Tone},
};

/// The policy's own commands.
pub(super) fn policy(context: &Context, wanted: &arguments::Policy) -> Result<u8, Failure> {
    context.with_session(|session| match wanted {
        arguments::Policy::Show { toml: true, .. } => {
            context.screen.text(session.pinned.policy.text())?;
            Ok(0)
        }
        arguments::Policy::Show { next: true, .. } => {
            context.screen.text(&adopt::next_text(&session.pinned.policy))?;
            Ok(0)
        }
        arguments::Policy::Show { .. } => show(context, session),
        arguments::Policy::Diff { file } => {
            let text = adopt::read(file)?;
            print_changes(&context.screen, &adopt::changes(session, &text))?;
            Ok(0)
        }
        arguments::Policy::Adopt { file, person } => {
            let person = approve::speaker(session, person.as_deref())?;
            let signer = session.signer()?;
            let adopted = adopt::adopt(session, &signer, file, &person)?;
            signer.finish()?;
            let screen = &context.screen;
            print_changes(screen, &adopted.changes)?;
            if let Some(why) = adopted.unknown_editors {
                screen.line(format_args!(
                    "editors   unknown: {why}; accepted because the policy is a demonstration"
                ))?;
            }
            for warning in adopted.pinned.policy.warnings() {
                screen.line(format_args!("{}   {warning}", screen.paint(Tone::Warn, "warning")))?;
            }
            let version = session.pinned.reference.version + 1;
            if adopted.waiting {
                screen.line(format_args!(
                    "version {version} waits for more policy keys to sign it"
                ))?;
            } else {
                screen.line(format_args!("version {version} is in force, adopted by {person}"))?;
            }
            Ok(0)
        }
    })
}

fn show(context: &Context, session: &Session<'_>) -> Result<u8, Failure> {
    let screen = &context.screen;
    let policy = &session.pinned.policy;
    let reference = &session.pinned.reference;
    screen.line(format_args!("policy    v{} {}", reference.version, reference.digest))?;
    screen.line(format_args!("project   {}", policy.project))?;
    screen.line(format_args!(
        "adopted   by {}{}",
        session.pinned.editors.join(", "),
        if policy.demo { " (demo identities)" } else { "" }
    ))?;
    screen.line(format_args!(
        "service   tier {}, maturity {} wanted",
        policy.service.tier,
        policy.service.wanted_maturity()
    ))?;
    for (name, environment) in policy.environments_in_order() {
        screen.line(format_args!(
            "  {name:<12} {}, {} approvals, {}",
            environment.profile.name(),
            environment.approvals,
            environment.mode.name()
        ))?;
    }
    let tests = match policy.tests.steps.as_slice() {
        [] => "none named".to_owned(),
        steps => format!("{}, at least {} passed", steps.join(", "), policy.tests.minimum),
    };
    screen.line(format_args!("tests     {tests}"))?;
    for (label, key) in &policy.keys {
        screen.line(format_args!("  key {label:<16} {:<7} {}", key.role, key.id.short()))?;
    }
    for (handle, person) in &policy.people {
        let emails = person.emails.join(", ");
        screen.line(format_args!(
            "  person {handle:<13} {} <{emails}> {}",
            person.name, person.identity
        ))?;
    }
    for exception in &policy.exceptions {
        screen.line(format_args!(
            "  exception {} until {}, {}: {}",
            exception.rule, exception.expires, exception.owner, exception.reason
        ))?;
    }
    for warning in policy.warnings() {
        screen.line(format_args!("{}   {warning}", screen.paint(Tone::Warn, "warning")))?;
    }
    Ok(0)
}

fn print_changes(screen: &Screen, changes: &[PolicyChange]) -> Result<(), Failure> {
    if changes.is_empty() {
        screen.line("nothing changes")?;
    }
    for change in changes {
        let (tone, word) = match change.direction {
            Direction::Loosens => (Tone::Bad, "loosens"),
            Direction::Tightens => (Tone::Good, "tightens"),
            Direction::Neutral => (Tone::Quiet, "neutral"),
        };
        screen.line(format_args!(
            "{:<8} {}: {} → {}",
            screen.paint(tone, word),
            change.what,
            change.from.as_deref().unwrap_or("(not there)"),
            change.to.as_deref().unwrap_or("(gone)")
        ))?;
    }
    Ok(())
}

use std::env;

use penstock_road::doctor::{Findings, World, examine};

use super::{Context, Failure};
use crate::{arguments, screen::Tone};

/// What this machine confines steps with. The status is 0 where it can, 1 where it cannot.
pub(super) fn doctor(context: &Context, wanted: &arguments::Doctor) -> Result<u8, Failure> {
    let around = &context.around;
    let names: Vec<String> =
        env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
    let world = World {
        exe: &around.exe,
        home: around.user_home.as_deref(),
        path: &around.path,
        lookup: &around.lookup,
        names: &names,
    };
    let found = examine(&world)?;
    if wanted.json {
        let text = serde_json::to_string_pretty(&found).map_err(std::io::Error::from)?;
        context.screen.line(text)?;
    } else {
        page(context, &found)?;
    }
    Ok(u8::from(found.isolation.rung == 0))
}

fn page(context: &Context, found: &Findings) -> Result<(), Failure> {
    let screen = &context.screen;
    let isolation = &found.isolation;
    let (tone, meaning) = match isolation.rung {
        1 => (Tone::Good, "namespaces, a private root, Landlock and seccomp"),
        2 => (Tone::Warn, "Landlock and seccomp alone"),
        _ => (Tone::Bad, "nothing confines a step here, so none is run"),
    };
    let rung = screen.paint(tone, &format!("rung {}", isolation.rung));
    screen.line(format_args!("confines  {rung}: {meaning}"))?;
    for mechanism in &isolation.mechanisms {
        let (word, about) = match mechanism.applied {
            true => (screen.paint(Tone::Good, "yes"), mechanism.detail.as_deref()),
            false => (screen.paint(Tone::Warn, "no "), mechanism.reason.as_deref()),
        };
        let about = about.map(short).unwrap_or_default();
        screen
            .line(format_args!("  {word} {:<22} {about}", mechanism.name).to_string().trim_end())?;
    }
    for weaker in &isolation.degradations {
        screen.line(format_args!("weaker    {weaker}"))?;
    }
    screen.line("machine")?;
    for fact in &found.machine {
        let word = match fact.good {
            Some(true) => screen.paint(Tone::Good, "ok"),
            Some(false) => screen.paint(Tone::Warn, "! "),
            None => "  ".to_owned(),
        };
        screen.line(format_args!("  {word} {:<44} {}", fact.name, short(&fact.value)))?;
    }
    screen.line("programs")?;
    for program in &found.programs {
        let place = program.path.as_deref().unwrap_or("not on the PATH");
        screen.line(format_args!("     {:<8} {place}", program.name))?;
    }
    screen.line("registries, by your own configuration")?;
    for registry in &found.registries {
        screen.line(format_args!("     {:<8} {}", registry.preset, registry.rules.join(", ")))?;
    }
    for remedy in &found.remedies {
        screen.line(format_args!("stronger  {}: {}", remedy.gives, remedy.how))?;
        for line in &remedy.text {
            screen.line(format_args!("          {line}"))?;
        }
    }
    if found.remedies.is_empty() {
        screen.line("stronger  nothing is known that would raise it")?;
    }
    Ok(())
}

/// Text that fits on its line.
fn short(text: &str) -> String {
    const MOST: usize = 68;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(MOST - 1).collect();
    short.push('…');
    short
}

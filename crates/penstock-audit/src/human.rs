use std::fmt::Write as _;

use penstock_model::Answer;

use crate::{Audit, BreakGlassItem, FrameworkReport, Review, Support};

/// The audit for people: what was forced in first, then the numbers, then the areas.
pub fn human(audit: &Audit) -> String {
    let mut text = String::new();
    write_all(&mut text, audit);
    text
}

const OPINION: &str = "Evidence supports criteria; whether they are met is the assessor's opinion.";

fn write_all(text: &mut String, audit: &Audit) {
    if !audit.break_glass.is_empty() {
        line(text, format_args!("BREAK-GLASS  {} forced past a gate", audit.break_glass.len()));
        for item in &audit.break_glass {
            break_glass(text, item);
        }
    }
    if audit.demo {
        line(text, format_args!("DEMO  demo identities: nothing here tells persons apart"));
    }
    let population = &audit.population;
    line(text, format_args!("POPULATION  {}", population.scope));
    line(
        text,
        format_args!(
            "  deployments {} = decided {} + not enforced {} + break-glass {} + NO DECISION {}, of {} releases",
            population.deployed,
            population.decided,
            population.not_enforced,
            population.break_glass,
            population.no_decision,
            population.releases
        ),
    );
    if !population.identities.is_empty() {
        let identities: Vec<_> =
            population.identities.iter().map(|(name, n)| format!("{n} {name}")).collect();
        line(text, format_args!("  identity of the approvals: {}", identities.join(", ")));
    }
    line(
        text,
        format_args!("LOG  {} entries, {}; {}", audit.log.size, consistency(audit), witness(audit)),
    );
    for area in &audit.areas {
        line(
            text,
            format_args!("{:>2} {:<52} {}", area.area.number(), area.name, area.status.name()),
        );
        for criterion in &area.criteria {
            let mark = match criterion.answer {
                Answer::Yes => "supports   ",
                Answer::No => "contradicts",
                Answer::Unknown(_) => "cannot tell",
            };
            line(text, format_args!("     {mark} {}: {}", criterion.id, criterion.detail));
        }
        if let Some(source) = &area.would_evidence {
            line(text, format_args!("     would: {source}"));
        }
    }
    line(text, format_args!("OUTSIDE THIS TOOL  {}", audit.outside.join(", ")));
    exceptions(text, audit);
    maturity(text, audit);
    for framework in &audit.frameworks {
        clauses(text, framework);
    }
    line(text, format_args!("{OPINION}"));
}

fn break_glass(text: &mut String, item: &BreakGlassItem) {
    line(
        text,
        format_args!(
            "  {} into {} {} by {}: {}",
            item.run.short(),
            item.environment,
            item.deployed_on,
            item.by,
            item.reason
        ),
    );
    let review = match &item.review {
        Review::Done { by } => format!("reviewed by {by}"),
        Review::Late { by } => format!("REVIEWED LATE by {by}, due {}", item.review_by),
        Review::Overdue => format!("REVIEW OVERDUE since {}", item.review_by),
        Review::Waiting => format!("review due {}", item.review_by),
    };
    let stay = match (item.overstayed, item.resolved) {
        (true, _) => format!("OVERSTAYED its end {}", item.expires),
        (false, true) => "replaced by what the gate let in".to_owned(),
        (false, false) => format!("ends {}", item.expires),
    };
    let overridden = match item.overridden.is_empty() {
        true => "nothing named".to_owned(),
        false => item.overridden.join(", "),
    };
    line(text, format_args!("    overrode {overridden} · {review} · {stay}"));
}

fn consistency(audit: &Audit) -> String {
    match &audit.log.consistent {
        Answer::Yes => "consistent".to_owned(),
        Answer::No => "INCONSISTENT (penstock log verify)".to_owned(),
        Answer::Unknown(unknown) => format!("consistency not known without {}", unknown.fact),
    }
}

fn witness(audit: &Audit) -> &'static str {
    if audit.log.witnessed { "witnessed" } else { "not witnessed: self-asserted" }
}

fn exceptions(text: &mut String, audit: &Audit) {
    line(text, format_args!("EXCEPTIONS  {}", audit.exceptions.len()));
    for exception in &audit.exceptions {
        let end = if exception.expired { "EXPIRED" } else { "until" };
        line(
            text,
            format_args!(
                "  {} {end} {} ({}): {}",
                exception.rule, exception.expires, exception.owner, exception.reason
            ),
        );
    }
}

fn maturity(text: &mut String, audit: &Audit) {
    let maturity = &audit.maturity;
    let numbers = |numbers: &[u8]| numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    line(
        text,
        format_args!(
            "MATURITY  {} proved, at most {}, {} wanted (tier {}), over the areas {}",
            maturity.proved,
            maturity.at_most,
            maturity.wanted,
            maturity.tier,
            numbers(&maturity.counted)
        ),
    );
    if !maturity.not_counted.is_empty() {
        line(
            text,
            format_args!(
                "  areas {} are in no number: nothing here evidences them",
                numbers(&maturity.not_counted)
            ),
        );
    }
    for next in &maturity.next {
        line(text, format_args!("  next: {next}"));
    }
}

/// What the evidence says of each clause, contradictions first, and by how many of its controls.
fn clauses(text: &mut String, report: &FrameworkReport) {
    let of = |support| report.clauses.iter().filter(move |c| c.support == support);
    let speaking = of(Support::Supports).count() + of(Support::Contradicts).count();
    let counts = format_args!(
        "{}  {} clauses: evidence supports {}, contradicts {}; not evidenced {}",
        report.name,
        report.clauses_total,
        of(Support::Supports).count(),
        of(Support::Contradicts).count(),
        report.clauses_total.saturating_sub(speaking as u64),
    );
    line(text, counts);
    for clause in of(Support::Contradicts).chain(of(Support::Supports)) {
        let row = format_args!(
            "  {:<14} {:<11} by {} of {} controls: {}",
            clause.clause,
            clause.support.name(),
            clause.controls_evidenced.len(),
            clause.controls.len(),
            clause.criteria.join(", ")
        );
        line(text, row);
    }
    let silent: Vec<_> = of(Support::NotEvidenced).map(|c| c.clause.as_str()).collect();
    line(
        text,
        format_args!("  not evidenced  {}; and every clause no control reaches", silent.join(", ")),
    );
    line(text, format_args!("  mapping  {} ({})", report.source, report.licence));
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{arguments}");
}

use std::{collections::BTreeSet, ops::Range};

use penstock_check::{Check, File, FileInfo, Findings, Kind, Rule};
use penstock_model::{Location, fact::Fact};

use crate::{
    RULES,
    composite::{Composite, compose},
    detector::{Found, Value},
    generated::PASSWORD,
    scan::scan_with,
    structured, terraform_state, uses,
    uses::Needles,
};

/// All secret rules in one pass over a file.
pub(crate) struct SecretsCheck;

impl Check for SecretsCheck {
    fn rules(&self) -> &'static [&'static Rule] {
        RULES
    }

    fn wants(&self, file: &FileInfo<'_>) -> bool {
        file.kind != Kind::Binary
    }

    fn file(&self, file: &File<'_>, findings: &mut Findings<'_>) {
        let mut needles = Needles::default();
        let mut known = scan_with(file.path(), file.bytes(), &mut needles);
        let mut further = structured::find(file.path(), file.bytes());
        further.append(&mut terraform_state::find(file, &mut known));
        if structured::is_netrc(file.path()) {
            let read: BTreeSet<usize> = further.iter().map(|(_, new)| new.range.start).collect();
            known.retain(|(rule, old)| *rule != PASSWORD || !read.contains(&old.range.start));
        }
        further.retain(|(_, new)| {
            let apart =
                |old: &Found| old.range.end <= new.range.start || new.range.end <= old.range.start;
            known.iter().all(|(_, old)| apart(old))
        });
        let mut all: Vec<(&'static Rule, Found)> = known.into_iter().chain(further).collect();
        all.sort_by_key(|(_, found)| (found.range.start, found.range.end));
        let hidden = all.iter().flat_map(|(_, found)| {
            found.related.iter().map(|(range, _)| range).chain([&found.range])
        });
        for fact in uses::collect(file, needles, hidden.cloned()) {
            findings.fact(fact);
        }
        for composite in compose(file.bytes(), all) {
            findings.fact(name_of(file, &composite.found.range));
            report(composite, findings);
        }
    }
}

/// What a secret is called, if it has a name that other files could use.
fn name_of(file: &File<'_>, secret: &Range<usize>) -> Fact {
    let mut location = Location::file(file.path().clone());
    location.region = Some(file.region(secret));
    let name = uses::name_before(file.bytes(), secret.start).unwrap_or_default().to_owned();
    Fact::SecretName { location, name }
}

fn report(composite: Composite, findings: &mut Findings<'_>) {
    let Composite { rule, found, parts } = composite;
    let Found { range, value, message, severity, confidence, audience, route, related } = found;
    let draft = match value {
        Value::Plain => findings.secret(rule, range, message),
        Value::Decoded(value) => findings.secret(rule, range, message).secret_value(value),
        Value::Chosen { context } => findings.password(rule, range, context, message),
    };
    if !route.is_empty() {
        draft.route(route);
    }
    draft
        .severity(severity.unwrap_or(rule.severity))
        .confidence(confidence.unwrap_or(rule.confidence))
        .audience(audience.unwrap_or(rule.audience));
    for (range, message) in related {
        draft.mask(range.clone()).related(range, message);
    }
    for (range, name) in parts {
        draft.related(range, format!("its {name}"));
    }
}

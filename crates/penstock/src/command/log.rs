use penstock_attest::bundle;
use penstock_ledger::{Entry, Ledger};
use penstock_model::Sha256;
use penstock_road::session::{Place, Session};
use penstock_sandbox::printable;

use super::{Context, Failure};
use crate::arguments;

/// The ledger's own commands.
pub(super) fn log(context: &Context, wanted: &arguments::Log) -> Result<u8, Failure> {
    if matches!(wanted, arguments::Log::Adopt) {
        return adopt(context);
    }
    context.with_session(|session| match wanted {
        arguments::Log::List { last } => list(context, session, *last),
        arguments::Log::Show { entry } => show(context, session, entry),
        arguments::Log::Verify => verify(context, session),
        arguments::Log::Prove { index } => {
            context.screen.text(&session.ledger.proof(*index)?.to_string())?;
            Ok(0)
        }
        // Above: the ledger cannot be opened before.
        arguments::Log::Adopt => Ok(0),
        arguments::Log::Reindex => {
            session.ledger.reindex()?;
            context.screen.line(format_args!("indexed   {} entries", session.ledger.size()))?;
            Ok(0)
        }
    })
}

/// A person's decision that the ledger is all there is, although nothing shows it any more.
fn adopt(context: &Context) -> Result<u8, Failure> {
    let project = context.project()?;
    let place = Place::existing(&project, &context.around)?;
    Ledger::adopt(place.home.root(), &[&place.log])?;
    let ledger = Ledger::open(place.home.root(), &[&place.log])?;
    context.screen.line(format_args!(
        "adopted   {} entries as they are; whether there were more cannot be told",
        ledger.size()
    ))?;
    Ok(0)
}

fn list(context: &Context, session: &Session<'_>, last: u64) -> Result<u8, Failure> {
    let size = session.ledger.size();
    for (index, entry) in session.ledger.entries(size.saturating_sub(last)..size)? {
        context.screen.line(format_args!(
            "{index:>6}  {}  {:<32}  {}  {}",
            entry.time,
            short_type(&entry.predicate_type),
            entry.sha256.short(),
            subjects(&entry)
        ))?;
    }
    Ok(0)
}

fn show(context: &Context, session: &Session<'_>, wanted: &str) -> Result<u8, Failure> {
    let (index, entry) = find(session, wanted)?;
    let screen = &context.screen;
    screen.line(format_args!("entry     {index}"))?;
    screen.line(format_args!("time      {} (claimed by whoever appended it)", entry.time))?;
    screen.line(format_args!("type      {}", entry.predicate_type))?;
    screen.line(format_args!("evidence  {}", entry.sha256))?;
    screen.line(format_args!(
        "file      {}",
        session.ledger.evidence_path(&entry.sha256).display()
    ))?;
    let bytes = session.ledger.evidence(&entry.sha256)?;
    match session.trust.verify(&bytes, index) {
        Ok(verified) => screen.line(format_args!(
            "signed    by {} key {}",
            verified.role,
            verified.key.short()
        ))?,
        Err(error) => screen.line(format_args!("REFUSED   {error}"))?,
    }
    if let Ok(bundle) = bundle::parse(&bytes)
        && let Ok(value) = serde_json::from_slice::<serde_json::Value>(&bundle.payload)
    {
        screen.line(printable(format!("{value:#}").as_bytes()))?;
    }
    Ok(0)
}

/// An entry by its number, or by the beginning of its evidence id.
fn find(session: &Session<'_>, wanted: &str) -> Result<(u64, Entry), Failure> {
    if let Ok(index) = wanted.parse::<u64>()
        && index < session.ledger.size()
    {
        return Ok((index, session.ledger.entry(index)?));
    }
    if let Ok(id) = wanted.parse::<Sha256>()
        && let Some(found) = session.ledger.by_evidence(&id)?
    {
        return Ok(found);
    }
    let mut fitting = session
        .ledger
        .entries(0..session.ledger.size())?
        .into_iter()
        .filter(|(_, entry)| wanted.len() >= 6 && entry.sha256.to_string().starts_with(wanted));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(Failure::Usage(format!(
            "`{wanted}` begins several entries' evidence: give more digits"
        ))),
        (None, _) => Err(Failure::Usage(format!(
            "no entry `{wanted}`: penstock log list shows what there is"
        ))),
    }
}

fn verify(context: &Context, session: &Session<'_>) -> Result<u8, Failure> {
    let report = session.ledger.verify()?;
    let checkpoint = report.checkpoint.checkpoint();
    context.screen.line(format_args!(
        "ok        {} entries, {} tiles, {} bytes of evidence, all as signed in the checkpoint of {}",
        report.entries, report.tiles, report.evidence_bytes, checkpoint.origin
    ))?;
    for path in &report.stale_proofs {
        context
            .screen
            .line(format_args!("stale     {path} (penstock log reindex writes it anew)"))?;
    }
    context.screen.line(
        "witness   none: editing is evident to whoever holds an earlier checkpoint, not to others",
    )?;
    Ok(0)
}

/// A predicate type without what all of them share.
fn short_type(uri: &str) -> &str {
    uri.strip_prefix(penstock_statement::NAMESPACE)
        .or_else(|| uri.strip_prefix("https://in-toto.io/attestation/"))
        .or_else(|| uri.strip_prefix("https://"))
        .unwrap_or(uri)
}

fn subjects(entry: &Entry) -> String {
    let mut digests = entry.subjects.iter().flat_map(|subject| subject.digest.values());
    let first = digests.next().map_or("", |digest| digest.get(..12).unwrap_or(digest));
    match entry.subjects.len() {
        0 | 1 => first.to_owned(),
        n => format!("{first} and {} more", n - 1),
    }
}

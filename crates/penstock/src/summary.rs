//! What a person reads before and after a confined command: facts first, the next command with each
//! refusal, never wider than a terminal.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use penstock_road::{
    command::{
        Prepared, learn,
        record::{CommandRecord, From, Reach},
        shown,
    },
    egress::{PRIVATE, Refused},
};

/// Columns of a line.
const WIDTH: usize = 100;

/// Columns before the words of a line.
const INDENT: usize = 10;

/// The most lines of one kind of refusal; the rest is counted.
const MOST: usize = 8;

/// Asked for by every second program and no news, though in the record: sockets that the C library
/// tries before it looks a name up by itself (nscd(8)), settings of the kernel's that runtimes tune
/// themselves by.
fn is_idle(what: &str) -> bool {
    const SOCKETS: &[&str] = &["unix:/var/run/nscd/socket", "unix:/run/nscd/socket"];
    SOCKETS.contains(&what) || what.starts_with("/sys/") || what == "/sys"
}

/// One or two lines of what the command is given, and what else there is to know.
pub(crate) fn head(prepared: &Prepared, home: Option<&Path>, no_network: bool) -> String {
    let given = &prepared.given;
    let mut out = String::new();
    let from = |from: From| list(&given.reach, from);
    let network = match (no_network, from(From::Preset)) {
        (true, _) => "no network".to_owned(),
        (false, None) => "no hosts of its own".to_owned(),
        (false, Some(hosts)) => format!("reaches {hosts}"),
    };
    let what = if given.preset == "none" {
        "no preset for this command".to_owned()
    } else {
        format!("preset {}", given.preset)
    };
    let kept = match (prepared.rung, given.protected.iter().any(|path| path == ".git")) {
        (0, _) => "NOTHING of the project is read-only at rung 0".to_owned(),
        (1, true) => format!("read-only .git and {} more", given.protected.len() - 1),
        (1, false) => format!("read-only {}", given.protected.join(", ")),
        (rung, _) => format!(
            "nothing of the project is read-only at rung {rung}; put back afterwards are {} and {} more",
            given.protected.first().map_or("nothing", String::as_str),
            given.protected.len().saturating_sub(1)
        ),
    };
    line(&mut out, "penstock", &format!("{what}: {network}"));
    line(&mut out, "", &format!("{kept}; home and caches {}", tilde(&given.home, home)));
    if prepared.rung == 0 {
        line(
            &mut out,
            "UNCONFINED",
            "--allow-unconfined: nothing stands between it and your files",
        );
    }
    if let Some(hosts) = from(From::Project) {
        line(&mut out, "", &format!("penstock.toml also allows {hosts}"));
    }
    if let Some(hosts) = from(From::Option) {
        line(&mut out, "", &format!("--allow also allows {hosts}"));
    }
    if given.intercept {
        let certificates = "TLS is opened and its requests judged: the command is shown certificates \
                            of this run";
        line(&mut out, "", certificates);
    }
    if !given.env.is_empty() {
        line(&mut out, "", &format!("passed as they are: {}", given.env.join(", ")));
    }
    if !given.secrets.is_empty() {
        line(&mut out, "", &format!("passed and masked: {}", given.secrets.join(", ")));
    }
    for note in &prepared.notes {
        line(&mut out, "", note);
    }
    out
}

fn list(reach: &[Reach], from: From) -> Option<String> {
    // Registries may be mirrors within the company; it is said where somebody else allows it.
    let rules: Vec<&str> = reach
        .iter()
        .filter(|reach| reach.from == from)
        .map(|reach| match from {
            From::Preset => reach.rule.strip_prefix(PRIVATE).unwrap_or(&reach.rule),
            _ => &reach.rule,
        })
        .collect();
    (!rules.is_empty()).then(|| rules.join(", "))
}

/// The screen at the end.
pub(crate) fn tail(record: &CommandRecord) -> String {
    let mut out = String::new();
    let seconds = record.usage.duration_ms / 1000;
    let tenths = record.usage.duration_ms % 1000 / 100;
    let how = match record.outcome.as_str() {
        "succeeded" => String::new(),
        // The status says it.
        outcome if outcome.starts_with("exited with") => String::new(),
        outcome => format!(": {outcome},"),
    };
    let status = record.exit_status;
    let head = format!("exit {status}{how} after {seconds}.{tenths} s; {}", isolation(record));
    line(&mut out, "penstock", &head);
    if record.isolation.rung == 0 {
        line(&mut out, "UNCONFINED", "nothing stood between this command and your files");
    }
    line(&mut out, "started", &programs(record));
    let outside = record.read_outside.len();
    line(
        &mut out,
        "read",
        &format!("{} outside of the project and its home", files(outside as u64)),
    );
    line(&mut out, "wrote", &written(record));
    for acted in record.acted_on.iter().take(MOST) {
        line(&mut out, "LOOK", &format!("{} was written: {}", acted.path, acted.acts));
    }
    more(&mut out, record.acted_on.len());
    reached(&mut out, record);
    refused(&mut out, record);
    lost(&mut out, record);
    for fault in &record.faults {
        line(&mut out, "LOST", fault);
    }
    for note in &record.isolation.degradations {
        line(&mut out, "weaker", note);
    }
    out
}

fn isolation(record: &CommandRecord) -> String {
    let isolation = &record.isolation;
    let applied = |name: &str| {
        isolation
            .mechanisms
            .iter()
            .find(|mechanism| mechanism.applied && mechanism.name.contains(name))
    };
    let mut parts = Vec::new();
    if applied("namespace").is_some() {
        parts.push("namespaces".to_owned());
    }
    if let Some(landlock) = applied("landlock") {
        let version = landlock.detail.as_deref().unwrap_or_default();
        parts.push(format!("Landlock {version}").trim().to_owned());
    }
    if applied("seccomp").is_some() {
        parts.push("seccomp".to_owned());
    }
    match parts.as_slice() {
        [] => format!("rung {}", isolation.rung),
        parts => format!("rung {}: {}", isolation.rung, parts.join(", ")),
    }
}

fn programs(record: &CommandRecord) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for process in &record.processes {
        let path = process.executable.as_deref().unwrap_or(&process.program);
        *counts.entry(path.rsplit('/').next().unwrap_or(path)).or_default() += 1;
    }
    let mut named: Vec<(&str, usize)> = counts.into_iter().collect();
    named.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    let shown: Vec<String> =
        named.iter().take(8).map(|(name, count)| format!("{name} {count}")).collect();
    let rest =
        if named.len() > 8 { format!(", {} others", named.len() - 8) } else { String::new() };
    let total = record.processes.len();
    let noun = if total == 1 { "program" } else { "programs" };
    match total {
        0 => "no program".to_owned(),
        _ => format!("{} {noun}: {}{rest}", grouped(total as u64), shown.join(", ")),
    }
}

fn written(record: &CommandRecord) -> String {
    let changes = &record.changes;
    let kinds = [
        ("created", &changes.created),
        ("changed", &changes.changed),
        ("deleted", &changes.deleted),
    ];
    let mut parts = Vec::new();
    for (kind, paths) in kinds.iter().filter(|(_, paths)| paths.files > 0) {
        let mut tops: Vec<(&String, &u64)> = paths.by_top.iter().collect();
        tops.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), (*name).clone()));
        let named = tops.iter().take(4).map(|(name, count)| match name.ends_with('/') {
            true => format!("{name} {}", grouped(**count)),
            false => (*name).clone(),
        });
        let mut named: Vec<String> = named.collect();
        if tops.len() > 4 {
            named.push(format!("{} more places", tops.len() - 4));
        }
        parts.push(format!("{} {kind} ({})", grouped(paths.files), named.join(", ")));
    }
    let mut text = if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") };
    if !changes.complete {
        text.push_str("; INCOMPLETE: not everything could be looked at");
    }
    text
}

fn reached(out: &mut String, record: &CommandRecord) {
    let Some(network) = &record.network else {
        line(out, "reached", "nothing: it had no network");
        return;
    };
    if network.allowed.is_empty() {
        line(out, "reached", "nothing");
    }
    let hosts: Vec<String> = network
        .allowed
        .iter()
        .map(|asked| {
            let trouble = match asked.trouble.as_deref() {
                Some("unresolved") => ", its name could NOT BE RESOLVED",
                Some("unreachable") => ", could NOT BE REACHED",
                Some("nothing-asked") => {
                    ", NOTHING ASKED within its TLS: `opaque HOST` leaves that closed"
                }
                Some(_) => ", in part without an answer",
                None => "",
            };
            let opened = if asked.intercepted { " (TLS opened)" } else { "" };
            let host = address(&asked.host, asked.port);
            format!("{host} {}×{opened}{trouble}", grouped(asked.count))
        })
        .collect();
    if !hosts.is_empty() {
        line(out, "reached", &hosts.join(", "));
    }
}

fn refused(out: &mut String, record: &CommandRecord) {
    let mut any = false;
    if let Some(network) = &record.network {
        for refused in network.denied.iter().take(MOST) {
            any = true;
            line(out, "denied", &refusal(refused));
        }
        more(out, network.denied.len());
        for rule in learn::denied(network).iter().take(MOST) {
            line(out, "", &format!("needed? {}", allow_command(rule, None)));
        }
    }
    // What a person would act on first.
    for kind in ["credential", "put-back", "write", "read", "network", "socket", "call", "signal"] {
        let of_kind: Vec<_> = record
            .denied
            .iter()
            .filter(|denied| denied.kind == kind && !is_idle(&denied.what))
            .collect();
        for denied in of_kind.iter().take(MOST) {
            any = true;
            if kind == "put-back" {
                line(out, "put back", &format!("{}, which had been written", denied.what));
                continue;
            }
            let verb = match kind {
                "credential" => "credentials at",
                "write" => "writing",
                "read" => "reading",
                "network" => "connecting to",
                "socket" => "the socket",
                "call" => "the system call",
                _ => "signal",
            };
            let program =
                denied.program.as_deref().map_or("", |p| p.rsplit('/').next().unwrap_or(p));
            let by = if program.is_empty() { String::new() } else { format!(" by {program}") };
            line(out, "denied", &format!("{verb} {}{by}, {}×", denied.what, denied.count));
        }
        more(out, of_kind.len());
    }
    if !any {
        line(out, "denied", "nothing");
    }
}

fn lost(out: &mut String, record: &CommandRecord) {
    let lost = &record.lost;
    if lost.is_none() {
        return;
    }
    let parts = [
        (lost.over_limit, "over the bound of a list"),
        (lost.unreadable, "names that could not be read"),
        (lost.datagrams, "datagrams sent where nobody listens"),
        (lost.network, "connections"),
        (lost.output_bytes, "bytes of output"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(*count)))
        .collect();
    line(out, "LOST", &format!("not in this record: {}", parts.join(", ")));
}

/// How many lines were left out.
fn more(out: &mut String, total: usize) {
    if total > MOST {
        line(out, "", &format!("and {} more: --json FILE has them all", total - MOST));
    }
}

fn address(host: &str, port: u16) -> String {
    match (host.is_empty(), port) {
        (true, _) => "a host that was not named".to_owned(),
        (false, 0) => host.to_owned(),
        (false, port) if host.contains(':') => format!("[{host}]:{port}"),
        (false, port) => format!("{host}:{port}"),
    }
}

/// What was refused and why.
pub(crate) fn refusal(refused: &Refused) -> String {
    let mut text = address(&refused.host, refused.port);
    _ = write!(text, " {}×: {}", refused.count, refused.reason.replace('-', " "));
    if let Some(detail) = &refused.detail {
        _ = write!(text, " ({detail})");
    }
    if refused.allow.is_none() {
        text.push_str("; no rule can allow it");
    }
    text
}

/// The command that writes a rule down.
pub(crate) fn allow_command(rule: &str, step: Option<&str>) -> String {
    let (private, bare) = match rule.strip_prefix(PRIVATE) {
        Some(bare) => ("--private ", bare),
        None => ("", rule),
    };
    let step = step.map_or_else(String::new, |step| format!(" --step {step}"));
    format!("penstock allow {private}{}{step}", quoted(bare))
}

/// A rule as one word of a shell.
fn quoted(rule: &str) -> String {
    if rule.contains([' ', '*', '[']) { format!("'{rule}'") } else { rule.to_owned() }
}

fn files(count: u64) -> String {
    match count {
        0 => "no file".to_owned(),
        1 => "1 file".to_owned(),
        count => format!("{} files", grouped(count)),
    }
}

/// `4312` → `4,312`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A path with the home as `~`.
fn tilde(path: &str, home: Option<&Path>) -> String {
    let home = home.map(shown).unwrap_or_default();
    match path.strip_prefix(&home) {
        Some(rest) if !home.is_empty() && rest.starts_with('/') => format!("~{rest}"),
        _ => path.to_owned(),
    }
}

/// A label and its words, broken between words where a line would be too long.
fn line(out: &mut String, label: &str, text: &str) {
    let mut column = INDENT;
    _ = write!(out, "{label:<INDENT$}");
    if label.len() >= INDENT {
        out.push(' ');
        column = label.len() + 1;
    }
    let mut first = true;
    for word in text.split(' ') {
        let width = word.chars().count();
        if !first && column + 1 + width > WIDTH {
            _ = write!(out, "\n{:INDENT$}", "");
            column = INDENT;
        } else if !first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
        first = false;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        let mut out = String::new();
        line(&mut out, "denied", &"word ".repeat(40));
        assert!(out.lines().all(|line| line.chars().count() <= WIDTH), "{out}");
        assert!(out.lines().skip(1).all(|line| line.starts_with("          w")), "{out}");
    }

    #[test]
    fn numbers_and_places_are_for_people() {
        let numbers = [0, 12, 999, 1000, 4312, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "12", "999", "1,000", "4,312", "1,234,567"]);
        assert_eq!(tilde("/home/ana/x", Some(Path::new("/home/ana"))), "~/x");
        assert_eq!(tilde("/home/anastasia/x", Some(Path::new("/home/ana"))), "/home/anastasia/x");
        assert_eq!(address("2001:db8::1", 443), "[2001:db8::1]:443");
        assert_eq!(quoted("*.example.org"), "'*.example.org'");
    }
}

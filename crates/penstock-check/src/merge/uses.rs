//! Where the name or the file of a finding is used, by the facts of the same check.
//!
//! Names and paths are compared as texts: the same name need not be the same value, and the words
//! say no more than that.

use std::collections::{BTreeMap, BTreeSet};

use penstock_model::{
    Finding, Location, Region, Related, RepoPath, SuppressedFinding,
    fact::{Fact, Target, User},
};

use crate::Facts;

/// The most uses that are told of one finding.
const MOST: usize = 20;
/// How many directories above the one that names a file may be the one it is named from.
const MAX_DEPTH: usize = 32;

/// Adds to each finding where its name or its file is used. Findings of history are left alone:
/// what uses a file now says nothing about then.
pub(super) fn tell(facts: &Facts, open: &mut [Finding], suppressed: &mut [SuppressedFinding]) {
    let uses = {
        let all = open.iter().chain(suppressed.iter().map(|suppressed| &suppressed.finding));
        Uses::of(facts, all)
    };
    if uses.names.is_empty() {
        return;
    }
    let suppressed = suppressed.iter_mut().map(|suppressed| &mut suppressed.finding);
    for finding in open.iter_mut().chain(suppressed) {
        finding.used = uses.of_finding(finding);
    }
}

/// One use: the order is that in which uses are told.
type Use<'f> = (User, &'f Location, &'f Target);
type Place<'f> = (&'f RepoPath, Option<Region>);

/// The facts that have to do with any finding.
struct Uses<'f> {
    /// What each credential is called; one without a name has an empty list.
    names: BTreeMap<Place<'f>, Vec<&'f str>>,
    variables: BTreeMap<&'f str, BTreeSet<Use<'f>>>,
    files: BTreeMap<&'f RepoPath, BTreeSet<Use<'f>>>,
}

impl<'f> Uses<'f> {
    fn of<'a>(facts: &'f Facts, findings: impl Iterator<Item = &'a Finding>) -> Self {
        let mut uses =
            Self { names: BTreeMap::new(), variables: BTreeMap::new(), files: BTreeMap::new() };
        let current: BTreeSet<Place<'_>> = findings
            .filter(|finding| finding.history.is_none())
            .flat_map(|finding| std::iter::once(&finding.location).chain(&finding.also))
            .map(|location| (&location.path, location.region))
            .collect();
        for fact in facts.iter() {
            if let Fact::SecretName { location, name } = fact {
                let place = (&location.path, location.region);
                if !current.contains(&place) {
                    continue;
                }
                uses.files.entry(place.0).or_default();
                let names = uses.names.entry(place).or_default();
                if !name.is_empty() {
                    names.push(name);
                    uses.variables.entry(name).or_default();
                }
            }
        }
        if uses.names.is_empty() {
            return uses;
        }
        let mut by_name: BTreeMap<&[u8], Vec<&'f RepoPath>> = BTreeMap::new();
        for path in uses.files.keys() {
            by_name.entry(path.name()).or_default().push(path);
        }
        for fact in facts.iter() {
            let Fact::Use { location, by, target } = fact else { continue };
            let users = match target {
                Target::Variable(name) => uses.variables.get_mut(name.as_str()),
                Target::File(text) => {
                    let path = file_named(&location.path, text, &uses.files, &by_name);
                    path.and_then(|path| uses.files.get_mut(path))
                }
            };
            if let Some(users) = users {
                users.insert((*by, location, target));
                // A place of its own is not told of, so one more is kept for each.
                if users.len() > MOST * 2 {
                    users.pop_last();
                }
            }
        }
        uses
    }

    fn of_finding(&self, finding: &Finding) -> Vec<Related> {
        if finding.history.is_some() {
            return Vec::new();
        }
        let places: Vec<&Location> =
            std::iter::once(&finding.location).chain(&finding.also).collect();
        let own = |location: &Location| {
            let line = |place: &Location| place.region.map(|region| region.start_line);
            places.iter().any(|p| p.path == location.path && line(p) == line(location))
        };
        let mut uses = BTreeSet::new();
        for place in places.iter().take(MOST) {
            let Some(names) = self.names.get(&(&place.path, place.region)) else { continue };
            uses.extend(names.iter().filter_map(|name| self.variables.get(name)).flatten());
            let files = self.files.get(&place.path).into_iter().flatten();
            uses.extend(files.filter(|(_, location, _)| location.path != place.path));
        }
        let related = uses.into_iter().filter(|(_, location, _)| !own(location)).map(
            |(by, location, target)| Related {
                location: location.clone(),
                message: words(by, target),
                excerpt: None,
            },
        );
        related.take(MOST).collect()
    }
}

/// The file with a finding that is meant by a path in another file: seen from the directory of that
/// file or one above it, or, for a name without directories that no two such files share, anywhere.
fn file_named<'f>(
    from: &RepoPath,
    text: &str,
    files: &BTreeMap<&'f RepoPath, BTreeSet<Use<'f>>>,
    by_name: &BTreeMap<&[u8], Vec<&'f RepoPath>>,
) -> Option<&'f RepoPath> {
    let mut text = text.trim_start_matches('/');
    while let Some(rest) = text.strip_prefix("./") {
        text = rest;
    }
    let name = text.rsplit('/').next()?;
    let candidates = by_name.get(name.as_bytes())?;
    let mut directory = parent(from.as_bytes());
    while let Some(rest) = text.strip_prefix("../") {
        directory = parent(directory);
        text = rest;
    }
    for _ in 0..MAX_DEPTH {
        let whole = match directory {
            b"" => text.as_bytes().to_vec(),
            directory => [directory, b"/", text.as_bytes()].concat(),
        };
        if let Ok(path) = RepoPath::new(whole)
            && let Some((path, _)) = files.get_key_value(&path)
        {
            return Some(path);
        }
        if directory.is_empty() {
            break;
        }
        directory = parent(directory);
    }
    // Settings have such names in every directory.
    let common = name.starts_with(".env");
    match candidates.as_slice() {
        [only] if !text.contains('/') && !common => Some(only),
        _ => None,
    }
}

fn parent(path: &[u8]) -> &[u8] {
    let slash = memchr::memrchr(b'/', path).unwrap_or(0);
    path.get(..slash).unwrap_or_default()
}

fn words(by: User, target: &Target) -> String {
    let by = match by {
        User::Ci => "CI",
        User::ContainerBuild => "a container build",
        User::ContainerService => "a container service",
        User::Script => "a script",
        User::Code => "code",
    };
    match target {
        Target::File(_) => format!("{by} names this file"),
        Target::Variable(name) => format!("{by} uses the name `{name}`"),
    }
}

#[cfg(test)]
mod tests;

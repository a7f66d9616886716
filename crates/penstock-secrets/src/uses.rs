//! Facts about credentials: what each is called, and where files name variables and files.
//!
//! In the definitions of pipelines, images and services and in scripts every word is looked at; in
//! programs only what stands beside the few texts by which a variable is read or a file of keys is
//! named. Nothing is parsed. Whether a name or a file has to do with a credential is told when all
//! files are seen.

mod name;

use std::{collections::BTreeSet, ops::Range};

use penstock_check::{File, Kind};
use penstock_model::{
    Location,
    fact::{Fact, Target, User},
};

pub(crate) use name::name_before;

/// The most uses kept of one file.
const MOST: usize = 256;
/// How much of a file is read word by word, in bytes.
const READ: usize = 256 << 10;
/// The longest path and name, in bytes.
const MAX_WORD: usize = 200;
/// How far behind the text that reads a variable its name begins, in bytes.
const REACH: usize = 24;

/// Texts that read a variable in programs, and texts in names of files that hold credentials. They are
/// searched for together with the keywords of the rules; none begins with another.
pub(crate) const NEEDLES: [(&str, Near); 22] = [
    ("process.env", Near::Variable),
    ("import.meta.env", Near::Variable),
    ("environ", Near::Variable),
    ("getenv", Near::Variable),
    ("Getenv", Near::Variable),
    ("GETENV", Near::Variable),
    ("LookupEnv", Near::Variable),
    ("env::var", Near::Variable),
    ("env!(", Near::Variable),
    ("ENV[", Near::Variable),
    ("ENV.fetch", Near::Variable),
    ("ronmentVariable", Near::Variable),
    ("System.get_env", Near::Variable),
    (".env\"", Near::File),
    (".env'", Near::File),
    (".env.", Near::File),
    (".pem", Near::File),
    (".p12", Near::File),
    (".pfx", Near::File),
    (".key\"", Near::File),
    (".key'", Near::File),
    ("id_rsa", Near::File),
];

/// What stands beside one of the [`NEEDLES`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Near {
    /// The rest of a file's name, around it.
    File,
    /// A variable's name, behind it.
    Variable,
}

/// Where the [`NEEDLES`] stand in a file: the most is far above what is kept of them.
#[derive(Debug, Default)]
pub(crate) struct Needles(Vec<(Range<usize>, Near)>);

impl Needles {
    const MOST: usize = 50_000;

    /// Adds a place of the needle with this index, in any order.
    pub(crate) fn push(&mut self, index: usize, range: Range<usize>) {
        if let Some((_, near)) = NEEDLES.get(index)
            && self.0.len() < Self::MOST
        {
            self.0.push((range, *near));
        }
    }

    /// In order; of those that overlap the first.
    fn apart(mut self) -> impl Iterator<Item = (Range<usize>, Near)> {
        self.0.sort_by_key(|(range, _)| range.start);
        let mut last = 0;
        self.0.into_iter().filter(move |(range, _)| {
            let apart = range.start >= last;
            if apart {
                last = range.end;
            }
            apart
        })
    }
}

/// What a file says of the use of variables and files. `secrets` are the stretches that must not be
/// shown: a name within one is none.
pub(crate) fn collect(
    file: &File<'_>,
    needles: Needles,
    secrets: impl Iterator<Item = Range<usize>>,
) -> Vec<Fact> {
    let Some(by) = user(file) else { return Vec::new() };
    if by == User::Code && needles.0.is_empty() {
        return Vec::new();
    }
    let secrets = joined(secrets.collect());
    let mut uses = Uses { file, by, secrets, seen: BTreeSet::new(), facts: Vec::new() };
    if by == User::Code {
        uses.code(needles)
    } else {
        uses.words()
    }
    uses.facts
}

/// The same stretches in order, none overlapping.
fn joined(mut all: Vec<Range<usize>>) -> Vec<Range<usize>> {
    all.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(all.len());
    for range in all {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// What a file is as a user of others.
fn user(file: &File<'_>) -> Option<User> {
    /// Definitions of pipelines by the ends of their paths; GitHub's are known by their kind.
    const CI: [&str; 13] = [
        ".circleci/config.yml",
        ".drone.yml",
        ".gitlab-ci.yaml",
        ".gitlab-ci.yml",
        ".travis.yml",
        ".woodpecker.yml",
        "appveyor.yml",
        "azure-pipelines.yaml",
        "azure-pipelines.yml",
        "bitbucket-pipelines.yml",
        "buildspec.yml",
        "cloudbuild.yaml",
        "jenkinsfile",
    ];
    const CODE: [&str; 27] = [
        "c", "cc", "cjs", "clj", "cpp", "cs", "dart", "ex", "exs", "fs", "go", "groovy", "java",
        "js", "jsx", "kt", "lua", "mjs", "php", "pl", "py", "rb", "rs", "scala", "swift", "ts",
        "tsx",
    ];
    const SCRIPTS: [&str; 6] = ["bash", "mk", "ksh", "ps1", "sh", "zsh"];
    let (path, name) = (file.path().as_bytes(), file.path().name());
    match file.kind() {
        Kind::Binary => return None,
        Kind::Dockerfile => return Some(User::ContainerBuild),
        Kind::GithubAction | Kind::GithubWorkflow => return Some(User::Ci),
        _ => {}
    }
    let dot = memchr::memrchr(b'.', name);
    let extension = dot.and_then(|dot| name.get(dot + 1..)).unwrap_or_default();
    let is = |all: &[&str]| all.iter().any(|one| extension.eq_ignore_ascii_case(one.as_bytes()));
    if starts_with(name, "jenkinsfile.") {
        return Some(User::Ci);
    }
    if is(&CODE) {
        return Some(User::Code);
    }
    if CI.iter().any(|end| ends_with(path, end)) {
        return Some(User::Ci);
    }
    let yaml = is(&["yml", "yaml"]);
    if yaml && (starts_with(name, "docker-compose") || starts_with(name, "compose")) {
        return Some(User::ContainerService);
    }
    let script = is(&SCRIPTS) || name.eq_ignore_ascii_case(b"makefile");
    script.then_some(User::Script)
}

/// Whether a name begins so, in any case.
fn starts_with(name: &[u8], beginning: &str) -> bool {
    let first = name.get(..beginning.len());
    first.is_some_and(|first| first.eq_ignore_ascii_case(beginning.as_bytes()))
}

/// Whether a path ends so, in any case.
fn ends_with(path: &[u8], end: &str) -> bool {
    let last = path.len().checked_sub(end.len()).and_then(|start| path.get(start..));
    last.is_some_and(|last| last.eq_ignore_ascii_case(end.as_bytes()))
}

struct Uses<'a, 'f> {
    file: &'a File<'f>,
    by: User,
    /// In order, none overlapping.
    secrets: Vec<Range<usize>>,
    /// Each target once: its first place.
    seen: BTreeSet<Target>,
    facts: Vec<Fact>,
}

impl Uses<'_, '_> {
    /// Reads every word of every line that is no comment.
    fn words(&mut self) {
        let bytes = self.file.bytes();
        let bytes = bytes.get(..READ).unwrap_or(bytes);
        let mut from = 0;
        for line in bytes.split(|byte| *byte == b'\n') {
            let start = from;
            from += line.len() + 1;
            if line.trim_ascii_start().starts_with(b"#") {
                continue;
            }
            let mut at = 0;
            while at < line.len() {
                let rest = line.get(at..).unwrap_or_default();
                let length = rest.iter().take_while(|byte| in_path(**byte)).count();
                if length > 0 {
                    self.word(start + at..start + at + length);
                }
                at += length + 1;
            }
            if self.facts.len() >= MOST {
                return;
            }
        }
    }

    /// A run of characters of paths; names of variables are such as well.
    fn word(&mut self, word: Range<usize>) {
        let bytes = self.file.bytes();
        let Some(text) = text(bytes, &word) else { return };
        let before = word.start.checked_sub(1).and_then(|at| bytes.get(at));
        let after = bytes.get(word.end);
        if matches!(before, Some(b'$' | b'{')) && is_variable(text) {
            return self.add(word, Target::Variable(text.to_owned()));
        }
        // `secrets.NAME` of GitHub, `env.NAME` of GitHub and Jenkins.
        let member = ["secrets.", "env."].iter().find_map(|owner| text.strip_prefix(owner));
        if let Some(name) = member.filter(|name| is_variable(name)) {
            let start = word.end - name.len();
            return self.add(start..word.end, Target::Variable(name.to_owned()));
        }
        let declares = self.by == User::ContainerBuild && self.begins(&word, &["ARG ", "ENV "]);
        if declares && is_variable(text) {
            return self.add(word, Target::Variable(text.to_owned()));
        }
        // A scheme, a host, an action with its version, an expression.
        let address = after == Some(&b':') && bytes.get(word.end + 1) == Some(&b'/')
            || text.starts_with("//")
            || text.contains('@');
        let file = text.contains(['.', '/']) && text.contains(|c: char| c.is_ascii_alphabetic());
        if file && !address {
            self.add(word, Target::File(text.trim_end_matches(['.', '/']).to_owned()));
        }
    }

    /// Whether the line is only one of these words before `word`.
    fn begins(&self, word: &Range<usize>, instructions: &[&str]) -> bool {
        let before = self.file.bytes().get(..word.start).unwrap_or_default();
        let before = before.get(before.len().saturating_sub(8)..).unwrap_or_default();
        let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        instructions.iter().any(|one| line.eq_ignore_ascii_case(one.as_bytes()))
    }

    /// Looks only where one of the needles stands.
    fn code(&mut self, needles: Needles) {
        for (place, near) in needles.apart() {
            match near {
                Near::Variable => self.variable_after(place.end),
                Near::File => self.file_around(place.start),
            }
            if self.facts.len() >= MOST {
                return;
            }
        }
    }

    /// The name of a variable that begins a few characters behind a place on its line.
    fn variable_after(&mut self, at: usize) {
        let bytes = self.file.bytes();
        let rest = bytes.get(at..).unwrap_or_default();
        let skipped = rest
            .iter()
            .take(REACH)
            .take_while(|byte| !byte.is_ascii_uppercase() && !byte.is_ascii_whitespace())
            .count();
        let start = at + skipped;
        // The end of a longer word in mixed case is no name.
        if bytes.get(start.saturating_sub(1)).is_some_and(|byte| byte.is_ascii_lowercase()) {
            return;
        }
        let rest = bytes.get(start..).unwrap_or_default();
        let length = rest.iter().take(MAX_WORD).take_while(|byte| in_name(**byte)).count();
        let name = start..start + length;
        if let Some(text) = text(bytes, &name).filter(|name| is_variable(name)) {
            self.add(name, Target::Variable(text.to_owned()));
        }
    }

    /// The quoted path around a place.
    fn file_around(&mut self, at: usize) {
        let bytes = self.file.bytes();
        let before = bytes.get(..at).unwrap_or_default();
        let back = before.iter().rev().take(MAX_WORD).take_while(|byte| in_path(**byte)).count();
        let rest = bytes.get(at..).unwrap_or_default();
        let ahead = rest.iter().take(MAX_WORD).take_while(|byte| in_path(**byte)).count();
        let path = at - back..at + ahead;
        let quote = |byte: Option<&u8>| matches!(byte, Some(b'"' | b'\'' | b'`'));
        let quoted = quote(path.start.checked_sub(1).and_then(|at| bytes.get(at)))
            && quote(bytes.get(path.end));
        if let Some(text) = text(bytes, &path).filter(|_| quoted) {
            self.add(path, Target::File(text.to_owned()));
        }
    }

    fn add(&mut self, range: Range<usize>, target: Target) {
        if range.len() > MAX_WORD || !self.seen.insert(target.clone()) {
            return;
        }
        let next = self.secrets.partition_point(|secret| secret.end <= range.start);
        if self.secrets.get(next).is_some_and(|secret| secret.start < range.end) {
            return;
        }
        let mut location = Location::file(self.file.path().clone());
        location.region = Some(self.file.region(&range));
        self.facts.push(Fact::Use { location, by: self.by, target });
    }
}

fn text<'f>(bytes: &'f [u8], range: &Range<usize>) -> Option<&'f str> {
    std::str::from_utf8(bytes.get(range.clone())?).ok()
}

fn in_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-' | b'@' | b'+')
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a name is written as variables of the environment are: capitals, digits and low lines,
/// four at least. Others (`password`, `token`) are every program's own.
pub(crate) fn is_variable(name: &str) -> bool {
    name.len() >= 4
        && name.len() <= MAX_WORD
        && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && name.bytes().filter(u8::is_ascii_uppercase).count() >= 3
}

#[cfg(test)]
mod tests;

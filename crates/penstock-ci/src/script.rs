//! What can be told of a `run:` script line by line, without being a shell.
//!
//! A shell script cannot be decided in general; these questions look at the forms people write, and a
//! form they do not know is not reported.

use std::{collections::BTreeMap, ops::Range};

/// A line that appends to one of the runner's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Write<'a> {
    /// Where the line stands in the script, in bytes.
    pub(crate) range: Range<usize>,
    /// Which file: `GITHUB_ENV` or `GITHUB_PATH`.
    pub(crate) file: &'static str,
    /// What is written, as the script has it.
    pub(crate) content: &'a str,
}

/// Every line that writes to `$GITHUB_ENV` or `$GITHUB_PATH`: `… >> $GITHUB_ENV`,
/// `… | tee -a "$GITHUB_ENV"`, `… | Out-File $env:GITHUB_ENV`, `… >> %GITHUB_ENV%`. What a group or a
/// here-document writes counts from its first line on.
pub(crate) fn writes(script: &str) -> Vec<Write<'_>> {
    let mut found = Vec::new();
    let mut group: Option<Range<usize>> = None;
    let mut at = 0;
    for line in script.split_inclusive('\n') {
        let range = at..at + line.trim_end().len();
        at += line.len();
        let command = line.trim();
        if command.starts_with('#') {
            continue;
        }
        if matches!(command, "{" | "(") {
            group = Some(range.clone());
        }
        let Some((file, name)) = target(command) else { continue };
        let closes = command.starts_with(['}', ')']);
        let range = match group.take() {
            Some(start) if closes => start.start..range.end,
            other => {
                group = other;
                here_document(script, command, range)
            }
        };
        let content = script.get(range.clone()).unwrap_or_default();
        // The name of the file itself is no content.
        let content = content.rsplit_once(name).map_or(content, |(before, after)| {
            if after.trim_matches(['"', '\'', '}', '%', ' ']).is_empty() { before } else { content }
        });
        found.push(Write { range, file, content });
    }
    found
}

/// The runner's file a command writes to, and how the command names it.
fn target(command: &str) -> Option<(&'static str, &'static str)> {
    let writes = command.contains(">")
        || command.contains("tee ")
        || command.contains("Out-File")
        || command.contains("Add-Content");
    [("GITHUB_ENV", "GITHUB_ENV"), ("GITHUB_PATH", "GITHUB_PATH")]
        .into_iter()
        .find(|(_, name)| writes && command.contains(name))
}

/// The range of a command with the here-document it begins, if it begins one.
fn here_document(script: &str, command: &str, range: Range<usize>) -> Range<usize> {
    let Some((_, word)) = command.split_once("<<") else { return range };
    let word = word.trim_start_matches(['-', ' ', '\'', '"', '\\']);
    let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
    let word = word.get(..end).unwrap_or_default();
    let rest = script.get(range.end..).unwrap_or_default();
    let mut at = range.end;
    for line in rest.split_inclusive('\n') {
        at += line.len();
        if !word.is_empty() && line.trim() == word {
            return range.start..at;
        }
    }
    range
}

/// Names of the variables a text expands: `$NAME`, `${NAME…}`, `$env:NAME`, `%NAME%`.
pub(crate) fn variables(text: &str) -> Vec<&str> {
    let name_end = |rest: &str| {
        rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())
    };
    let mut names = Vec::new();
    for (at, sign) in text.match_indices(['$', '%']) {
        let rest = text.get(at + 1..).unwrap_or_default();
        if sign == "%" {
            let name = rest.get(..name_end(rest)).unwrap_or_default();
            if rest.get(name.len()..).is_some_and(|after| after.starts_with('%')) {
                names.push(name);
            }
            continue;
        }
        let rest = rest.strip_prefix("env:").unwrap_or(rest);
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let rest = rest.strip_prefix("env:").unwrap_or(rest);
        names.push(rest.get(..name_end(rest)).unwrap_or_default());
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Everything each variable of a script is set to anywhere.
pub(crate) type Assignments<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// Reads `NAME=…`, `export NAME=…` and `$NAME = …` at the beginning of lines.
pub(crate) fn assignments(script: &str) -> Assignments<'_> {
    const WORDS: [&str; 4] = ["export ", "local ", "readonly ", "declare "];
    let assignment = |line| {
        let line = str::trim(line);
        let line = WORDS.iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line);
        let (name, value) = line.split_once('=')?;
        let name = name.trim_start_matches('$').trim_end();
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        (!name.is_empty() && name.bytes().all(is_name)).then_some((name, value))
    };
    let mut all = Assignments::new();
    for (name, value) in script.lines().filter_map(assignment) {
        all.entry(name).or_default().push(value);
    }
    all
}

/// Whether a command may turn one line into several: what it prints can then begin a new line.
pub(crate) fn splits_lines(text: &str) -> bool {
    ["echo -e", "grep -o", "sed ", "tr ", "awk ", "xargs", "fold ", "jq ", "printf", "-replace"]
        .iter()
        .any(|command| text.contains(command))
}

/// Whether a text reads a file's content: `$(cat x)`, `cat x |`, `$(< x)`, `Get-Content x`.
pub(crate) fn reads_a_file(text: &str) -> bool {
    let word = |name: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.' | '/'))
            .any(|part| part == name)
    };
    text.contains("$(<")
        || ["cat", "head", "tail", "jq", "yq", "sed", "awk", "grep", "Get-Content"]
            .into_iter()
            .any(word)
}

/// Whether a script starts anything but commands that only print, compare, or ask Git or GitHub: so
/// whether it may run what lies in the checkout.
pub(crate) fn executes(script: &str) -> bool {
    const PASSIVE: [&str; 40] = [
        "[", "[[", "]", "cat", "cd", "cp", "cut", "date", "diff", "do", "done", "echo", "elif",
        "else", "env", "esac", "exit", "export", "fi", "for", "gh", "git", "grep", "head", "if",
        "jq", "ls", "mkdir", "printf", "pwd", "rm", "sed", "set", "sort", "tail", "then", "touch",
        "tr", "true", "wc",
    ];
    let mut here: Option<String> = None;
    for line in script.lines() {
        let line = line.trim();
        if let Some(word) = &here {
            if line == word {
                here = None;
            }
            continue;
        }
        if let Some((_, word)) = line.split_once("<<") {
            let word = word.trim_start_matches(['-', ' ', '\'', '"']);
            here =
                Some(word.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect());
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let commands = line.split(['|', ';', '&']).map(str::trim).filter(|part| !part.is_empty());
        for command in commands {
            let first = command.split_whitespace().next().unwrap_or_default();
            let assignment = first.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            });
            let punctuation = first.bytes().all(|b| b.is_ascii_punctuation());
            if !(PASSIVE.contains(&first) || assignment || punctuation) {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_the_environment_is_seen() {
        for (script, file, content) in [
            ("echo A=$B >> $GITHUB_ENV", "GITHUB_ENV", "echo A=$B >> $"),
            ("echo A=$B >> \"${GITHUB_ENV}\"", "GITHUB_ENV", "echo A=$B >> \"${"),
            ("echo $B | tee -a $GITHUB_PATH", "GITHUB_PATH", "echo $B | tee -a $"),
            ("\"A=$env:B\" >> $env:GITHUB_ENV", "GITHUB_ENV", "\"A=$env:B\" >> $env:"),
            ("echo A=%B%>>%GITHUB_ENV%", "GITHUB_ENV", "echo A=%B%>>%"),
        ] {
            let found = writes(script);
            assert_eq!(found.len(), 1, "{script}");
            assert_eq!((found[0].file, found[0].content), (file, content), "{script}");
        }
        assert!(writes("# echo A >> $GITHUB_ENV\necho $GITHUB_ENV\ncat $GITHUB_ENV").is_empty());
    }

    #[test]
    fn groups_and_here_documents_are_written_whole() {
        let group = "make\n{\n  echo 'A<<E'\n  echo \"$BODY\"\n  echo E\n} >> $GITHUB_ENV\n";
        assert!(writes(group)[0].content.contains("$BODY"));
        assert!(!writes(group)[0].content.contains("make"));
        let here = "cat <<EOF >> $GITHUB_ENV\nA=$BODY\nEOF\necho $OTHER\n";
        assert!(writes(here)[0].content.contains("$BODY"));
        assert!(!writes(here)[0].content.contains("$OTHER"));
    }

    #[test]
    fn variables_are_named_in_every_shell() {
        assert_eq!(
            variables("$A ${B} ${C:-x} $env:D ${env:E} %F% 100% $1x"),
            ["A", "B", "C", "D", "E", "F", "1x"]
        );
    }

    #[test]
    fn assignments_are_seen_in_sh_and_powershell() {
        let script =
            "A=$B\nexport C=\"$(x)\"\n$D = $env:E\nif [ a = b ]; then\nF=1 make\n[ x ] && G=2";
        let all = assignments(script);
        assert_eq!(all.keys().copied().collect::<Vec<_>>(), ["A", "C", "D", "F"]);
        assert_eq!(all["C"], ["\"$(x)\""]);
        assert_eq!(all["D"], [" $env:E"]);
    }

    #[test]
    fn printing_is_not_running() {
        assert!(!executes("echo hi\ngit log -1 | head\nif [ -f x ]; then cat x; fi\nA=1\n# make"));
        assert!(!executes("gh pr comment 1 --body-file - <<EOF\nnpm ci\nEOF"));
        for script in ["npm ci", "echo a && make", "./run.sh", "python x.py", "cat x | sh"] {
            assert!(executes(script), "{script}");
        }
    }
}

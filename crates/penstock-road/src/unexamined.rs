//! What a check of this version does not look at, said for what is really there: a check that finds
//! nothing must not be read as more than it is.

use penstock_check::Entry;
use penstock_model::{NotChecked, RepoPath};
use penstock_packages::is_lock_file;

/// Something a repository may hold that no rule of this version looks at.
struct Part {
    name: &'static str,
    reason: &'static str,
    is_there: fn(&RepoPath) -> bool,
}

const PARTS: &[Part] = &[
    Part {
        name: "dependency advisories",
        reason: "this version has no advisory data; lock files are only listed in the SBOM",
        is_there: |path| is_lock_file(&String::from_utf8_lossy(path.name())),
    },
    Part {
        name: "infrastructure as code",
        reason: "this version has no rules for Terraform, Kubernetes, Dockerfiles and Compose",
        is_there: |path| {
            has_ending(path, &["tf", "tf.json", "hcl", "bicep", "dockerfile"])
                || matches!(
                    path.name(),
                    b"Dockerfile"
                        | b"Containerfile"
                        | b"docker-compose.yml"
                        | b"compose.yaml"
                        | b"Chart.yaml"
                )
        },
    },
    Part {
        name: "program code",
        reason: "this version has no static analysis of program code; secrets in it were looked for",
        is_there: |path| {
            has_ending(
                path,
                &[
                    "c", "cc", "cpp", "cs", "go", "java", "js", "jsx", "kt", "php", "py", "rb",
                    "rs", "scala", "swift", "ts", "tsx",
                ],
            )
        },
    },
    Part {
        name: "pipelines other than GitHub Actions",
        reason: "this version has rules for GitHub Actions only",
        is_there: |path| {
            matches!(
                path.name(),
                b".gitlab-ci.yml" | b"Jenkinsfile" | b"azure-pipelines.yml" | b".travis.yml"
            ) || path.as_bytes().starts_with(b".circleci/")
                || path.as_bytes().starts_with(b".teamcity/")
        },
    },
];

/// The parts of a tree no rule looks at, and what no tree can tell.
pub(crate) fn unexamined(files: &[Entry]) -> Vec<NotChecked> {
    let mut parts = Vec::new();
    for part in PARTS {
        let count = files.iter().filter(|entry| (part.is_there)(&entry.path)).count();
        if count > 0 {
            let files = if count == 1 { "file" } else { "files" };
            parts.push(optional(part.name, &format!("{}; {count} {files}", part.reason)));
        }
    }
    if !files.is_empty() {
        parts.push(optional("Git history", "only the files as they are now were looked at"));
        parts.push(optional("branch protection and reviews", "only the forge's server knows them"));
    }
    parts
}

fn optional(part: &str, reason: &str) -> NotChecked {
    NotChecked { part: part.to_owned(), reason: reason.to_owned(), required: false }
}

fn has_ending(path: &RepoPath, endings: &[&str]) -> bool {
    let name = path.name();
    endings.iter().any(|ending| {
        let at = name.len().saturating_sub(ending.len());
        let (before, end) = name.split_at(at);
        end.eq_ignore_ascii_case(ending.as_bytes()) && before.len() > 1 && before.ends_with(b".")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(paths: &[&str]) -> Vec<String> {
        let file = |path: &&str| Entry::new(RepoPath::new(path.as_bytes()).unwrap(), 0);
        let files: Vec<Entry> = paths.iter().map(file).collect();
        unexamined(&files).into_iter().map(|part| part.part).collect()
    }

    #[test]
    fn a_gap_is_named_only_where_there_is_something_to_look_at() {
        let always = ["Git history", "branch protection and reviews"];
        assert_eq!(parts(&["README.md", ".github/workflows/ci.yml"]), always);
        assert_eq!(
            parts(&["src/main.rs", "Cargo.lock"])[..2],
            ["dependency advisories", "program code"]
        );
        assert_eq!(parts(&["infra/main.tf"])[0], "infrastructure as code");
        assert_eq!(parts(&[".gitlab-ci.yml"])[0], "pipelines other than GitHub Actions");
        assert_eq!(parts(&[]), [""; 0]);
        assert_eq!(parts(&[".rs"]), always, "a dotfile is no program");
    }
}

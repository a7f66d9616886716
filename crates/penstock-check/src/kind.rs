use penstock_document::Format;
use penstock_model::RepoPath;

/// What a file is, told by its path first and its content second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A NUL byte within the first 8 KiB.
    Binary,
    /// `Dockerfile`, `Containerfile`, `Dockerfile.*`, `*.dockerfile`.
    Dockerfile,
    /// `.env`, `.env.*`, `*.env`.
    EnvFile,
    /// `action.yml` or `action.yaml`: metadata of a GitHub action.
    GithubAction,
    /// A file directly in `.github/workflows`.
    GithubWorkflow,
    /// `*.tf`, `*.tfvars`, `*.hcl`: Terraform and others that write HCL.
    Hcl,
    /// `*.json`, `*.jsonc`, and the state of Terraform: `*.tfstate`, `*.tfstate.backup`.
    Json,
    /// Anything else without NUL bytes.
    Text,
    /// `*.toml`.
    Toml,
    /// `*.yaml`, `*.yml`.
    Yaml,
}

/// How far into a file a NUL byte makes it binary: Git looks at the first 8,000 bytes, we at 8 KiB.
const BINARY_PREFIX: usize = 8 * 1024;

impl Kind {
    /// Classifies a file by its path, relative to the project, and its content.
    pub fn of(path: &RepoPath, content: &[u8]) -> Self {
        let prefix = content.get(..BINARY_PREFIX).unwrap_or(content);
        if memchr::memchr(0, prefix).is_some() {
            return Self::Binary;
        }
        let name = path.name();
        let extension = memchr::memrchr(b'.', name).and_then(|dot| name.get(dot + 1..));
        let is = |extensions: &[&str]| {
            let is = |e: &&str| extension.is_some_and(|x| x.eq_ignore_ascii_case(e.as_bytes()));
            extensions.iter().any(is)
        };
        let yaml = is(&["yml", "yaml"]);
        if yaml && in_workflow_directory(path) {
            return Self::GithubWorkflow;
        }
        let is_named = |full: &str| name.eq_ignore_ascii_case(full.as_bytes());
        if is_named("action.yml") || is_named("action.yaml") {
            return Self::GithubAction;
        }
        let named = |prefix: &[u8]| {
            stem(name, prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
        };
        if named(b"dockerfile") || named(b"containerfile") || is(&["dockerfile"]) {
            return Self::Dockerfile;
        }
        if named(b".env") || is(&["env"]) {
            return Self::EnvFile;
        }
        if yaml {
            Self::Yaml
        } else if is(&["toml"]) {
            Self::Toml
        } else if is(&["json", "jsonc", "tfstate"]) || name.ends_with(b".tfstate.backup") {
            Self::Json
        } else if is(&["hcl", "tf", "tfvars"]) {
            Self::Hcl
        } else {
            Self::Text
        }
    }

    /// The structured format it is parsed as, if any.
    pub fn format(self) -> Option<Format> {
        match self {
            Self::GithubAction | Self::GithubWorkflow | Self::Yaml => Some(Format::Yaml),
            Self::Hcl => Some(Format::Hcl),
            Self::Json => Some(Format::Json),
            Self::Toml => Some(Format::Toml),
            Self::Binary | Self::Dockerfile | Self::EnvFile | Self::Text => None,
        }
    }
}

/// What follows a beginning, told without regard to case.
fn stem<'n>(name: &'n [u8], beginning: &[u8]) -> Option<&'n [u8]> {
    let (first, rest) = name.split_at_checked(beginning.len())?;
    first.eq_ignore_ascii_case(beginning).then_some(rest)
}

/// GitHub runs only files directly in `.github/workflows` of the repository's root. A project may
/// be a subdirectory, and templates keep the folder elsewhere, so any depth of parent counts.
fn in_workflow_directory(path: &RepoPath) -> bool {
    let bytes = path.as_bytes();
    let Some(parent) = bytes.len().checked_sub(path.name().len() + 1).and_then(|n| bytes.get(..n))
    else {
        return false;
    };
    parent == b".github/workflows" || parent.ends_with(b"/.github/workflows")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(path: &str, content: &[u8]) -> Kind {
        Kind::of(&RepoPath::new(path).unwrap(), content)
    }

    #[test]
    fn path_decides_before_content_and_a_nul_before_both() {
        for (path, expected) in [
            (".github/workflows/ci.yml", Kind::GithubWorkflow),
            ("examples/x/.github/workflows/ci.yaml", Kind::GithubWorkflow),
            (".github/workflows/sub/ci.yml", Kind::Yaml),
            (".github/workflows/readme.md", Kind::Text),
            ("x.github/workflows/ci.yml", Kind::Yaml),
            ("tools/action.yml", Kind::GithubAction),
            ("tools/Action.YAML", Kind::GithubAction),
            ("tools/my-action.yml", Kind::Yaml),
            ("Dockerfile", Kind::Dockerfile),
            ("Dockerfile.prod", Kind::Dockerfile),
            ("web.dockerfile", Kind::Dockerfile),
            ("DOCKERFILE", Kind::Dockerfile),
            ("dockerfiles", Kind::Text),
            (".env", Kind::EnvFile),
            (".env.local", Kind::EnvFile),
            ("prod.env", Kind::EnvFile),
            (".environment", Kind::Text),
            ("Cargo.toml", Kind::Toml),
            ("a.JSON", Kind::Json),
            ("main.tf", Kind::Hcl),
            ("prod.auto.tfvars", Kind::Hcl),
            ("main.tf.json", Kind::Json),
            ("prod/terraform.tfstate", Kind::Json),
            ("terraform.tfstate.backup", Kind::Json),
            ("terraform.tfstate.zip", Kind::Text),
            ("yml", Kind::Text),
            ("README", Kind::Text),
        ] {
            assert_eq!(kind(path, b"text"), expected, "{path}");
        }
        assert_eq!(kind(".github/workflows/ci.yml", b"a\0b"), Kind::Binary);
        let mut late = vec![b'a'; BINARY_PREFIX];
        late.push(0);
        assert_eq!(kind("a", &late), Kind::Text);
    }
}

//! What a command cannot change in the project it works on: files through which other programs would
//! act later, unconfined and as somebody else.

use penstock_model::RepoPath;
use penstock_sandbox::{Protected, StandIn};

/// One place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// From the project's root.
    pub(super) path: &'static str,
    /// What stands there if nothing is: see [`StandIn`].
    pub(super) stand_in: StandIn,
    /// Who acts on it.
    pub(super) acts: &'static str,
}

const fn file(path: &'static str, acts: &'static str) -> Place {
    Place { path, stand_in: StandIn::File, acts }
}

const fn directory(path: &'static str, acts: &'static str) -> Place {
    Place { path, stand_in: StandIn::Directory, acts }
}

/// Tools take an empty one for a setting, or look for it to know where they are: what is made there is
/// taken away afterwards.
const fn unseen(path: &'static str, acts: &'static str) -> Place {
    Place { path, stand_in: StandIn::PutBack, acts }
}

/// It is what many a command is for to make one.
const fn if_there(path: &'static str, acts: &'static str) -> Place {
    Place { path, stand_in: StandIn::Nothing, acts }
}

/// The whole of `.git` for every command that is not git: hooks run on the next commit, `config` names
/// programs (`core.fsmonitor`, `core.sshCommand`, filters), refs and the index decide what is
/// committed (githooks(5), git-config(1)). Where it is absent nothing stands for it, since tools take
/// a `.git` for a repository.
const GIT: Place = if_there(".git", "git runs its hooks and the programs of its config");

/// Of `.git`, what git itself cannot change either (githooks(5), git-config(1), gitattributes(5)).
const GIT_ALWAYS: &[Place] = &[
    unseen(".git/hooks", "git runs hooks"),
    unseen(".git/config", "git runs the programs its config names"),
    unseen(".git/config.worktree", "git reads it like its config"),
    unseen(".git/info", "attributes choose filters, which are programs"),
    // https://git-scm.com/docs/gitrepository-layout
    unseen(".git/commondir", "git takes its config and hooks from where it leads"),
];

/// Of `.git`, what is put back after a command that is not git where nothing can be read-only: what
/// names programs, here and in submodules and work trees of their own. Not what every use of git
/// writes to: nothing would tell a person's commit of the same minutes from the command's doing.
const GIT_PUT_BACK: &[Place] = &[
    unseen(".git/modules", "git runs the hooks and programs of submodules"),
    unseen(".git/worktrees", "git runs the hooks and programs they lead to"),
];

/// Everything else, by who acts on it.
const PLACES: &[Place] = &[
    // Forges and CI servers run what stands here once it is pushed.
    // https://docs.github.com/actions/using-workflows, dependabot, CODEOWNERS
    directory(".github", "GitHub runs its workflows"),
    // https://docs.gitlab.com/ci/yaml/
    file(".gitlab-ci.yml", "GitLab runs it"),
    directory(".gitlab", "GitLab reads CODEOWNERS and agents' settings there"),
    // https://circleci.com/docs/configuration-reference/
    directory(".circleci", "CircleCI runs it"),
    // https://learn.microsoft.com/azure/devops/pipelines/yaml-schema
    file("azure-pipelines.yml", "Azure Pipelines runs it"),
    file("azure-pipelines.yaml", "Azure Pipelines runs it"),
    // https://www.jenkins.io/doc/book/pipeline/jenkinsfile/
    file("Jenkinsfile", "Jenkins runs it"),
    // https://www.jetbrains.com/help/teamcity/kotlin-dsl.html
    directory(".teamcity", "TeamCity runs it"),
    // https://docs.travis-ci.com/user/build-config-yaml
    file(".travis.yml", "Travis CI runs it"),
    // https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/
    file("bitbucket-pipelines.yml", "Bitbucket runs it"),
    // https://woodpecker-ci.org/docs/usage/workflows
    directory(".woodpecker", "Woodpecker runs it"),
    file(".woodpecker.yml", "Woodpecker runs it"),
    file(".woodpecker.yaml", "Woodpecker runs it"),
    // https://docs.drone.io/pipeline/overview/
    file(".drone.yml", "Drone runs it"),
    // https://buildkite.com/docs/pipelines/configure/defining-steps
    directory(".buildkite", "Buildkite runs it"),
    // https://docs.gitea.com/usage/actions, https://forgejo.org/docs/latest/user/actions/
    directory(".gitea", "Gitea runs its workflows"),
    directory(".forgejo", "Forgejo runs its workflows"),
    // Who must approve a change. https://docs.github.com/repositories (about code owners)
    file("CODEOWNERS", "forges ask the owners it names"),
    unseen("docs/CODEOWNERS", "forges ask the owners it names"),
    // Git hooks by configuration: run on the next commit.
    // https://pre-commit.com/, https://typicode.github.io/husky/, https://lefthook.dev/
    file(".pre-commit-config.yaml", "pre-commit runs the hooks it names"),
    directory(".husky", "husky runs it as git's hooks"),
    unseen("lefthook.yml", "lefthook runs the commands it names"),
    unseen("lefthook.yaml", "lefthook runs the commands it names"),
    unseen(".lefthook.yml", "lefthook runs the commands it names"),
    // Editors run tasks on opening a folder, build containers.
    // https://code.visualstudio.com/docs/debugtest/tasks, https://containers.dev/
    directory(".vscode", "VS Code runs its tasks and programs it names"),
    directory(".idea", "JetBrains IDEs run its configurations"),
    directory(".devcontainer", "editors build and start the container it describes"),
    file(".devcontainer.json", "editors build and start the container it describes"),
    // Shells, on entering the directory. https://direnv.net/; mise and asdf choose programs by theirs
    // (https://mise.jdx.dev/configuration.html), and an empty one is a choice.
    file(".envrc", "direnv runs it on entering the directory"),
    unseen(".tool-versions", "asdf and mise start the programs it chooses"),
    unseen(".mise.toml", "mise runs its hooks and tasks"),
    unseen("mise.toml", "mise runs its hooks and tasks"),
    // Settings of package managers that name programs or registries for the next, unconfined call.
    // https://docs.npmjs.com/cli/configuring-npm/npmrc, https://yarnpkg.com/configuration/yarnrc
    // (yarnPath), https://pnpm.io/pnpmfile, https://doc.rust-lang.org/cargo/reference/config.html
    unseen(".npmrc", "npm takes registries and shells from it"),
    unseen(".yarnrc", "Yarn starts the program it names"),
    unseen(".yarnrc.yml", "Yarn starts the program it names"),
    unseen(".pnpmfile.cjs", "pnpm runs it"),
    directory(".cargo", "Cargo starts the compilers and runners its config names"),
    // Instructions and settings on which assistants act, with a person's rights.
    // https://code.claude.com/docs/en/settings, https://cursor.com/docs/context/rules,
    // https://modelcontextprotocol.io/, https://agents.md/
    directory(".claude", "an assistant runs its hooks and follows it"),
    directory(".cursor", "an assistant starts the servers it names and follows it"),
    file(".mcp.json", "assistants start the servers it names"),
    file("AGENTS.md", "assistants follow it"),
    file("CLAUDE.md", "an assistant follows it"),
    file("GEMINI.md", "an assistant follows it"),
    // Ours.
    file("penstock.toml", "penstock runs its steps"),
    file("penstock.baseline.toml", "penstock check accepts what it lists"),
    directory(".penstock", "penstock's cache"),
];

/// What is to be protected for one command.
///
/// `git`: the command is git, whose work it is to write `.git` and the files of the tree; then only
/// what it would run stays out of reach. `packs`: the command packs up the directory, so that no empty
/// file may stand in. `rung`: where it is not 1, places can only be put back afterwards.
pub fn protected(git: bool, packs: bool, rung: u8) -> Vec<Protected> {
    let places: Vec<&Place> = match (git, rung) {
        (true, _) => GIT_ALWAYS.iter().collect(),
        (false, 1) => std::iter::once(&GIT).chain(PLACES).collect(),
        (false, _) => GIT_ALWAYS.iter().chain(GIT_PUT_BACK).chain(PLACES).collect(),
    };
    places
        .into_iter()
        .filter_map(|place| {
            let stand_in = match place.stand_in {
                StandIn::File if packs => StandIn::PutBack,
                other => other,
            };
            Some(Protected { inside: RepoPath::new(place.path.as_bytes()).ok()?, stand_in })
        })
        .collect()
}

/// Who acts on a path of the project, if somebody does: also where nothing could stand in for it.
/// Deeper down only a `.git` counts, since git acts on whichever it finds first; packages bring all
/// the others with them, and nobody looks there.
pub fn acts_on(path: &RepoPath) -> Option<&'static str> {
    let bytes = path.as_bytes();
    let here = |place: &&Place| {
        bytes
            .strip_prefix(place.path.as_bytes())
            .is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
    };
    if bytes.split(|byte| *byte == b'/').any(|part| part == b".git") {
        return Some(GIT.acts);
    }
    PLACES.iter().find(here).map(|place| place.acts)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn path(text: &str) -> RepoPath {
        text.parse().unwrap()
    }

    #[test]
    fn every_place_is_a_path_and_stands_once() {
        let all = protected(false, false, 1);
        assert_eq!(all.len(), PLACES.len() + 1);
        let put_back = protected(false, false, 2);
        assert_eq!(put_back.len(), PLACES.len() + GIT_ALWAYS.len() + GIT_PUT_BACK.len());
        for all in [all, put_back] {
            let names: BTreeSet<&[u8]> = all.iter().map(|place| place.inside.as_bytes()).collect();
            assert_eq!(names.len(), all.len());
        }
        assert_eq!(protected(true, false, 1).len(), GIT_ALWAYS.len());
        assert!(protected(false, true, 1).iter().all(|place| place.stand_in != StandIn::File));
    }

    /// `git init`, `cargo new` and their like make a repository; a commit is a person's own work.
    #[test]
    fn a_repository_may_be_made_and_a_commit_is_never_put_back() {
        let made = |rung: u8| {
            let all = protected(false, false, rung);
            all.into_iter().filter(|place| place.inside.as_bytes().starts_with(b".git/")).count()
        };
        assert_eq!(made(1), 0);
        assert_eq!(made(2), GIT_ALWAYS.len() + GIT_PUT_BACK.len());
        for place in protected(false, false, 2) {
            for written in [".git", ".git/index", ".git/refs", ".git/objects", ".git/HEAD"] {
                assert_ne!(place.inside.as_bytes(), written.as_bytes());
            }
        }
    }

    #[test]
    fn what_acts_is_known() {
        for acting in [
            ".git/hooks/pre-commit",
            ".github/workflows/x.yml",
            ".vscode/tasks.json",
            "vendor/lib/.git/config",
            "CLAUDE.md",
            ".envrc",
        ] {
            assert!(acts_on(&path(acting)).is_some(), "{acting}");
        }
        for other in
            ["node_modules/a/index.js", "src/.gitignore", "github/x", "MY-CLAUDE.md", ".envrc.d"]
        {
            assert_eq!(acts_on(&path(other)), None, "{other}");
        }
    }
}

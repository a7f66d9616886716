//! Facts: `actions/checkout` README, `persist-credentials` (kept in `.git/config` up to version 5,
//! beneath `$RUNNER_TEMP` from version 6); `actions/upload-artifact` README, `include-hidden-files`
//! (hidden files are left out since version 4.4 unless asked for).

use penstock_check::Findings;
use penstock_document::{EditError, Node, TextEdit, Value};
use penstock_model::{Applicability, Audience, Confidence, Severity};

use crate::{
    Detector,
    definition::{Definition, Step},
    generated::PERSISTED_CREDENTIALS,
    uses::{Uses, is_commit, trailing_comment, version},
};

pub(crate) const DETECTOR: Detector = check;

/// Actions that push with what the checkout left.
const PUSHERS: [&str; 7] = [
    "ad-m/github-push-action",
    "changesets/action",
    "endbug/add-and-commit",
    "jamesives/github-pages-deploy-action",
    "peter-evans/create-pull-request",
    "stefanzweifel/git-auto-commit-action",
    "googleapis/release-please-action",
];

fn check(definition: &Definition<'_>, findings: &mut Findings<'_>) {
    let jobs = definition.jobs.iter().map(|job| job.steps().collect::<Vec<_>>());
    for steps in jobs.chain([definition.action_steps().to_vec()]) {
        // Looked for once from the end, so that many checkouts cost no more than one.
        let upload =
            steps.iter().enumerate().rev().find_map(|(at, step)| {
                Some((at, uploads_tree(step, step_path(&step.with("path"))?)?))
            });
        let need = steps.iter().rposition(needs_them);
        for (at, step) in steps.iter().enumerate() {
            let uploaded = upload.filter(|(later, _)| *later > at).map(|(_, upload)| upload);
            judge(step, uploaded, need.is_some_and(|later| later > at), findings);
        }
    }
}

fn judge(
    step: &Step<'_>,
    uploaded: Option<(Node<'_>, Option<bool>)>,
    needed: bool,
    findings: &mut Findings<'_>,
) {
    let Some((node, uses)) = step.uses() else { return };
    let setting = step.with("persist-credentials");
    if !uses.is("actions/checkout") || setting.text().is_some_and(|text| text != "true") {
        return;
    }
    let place = setting.present().unwrap_or(node);
    let in_tree = known_version(node, uses).map(|version| version < vec![6]);
    if let Some((path, hidden)) = uploaded
        && in_tree != Some(false)
    {
        let message = "the job's token stays in `.git/config` and is uploaded with the directory";
        let draft = findings.report(PERSISTED_CREDENTIALS, place, message);
        let sure = in_tree == Some(true) && hidden == Some(true);
        draft.severity(Severity::High);
        draft.confidence(if sure { Confidence::High } else { Confidence::Medium });
        draft.related(path, "uploads it for everyone who can read this repository");
        draft.fix(Applicability::Unsafe, FORGET, forget(step, setting));
        return;
    }
    if needed {
        return;
    }
    let (message, audience) = if in_tree == Some(false) {
        ("the job's token stays on disk for every later step", Audience::Auditor)
    } else {
        ("the job's token stays in `.git/config` for every later step", Audience::Pedantic)
    };
    findings
        .report(PERSISTED_CREDENTIALS, place, message)
        .severity(Severity::Low)
        .audience(audience)
        .fix(Applicability::Unsafe, FORGET, forget(step, setting));
}

const FORGET: &str = "keep no credentials after the checkout";

/// `persist-credentials: false`. A later step that needs them may be hidden in a script of the
/// repository, so nobody can say that nothing changes.
fn forget(step: &Step<'_>, setting: Node<'_>) -> Result<TextEdit, EditError> {
    let document = step.node.document();
    if setting.exists() {
        return document.replace(&setting.route(), &false.into());
    }
    let with = step.node.get("with");
    if with.exists() {
        return document.insert(&with.route(), "persist-credentials", &false.into());
    }
    let with = Value::Mapping(vec![("persist-credentials".to_owned(), false.into())]);
    document.insert(&step.node.route(), "with", &with)
}

/// The version an action is used at, by its tag or by the comment beside its commit.
fn known_version(node: Node<'_>, uses: Uses<'_>) -> Option<Vec<u32>> {
    let reference = uses.reference()?;
    if is_commit(reference) { trailing_comment(node).and_then(version) } else { version(reference) }
}

/// A path of an upload that takes in the whole checkout.
fn step_path<'a>(path: &Node<'a>) -> Option<Node<'a>> {
    const WHOLE: [&str; 10] = [
        ".",
        "./",
        "*",
        "**",
        "./*",
        "./**",
        "**/*",
        "${{ github.workspace }}",
        "${{github.workspace}}",
        "${{ github.workspace }}/",
    ];
    let whole = path.text()?.lines().any(|line| {
        let line = line.trim();
        WHOLE.contains(&line) || line == ".git" || line.starts_with(".git/")
    });
    whole.then_some(*path)
}

/// Whether a step uploads hidden files too: surely, or perhaps where its version is not known.
fn uploads_tree<'a>(step: &Step<'a>, path: Node<'a>) -> Option<(Node<'a>, Option<bool>)> {
    let (node, uses) = step.uses()?;
    if !uses.is("actions/upload-artifact") {
        return None;
    }
    if step.with("include-hidden-files").as_bool() == Some(true) {
        return Some((path, Some(true)));
    }
    match known_version(node, uses) {
        // A whole-number tag points to the newest release of it, which leaves them out.
        Some(version) if version.len() == 1 || version >= vec![4, 4] => None,
        Some(_) => Some((path, Some(true))),
        None => uses.reference().is_some_and(is_commit).then_some((path, None)),
    }
}

/// Whether a step works with the repository by what the checkout left.
fn needs_them(step: &Step<'_>) -> bool {
    let action = step.uses().is_some_and(|(_, uses)| PUSHERS.iter().any(|action| uses.is(action)));
    let commands =
        ["git push", "git fetch", "git pull", "git submodule", "git lfs", "semantic-release"];
    action
        || step
            .run()
            .is_some_and(|(_, script)| commands.iter().any(|command| script.contains(command)))
}

//! A typed look at a workflow or a composite action, over the document's nodes. Nothing is copied and
//! nothing is judged here.
//!
//! Keys: GitHub docs, "Workflow syntax for GitHub Actions" and "Metadata syntax for GitHub Actions".

use penstock_check::{File, Kind};
use penstock_document::{Document, Node};

use crate::{
    expression::{Expression, Outcome, placeholders},
    uses::Uses,
};

/// What one file defines.
pub(crate) struct Definition<'a> {
    /// The document's root.
    pub(crate) root: Node<'a>,
    /// What the file is.
    pub(crate) form: Form,
    /// The jobs of a workflow.
    pub(crate) jobs: Vec<Job<'a>>,
    /// The steps of a composite action.
    own_steps: Vec<Step<'a>>,
}

/// What a file can define.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A workflow in `.github/workflows`.
    Workflow,
    /// An action whose steps are written in YAML.
    Composite,
}

impl<'a> Definition<'a> {
    /// The definition in a file, if it holds one.
    pub(crate) fn of(file: &'a File<'_>) -> Option<Self> {
        let document = file.document()?;
        match file.kind() {
            Kind::GithubWorkflow => Some(Self::workflow(document)),
            Kind::GithubAction => Self::composite(document),
            _ => None,
        }
    }

    fn workflow(document: &'a Document) -> Self {
        let root = document.root();
        let shared = secret_in(root.get("env"));
        let job = |(id, node)| {
            let job = Job::of(id, node, root);
            Job { secret: job.secret.or(shared), ..job }
        };
        let jobs = root.get("jobs").entries().map(job).collect();
        Self { root, form: Form::Workflow, jobs, own_steps: Vec::new() }
    }

    fn composite(document: &'a Document) -> Option<Self> {
        let root = document.root();
        let runs = root.get("runs");
        runs.get("using").text().filter(|using| *using == "composite")?;
        let own_steps = runs.get("steps").items().map(|node| Step { node, job: None }).collect();
        Some(Self { root, form: Form::Composite, jobs: Vec::new(), own_steps })
    }

    /// Every step, in the order of the file; those of `parallel` groups included.
    pub(crate) fn steps(&self) -> impl Iterator<Item = Step<'a>> {
        self.jobs.iter().flat_map(Job::steps).chain(self.own_steps.iter().copied())
    }

    /// The steps of a composite action; none in a workflow.
    pub(crate) fn action_steps(&self) -> &[Step<'a>] {
        &self.own_steps
    }

    /// The node of the event with this name under `on:`.
    pub(crate) fn trigger(&self, name: &str) -> Option<Node<'a>> {
        self.triggers().find(|(event, _)| *event == name).map(|(_, node)| node)
    }

    /// Names of the events that start the workflow, each with the node that names it.
    pub(crate) fn triggers(&self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        let on = self.root.get("on");
        let named = on.entries().map(|(event, _)| event);
        on.one_or_many().chain(named).filter_map(|node| Some((node.text()?, node)))
    }
}

/// A job of a workflow.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    /// Its id.
    pub(crate) id: &'a str,
    /// Its mapping.
    pub(crate) node: Node<'a>,
    /// What its token may do: its own `permissions:`, else the workflow's, if either is there.
    pub(crate) permissions: Option<Node<'a>>,
    /// The first place where a secret other than the job's own token is named.
    pub(crate) secret: Option<Node<'a>>,
    /// Whether its token may write something by what the file says. Without `permissions:` that
    /// depends on a setting of the repository, and the answer is nothing.
    pub(crate) may_write: Option<bool>,
    /// The root of the workflow it is in.
    workflow: Node<'a>,
}

impl<'a> Job<'a> {
    /// The job under a key of `jobs:`. What rules ask for often is found out once.
    fn of(id: Node<'a>, node: Node<'a>, workflow: Node<'a>) -> Self {
        let permissions =
            [node, workflow].into_iter().find_map(|scope| scope.get("permissions").present());
        let may_write = permissions.map(|permissions| {
            permissions.text() == Some("write-all")
                || permissions.entries().any(|(_, access)| access.text() == Some("write"))
        });
        let secret = secret_in(node);
        let id = id.text().unwrap_or_default();
        Self { id, node, permissions, secret, may_write, workflow }
    }

    /// Its steps in order.
    pub(crate) fn steps(&self) -> impl Iterator<Item = Step<'a>> + use<'a> {
        let job = *self;
        job.node.get("steps").items().flat_map(move |node| {
            let group = node.get("parallel").items();
            let own = (group.len() == 0).then_some(node);
            own.into_iter().chain(group).map(move |node| Step { node, job: Some(job) })
        })
    }

    /// The reusable workflow it calls.
    pub(crate) fn uses(&self) -> Option<(Node<'a>, Uses<'a>)> {
        let node = self.node.get("uses");
        Some((node, Uses::parse(node.text()?)))
    }
}

/// The paths that can be in a text, those of `env` replaced by what stands behind each.
fn follow(text: Option<&str>, env: impl Fn(&str) -> Vec<Outcome>) -> Vec<Outcome> {
    let mut found = Vec::new();
    let inner = placeholders(text.unwrap_or_default()).into_iter().map(|(_, inner)| inner);
    for outcome in inner.filter_map(Expression::parse).flat_map(|e| e.outcomes()) {
        match outcome.path.as_slice() {
            [context, name] if context == "env" => found.extend(env(name)),
            _ => found.push(outcome),
        }
    }
    found
}

/// A variable in the `env:` of a workflow, job or step; names differ in more than case.
fn variable<'a>(scope: Node<'a>, name: &str) -> Option<Node<'a>> {
    let same = |key: Node<'_>| key.text().is_some_and(|key| key.eq_ignore_ascii_case(name));
    let mut variables = scope.get("env").entries().rev();
    variables.find(|(key, _)| same(*key)).map(|(_, value)| value)
}

/// The first scalar beneath a node that names a secret.
fn secret_in(node: Node<'_>) -> Option<Node<'_>> {
    node.descendants().find(|node| node.text().is_some_and(names_a_secret))
}

/// Whether a text names a secret that somebody stored, in an expression.
fn names_a_secret(text: &str) -> bool {
    placeholders(text).iter().any(|(_, inner)| {
        let Some(expression) = Expression::parse(inner) else { return false };
        expression.parts().iter().any(|part| match part {
            Expression::Path(path) => match path.as_slice() {
                [context, name, ..] => context == "secrets" && name != "github_token",
                [context] => context == "secrets",
                [] => false,
            },
            _ => false,
        })
    })
}

/// A step of a job or of a composite action.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    /// Its mapping.
    pub(crate) node: Node<'a>,
    /// The job it is in; nothing in an action.
    pub(crate) job: Option<Job<'a>>,
}

impl<'a> Step<'a> {
    /// The action it uses.
    pub(crate) fn uses(&self) -> Option<(Node<'a>, Uses<'a>)> {
        let node = self.node.get("uses");
        Some((node, Uses::parse(node.text()?)))
    }

    /// The script it runs.
    pub(crate) fn run(&self) -> Option<(Node<'a>, &'a str)> {
        let node = self.node.get("run");
        Some((node, node.text()?))
    }

    /// An input it gives to its action.
    pub(crate) fn with(&self, input: &str) -> Node<'a> {
        self.node.get("with").get(input)
    }

    /// The value of an environment variable as the step sees it: its own, its job's, its workflow's.
    pub(crate) fn env(&self, name: &str) -> Option<Node<'a>> {
        variable(self.node, name).or_else(|| self.outer_env(name))
    }

    /// The same without its own `env:`, which is what an expression in that sees.
    fn outer_env(&self, name: &str) -> Option<Node<'a>> {
        let job = self.job?;
        variable(job.node, name).or_else(|| variable(job.workflow, name))
    }

    /// The paths that can be in a text of the step with placeholders, followed through `env:`. That
    /// of a job or workflow cannot name `env` itself (GitHub docs, "Context availability"), so two
    /// steps lead to the end.
    pub(crate) fn outcomes(&self, text: &str) -> Vec<Outcome> {
        let through_own = |name: &str| match variable(self.node, name) {
            Some(own) => follow(own.text(), |name| follow(self.outer_text(name), |_| Vec::new())),
            None => follow(self.outer_text(name), |_| Vec::new()),
        };
        follow(Some(text), through_own)
    }

    fn outer_text(&self, name: &str) -> Option<&'a str> {
        self.outer_env(name).and_then(Node::text)
    }

    /// The conditions that guard it: its own `if:` and its job's.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = Node<'a>> {
        let job = self.job.map(|job| job.node.get("if"));
        std::iter::once(self.node.get("if")).chain(job).filter_map(Node::present)
    }
}

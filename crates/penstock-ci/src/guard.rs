//! What the conditions of a job or step keep out.

use crate::{
    definition::Step,
    expression::{Comparison, Expression, placeholders},
};

/// How much the conditions of a step say about who gets to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Guard {
    /// Nothing that matters here.
    Open,
    /// A person of the project acted first: set a label, wrote the comment. What is fetched may be
    /// newer than what they looked at.
    Person,
    /// Only changes that are already in this repository.
    SameRepository,
}

/// The strongest guard among a step's own condition and its job's.
pub(crate) fn guard(step: &Step<'_>) -> Guard {
    conditions(step).iter().flat_map(conjuncts).map(strength).max().unwrap_or(Guard::Open)
}

/// The conditions of a step and its job, as far as they can be read.
pub(crate) fn conditions(step: &Step<'_>) -> Vec<Expression> {
    step.conditions().filter_map(|node| condition(node.text()?)).collect()
}

/// The expression of an `if:`, with or without braces. Text around the braces makes GitHub see a
/// string that is always true, which guards nothing.
pub(crate) fn condition(text: &str) -> Option<Expression> {
    let text = text.trim();
    match placeholders(text).as_slice() {
        [] => Expression::parse(text),
        [(range, inner)] if *range == (0..text.len()) => Expression::parse(inner),
        _ => None,
    }
}

/// What must all hold for an expression to hold.
fn conjuncts(expression: &Expression) -> Vec<&Expression> {
    match expression {
        Expression::And(left, right) => [conjuncts(left), conjuncts(right)].concat(),
        other => vec![other],
    }
}

fn strength(expression: &Expression) -> Guard {
    use Comparison::{Equal, NotEqual};
    match expression {
        // All alternatives must guard.
        Expression::Or(left, right) => {
            let side = |e| conjuncts(e).into_iter().map(strength).max().unwrap_or(Guard::Open);
            side(left).min(side(right))
        }
        Expression::Compare(Equal, a, b)
            if pair(a, b, is_head_repository, |e| is(e, &["github.repository"])) =>
        {
            Guard::SameRepository
        }
        Expression::Compare(Equal, a, b) if pair(a, b, is_fork, is_false) => Guard::SameRepository,
        Expression::Compare(sign @ (Equal | NotEqual), a, b)
            if pair(a, b, is_run_event, |e| {
                matches!(e, Expression::Text(event)
                    if event.starts_with("pull_request") == (*sign == NotEqual))
            }) =>
        {
            Guard::SameRepository
        }
        Expression::Compare(Equal, a, b) if is_about_a_person(a) || is_about_a_person(b) => {
            Guard::Person
        }
        Expression::Not(inner) if is_fork(inner) => Guard::SameRepository,
        Expression::Call(name, arguments)
            if name == "contains" && arguments.iter().any(is_about_a_person) =>
        {
            Guard::Person
        }
        _ => Guard::Open,
    }
}

fn pair(
    a: &Expression,
    b: &Expression,
    one: impl Fn(&Expression) -> bool,
    other: impl Fn(&Expression) -> bool,
) -> bool {
    one(a) && other(b) || one(b) && other(a)
}

/// Whether an expression is one of these paths.
pub(crate) fn is(expression: &Expression, paths: &[&str]) -> bool {
    matches!(expression, Expression::Path(path) if paths.contains(&path.join(".").as_str()))
}

fn is_head_repository(expression: &Expression) -> bool {
    is(
        expression,
        &[
            "github.event.pull_request.head.repo.full_name",
            "github.event.workflow_run.head_repository.full_name",
        ],
    )
}

fn is_fork(expression: &Expression) -> bool {
    is(
        expression,
        &[
            "github.event.pull_request.head.repo.fork",
            "github.event.workflow_run.head_repository.fork",
        ],
    )
}

fn is_false(expression: &Expression) -> bool {
    matches!(expression, Expression::Constant(text) if text == "false")
}

fn is_run_event(expression: &Expression) -> bool {
    is(expression, &["github.event.workflow_run.event"])
}

/// Who commented, or which label somebody with rights set.
fn is_about_a_person(expression: &Expression) -> bool {
    matches!(expression, Expression::Path(path)
        if path.last().is_some_and(|name| name == "author_association")
            || path.iter().any(|name| name == "label" || name == "labels"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard_of(text: &str) -> Guard {
        let expression = condition(text).unwrap();
        conjuncts(&expression).into_iter().map(strength).max().unwrap()
    }

    #[test]
    fn only_a_condition_that_must_hold_guards() {
        let same = "github.event.pull_request.head.repo.full_name == github.repository";
        for (text, expected) in [
            (same.to_owned(), Guard::SameRepository),
            (format!("${{{{ {same} }}}}"), Guard::SameRepository),
            (format!("github.event_name == 'x' && ({same})"), Guard::SameRepository),
            (format!("{same} || github.event_name == 'push'"), Guard::Open),
            (format!("!({same})"), Guard::Open),
            (same.replace("==", "!="), Guard::Open),
            ("!github.event.pull_request.head.repo.fork".to_owned(), Guard::SameRepository),
            ("github.event.pull_request.head.repo.fork == false".to_owned(), Guard::SameRepository),
            ("github.event.pull_request.head.repo.fork == true".to_owned(), Guard::Open),
            ("github.event.workflow_run.event == 'push'".to_owned(), Guard::SameRepository),
            ("github.event.workflow_run.event != 'pull_request'".to_owned(), Guard::SameRepository),
            ("github.event.workflow_run.event == 'pull_request'".to_owned(), Guard::Open),
            ("github.event.label.name == 'safe'".to_owned(), Guard::Person),
            ("contains(github.event.pull_request.labels.*.name, 'ok')".to_owned(), Guard::Person),
            ("github.event.comment.author_association == 'OWNER'".to_owned(), Guard::Person),
            ("success()".to_owned(), Guard::Open),
        ] {
            assert_eq!(guard_of(&text), expected, "{text}");
        }
        // A string that is always true.
        assert_eq!(condition(&format!("${{{{ {same} }}}} ")).map(|_| ()), Some(()));
        assert_eq!(condition(&format!("x ${{{{ {same} }}}}")), None);
    }
}

use penstock_check::{Check, File, FileInfo, Findings, Kind, Rule};
use penstock_model::{Location, fact::Fact};

use crate::{RULES, definition::Definition, generated::DETECTORS};

/// All rules about GitHub workflows and composite actions, over one parsed document.
pub(crate) struct CiCheck;

impl Check for CiCheck {
    fn rules(&self) -> &'static [&'static Rule] {
        RULES
    }

    fn wants(&self, file: &FileInfo<'_>) -> bool {
        matches!(file.kind, Kind::GithubWorkflow | Kind::GithubAction)
    }

    fn looks_into_archives(&self) -> bool {
        false
    }

    fn file(&self, file: &File<'_>, findings: &mut Findings<'_>) {
        let Some(definition) = Definition::of(file) else { return };
        for (_, detector) in DETECTORS {
            detector(&definition, findings);
        }
        let mut triggers: Vec<String> =
            definition.triggers().map(|(event, _)| event.to_owned()).collect();
        triggers.sort();
        for job in &definition.jobs {
            let region = Some(file.region(&job.node.span()));
            let location = Location { path: file.path().clone(), region, route: job.node.route() };
            let (id, triggers) = (job.id.to_owned(), triggers.clone());
            findings.fact(Fact::CiJob { location, id, triggers });
        }
    }
}

#[cfg(test)]
mod tests {
    use penstock_check::{Engine, MemoryTree, Options};
    use penstock_model::{Audience, RepoPath, Report, Severity, report::Subject};

    fn report(workflow: &str) -> Report {
        let path = RepoPath::new(*b".github/workflows/a.yml").unwrap();
        let tree = MemoryTree::new([(path, workflow.as_bytes().to_vec())]);
        let subject =
            Subject { project: None, commit: None, tree: None, scope: "work-tree".to_owned() };
        let now = "2026-11-23T00:00:00Z".parse().unwrap();
        let mut options = Options::new(now, [0; 32], "0");
        options.audience = Audience::Auditor;
        Engine::new(crate::checks()).unwrap().check(&tree, subject, &options).unwrap()
    }

    /// Severity, message and related lines of the findings of a rule.
    fn found(report: &Report, rule: &str) -> Vec<(Severity, Vec<u32>)> {
        let of_rule = report.findings.iter().filter(|finding| finding.rule.as_str() == rule);
        let line = |r: &penstock_model::Related| r.location.region.unwrap().start_line;
        of_rule.map(|f| (f.severity, f.related.iter().map(line).collect())).collect()
    }

    const CHECKOUT: &str = "\
on: pull_request_target
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v3
        with:
          ref: ${{ github.event.pull_request.head.sha }}
      - run: npm ci
      - run: npm publish
        env:
          TOKEN: ${{ secrets.NPM_PUBLISH }}
";

    #[test]
    fn the_whole_chain_is_told_trigger_execution_and_what_is_in_reach() {
        let rule = "ci/untrusted-checkout";
        assert_eq!(found(&report(CHECKOUT), rule), [(Severity::Critical, vec![1, 9, 12])]);
        let token_only = CHECKOUT.replace("${{ secrets.NPM_PUBLISH }}", "none");
        assert_eq!(found(&report(&token_only), rule), [(Severity::High, vec![1, 9])]);
        let nothing = token_only.replace("jobs:", "permissions: {}\njobs:");
        assert_eq!(found(&report(&nothing), rule), [(Severity::Medium, vec![1, 10])]);
        let refused = CHECKOUT.replace("@v3", "@v7");
        assert_eq!(found(&report(&refused), rule)[0].0, Severity::Medium);
        let read_only = CHECKOUT.replace("npm ci", "git log").replace("npm publish", "ls");
        assert_eq!(found(&report(&read_only), rule)[0].0, Severity::Medium);
    }

    #[test]
    fn how_bad_an_injection_is_depends_on_who_starts_the_job_and_with_what() {
        let with = |on: &str, permissions: &str, value: &str| {
            let text = format!(
                "on: {on}\npermissions: {permissions}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo ${{{{ {value} }}}}\n"
            );
            found(&report(&text), "ci/template-injection").first().map(|(severity, _)| *severity)
        };
        let title = "github.event.pull_request.title";
        assert_eq!(with("pull_request_target", "write-all", title), Some(Severity::Critical));
        assert_eq!(with("pull_request_target", "{}", title), Some(Severity::High));
        assert_eq!(with("pull_request", "{}", title), Some(Severity::Medium));
        assert_eq!(with("push", "{}", title), None);
        assert_eq!(with("workflow_dispatch", "{}", "inputs.x"), Some(Severity::Low));
        assert_eq!(with("push", "{}", "github.event.head_commit.message"), Some(Severity::Low));
        assert_eq!(with("[push, issues]", "{}", "toJSON(github.event)"), Some(Severity::High));
    }

    #[test]
    fn a_runner_that_a_variable_names_is_a_question_not_a_finding() {
        let text =
            "on: pull_request\njobs:\n  a:\n    runs-on: ${{ vars.RUNNER }}\n    steps: []\n";
        let report = report(text);
        assert!(found(&report, "ci/self-hosted-runner").is_empty());
        assert_eq!(report.unresolved[0].fact, "the value of `${{ vars.RUNNER }}`");
    }

    #[test]
    fn a_place_inside_a_block_is_the_expression_itself() {
        let text = "on: issues\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          # é\n          echo ${{ github.event.issue.title }}\n";
        let report = report(text);
        let finding = report.findings.iter().find(|f| f.rule.as_str() == "ci/template-injection");
        let region = finding.unwrap().location.region.unwrap();
        assert_eq!((region.start_line, region.start_column), (8, 16));
        assert_eq!(finding.unwrap().location.route.to_string(), "jobs/a/steps/0/run");
    }

    #[test]
    fn odd_documents_are_no_trouble() {
        for text in [
            "",
            "[]",
            "on:\njobs:",
            "on: [1, {a: b}]\njobs: [a]",
            "jobs: {a: 1, b: {steps: x}}",
            "jobs: {a: {steps: [x, {run: {}}, {uses: [a]}, {uses: '@'}, {if: '${{'}]}}",
            "on: {pull_request_target: }\njobs: {? [x] : {steps: [{uses: actions/checkout@}]}}",
        ] {
            assert!(
                report(text).findings.iter().all(|f| f.severity < Severity::Critical),
                "{text}"
            );
        }
    }
}

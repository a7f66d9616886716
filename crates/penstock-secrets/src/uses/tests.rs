use penstock_model::RepoPath;

use super::*;
use crate::scan::scan_with;

/// `line target` of each use in a file, a file's with a slash before it.
fn uses(path: &str, text: &str, secrets: &[Range<usize>]) -> Vec<String> {
    let path = RepoPath::new(path).unwrap();
    let mut needles = Needles::default();
    scan_with(&path, text.as_bytes(), &mut needles);
    let facts = collect(&File::new(&path, text.as_bytes()), needles, secrets.iter().cloned());
    facts
        .iter()
        .map(|fact| {
            let Fact::Use { location, target, .. } = fact else { panic!("{fact:?}") };
            let line = location.region.unwrap().start_line;
            match target {
                Target::File(path) => format!("{line} /{path}"),
                Target::Variable(name) => format!("{line} {name}"),
            }
        })
        .collect()
}

#[test]
fn the_words_of_pipelines_and_images_are_read() {
    let workflow = "env:\n  A: ${{ secrets.STRIPE_KEY }}\n# $NOT_READ\nsteps:\n  - uses: \
                    actions/checkout@v4\n  - run: deploy --env-file deploy/prod.env $DB_PASS \"${SMTP_PASS}\" \
                    https://example.org/a.pem ${{ env.API_TOKEN }}\n";
    assert_eq!(
        uses(".github/workflows/a.yml", workflow, &[]),
        ["2 STRIPE_KEY", "6 /deploy/prod.env", "6 DB_PASS", "6 SMTP_PASS", "6 API_TOKEN"]
    );
    let image = "FROM alpine:3\nCOPY ./config/server.key /etc/ssl/\nARG NPM_TOKEN\nenv API_KEY=1\nRUN ./x.sh $NPM_TOKEN\n";
    assert_eq!(
        uses("Dockerfile", image, &[]),
        ["2 /./config/server.key", "2 //etc/ssl", "3 NPM_TOKEN", "4 API_KEY", "5 /./x.sh"]
    );
    assert_eq!(uses("compose.yaml", "env_file: .env\nkey: $$x\n", &[]), ["1 /.env"]);
    assert_eq!(uses("values.yaml", "env_file: .env\nkey: $API_KEY\n", &[]), [""; 0]);
}

#[test]
fn programs_are_read_beside_what_reads_variables_and_key_files() {
    for (path, line, expected) in [
        ("a.js", "f(process.env.STRIPE_KEY)", "1 STRIPE_KEY"),
        ("a.ts", "process.env['STRIPE_KEY']", "1 STRIPE_KEY"),
        ("a.py", "os.environ.get(\"STRIPE_KEY\")", "1 STRIPE_KEY"),
        ("a.go", "os.Getenv(\"STRIPE_KEY\")", "1 STRIPE_KEY"),
        ("a.rs", "std::env::var(\"STRIPE_KEY\")", "1 STRIPE_KEY"),
        ("a.rb", "ENV.fetch('STRIPE_KEY')", "1 STRIPE_KEY"),
        ("a.cs", "Environment.GetEnvironmentVariable(\"STRIPE_KEY\")", "1 STRIPE_KEY"),
        ("a.py", "load_dotenv('../.env')", "1 /../.env"),
        ("a.go", "os.ReadFile(\"certs/server.pem\")", "1 /certs/server.pem"),
    ] {
        assert_eq!(uses(path, line, &[]), [expected], "{path} {line}");
    }
    for (path, line) in [
        ("a.js", "process.env.node_env"),
        ("a.js", "process.env\nSTRIPE_KEY"),
        ("a.js", "environ and in the end SOMETHING"),
        ("a.js", "x.pem + server.pem"),
        ("a.md", "process.env.STRIPE_KEY"),
    ] {
        assert_eq!(uses(path, line, &[]), [""; 0], "{path} {line}");
    }
}

/// A name that is part of a secret must not be told of.
#[test]
fn what_is_hidden_is_no_name() {
    let text = "run: $SECRET_VALUE and $OTHER_NAME\n";
    assert_eq!(uses(".gitlab-ci.yml", text, &[]).len(), 2);
    assert_eq!(uses(".gitlab-ci.yml", text, &[0..2, 5..9, 8..20]), ["1 OTHER_NAME"]);
}

#[test]
fn a_file_of_nothing_but_names_gives_a_bounded_list() {
    let text: String = (0..5000).map(|n| format!("$VARIABLE_{n} a/{n}.b\n")).collect();
    let kept = uses("Dockerfile", &text, &[]).len();
    assert!((MOST..MOST + 2).contains(&kept), "{kept}");
    let text: String = (0..5000).map(|n| format!("getenv(\"VARIABLE_{n}\")\n")).collect();
    assert_eq!(uses("a.c", &text, &[]).len(), MOST);
}

#[test]
fn of_needles_that_overlap_the_first_counts_whatever_their_order() {
    let mut needles = Needles::default();
    for (index, range) in [(13, 30..35), (0, 7..18), (15, 15..20), (2, 18..25)] {
        needles.push(index, range);
    }
    needles.push(NEEDLES.len(), 0..5);
    let apart: Vec<usize> = needles.apart().map(|(range, _)| range.start).collect();
    assert_eq!(apart, [7, 18, 30]);
    // `.env.` within `process.env.` names no file.
    assert_eq!(uses("a.js", "f('process.env.x')", &[]), [""; 0]);
    assert_eq!(uses("a.js", "f('x/.env.local', Environment.environ)", &[]), ["1 /x/.env.local"]);
}

#[test]
fn no_needle_begins_with_another() {
    for (at, (one, _)) in NEEDLES.iter().enumerate() {
        let others = NEEDLES.iter().enumerate().filter(|(other, _)| *other != at);
        assert!(others.into_iter().all(|(_, (other, _))| !one.starts_with(other)), "{one}");
    }
}

#[test]
fn what_is_encoded_uses_nothing() {
    let text = "a = \"%70%72%6f%63%65%73%73.env.STRIPE_KEY and no more\"";
    assert_eq!(uses("a.js", text, &[]), [""; 0]);
}

//! One tree for three formats: the same questions, spans that point at the source.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use penstock_document::{Document, Format, Kind, Limits, Node, ScalarType, Style};
use penstock_model::{Route, RouteStep};

fn parse(format: Format, text: &str) -> Document {
    Document::parse(format, text, &Limits::default()).unwrap()
}

fn sources<'a>(nodes: impl IntoIterator<Item = Node<'a>>) -> Vec<&'a str> {
    nodes.into_iter().map(|node| node.source().unwrap()).collect()
}

#[test]
fn the_same_questions_work_in_every_format() {
    let yaml = "jobs:\n  build:\n    steps:\n      - run: make\n      - run: 'te''st'\n";
    let toml = "[jobs.build]\nsteps = [{ run = \"make\" }, { run = \"te'st\" }]\n";
    let json = r#"{"jobs": {"build": {"steps": [{"run": "make"}, {"run": "te'st"}]}}}"#;
    for (format, text) in [(Format::Yaml, yaml), (Format::Toml, toml), (Format::Json, json)] {
        let document = parse(format, text);
        let steps = document.root().get("jobs").get("build").get("steps");
        assert_eq!(steps.kind(), Kind::Sequence);
        let runs: Vec<_> = steps.items().map(|step| step.get("run").as_str().unwrap()).collect();
        assert_eq!(runs, ["make", "te'st"], "{format}");
        let last = steps.item(1).get("run");
        assert_eq!(last.route().to_string(), "jobs/build/steps/1/run");
        assert_eq!(document.get(&last.route()).unwrap().span(), last.span());
        assert_eq!(last.parent().unwrap().parent().unwrap().span(), steps.span());
        assert_eq!(last.key().unwrap().text(), Some("run"));
        assert!(!steps.item(2).get("run").exists());
        assert_eq!(steps.get("x").item(3).text(), None);
    }
}

#[test]
fn yaml_spans_are_exact() {
    let text = "# head\nname: é\non: [push, 'pull']  # tail\njobs:\n  a:\n    run: |\n      one\n      two\n  b: {x: 1}\nempty:\n";
    let document = parse(Format::Yaml, text);
    let root = document.root();
    assert_eq!(
        sources([root.get("name"), root.get("on"), root.get("on").item(1)]),
        ["é", "[push, 'pull']", "'pull'"]
    );
    assert_eq!(root.get("jobs").get("b").source(), Some("{x: 1}"));
    let run = root.get("jobs").get("a").get("run");
    assert_eq!(run.style(), Some(Style::Literal));
    assert_eq!(run.text(), Some("one\ntwo\n"));
    assert_eq!(run.source(), Some("|\n      one\n      two\n"));
    assert_eq!(root.get("jobs").get("a").source(), Some("run: |\n      one\n      two\n"));
    assert_eq!(root.get("on").region().start_line, 3);
    assert_eq!(root.get("on").region().start_column, 5);
    let empty = root.get("empty");
    assert!(empty.is_null());
    assert_eq!((empty.text(), empty.source()), (None, Some("")));
    assert_eq!(empty.region().start_line, 10);
    let comments: Vec<_> = document.comments().iter().map(|c| c.text.as_str()).collect();
    assert_eq!(comments, [" head", " tail"]);
    for comment in document.comments() {
        assert_eq!(document.text()[comment.span.clone()], format!("#{}", comment.text));
    }
}

#[test]
fn a_yaml_value_that_is_not_there_stands_behind_its_colon() {
    let text = "a: # c\n\nb:\n  c:\n  d: !t\ne : &x\nf: [g: , h]\n";
    let document = parse(Format::Yaml, text);
    let root = document.root();
    let empty = [root.get("a"), root.get("b").get("c"), root.get("f").item(0).get("g")];
    for node in empty {
        assert!(node.is_null());
        assert!(text[..node.span().start].ends_with(':'), "{:?}", node.span());
    }
    assert_eq!(root.get("b").source(), Some("c:\n  d: !t"));
    assert_eq!(root.get("b").get("d").tag(), Some("!t"));
}

#[test]
fn the_key_on_stays_a_string() {
    let document = parse(Format::Yaml, "on:\n  push:\nyes: no\n");
    let keys: Vec<_> = document.root().entries().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, [Some("on"), Some("yes")]);
    assert_eq!(document.root().get("yes").scalar_type(), Some(ScalarType::String));
}

#[test]
fn yaml_types_follow_the_core_schema() {
    use ScalarType::{Bool, Float, Integer, Null, String};
    for (text, expected) in [
        ("~", Null),
        ("null", Null),
        ("true", Bool),
        ("False", Bool),
        ("off", String),
        ("12", Integer),
        ("-0x1F", String),
        ("0x1F", Integer),
        ("0o17", Integer),
        ("1.20", Float),
        (".5", Float),
        ("1.", Float),
        ("1e3", Float),
        ("1e", String),
        (".", String),
        ("-.inf", Float),
        (".nan", Float),
        ("1.2.3", String),
        ("'12'", String),
        ("!!str 12", String),
        ("!Ref x", String),
        ("!!int \"12\"", Integer),
    ] {
        let document = parse(Format::Yaml, &format!("k: {text}\n"));
        let node = document.root().get("k");
        assert_eq!(node.scalar_type(), Some(expected), "{text}");
    }
}

#[test]
fn numbers_and_booleans_have_values_in_every_format() {
    for (format, text) in [
        (Format::Yaml, "a: 31\nb: true\nc: 0x1F\n"),
        (Format::Toml, "a = 31\nb = true\nc = 0x1F\n"),
        (Format::Json, r#"{"a": 31, "b": true, "c": 31}"#),
    ] {
        let document = parse(format, text);
        let root = document.root();
        assert_eq!(root.get("a").as_i64(), Some(31));
        assert_eq!(root.get("c").as_i64(), Some(31), "{format}");
        assert_eq!(root.get("b").as_bool(), Some(true));
        assert_eq!(root.get("b").as_i64(), None);
        assert_eq!((root.get("a").as_str(), root.get("a").text()), (None, Some("31")));
    }
}

#[test]
fn tags_are_kept_with_their_place() {
    let text = "a: !Sub \"${x}\"\nb: !GetAtt [c, Arn]\n";
    let document = parse(Format::Yaml, text);
    let (a, b) = (document.root().get("a"), document.root().get("b"));
    assert_eq!((a.tag(), b.tag()), (Some("!Sub"), Some("!GetAtt")));
    assert_eq!(&text[a.tag_span().unwrap()], "!Sub");
    assert_eq!(sources([a, b]), ["\"${x}\"", "[c, Arn]"]);
}

#[test]
fn a_stream_has_many_documents() {
    let document = parse(Format::Yaml, "a: 1\n---\nb: &x 2\nc: *x\n---\n- 3\n");
    assert_eq!(document.roots().len(), 3);
    assert_eq!(document.root().get("a").text(), Some("1"));
    assert_eq!(document.roots().nth(1).unwrap().get("c").text(), Some("2"));
    assert_eq!(document.roots().nth(2).unwrap().item(0).route(), Route(vec![RouteStep::Index(0)]));
}

#[test]
fn an_alias_brings_a_copy_that_knows_both_ends() {
    let text = "base: &b\n  image: app:1\njob: *b\n";
    let document = parse(Format::Yaml, text);
    let image = document.root().get("job").get("image");
    assert_eq!(image.text(), Some("app:1"));
    assert_eq!(image.route().to_string(), "job/image");
    assert_eq!(image.region().start_line, 2);
    assert_eq!(&text[image.alias_span().unwrap()], "*b");
    assert_eq!(document.root().get("base").get("image").alias_span(), None);
    assert_eq!(document.root().source(), Some(text.trim_end()));
}

#[test]
fn toml_spans_are_exact() {
    let text = "# a\nname = \"x # no\" # b\n[steps.\"b#c\"] # c\nrun = '''\none # no\n''' # d\na.b = 1\n[steps.\"b#c\".env] # e\nKEY = 'v'\n[[list]]\nx = 1979-05-27\n[[list]]\nx = 2.5\n";
    let document = parse(Format::Toml, text);
    let root = document.root();
    assert_eq!(root.get("name").source(), Some("\"x # no\""));
    let step = root.get("steps").get("b#c");
    assert_eq!(step.source(), Some("[steps.\"b#c\"]"));
    assert_eq!(step.key().unwrap().source(), Some("\"b#c\""));
    assert_eq!(step.get("run").text(), Some("one # no\n"));
    assert_eq!(step.get("a").get("b").as_i64(), Some(1));
    assert_eq!(step.get("env").get("KEY").as_str(), Some("v"));
    assert_eq!(root.get("list").items().len(), 2);
    assert_eq!(root.get("list").item(0).get("x").scalar_type(), Some(ScalarType::DateTime));
    assert_eq!(root.get("list").item(0).get("x").text(), Some("1979-05-27"));
    assert_eq!(root.get("list").item(1).get("x").scalar_type(), Some(ScalarType::Float));
    let comments: Vec<_> = document.comments().iter().map(|c| c.text.as_str()).collect();
    assert_eq!(comments, [" a", " b", " c", " d", " e"]);
}

#[test]
fn json_with_comments_keeps_them() {
    let text = "// a\n{ /* b */ \"x\": [1, 2.5, null, \"\\u00e9\",], // c\n} /* d */";
    let document = parse(Format::Json, text);
    let x = document.root().get("x");
    let texts: Vec<_> = x.items().map(|item| item.text().unwrap()).collect();
    assert_eq!(texts, ["1", "2.5", "null", "é"]);
    assert_eq!(x.item(3).source(), Some("\"\\u00e9\""));
    let comments: Vec<_> = document.comments().iter().map(|c| &text[c.span.clone()]).collect();
    assert_eq!(comments, ["// a", "/* b */", "// c", "/* d */"]);
}

#[test]
fn carriage_returns_and_a_byte_order_mark_do_not_move_spans() {
    for (format, text) in [
        (Format::Yaml, "\u{feff}a: 1\r\nb: two\r\n"),
        (Format::Toml, "\u{feff}a = 1\r\nb = \"two\"\r\n"),
        (Format::Json, "\u{feff}{\"a\": 1,\r\n\"b\": \"two\"}\r\n"),
    ] {
        let document = parse(format, text);
        let b = document.root().get("b");
        assert_eq!(b.text(), Some("two"), "{format}");
        assert!(b.source().unwrap().trim_matches('"') == "two", "{format}");
        assert_eq!(b.region().start_line, 2);
        assert_eq!(document.root().entries().next().unwrap().0.region().start_line, 1);
    }
}

#[test]
fn duplicate_keys_are_reported_and_both_entries_kept() {
    for (format, text) in [
        (Format::Yaml, "a: 1\n\"a\": 2\nb:\n  c: 1\n  c: 2\n"),
        (Format::Json, "{\"a\":1,\"a\":2,\"b\":{\"c\":1,\"c\":2}}"),
    ] {
        let document = parse(format, text);
        let duplicates: Vec<_> = document.duplicate_keys().iter().map(|d| d.key.as_str()).collect();
        assert_eq!(duplicates, ["c", "a"], "{format}");
        assert_eq!(document.root().entries().len(), 3);
        assert_eq!(document.root().get("a").text(), Some("2"));
        let a = &document.duplicate_keys()[1];
        assert!(a.first.end <= a.span.start);
        assert_eq!(document.text()[a.span.clone()].trim_matches('"'), "a");
    }
}

#[test]
fn empty_files_are_empty() {
    for text in ["", "\n", "\u{feff}"] {
        assert!(parse(Format::Toml, text).root().is_mapping());
        assert!(!parse(Format::Yaml, text).root().exists());
        assert!(!parse(Format::Json, text).root().exists());
    }
    assert!(!parse(Format::Yaml, "# only\n").root().exists());
}

#[test]
fn descendants_come_in_the_order_of_the_file() {
    let document = parse(Format::Yaml, "a: [1, {b: 2}]\nc: 3\n");
    let scalars: Vec<_> = document.root().descendants().filter_map(Node::text).collect();
    assert_eq!(scalars, ["a", "1", "b", "2", "c", "3"]);
}

#[test]
fn one_or_many_reads_both_spellings() {
    let document = parse(Format::Yaml, "a: x\nb: [x, y]\nc: {x: y}\n");
    let count = |key: &str| document.root().get(key).one_or_many().count();
    assert_eq!((count("a"), count("b"), count("c"), count("d")), (1, 2, 0, 0));
}

#[test]
fn hcl_blocks_are_found_by_type_labels_and_number() {
    let text = "\
variable \"zones\" {}
resource \"aws_s3_bucket\" \"logs\" { # c
  acl  = \"private\"
  name = \"${var.zones}-logs\"
  rule {
    days = -30
  }
  rule {
    days = 1.5
    note = <<-EOT
      plain # text
    EOT
  }
  on = aws_x.y[0].id // d
  tags = { a = null, \"b c\" = false }
}
resource \"aws_s3_bucket\" \"other\" {}
";
    let document = parse(Format::Hcl, text);
    let buckets = document.root().get("resource").get("aws_s3_bucket");
    assert_eq!(sources(buckets.entries().map(|(name, _)| name)), ["\"logs\"", "\"other\""]);
    let logs = buckets.get("logs").item(0);
    assert!(logs.source().unwrap().starts_with("resource \"aws_s3_bucket\" \"logs\" {"));
    assert_eq!(logs.get("acl").as_str(), Some("private"));
    let name = logs.get("name");
    assert_eq!(
        (name.as_str(), name.text(), name.scalar_type()),
        (None, Some("${var.zones}-logs"), Some(ScalarType::Expression))
    );
    let rules: Vec<_> = logs.get("rule").items().map(|rule| rule.get("days")).collect();
    assert_eq!(rules.iter().map(|days| days.as_i64()).collect::<Vec<_>>(), [Some(-30), None]);
    assert_eq!(rules[1].scalar_type(), Some(ScalarType::Float));
    assert_eq!(rules[1].route().to_string(), "resource/aws_s3_bucket/logs/0/rule/1/days");
    assert_eq!(rules[1].region().start_line, 9);
    let note = logs.get("rule").item(1).get("note");
    assert_eq!((note.as_str(), note.style()), (Some("plain # text\n"), Some(Style::Literal)));
    assert_eq!(logs.get("on").text(), Some("aws_x.y[0].id"));
    assert!(logs.get("tags").get("a").is_null());
    assert_eq!(logs.get("tags").get("b c").as_bool(), Some(false));
    assert_eq!(document.root().get("variable").get("zones").item(0).entries().count(), 0);
    let comments: Vec<_> = document.comments().iter().map(|c| c.text.as_str()).collect();
    assert_eq!(comments, [" c", " d"]);
    for node in document.root().descendants().filter(|node| node.key().is_some()) {
        assert_eq!(document.get(&node.route()).unwrap().span(), node.span());
    }
}

#[test]
fn what_is_wrong_in_hcl_is_said_where_it_is() {
    let error = Document::parse(Format::Hcl, "a = 1\nb = = 2\n", &Limits::default()).unwrap_err();
    assert_eq!(error.region().unwrap().start_line, 2);
    assert!(!error.is_limit());
}

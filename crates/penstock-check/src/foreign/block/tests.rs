use crate::{fixture, fixture::options};

/// The lines of open findings, and the reasons of suppressed ones.
fn judged(name: &str, text: &str) -> (Vec<u32>, Vec<String>) {
    let report = fixture::check(&[(name, text)], &options());
    let open = report.findings.iter().map(|f| f.location.region.unwrap().start_line).collect();
    let suppressed = report.suppressed.iter().map(|s| s.suppression.reason.clone()).collect();
    (open, suppressed)
}

#[test]
fn checkov_speaks_of_the_block_around_its_comment() {
    let text = "resource \"a\" \"b\" {\n  x = \"eval(x)\"\n  #checkov:skip=CKV_X_1:public\n  inner {\n    y = \"eval(y)\"\n  }\n}\n\
                resource \"a\" \"c\" {\n  x = \"eval(x)\"\n}\nlocals {\n  z = \"eval(z)\" # checkov:skip=CKV_OTHER:no\n}\n";
    assert_eq!(judged("main.tf", text), (vec![9, 12], vec!["public".into(), "public".into()]));
    // Above a block it is in none, and speaks of the line below only.
    let above = "# checkov:skip=CKV_X_1:no\nresource \"a\" \"b\" {\n  x = \"eval(x)\"\n}\n";
    assert_eq!(judged("main.tf", above), (vec![3], vec![]));
    // A file that cannot be read has no blocks.
    assert_eq!(judged("main.tf", &text.replace("inner {", "inner {{")).0.len(), 4);
}

#[test]
fn trivy_speaks_of_the_block_below_its_comment() {
    let text = "# why\n#trivy:ignore:AVD-X-0001 old\n#trivy:ignore:AVD-Y-0001\nresource \"a\" \"b\" {\n  x = \"eval(x)\"\n  inner {\n    y = \"eval(y)\"\n  }\n}\n\
                resource \"a\" \"c\" {\n  z = \"eval(z)\"\n  #trivy:ignore:AVD-X-0001 inner\n  inner {\n    y = \"eval(y)\"\n  }\n  v = \"eval(v)\"\n}\n";
    assert_eq!(
        judged("main.tf", text),
        (vec![11, 16], vec!["old".into(), "old".into(), "inner".into()])
    );
    let apart = "#trivy:ignore:AVD-X-0001 old\n\nresource \"a\" \"b\" {\n  x = \"eval(x)\"\n}\n";
    assert_eq!(judged("main.tf", apart), (vec![4], vec![]));
}

#[test]
fn checkov_speaks_of_a_resource_of_a_template_and_of_an_object() {
    let template = "Resources:\n  A:\n    # checkov:skip=CKV_X_1:public\n    Type: T\n    X: eval(x)\n  B:\n    X: eval(x)\nOutputs:\n  X: eval(x)\n";
    assert_eq!(judged("stack.yaml", template), (vec![7, 9], vec!["public".into()]));
    let objects = "kind: A\nmetadata:\n  annotations:\n    checkov.io/skip1: CKV_X_1=trusted\nspec: eval(x)\n---\nkind: B\nmetadata:\n  annotations:\n    checkov.io/skip: CKV_OTHER\n    other: checkov.io/skip CKV_X_1\nspec: eval(x)\n";
    assert_eq!(judged("k.yaml", objects), (vec![12], vec!["trusted".into()]));
    let bare = "metadata:\n  annotations:\n    checkov.io/skip1: \"\"\nspec: eval(x)\n";
    assert_eq!(judged("k.yaml", bare), (vec![4], vec![]));
}

/// What only stands in a value, or in a block that only looks like one, is no comment of a block.
#[test]
fn a_string_that_looks_like_a_comment_opens_no_block() {
    let text =
        "resource \"a\" \"b\" {\n  note = \"#checkov:skip=CKV_X_1:no\"\n  x = \"eval(x)\"\n}\n";
    assert_eq!(judged("main.tf", text), (vec![3], vec![]));
    let text = "resource \"a\" \"b\" {\n  note = <<E\n  #checkov:skip=CKV_X_1:no\nE\n  x = \"eval(x)\"\n}\n";
    assert_eq!(judged("main.tf", text), (vec![5], vec![]));
}

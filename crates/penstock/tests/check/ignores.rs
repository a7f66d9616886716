//! Ignores of other tools about whole blocks, for what the secrets of real rules are.

use super::harness::{Sandbox, places};

fn template(text: &str) -> String {
    penstock_check::template::expand(text, "ignores").unwrap()
}

#[test]
fn a_skipped_block_is_accepted_once_the_base_has_it() {
    let sandbox = Sandbox::new();
    let block = |comment: &str| {
        template(&format!(
            "resource \"aws_lambda_function\" \"a\" {{\n  {comment}\n  environment {{\n    variables = {{\n      KEY    = \"AKIA{{{{base32:16}}}}\"\n      SECRET = \"{{{{base64:40}}}}\"\n    }}\n  }}\n}}\n"
        ))
    };
    sandbox.write("main.tf", block("# checkov:skip=CKV_SECRET_2: the honeypot"));
    let (code, report) = sandbox.report(&[]);
    assert_eq!((code, places(&report)), (1, vec!["main.tf:5".to_owned()]), "proposed only");
    sandbox.commit("accepted");
    let (code, report) = sandbox.report(&[]);
    assert_eq!((code, places(&report)), (0, vec![]));
    assert_eq!(report.suppressed[0].suppression.reason, "the honeypot");
    // Another rule, or another block, is not meant.
    for text in [
        block("# checkov:skip=CKV_SECRET_13: other"),
        format!("locals {{\n  # checkov:skip=CKV_SECRET_2: other\n}}\n{}", block("# none")),
    ] {
        sandbox.write("main.tf", text);
        sandbox.commit("another");
        assert_eq!(sandbox.report(&[]).0, 1);
    }
}

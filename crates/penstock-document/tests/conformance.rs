//! Runs over corpora that are not part of the project; they say so when they skip.

use std::{
    fs,
    path::{Path, PathBuf},
};

use penstock_document::{Document, Format, Limits};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "tf") {
            found.push(path);
        }
    }
}

/// Which files are refused is known: a file more or less is a change to be looked at.
#[test]
fn terraform_of_others() {
    let corpora = std::env::var_os("PENSTOCK_CORPORA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        PathBuf::from,
    );
    let mut found = Vec::new();
    files(&corpora.join("iac"), &mut found);
    if found.is_empty() {
        println!("skipped: no Terraform in {} (set PENSTOCK_CORPORA)", corpora.display());
        return;
    }
    let (mut nodes, mut refused) = (0, Vec::new());
    for path in &found {
        match Document::parse(Format::Hcl, fs::read(path).unwrap(), &Limits::default()) {
            Ok(document) => {
                for node in document.root().descendants() {
                    assert_eq!(node.source(), document.text().get(node.span()));
                    nodes += 1;
                }
            }
            Err(error) => refused.push(format!("{}: {error}", path.display())),
        }
    }
    refused.sort();
    println!("{} files, {nodes} nodes, refused: {refused:#?}", found.len());
    assert_eq!((found.len(), refused.len()), (1503, 18));
}

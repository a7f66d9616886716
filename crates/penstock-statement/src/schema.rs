use schemars::{JsonSchema, schema_for};

use crate::{
    Predicate, Statement,
    predicate::{
        Approval, CheckResult, Decision, Deployment, PolicyVersion, RunSeal, RuntimeTrace,
        SourceChange,
    },
};

/// The JSON Schemas of our own predicates, and of the one whose standard leaves parts to us, as `(file name, text)`: what is committed under
/// `schemas/predicates/`. Each is the schema of the whole statement.
pub fn schemas() -> Vec<(String, String)> {
    vec![
        schema::<Approval>("approval"),
        schema::<CheckResult>("check"),
        schema::<Decision>("decision"),
        schema::<Deployment>("deployment"),
        schema::<PolicyVersion>("policy"),
        schema::<RunSeal>("run"),
        schema::<RuntimeTrace>("runtime-trace"),
        schema::<SourceChange>("source-change"),
    ]
}

fn schema<P: Predicate + JsonSchema>(name: &str) -> (String, String) {
    let mut schema = schema_for!(Statement<P>);
    schema.insert("$id".to_owned(), P::TYPE.into());
    let version = P::TYPE.rsplit('/').next().unwrap_or_default();
    (format!("{name}.{version}.json"), format!("{:#}\n", schema.as_value()))
}

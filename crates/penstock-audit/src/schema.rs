use schemars::schema_for;

use crate::Audit;

/// The JSON Schemas of this crate's formats, as `(file name, text)`: what is committed under
/// `schemas/`.
pub fn schemas() -> Vec<(String, String)> {
    let schema = schema_for!(Audit);
    vec![("audit.v1.json".to_owned(), format!("{:#}\n", schema.as_value()))]
}

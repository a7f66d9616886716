use std::sync::LazyLock;

use schemars::{
    JsonSchema, Schema,
    generate::SchemaSettings,
    transform::{Transform, transform_subschemas},
};
use serde_json::Value;

use crate::{PenstockToml, PolicyRules};

/// The schema of `penstock.toml`.
pub(crate) static PENSTOCK_TOML: LazyLock<Value> = LazyLock::new(|| {
    schema::<PenstockToml>("https://penstock.dev/schemas/penstock.toml.v1.json", "penstock.toml")
});

/// The schema of the policy.
pub(crate) static POLICY: LazyLock<Value> = LazyLock::new(|| {
    schema::<PolicyRules>("https://penstock.dev/schemas/policy.v1.json", "Penstock policy")
});

/// The JSON Schemas of the files people write, as `(file name, text)`: what is committed under
/// `schemas/`.
pub fn schemas() -> Vec<(String, String)> {
    [("penstock.toml.v1.json", &PENSTOCK_TOML), ("policy.v1.json", &POLICY)]
        .map(|(name, schema)| (name.to_owned(), format!("{:#}\n", **schema)))
        .into()
}

fn schema<T: JsonSchema>(id: &str, title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(WithoutNull);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), id.into());
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

/// TOML has no null: an optional key is one that need not be there.
#[derive(Clone)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(object) = schema.as_object_mut() {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
                branches.retain(|branch| branch.get("type") != Some(&"null".into()));
                if let [Value::Object(only)] = branches.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    for (key, value) in only {
                        object.entry(key).or_insert(value);
                    }
                }
            }
            if object.get("default") == Some(&Value::Null) {
                object.remove("default");
            }
        }
        transform_subschemas(self, schema);
    }
}

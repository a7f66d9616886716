//! The state of Terraform and OpenTofu, in which every value of every resource stands as it is, also
//! those that are never shown.
//!
//! Format: version 4 of the state file (`terraform.tfstate`), whose instances name their sensitive
//! attributes by paths (`sensitive_attributes`: steps `get_attr` and `index`), and whose outputs may
//! be `sensitive`; version 3, which names none
//! (<https://developer.hashicorp.com/terraform/language/state/sensitive-data>).

use penstock_check::{File, Rule};
use penstock_document::Node;

use crate::{
    detector::{Found, Value},
    generated::{GENERIC_SECRET, PASSWORD, TERRAFORM_STATE_SECRET},
    structured::judged,
};

/// The most values that are looked at in one file.
const MOST: usize = 10_000;
/// The longest value that is reported here: longer ones are texts, and keys are known by their form.
const MAX_VALUE: usize = 4096;

/// Words that end the names of attributes whose values open something, whatever the provider says of
/// them: those of the larger providers' resources, and of version 3.
const SENSITIVE: [&str; 15] = [
    "access_key",
    "api_key",
    "auth_token",
    "client_key",
    "client_secret",
    "connection_string",
    "kube_config_raw",
    "password",
    "private_key",
    "private_key_pem",
    "secret",
    "secret_key",
    "secret_string",
    "ses_smtp_password_v4",
    "token",
];

/// Resources whose attribute of another name is a secret: its type, the attribute.
const RESULTS: [(&str, &str); 4] = [
    ("azurerm_key_vault_secret", "value"),
    ("google_secret_manager_secret_version", "secret_data"),
    ("random_password", "result"),
    ("vault_generic_secret", "data_json"),
];

/// The sensitive values of a state. What other rules know by its form keeps its rule and gets its way
/// through the document; what they know by its name only is told here, once.
pub(crate) fn find(
    file: &File<'_>,
    known: &mut Vec<(&'static Rule, Found)>,
) -> Vec<(&'static Rule, Found)> {
    let name = file.path().name();
    if !name.ends_with(b".tfstate") && !name.ends_with(b".tfstate.backup") {
        return Vec::new();
    }
    let Some(document) = file.document() else { return Vec::new() };
    let mut state = State { file, values: Vec::new() };
    let root = document.root();
    for resource in root.get("resources").items() {
        state.resource(resource);
    }
    for (name, output) in root.get("outputs").entries() {
        let name = name.text().unwrap_or_default();
        if output.get("sensitive").as_bool() == Some(true) {
            state.strings(output.get("value"), &format!("the sensitive output `{name}`"));
        }
    }
    for module in root.get("modules").items() {
        for (_, resource) in module.get("resources").entries() {
            let kind = resource.get("type").text().unwrap_or_default();
            state.named(resource.get("primary").get("attributes"), kind, kind);
        }
    }
    state.findings(known)
}

/// A string that is to be judged, and what it is.
struct Candidate<'d> {
    node: Node<'d>,
    what: String,
}

struct State<'a, 'f, 'd> {
    file: &'a File<'f>,
    values: Vec<Candidate<'d>>,
}

impl<'d> State<'_, '_, 'd> {
    fn resource(&mut self, resource: Node<'d>) {
        let kind = resource.get("type").text().unwrap_or_default();
        let name = resource.get("name").text().unwrap_or_default();
        let address = format!("{kind}.{name}");
        for instance in resource.get("instances").items() {
            let attributes = instance.get("attributes");
            for path in instance.get("sensitive_attributes").items() {
                let (node, attribute) = at_path(attributes, path);
                let attribute = attribute.unwrap_or_default();
                self.strings(node, &format!("`{attribute}` of `{address}`"));
            }
            self.named(attributes, kind, &address);
        }
    }

    /// The attributes whose names say that they are secret.
    fn named(&mut self, attributes: Node<'d>, kind: &str, address: &str) {
        for node in attributes.descendants() {
            if self.values.len() >= MOST {
                return;
            }
            let key = node.key().and_then(Node::text).unwrap_or_default();
            let sensitive = SENSITIVE.iter().any(|end| {
                key.strip_suffix(end)
                    .is_some_and(|before| before.is_empty() || before.ends_with('_'))
            });
            if node.is_scalar() && (sensitive || RESULTS.contains(&(kind, key))) {
                self.strings(node, &format!("`{key}` of `{address}`"));
            }
        }
    }

    /// Every string at and beneath a node.
    fn strings(&mut self, node: Node<'d>, what: &str) {
        for node in node.descendants() {
            if self.values.len() >= MOST {
                return;
            }
            if node.as_str().is_some_and(|text| !text.is_empty()) {
                self.values.push(Candidate { node, what: what.to_owned() });
            }
        }
    }

    fn findings(self, known: &mut Vec<(&'static Rule, Found)>) -> Vec<(&'static Rule, Found)> {
        let Self { file, mut values } = self;
        values.sort_by_key(|value| value.node.span().start);
        values.dedup_by_key(|value| value.node.span().start);
        known.sort_by_key(|(_, found)| found.range.start);
        let mut dropped = vec![false; known.len()];
        let mut found = Vec::new();
        for Candidate { node, what } in values {
            let span = node.span();
            let inside = known.partition_point(|(_, old)| old.range.end <= span.start);
            let mut has_form = false;
            let rest = known.iter_mut().zip(&mut dropped).skip(inside);
            for ((rule, old), dropped) in
                rest.take_while(|((_, old), _)| old.range.start < span.end)
            {
                let named_only = *rule == GENERIC_SECRET || *rule == PASSWORD;
                *dropped |= named_only;
                if !named_only {
                    has_form = true;
                    old.route = node.route();
                }
            }
            if !has_form && let Some(one) = judge(file, node, &what) {
                found.push((TERRAFORM_STATE_SECRET, one));
            }
        }
        let mut dropped = dropped.into_iter();
        known.retain(|_| !dropped.next().unwrap_or(false));
        found
    }
}

/// A string that is none of the stand-ins people write.
fn judge(file: &File<'_>, node: Node<'_>, what: &str) -> Option<Found> {
    let text = node.as_str()?;
    let span = node.span();
    // Between its quotes.
    let range = span.start + 1..span.end.checked_sub(1)?;
    if text.len() > MAX_VALUE || range.is_empty() {
        return None;
    }
    let place = format!("{what} in a Terraform state");
    let (_, mut found) = judged(file.path(), file.bytes(), range, text.as_bytes(), false, &place)?;
    if let Value::Plain = found.value
        && file.bytes().get(found.range.clone()) != Some(text.as_bytes())
    {
        found.value = Value::Decoded(text.as_bytes().to_vec());
    }
    found.route = node.route();
    Some(found)
}

/// The value a path of steps leads to, as far as it leads, and the last attribute's name.
fn at_path<'d>(attributes: Node<'d>, path: Node<'d>) -> (Node<'d>, Option<&'d str>) {
    let (mut node, mut attribute, mut steps) = (attributes, None, 0);
    for step in path.items() {
        let value = step.get("value");
        let next = match step.get("type").text() {
            Some("get_attr") => {
                attribute = value.text();
                attribute.map(|name| node.get(name))
            }
            Some("index") => {
                let key = value.get("value").present().unwrap_or(value);
                let number = key.as_i64().and_then(|index| usize::try_from(index).ok());
                number.map(|index| node.item(index)).or_else(|| Some(node.get(key.text()?)))
            }
            _ => None,
        };
        // Elements of a set have no index: all of it is meant then.
        let Some(next) = next.and_then(Node::present) else { break };
        node = next;
        steps += 1;
    }
    // A path that leads nowhere does not mean everything.
    (if steps == 0 { node.get("") } else { node }, attribute)
}

#[cfg(test)]
mod tests;

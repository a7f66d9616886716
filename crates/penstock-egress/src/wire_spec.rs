use std::{collections::BTreeMap, net::IpAddr};

use penstock_model::Secret;
use serde::{Deserialize, Serialize};

use crate::{
    Authority, AuthorityError, Credential, EgressSpec, Limits, Rule, SpecError, UpstreamProxy,
};

/// The first packet: `{"spec":{…}}`. The one place where secrets become text; it goes nowhere but
/// over the socket between a process and its child. Neither type can be shown. The roots of a
/// specification that opens TLS do not fit into a packet; they are the file that comes with it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FirstPacket {
    Spec(SpecForm),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpecForm {
    rules: Vec<Rule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upstream: Option<UpstreamForm>,
    #[serde(default)]
    credentials: Vec<CredentialForm>,
    #[serde(default)]
    addresses: BTreeMap<String, Vec<IpAddr>>,
    #[serde(default)]
    intercept: bool,
    #[serde(default)]
    limits: Limits,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UpstreamForm {
    authority: String,
    authorization: Option<String>,
    no_proxy: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialForm {
    prefix: String,
    header: String,
    value: String,
}

fn exposed(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.expose()).into_owned()
}

impl From<&EgressSpec> for SpecForm {
    fn from(spec: &EgressSpec) -> Self {
        let upstream = spec.upstream.as_ref().map(|upstream| UpstreamForm {
            authority: upstream.authority.to_string(),
            authorization: upstream.authorization.as_ref().map(exposed),
            no_proxy: upstream.no_proxy.clone(),
        });
        let credentials = spec.credentials.iter().map(|credential| {
            let Credential { host, port, tls, path, header, value } = credential;
            let scheme = if *tls { "https" } else { "http" };
            let authority = Authority { host: host.clone(), port: *port };
            CredentialForm {
                prefix: format!("{scheme}://{authority}{}", encoded(path)),
                header: header.clone(),
                value: exposed(value),
            }
        });
        Self {
            rules: spec.rules.clone(),
            upstream,
            credentials: credentials.collect(),
            addresses: spec.addresses.clone(),
            intercept: spec.intercept,
            limits: spec.limits,
        }
    }
}

/// A decoded path, encoded again so that it decodes to itself.
fn encoded(path: &str) -> String {
    path.replace('%', "%25")
}

impl TryFrom<SpecForm> for EgressSpec {
    type Error = SpecError;

    fn try_from(form: SpecForm) -> Result<Self, SpecError> {
        let upstream = form.upstream.map(|form| {
            Ok::<_, AuthorityError>(UpstreamProxy {
                authority: Authority::parse(&form.authority, None)?,
                authorization: form.authorization.map(Secret::new),
                no_proxy: form.no_proxy,
            })
        });
        let credentials = form
            .credentials
            .into_iter()
            .map(|form| Credential::new(&form.prefix, &form.header, Secret::new(form.value)));
        let spec = Self {
            rules: form.rules,
            upstream: upstream.transpose()?,
            credentials: credentials.collect::<Result<_, _>>()?,
            addresses: form.addresses,
            intercept: form.intercept,
            roots: Vec::new(),
            limits: form.limits,
        };
        spec.validate()?;
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specification_arrives_as_it_was_sent() {
        let mut spec = EgressSpec::new([
            "registry.npmjs.org".parse().unwrap(),
            "GET http://mirror.example:8080/simple/".parse::<Rule>().unwrap().private(),
        ]);
        spec.upstream = Some(UpstreamProxy::parse("http://a:b@proxy:3128", "x.example").unwrap());
        let secret = Secret::new(*b"Bearer t");
        let prefix = "http://mirror.example:8080/si%20mple/";
        spec.credentials.push(Credential::new(prefix, "authorization", secret.clone()).unwrap());
        spec.intercept = true;
        let prefix = "https://registry.npmjs.org/";
        spec.credentials.push(Credential::new(prefix, "authorization", secret).unwrap());
        spec.rules.push("https://host.example/p/".parse().unwrap());
        spec.rules.push("opaque pinned.example".parse().unwrap());
        spec.addresses.insert("a.example".to_owned(), vec!["10.0.0.1".parse().unwrap()]);
        spec.limits.idle_ms = 7;
        let json = serde_json::to_string(&FirstPacket::Spec((&spec).into())).unwrap();
        let FirstPacket::Spec(form) = serde_json::from_str(&json).unwrap();
        assert_eq!(EgressSpec::try_from(form).unwrap(), spec);
    }
}

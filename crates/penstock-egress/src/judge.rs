use std::net::IpAddr;

use crate::{
    AddressClass, Authority, Credential, Host, Name, PathError, Permit, Reason, RequestPath, Rule,
    Scheme,
};

/// Decides from rules alone: no clock, no socket, no resolver.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    rules: Vec<Rule>,
    credentials: Vec<Credential>,
    intercept: bool,
}

/// What may be spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Admission {
    pub(crate) tls: bool,
    /// Whether TLS is opened.
    pub(crate) opened: bool,
    pub(crate) http: bool,
    pub(crate) tcp: bool,
    /// Whether private addresses may be connected to.
    pub(crate) private: bool,
}

/// Why not, and which rule would change that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    pub(crate) detail: Option<String>,
    pub(crate) allow: Option<Permit>,
}

impl Refusal {
    pub(crate) fn new(reason: Reason) -> Self {
        Self { reason, detail: None, allow: None }
    }

    pub(crate) fn because(reason: Reason, detail: impl ToString) -> Self {
        Self { detail: Some(detail.to_string()), ..Self::new(reason) }
    }

    /// With the rule of that text, if it is one.
    pub(crate) fn allowing(self, rule: &str, private: bool) -> Self {
        let rule = rule.parse::<Rule>().ok();
        Self { allow: rule.map(|rule| Permit { rule: rule.to_string(), private }), ..self }
    }
}

impl Judge {
    pub(crate) fn new(rules: Vec<Rule>, credentials: Vec<Credential>, intercept: bool) -> Self {
        Self { rules, credentials, intercept }
    }

    /// Whether a connection to a host and port may be opened at all.
    pub(crate) fn admit(&self, host: &Host, port: u16) -> Result<Admission, Refusal> {
        let literal = match host {
            Host::Name(name) if name.is_metadata() => return Err(Refusal::new(Reason::Metadata)),
            Host::Name(_) => None,
            Host::Address(address) => Some(AddressClass::of(*address)),
        };
        match literal {
            Some(AddressClass::Metadata) => return Err(Refusal::new(Reason::Metadata)),
            Some(AddressClass::Barred) => return Err(Refusal::new(Reason::BarredAddress)),
            _ => {}
        }
        let mut admission =
            Admission { tls: false, opened: false, http: false, tcp: false, private: false };
        let mut opaque = false;
        for rule in self.rules.iter().filter(|rule| rule.reaches(host, port)) {
            match rule.scheme {
                Scheme::Tls | Scheme::Https => admission.tls = true,
                Scheme::Http => admission.http = true,
                Scheme::Tcp => admission.tcp = true,
            }
            admission.private |= rule.private;
            opaque |= rule.opaque;
        }
        // Whoever says that a host cannot be opened is believed: by that rule all is let through.
        admission.opened = self.intercept && admission.tls && !opaque;
        let is_private = literal == Some(AddressClass::Private);
        let rule = connection_rule(host, port);
        if !(admission.tls || admission.http || admission.tcp) {
            return Err(Refusal::new(Reason::NotAllowed).allowing(&rule, is_private));
        }
        if is_private && !admission.private {
            return Err(Refusal::new(Reason::PrivateAddress).allowing(&rule, true));
        }
        Ok(admission)
    }

    /// The rule by which TLS to a host would stay closed; none where only some paths or methods are
    /// allowed, since by it all would be.
    pub(crate) fn closing(&self, host: &Host, port: u16) -> Option<String> {
        let mut reaching = self.rules.iter().filter(|rule| rule.reaches(host, port));
        let all = reaching.any(|rule| rule.scheme == Scheme::Tls);
        all.then(|| format!("opaque {}", connection_rule(host, port)))
    }

    /// Whether a name may be known within the step's network.
    pub(crate) fn knows(&self, name: &Name) -> Result<(), Refusal> {
        if name.is_metadata() {
            return Err(Refusal::new(Reason::Metadata));
        }
        if self.rules.iter().any(|rule| rule.names(name)) {
            return Ok(());
        }
        Err(Refusal::new(Reason::NotAllowed).allowing(name.as_str(), false))
    }

    /// Whether a request may be made on a connection that was admitted, in plain HTTP or, with
    /// `tls`, within TLS that is opened.
    pub(crate) fn request(
        &self,
        host: &Host,
        port: u16,
        tls: bool,
        method: &str,
        path: &str,
    ) -> Result<(), Refusal> {
        // TRACE would show the step what the proxy adds.
        if matches!(method, "TRACE" | "CONNECT") {
            return Err(Refusal::new(Reason::Method));
        }
        let authority = Authority { host: host.clone(), port };
        let spoken = |rule: &&Rule| match rule.scheme {
            Scheme::Http => !tls,
            Scheme::Tls | Scheme::Https => tls,
            Scheme::Tcp => false,
        };
        let reaching = self.rules.iter().filter(|rule| rule.reaches(host, port));
        let rules: Vec<&Rule> = reaching.filter(spoken).collect();
        let scheme = if tls { "https" } else { "http" };
        let wanted = format!("{scheme}://{authority}{}", pattern(path));
        if rules.is_empty() {
            return Err(Refusal::new(Reason::NotAllowed).allowing(&wanted, false));
        }
        let mut ambiguous: Option<PathError> = None;
        let mut on_path = false;
        for rule in rules {
            match rule.takes_path(path) {
                Ok(true) if rule.takes_method(method) => return Ok(()),
                Ok(true) => on_path = true,
                Ok(false) => {}
                Err(error) => ambiguous = Some(error),
            }
        }
        if on_path {
            return Err(Refusal::new(Reason::Method).allowing(&format!("{method} {wanted}"), false));
        }
        match ambiguous {
            Some(error) => Err(Refusal::because(Reason::Path, error)),
            None => Err(Refusal::new(Reason::Path).allowing(&wanted, false)),
        }
    }

    /// The addresses of a name that a connection may go to, and those it may not.
    pub(crate) fn usable(addresses: &[IpAddr], private: bool) -> (Vec<IpAddr>, Vec<IpAddr>) {
        addresses.iter().partition(|address| match AddressClass::of(**address) {
            AddressClass::Public => true,
            AddressClass::Private => private,
            AddressClass::Barred | AddressClass::Metadata => false,
        })
    }

    /// Why none of a name's addresses may be connected to.
    pub(crate) fn unusable(host: &Host, port: u16, refused: &[IpAddr]) -> Refusal {
        let worst = refused.iter().map(|address| AddressClass::of(*address)).max();
        let shown: Vec<String> = refused.iter().take(4).map(ToString::to_string).collect();
        let detail = Some(shown.join(", "));
        match worst {
            Some(AddressClass::Metadata) => Refusal { detail, ..Refusal::new(Reason::Metadata) },
            Some(AddressClass::Barred) => Refusal { detail, ..Refusal::new(Reason::BarredAddress) },
            _ => Refusal { detail, ..Refusal::new(Reason::PrivateAddress) }
                .allowing(&connection_rule(host, port), true),
        }
    }

    /// The credential for a request: of several the one with the longest path. Only for requests that
    /// read: what runs in a step must not publish, or delete, in a person's name.
    pub(crate) fn credential(
        &self,
        host: &Host,
        port: u16,
        tls: bool,
        method: &str,
        path: &str,
    ) -> Option<&Credential> {
        if !matches!(method, "GET" | "HEAD") {
            return None;
        }
        let fitting = self.credentials.iter().filter(|one| one.is_for(host, port, tls, path));
        fitting.max_by_key(|one| one.path.len())
    }
}

/// The rule that would allow a connection, in the form most likely meant.
fn connection_rule(host: &Host, port: u16) -> String {
    match port {
        80 => format!("http://{host}"),
        22 => format!("tcp://{host}:22"),
        _ => format!("{host}:{port}"),
    }
}

/// A request's path as a rule would have it: as it is, since only that was asked for.
fn pattern(path: &str) -> &str {
    if RequestPath::parse(path).is_ok() { path } else { "" }
}

#[cfg(test)]
mod tests;

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use super::{denial::Asked, dial::Dialer};
use crate::{
    Denial, EgressSpec, Host, Limits, Name, Reason, Way,
    dns::{Answer, Kind, Query, Synthetic},
    intercept::Interception,
    judge::{Judge, Refusal},
    recorder::Recorder,
};

/// What all connections of a run share.
pub(crate) struct Context {
    pub(crate) judge: Judge,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) limits: Limits,
    pub(super) dialer: Dialer,
    /// There where TLS is opened.
    pub(super) interception: Option<Interception>,
    synthetic: Mutex<Synthetic>,
}

impl Context {
    pub(crate) fn new(
        spec: EgressSpec,
        interception: Option<Interception>,
        recorder: Arc<Recorder>,
    ) -> Self {
        let EgressSpec { rules, upstream, credentials, addresses, limits, .. } = spec;
        let given = addresses.into_iter();
        let given = given.filter_map(|(name, list)| Some((Name::parse(&name).ok()?, list)));
        let dialer = Dialer::new(upstream, given.collect(), limits.connect(), recorder.clone());
        Self {
            judge: Judge::new(rules, credentials, interception.is_some()),
            recorder,
            limits,
            dialer,
            interception,
            synthetic: Mutex::default(),
        }
    }

    /// Puts the name in the place of a synthetic address, whichever way that was asked for: programs
    /// that resolve before they talk to a proxy know nothing else.
    pub(super) fn named(&self, mut asked: Asked) -> Result<Asked, (Asked, Refusal)> {
        let Host::Address(address @ IpAddr::V4(v4)) = asked.host else { return Ok(asked) };
        let synthetic = self.synthetic.lock().unwrap_or_else(PoisonError::into_inner);
        match synthetic.name(address) {
            Some(name) => asked.host = Host::Name(name.clone()),
            None if matches!(v4.octets(), [198, 18 | 19, ..]) => {
                return Err((asked, Refusal::new(Reason::UnknownAddress)));
            }
            None => {}
        }
        Ok(asked)
    }

    pub(super) fn deny(&self, asked: &Asked, refusal: Refusal) {
        let host = match asked.host {
            Host::Address(IpAddr::V6(address)) => address.to_string(),
            _ => asked.host.to_string(),
        };
        self.record(asked.way, host, asked.port, asked.order, refusal);
    }

    /// Denies what named no host, or none that could be read.
    pub(super) fn deny_unnamed(&self, way: Way, order: u64, refusal: Refusal) {
        self.record(way, String::new(), 0, order, refusal);
    }

    fn record(&self, way: Way, host: String, port: u16, first: u64, refusal: Refusal) {
        let Refusal { reason, detail, allow } = refusal;
        self.recorder.deny(Denial { reason, host, port, way, detail, allow, count: 1, first });
    }

    /// Answers a DNS query; `None` when there is nothing to be said.
    pub(super) fn answer(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let query = match Query::read(bytes) {
            Ok(query) => query,
            Err(error) => return error.answer(),
        };
        let order = self.recorder.order();
        let Some(name) = &query.name else {
            self.deny_unnamed(Way::Dns, order, Refusal::new(Reason::Host));
            return Some(query.answer(Answer::NoName));
        };
        if let Err(refusal) = self.judge.knows(name) {
            self.record(Way::Dns, name.to_string(), 0, order, refusal);
            return Some(query.answer(Answer::NoName));
        }
        if query.kind == Kind::Other {
            return Some(query.answer(Answer::NoData));
        }
        self.recorder.name(name, None, &[], &[]);
        let mut synthetic = self.synthetic.lock().unwrap_or_else(PoisonError::into_inner);
        let address = synthetic.address(name);
        Some(query.answer(address.map_or(Answer::Failure, Answer::Address)))
    }
}

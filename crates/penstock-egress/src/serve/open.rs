use std::sync::Arc;

use super::denial::Asked;
use crate::{Exchange, Host, Outcome, Scheme, recorder::Recorder};

/// Something that was let through. It enters the record when it is dropped, however that comes
/// about: a run that is ended drops all that is open.
pub(super) struct Open {
    recorder: Arc<Recorder>,
    exchange: Option<Exchange>,
}

impl Open {
    pub(super) fn new(recorder: Arc<Recorder>, asked: &Asked, scheme: Scheme) -> Self {
        let host = match &asked.host {
            Host::Name(name) => name.to_string(),
            Host::Address(address) => address.to_string(),
        };
        let exchange = Exchange {
            host,
            port: asked.port,
            scheme,
            way: asked.way,
            request: None,
            address: None,
            server_name: None,
            encrypted_hello: false,
            outcome: Outcome::Cut,
            count: 1,
            first: asked.order,
            up: 0,
            down: 0,
        };
        Self { recorder, exchange: Some(exchange) }
    }

    pub(super) fn change(&mut self, change: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = &mut self.exchange {
            change(exchange);
        }
    }

    pub(super) fn end(mut self, outcome: Outcome) {
        self.change(|exchange| exchange.outcome = outcome);
    }

    /// Forgets it: it was denied after all.
    pub(super) fn forget(mut self) {
        self.exchange = None;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(exchange) = self.exchange.take() {
            self.recorder.exchange(exchange);
        }
    }
}

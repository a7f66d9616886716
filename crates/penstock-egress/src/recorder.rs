use std::{
    collections::BTreeMap,
    io::{self, Write},
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    Denial, EgressEvent, EgressRecord, Exchange, Name, NameRecord, ResolvedBy, Way, process::Line,
};

/// The most different exchanges that are kept. Where TLS is opened each URL is one: a large project's
/// packages are some thousands, each asked for twice.
const MAX_EXCHANGES: usize = 8192;

/// The most different denials that are kept, and told.
const MAX_DENIALS: usize = 1024;

/// How many of them may be of names that were only asked for: a program that invents names must not
/// drive out the hosts that others tried to reach.
const MAX_DENIED_NAMES: usize = MAX_DENIALS / 2;

/// The most names.
const MAX_NAMES: usize = 8192;

/// Gathers the record. Equal entries are one with a count, so that a loop fills no memory.
pub(crate) struct Recorder(Mutex<State>);

struct State {
    next: u64,
    /// By the exchange with its numbers taken out.
    exchanges: BTreeMap<Exchange, Totals>,
    denials: BTreeMap<Denial, Totals>,
    /// How many of these are of DNS.
    denied_names: usize,
    names: BTreeMap<Name, NameRecord>,
    lost: u64,
    up: u64,
    down: u64,
    events: Box<dyn Write + Send>,
}

#[derive(Clone, Copy)]
struct Totals {
    count: u64,
    first: u64,
    up: u64,
    down: u64,
}

impl Recorder {
    /// A recorder that tells the first denial of each kind as a line.
    pub(crate) fn new(events: Box<dyn Write + Send>) -> Self {
        let (exchanges, denials, names) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let state = State {
            next: 0,
            exchanges,
            denials,
            denied_names: 0,
            names,
            lost: 0,
            up: 0,
            down: 0,
            events,
        };
        Self(Mutex::new(state))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells something that is no part of the record.
    pub(crate) fn tell(&self, line: &Line) -> io::Result<()> {
        line.write(&mut *self.state().events)
    }

    /// The place of a connection in the order of all.
    pub(crate) fn order(&self) -> u64 {
        let mut state = self.state();
        let order = state.next;
        state.next += 1;
        order
    }

    /// Records what was let through.
    pub(crate) fn exchange(&self, exchange: Exchange) {
        let mut guard = self.state();
        let state = &mut *guard;
        let Exchange { count, first, up, down, .. } = exchange;
        state.up = state.up.saturating_add(up);
        state.down = state.down.saturating_add(down);
        let key = Exchange { count: 0, first: 0, up: 0, down: 0, ..exchange };
        let totals = Totals { count, first, up, down };
        if !add(&mut state.exchanges, key, totals, MAX_EXCHANGES).kept() {
            state.lost = state.lost.saturating_add(1);
        }
    }

    /// Records what was not let through and tells it if it is new.
    pub(crate) fn deny(&self, denial: Denial) {
        let mut guard = self.state();
        let state = &mut *guard;
        let totals = Totals { count: denial.count, first: denial.first, up: 0, down: 0 };
        let key = Denial { count: 0, first: 0, ..denial.clone() };
        let of_name = denial.way == Way::Dns;
        let most = match of_name && state.denied_names >= MAX_DENIED_NAMES {
            true => 0,
            false => MAX_DENIALS,
        };
        match add(&mut state.denials, key, totals, most) {
            Added::New => {
                state.denied_names += usize::from(of_name);
                // Who reads has gone if this fails, and takes the process with it.
                _ = Line::Event(EgressEvent::Denied(denial)).write(&mut *state.events);
            }
            Added::Again => {}
            Added::Lost => state.lost = state.lost.saturating_add(1),
        }
    }

    /// Records a name, with the addresses it may be reached at and those it may not.
    pub(crate) fn name(
        &self,
        name: &Name,
        resolver: Option<ResolvedBy>,
        usable: &[IpAddr],
        refused: &[IpAddr],
    ) {
        let mut state = self.state();
        if state.names.len() >= MAX_NAMES && !state.names.contains_key(name) {
            state.lost = state.lost.saturating_add(1);
            return;
        }
        let record = state.names.entry(name.clone()).or_default();
        record.resolver = resolver.or(record.resolver);
        for (list, more) in [(&mut record.addresses, usable), (&mut record.refused, refused)] {
            list.extend_from_slice(more);
            list.sort_unstable();
            list.dedup();
        }
    }

    /// The record, and nothing is kept any more.
    pub(crate) fn finish(&self) -> EgressRecord {
        let mut guard = self.state();
        let state = &mut *guard;
        let exchanges = std::mem::take(&mut state.exchanges).into_iter();
        let denials = std::mem::take(&mut state.denials).into_iter();
        let names = std::mem::take(&mut state.names).into_iter();
        EgressRecord {
            requests: exchanges
                .map(|(key, Totals { count, first, up, down })| Exchange {
                    count,
                    first,
                    up,
                    down,
                    ..key
                })
                .collect(),
            denied: denials
                .map(|(key, Totals { count, first, .. })| Denial { count, first, ..key })
                .collect(),
            names: names.map(|(name, record)| (name.to_string(), record)).collect(),
            lost: state.lost,
            up: state.up,
            down: state.down,
        }
    }
}

#[derive(PartialEq, Eq)]
enum Added {
    New,
    Again,
    Lost,
}

impl Added {
    fn kept(&self) -> bool {
        *self != Self::Lost
    }
}

fn add<K: Ord>(map: &mut BTreeMap<K, Totals>, key: K, more: Totals, most: usize) -> Added {
    let room = map.len() < most;
    match map.entry(key) {
        std::collections::btree_map::Entry::Occupied(mut entry) => {
            let totals = entry.get_mut();
            totals.count = totals.count.saturating_add(more.count);
            totals.first = totals.first.min(more.first);
            totals.up = totals.up.saturating_add(more.up);
            totals.down = totals.down.saturating_add(more.down);
            Added::Again
        }
        std::collections::btree_map::Entry::Vacant(entry) if room => {
            entry.insert(more);
            Added::New
        }
        std::collections::btree_map::Entry::Vacant(_) => Added::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Outcome, Reason, Scheme};

    fn exchange(port: u16, first: u64) -> Exchange {
        Exchange {
            host: "a.example".to_owned(),
            port,
            scheme: Scheme::Tls,
            way: Way::Proxy,
            request: None,
            address: None,
            server_name: None,
            encrypted_hello: false,
            outcome: Outcome::Completed,
            count: 1,
            first,
            up: 10,
            down: 20,
        }
    }

    fn denial(port: u16) -> Denial {
        Denial {
            reason: Reason::NotAllowed,
            host: "b.example".to_owned(),
            port,
            way: Way::Proxy,
            detail: None,
            allow: None,
            count: 1,
            first: 0,
        }
    }

    #[test]
    fn equal_ones_are_counted_in_any_order() {
        let record = |order: &[(u16, u64)]| {
            let recorder = Recorder::new(Box::new(io::sink()));
            for (port, first) in order {
                recorder.exchange(exchange(*port, *first));
            }
            recorder.finish()
        };
        let one = record(&[(443, 0), (8443, 1), (443, 2)]);
        assert_eq!(one, record(&[(8443, 1), (443, 2), (443, 0)]));
        let [first, second] = &one.requests[..] else { panic!("{one:?}") };
        assert_eq!(
            (first.port, first.count, first.first, first.up, first.down),
            (443, 2, 0, 20, 40)
        );
        assert_eq!((second.port, second.count), (8443, 1));
        assert_eq!((one.up, one.down, one.lost), (30, 60, 0));
    }

    #[test]
    fn names_that_were_asked_for_do_not_drive_out_hosts() {
        let recorder = Recorder::new(Box::new(io::sink()));
        for number in 0..MAX_DENIALS {
            let host = format!("n{number}.example");
            recorder.deny(Denial { host, way: Way::Dns, ..denial(0) });
        }
        recorder.deny(denial(443));
        let record = recorder.finish();
        assert_eq!(record.denied.len(), MAX_DENIED_NAMES + 1);
        assert!(record.denied.iter().any(|denial| denial.port == 443));
        assert_eq!(record.lost, (MAX_DENIALS - MAX_DENIED_NAMES) as u64);
    }

    #[test]
    fn what_finds_no_place_is_counted_as_lost() {
        let recorder = Recorder::new(Box::new(io::sink()));
        for number in 0..=MAX_DENIALS {
            recorder.deny(denial(u16::try_from(number).unwrap()));
        }
        for number in 0..MAX_EXCHANGES + 3 {
            recorder.exchange(exchange(u16::try_from(number).unwrap(), 0));
        }
        let record = recorder.finish();
        assert_eq!((record.requests.len(), record.denied.len()), (MAX_EXCHANGES, MAX_DENIALS));
        assert_eq!(record.lost, 4);
        assert_eq!(record.up, (MAX_EXCHANGES as u64 + 3) * 10);
    }
}

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{net::lookup_host, sync::OnceCell, time::timeout};

use crate::{Name, ResolvedBy};

/// The most names that are resolved in one run. Under a wildcard each query carries a label that the
/// step chose to the resolvers outside.
const MAX_NAMES: usize = 4096;

/// The most addresses of a name that are looked at.
const MAX_ADDRESSES: usize = 32;

/// Turns names into addresses, each once: a name that moves during a run does not move for it.
pub(super) struct Resolver {
    given: BTreeMap<Name, Vec<IpAddr>>,
    pinned: Mutex<BTreeMap<Name, Arc<OnceCell<Vec<IpAddr>>>>>,
    time: Duration,
}

impl Resolver {
    pub(super) fn new(given: BTreeMap<Name, Vec<IpAddr>>, time: Duration) -> Self {
        Self { given, pinned: Mutex::default(), time }
    }

    /// The addresses of a name, empty if it has none now; only an answer is kept.
    pub(super) async fn resolve(&self, name: &Name) -> (ResolvedBy, Vec<IpAddr>) {
        if let Some(addresses) = self.given.get(name) {
            return (ResolvedBy::Caller, addresses.clone());
        }
        let addresses = match self.cell(name) {
            Some(cell) => {
                cell.get_or_try_init(|| self.look_up(name)).await.cloned().unwrap_or_default()
            }
            None => Vec::new(),
        };
        (ResolvedBy::System, addresses)
    }

    fn cell(&self, name: &Name) -> Option<Arc<OnceCell<Vec<IpAddr>>>> {
        let mut pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        if pinned.len() >= MAX_NAMES && !pinned.contains_key(name) {
            return None;
        }
        Some(pinned.entry(name.clone()).or_default().clone())
    }

    async fn look_up(&self, name: &Name) -> Result<Vec<IpAddr>, NoAddress> {
        let found = timeout(self.time, lookup_host((name.as_str(), 0))).await;
        let found = found.map_err(|_| NoAddress)?.map_err(|_| NoAddress)?;
        let mut addresses: Vec<IpAddr> = Vec::new();
        for address in found.map(|address| address.ip()).take(MAX_ADDRESSES) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.is_empty() { Err(NoAddress) } else { Ok(addresses) }
    }
}

struct NoAddress;

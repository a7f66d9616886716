//! Where writers that do not hold the lock leave their entries for the one that does.
//!
//! An item is complete from the moment it has its name, which is the digest of its content, and is
//! written only after its evidence is durable. So an item left behind by a killed process is a whole
//! entry with all its evidence, and whoever commits next logs it: a half entry cannot come of it. An
//! item that is not what its name says, or whose evidence is not there, is removed.

use std::sync::Arc;

use penstock_model::Sha256;
use penstock_tlog::{decode_bundle, encode_entry};

use crate::{
    Entry,
    disk::{Disk, DiskResult, NewFile},
    evidence::{is_intact, unique},
    layout::Layout,
};

/// The largest item that is read, in bytes: a full bundle of the largest entries.
const MAX_ITEM_BYTES: usize = 256 * (crate::MAX_ENTRY_BYTES + 2);

/// Where an item is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemName(String);

/// Puts entries, given as their bytes, into the inbox; at most 256 of them.
pub(crate) fn put(
    disk: &Arc<dyn Disk>,
    layout: &Layout,
    entries: &[&[u8]],
) -> DiskResult<ItemName> {
    let mut bytes = Vec::new();
    for entry in entries {
        // INVARIANT: an entry is at most 4 KiB long, far below what a bundle can hold.
        let _ = encode_entry(&mut bytes, entry);
    }
    let name = Sha256::of(&bytes).to_string();
    let inbox = layout.inbox();
    let temporary = inbox.join(unique(&name));
    let written = disk
        .write(&NewFile { path: temporary.clone(), bytes: &bytes })
        .and_then(|()| disk.rename(&temporary, &inbox.join(&name)));
    if let Err(error) = written {
        let _ = disk.remove(&temporary);
        return Err(error);
    }
    Ok(ItemName(name))
}

/// The items that are there.
pub(crate) fn list(disk: &Arc<dyn Disk>, layout: &Layout) -> DiskResult<Vec<ItemName>> {
    let names = disk.list(&layout.inbox())?;
    Ok(names.into_iter().filter(|name| !name.starts_with('.')).map(ItemName).collect())
}

/// Whether the item is still there.
pub(crate) fn contains(disk: &Arc<dyn Disk>, layout: &Layout, item: &ItemName) -> DiskResult<bool> {
    disk.exists(&layout.inbox().join(&item.0))
}

/// The entries of an item with their bytes; `None` when it is not to be logged.
pub(crate) fn read(
    disk: &Arc<dyn Disk>,
    layout: &Layout,
    item: &ItemName,
) -> Option<Vec<(Entry, Vec<u8>)>> {
    let bytes = disk.read(&layout.inbox().join(&item.0)).ok()?;
    if bytes.len() > MAX_ITEM_BYTES || Sha256::of(&bytes).to_string() != item.0 {
        return None;
    }
    let mut entries = Vec::new();
    for bytes in decode_bundle(&bytes).ok()? {
        let entry = Entry::from_bytes(bytes).ok()?;
        if !is_intact(disk, &layout.evidence(&entry.sha256), &entry.sha256) {
            return None;
        }
        entries.push((entry, bytes.to_vec()));
    }
    Some(entries)
}

/// Takes an item out.
pub(crate) fn remove(disk: &Arc<dyn Disk>, layout: &Layout, item: &ItemName) -> DiskResult<()> {
    disk.remove(&layout.inbox().join(&item.0))
}

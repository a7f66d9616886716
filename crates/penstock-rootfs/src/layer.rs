//! Members of one archive, put into the tree.

use std::io::Read;

use serde::{Deserialize, Serialize};

use crate::{Archive, Entry, Kind, Limits, RootError, name::Name, tree::Tree};

/// OCI image layer specification, "Whiteouts".
const WHITEOUT: &[u8] = b".wh.";
/// The same, "Opaque Whiteout".
const OPAQUE: &[u8] = b".wh..wh..opq";
/// What the AUFS of old kept for itself.
const AUFS: &[u8] = b".wh..wh.";

/// Members and properties that are not taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeftOut {
    /// Character and block devices.
    pub devices: u64,
    /// Named pipes.
    pub pipes: u64,
    /// Set-user-id, set-group-id and sticky bits of files; the files are there.
    pub special_bits: u64,
    /// Extended attributes, capabilities and access control lists; the files are there.
    pub attributes: u64,
}

/// Puts a whole archive into the tree and says how many of the members it used up.
///
/// `layer` says that names may be whiteouts; in an archive of a whole root they are names.
pub(crate) fn apply(
    archive: &mut Archive<impl Read>,
    tree: &mut Tree,
    layer: bool,
    limits: &Limits,
    left_out: &mut LeftOut,
) -> Result<(), RootError> {
    tree.next_layer();
    while let Some(entry) = archive.next_entry()? {
        let name = Name::new(&entry.name, limits)?;
        if layer && name.parts().iter().any(|part| part.starts_with(WHITEOUT)) {
            white_out(&name, tree)?;
            continue;
        }
        let Some(place) = tree.place(&name)? else {
            // The root itself; whatever else calls itself so is none.
            if entry.kind == Kind::Directory {
                continue;
            }
            return Err(RootError::Name { name: "/".to_owned(), why: "it stands for the root" });
        };
        count(&entry, left_out);
        match entry.kind {
            Kind::Directory => tree.directory(&place)?,
            Kind::File => {
                let executable = entry.mode & 0o111 != 0;
                tree.file(&place, executable, entry.modified, archive)?;
            }
            Kind::Symlink => tree.symlink(&place, &entry.link)?,
            Kind::HardLink => tree.hard_link(&place, &Name::new(&entry.link, limits)?)?,
            // What it would have replaced is gone all the same.
            Kind::Device | Kind::Fifo => tree.clear(&place)?,
        }
    }
    Ok(())
}

fn white_out(name: &Name, tree: &mut Tree) -> Result<(), RootError> {
    let refused = |why| RootError::Name { name: name.shown(), why };
    let (above, last) = name.split().ok_or_else(|| refused("it is no name"))?;
    if above.iter().any(|part| part.starts_with(WHITEOUT)) {
        // What AUFS kept in directories of its own.
        let own = above.iter().any(|part| part.starts_with(AUFS));
        return if own { Ok(()) } else { Err(refused("it lies in a whiteout")) };
    }
    let Some(place) = tree.place(name)? else { return Ok(()) };
    if last == OPAQUE {
        return tree.make_opaque(&place);
    }
    if last.starts_with(AUFS) {
        return Ok(());
    }
    match last.strip_prefix(WHITEOUT).unwrap_or_default() {
        b"" | b"." | b".." => Err(refused("the whiteout names no member")),
        hidden => tree.white_out(&place, hidden),
    }
}

fn count(entry: &Entry, left_out: &mut LeftOut) {
    match entry.kind {
        Kind::Device => left_out.devices += 1,
        Kind::Fifo => left_out.pipes += 1,
        Kind::File if entry.mode & 0o7000 != 0 => left_out.special_bits += 1,
        _ => {}
    }
    if entry.attributes {
        left_out.attributes += 1;
    }
}

//! What archives hold, for who looks for something else than findings.

use std::ops::ControlFlow;

use penstock_model::{RepoPath, SkipReason, Skipped};

use crate::archive::{self, Limits, Member, Visit};

/// The largest member that is handed over: 64 MiB.
const MAX_MEMBER_BYTES: u64 = 64 << 20;
/// How many archives deep a member may lie.
const DEPTH: u32 = 4;

/// Whether a file with this name and these first bytes is worth the call of [`read`].
pub fn may_be(path: &RepoPath, bytes: &[u8]) -> bool {
    archive::may_be(path, bytes)
}

/// Hands over everything in a zip, tar, gzip or zstd archive, also in archives within it, as
/// `outer.zip!/inner` and its bytes, as long as `visit` goes on; says what was not looked at. The
/// archive may be hostile: what it expands to is bounded, as it is in a check.
pub fn read(
    path: &RepoPath,
    bytes: &[u8],
    visit: &mut dyn FnMut(&RepoPath, &[u8]) -> ControlFlow<()>,
) -> Vec<Skipped> {
    let limits = Limits::with(bytes, DEPTH, MAX_MEMBER_BYTES);
    let mut members = Members { visit, skipped: Vec::new() };
    archive::open(path, bytes, &limits, &mut members);
    members.skipped
}

struct Members<'a> {
    visit: &'a mut dyn FnMut(&RepoPath, &[u8]) -> ControlFlow<()>,
    skipped: Vec<Skipped>,
}

impl Visit for Members<'_> {
    fn file(&mut self, member: Member<'_>) -> ControlFlow<()> {
        (self.visit)(member.path, member.bytes)
    }

    fn skipped(&mut self, path: RepoPath, reason: SkipReason, detail: String) {
        self.skipped.push(Skipped { path, reason, detail });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_with_their_names_and_can_be_enough() {
        // A tar of one file, made here: a header of 512 bytes, its content, two empty blocks.
        let mut tar = tar::Builder::new(Vec::new());
        for name in ["a.txt", "b.txt"] {
            let mut header = tar::Header::new_ustar();
            header.set_size(5);
            header.set_mode(0o644);
            header.set_cksum();
            tar.append_data(&mut header, name, &b"hello"[..]).unwrap();
        }
        let bytes = tar.into_inner().unwrap();
        let path = RepoPath::new(*b"x.tar").unwrap();
        assert!(may_be(&path, &bytes));
        let mut seen = Vec::new();
        let skipped = read(&path, &bytes, &mut |path, bytes| {
            seen.push((path.to_string(), bytes.len()));
            ControlFlow::Continue(())
        });
        let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names, skipped), (vec!["x.tar!/a.txt", "x.tar!/b.txt", "x.tar"], vec![]));
        let mut count = 0;
        read(&path, &bytes, &mut |_, _| {
            count += 1;
            ControlFlow::Break(())
        });
        assert_eq!(count, 1);
    }
}

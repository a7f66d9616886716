use penstock_model::RepoPath;

/// The longest name kept, in bytes; of a longer one the end counts, which has the extension.
const MAX_NAME: usize = 1024;

/// Where a member lies: `outer!/name`. The name may be anything, so it is made to lie inside: empty
/// parts and `.` go, `..` becomes `__`, NUL becomes `_`.
pub(super) fn inside(outer: &RepoPath, name: &[u8]) -> RepoPath {
    let kept = name.get(name.len().saturating_sub(MAX_NAME)..).unwrap_or_default();
    let parts: Vec<Vec<u8>> = kept
        .split(|byte| *byte == b'/')
        .filter(|part| !matches!(*part, b"" | b"."))
        .map(|part| match part {
            b".." => b"__".to_vec(),
            _ => part.iter().map(|byte| if *byte == 0 { b'_' } else { *byte }).collect(),
        })
        .collect();
    let name = if parts.is_empty() { b"unnamed".to_vec() } else { parts.join(&b'/') };
    RepoPath::new([outer.as_bytes(), b"!/", &name].concat()).unwrap_or_else(|_| outer.clone())
}

/// Where what a compressed file holds lies: `a.log.gz!/a.log`, `a.tgz!/a.tar`. The name its header
/// may give is not asked: anything can stand there.
pub(super) fn decompressed(outer: &RepoPath) -> RepoPath {
    let name = outer.name();
    let dot = name.iter().rposition(|byte| *byte == b'.').unwrap_or(name.len());
    let (stem, extension) = name.split_at_checked(dot).unwrap_or((name, b""));
    let is = |extensions: &[&str]| {
        extensions.iter().any(|known| extension.eq_ignore_ascii_case(known.as_bytes()))
    };
    match stem {
        b"" => inside(outer, name),
        _ if is(&[".tgz", ".tzst", ".crate"]) => inside(outer, &[stem, b".tar"].concat()),
        _ if is(&[".gz", ".zst"]) => inside(outer, stem),
        _ => inside(outer, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(bytes: &[u8]) -> RepoPath {
        RepoPath::new(bytes).unwrap()
    }

    #[test]
    fn no_name_leads_out_of_its_archive() {
        let outer = path(b"d/a.zip");
        for (name, expected) in [
            (&b"x/y"[..], &b"d/a.zip!/x/y"[..]),
            (b"/etc/passwd", b"d/a.zip!/etc/passwd"),
            (b"../../x", b"d/a.zip!/__/__/x"),
            (b"./a//b/", b"d/a.zip!/a/b"),
            (b"a\0b\n", b"d/a.zip!/a_b\n"),
            (b"..", b"d/a.zip!/__"),
            (b"", b"d/a.zip!/unnamed"),
            (b"///", b"d/a.zip!/unnamed"),
            (b"C:\\x\xff", b"d/a.zip!/C:\\x\xff"),
        ] {
            assert_eq!(inside(&outer, name).as_bytes(), expected, "{}", name.escape_ascii());
        }
        let long = [&b"../".repeat(5000)[..], b"key.pem"].concat();
        let long = inside(&outer, &long);
        assert!(long.as_bytes().len() < 2 * MAX_NAME && long.name() == b"key.pem");
    }

    #[test]
    fn what_was_compressed_is_named_by_the_file() {
        for (outer, expected) in [
            ("x/a.log.gz", "x/a.log.gz!/a.log"),
            ("a.TGZ", "a.TGZ!/a.tar"),
            ("a.zst", "a.zst!/a"),
            (".gz", ".gz!/.gz"),
            ("blob", "blob!/blob"),
            ("v1.2", "v1.2!/v1.2"),
        ] {
            assert_eq!(decompressed(&path(outer.as_bytes())), path(expected.as_bytes()), "{outer}");
        }
    }
}

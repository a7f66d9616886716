use std::collections::{BTreeMap, VecDeque};

/// How many links the kernel follows before it gives up (path_resolution(7)).
const MAX_HOPS: usize = 40;

/// Whether following the link at `path` (to `target`) would leave the tree, given every link in it.
///
/// The path is resolved as the kernel would: a link in the middle is followed before the `..` after
/// it is applied, so that `a/../b` through a link `a` is judged where it really leads. Names that do
/// not exist are taken for directories. A loop leads nowhere, so it does not leave.
pub(crate) fn leaves(path: &[u8], target: &[u8], links: &BTreeMap<&[u8], &[u8]>) -> bool {
    let parent = path.iter().rposition(|byte| *byte == b'/').and_then(|at| path.get(..at));
    let mut here: Vec<&[u8]> =
        parent.map_or_else(Vec::new, |parent| parent.split(|byte| *byte == b'/').collect());
    if target.starts_with(b"/") {
        return true;
    }
    let mut ahead: VecDeque<&[u8]> = target.split(|byte| *byte == b'/').collect();
    let mut hops = 0;
    while let Some(part) = ahead.pop_front() {
        match part {
            b"" | b"." => {}
            b".." => {
                if here.pop().is_none() {
                    return true;
                }
            }
            name => {
                here.push(name);
                let Some(target) = links.get(&*here.join(&b'/')) else { continue };
                hops += 1;
                if hops > MAX_HOPS {
                    return false;
                }
                if target.starts_with(b"/") {
                    return true;
                }
                here.pop();
                for part in target.split(|byte| *byte == b'/').rev() {
                    ahead.push_front(part);
                }
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, links: &[(&str, &str)]) -> bool {
        let links: BTreeMap<&[u8], &[u8]> =
            links.iter().map(|(path, target)| (path.as_bytes(), target.as_bytes())).collect();
        leaves(path.as_bytes(), links[path.as_bytes()], &links)
    }

    #[test]
    fn a_link_inside_stays() {
        assert!(!check("a", &[("a", "b/c")]));
        assert!(!check("x/y/a", &[("x/y/a", "../../b")]));
        assert!(!check("x/a", &[("x/a", "./..//b")]));
        assert!(!check("x/a", &[("x/a", "..")]));
    }

    #[test]
    fn a_link_outside_leaves() {
        assert!(check("a", &[("a", "/etc/passwd")]));
        assert!(check("a", &[("a", "..")]));
        assert!(check("x/a", &[("x/a", "../../b")]));
        assert!(check("x/a", &[("x/a", "b/../../../c/d")]));
    }

    #[test]
    fn a_way_out_through_another_link_is_seen() {
        // By its letters `e` stays inside; through `p/q/d`, which is the top directory, it leaves.
        assert!(check("e", &[("p/q/d", "../.."), ("e", "p/q/d/../x")]));
        assert!(check("a", &[("b", "/etc"), ("a", "b/passwd")]));
    }

    #[test]
    fn a_loop_ends() {
        assert!(!check("a", &[("a", "a")]));
        assert!(!check("a", &[("a", "b/x"), ("b", "a/y")]));
    }

    /// A small generator of numbers (Knuth's MMIX constants), so that a failure can be repeated.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % sides
        }
    }

    #[test]
    fn the_kernel_agrees_that_what_is_allowed_stays_inside() {
        let mut dice = Dice(7);
        let (mut inside, mut refused) = (0, 0);
        for _ in 0..120 {
            let dir = tempfile::TempDir::new().unwrap();
            let root = dir.path().canonicalize().unwrap().join("1/2/3");
            std::fs::create_dir_all(root.join("p/q")).unwrap();
            let places = ["a", "b", "p/c", "p/q/d", "p/q/e"];
            let parts = ["..", "..", ".", "", "a", "b", "c", "d", "p", "q"];
            let targets: Vec<String> = places
                .iter()
                .map(|_| {
                    let parts: Vec<&str> =
                        (0..=dice.roll(5)).map(|_| parts[dice.roll(parts.len())]).collect();
                    parts.join("/").trim_start_matches('/').to_owned()
                })
                .collect();
            let links: Vec<(&str, &str)> = places
                .into_iter()
                .zip(targets.iter().map(String::as_str))
                .filter(|(_, target)| !target.is_empty())
                .collect();
            if links.iter().any(|(path, _)| check(path, &links)) {
                refused += 1;
                continue;
            }
            for (path, target) in &links {
                std::os::unix::fs::symlink(target, root.join(path)).unwrap();
            }
            for (path, _) in &links {
                if let Ok(real) = root.join(path).canonicalize() {
                    assert!(real.starts_with(&root), "{path} of {links:?} is {real:?}");
                    inside += 1;
                }
            }
        }
        assert!(inside > 20 && refused > 20, "{inside} {refused}");
    }
}

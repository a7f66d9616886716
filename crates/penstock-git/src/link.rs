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
}

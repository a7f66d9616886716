//! The order of steps.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Step, nearest::nearest, shown::shown};

/// A name that is no step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no step `{name}`{}", .nearest.as_ref().map_or_else(String::new, |n| format!(": did you mean `{n}`?")))]
pub struct UnknownStep {
    /// The name, at most 80 characters of it.
    pub name: String,
    /// The step that was most likely meant.
    pub nearest: Option<String>,
}

/// All steps in levels. Needs that name no step are passed over; steps in or behind a circle have
/// no level and are left out (a parsed file has neither).
pub(crate) fn levels(steps: &BTreeMap<String, Step>) -> Vec<Vec<String>> {
    let mut waiting: BTreeMap<&String, BTreeSet<&String>> = steps
        .iter()
        .map(|(name, step)| {
            (name, step.needs.iter().filter(|need| steps.contains_key(*need)).collect())
        })
        .collect();
    let mut levels = Vec::new();
    loop {
        let ready: BTreeSet<&String> =
            waiting.iter().filter(|(_, needs)| needs.is_empty()).map(|(name, _)| *name).collect();
        if ready.is_empty() {
            return levels;
        }
        for name in &ready {
            waiting.remove(name);
        }
        for needs in waiting.values_mut() {
            needs.retain(|need| !ready.contains(need));
        }
        levels.push(ready.into_iter().cloned().collect());
    }
}

/// The levels of `wanted` and everything it needs.
pub(crate) fn levels_of(
    steps: &BTreeMap<String, Step>,
    wanted: &[String],
) -> Result<Vec<Vec<String>>, UnknownStep> {
    let mut kept = BTreeSet::new();
    let mut stack = Vec::new();
    for name in wanted {
        if !steps.contains_key(name) {
            let nearest = nearest(name, steps.keys().map(String::as_str));
            return Err(UnknownStep { name: shown(name), nearest });
        }
        stack.push(name);
    }
    while let Some(name) = stack.pop() {
        if kept.insert(name) {
            stack.extend(steps.get(name).into_iter().flat_map(|step| &step.needs));
        }
    }
    let mut levels = levels(steps);
    for level in &mut levels {
        level.retain(|name| kept.contains(name));
    }
    levels.retain(|level| !level.is_empty());
    Ok(levels)
}

/// Each circle once, as the names along it from the alphabetically first back to itself. Where
/// circles share steps, at least one of them is named.
pub(crate) fn circles(steps: &BTreeMap<String, Step>) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut done: BTreeSet<&String> = BTreeSet::new();
    for start in steps.keys() {
        if done.contains(start) {
            continue;
        }
        // A walk in depth that remembers its path: meeting the path again closes a circle.
        let mut path: Vec<(&String, usize)> = vec![(start, 0)];
        while let Some((name, next)) = path.last_mut() {
            let need = steps.get(*name).and_then(|step| step.needs.get(*next));
            *next += 1;
            let Some(need) = need else {
                if let Some((name, _)) = path.pop() {
                    done.insert(name);
                }
                continue;
            };
            let Some((need, _)) = steps.get_key_value(need) else { continue };
            if let Some(at) = path.iter().position(|(name, _)| *name == need) {
                let mut circle: Vec<_> =
                    path.iter().skip(at).map(|(name, _)| (*name).clone()).collect();
                let first = circle.iter().enumerate().min_by_key(|(_, name)| *name);
                let first = first.map_or(0, |(first, _)| first);
                circle.rotate_left(first);
                circle.extend(circle.first().cloned());
                if !found.contains(&circle) {
                    found.push(circle);
                }
            } else if !done.contains(need) {
                path.push((need, 0));
            }
        }
    }
    found
}

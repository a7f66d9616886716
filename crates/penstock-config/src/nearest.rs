/// The known name somebody most likely meant, if one is near: at most a third of its letters away.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    // A name longer than any of ours is no slip of the hand, and the table below is quadratic.
    if written.len() > 64 {
        return None;
    }
    known
        .into_iter()
        .map(|name| (distance(written, name), name))
        .filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1))
        .min()
        .map(|(_, name)| name.to_owned())
}

/// Insertions, deletions, substitutions and swaps of neighbours between two words, case ignored
/// (the optimal string alignment distance).
fn distance(a: &str, b: &str) -> usize {
    let lower = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    let (a, b) = (lower(a), lower(b));
    let mut before = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let substituted = at(&above, j) + usize::from(x != y);
            let mut best = substituted.min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    at(&above, b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        let known = ["inputs", "outputs", "needs", "run", "env"];
        for (written, expected) in [
            ("ouputs", Some("outputs")),
            ("output", Some("outputs")),
            ("OUTPUTS", Some("outputs")),
            ("nedes", Some("needs")),
            ("rnu", Some("run")),
            ("vne", None),
            ("command", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known).as_deref(), expected, "{written}");
        }
        assert_eq!(nearest(&"x".repeat(1 << 20), known), None);
    }
}

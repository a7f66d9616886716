//! What the rules say about a file, before it is settled which of them are right about one place.

use std::ops::Range;

use penstock_check::Rule;

use crate::{
    decode::Encoded,
    detector::{Found, Value},
};

/// The most that is remembered of a file. It is far above what is kept of its findings, so the report
/// says that there are more.
const MAX_CLAIMS: usize = 50_000;

/// How sure a rule is that it is the right one to name what it found, from the least sure on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// It knows the secret by its name only.
    Name,
    /// It knows a password by what it stands in.
    Place,
    /// It knows the secret by its form and a word near it.
    Near,
    /// It knows the secret by its form.
    Form,
}

/// A secret and how sure its rule is. What a file holds as it is goes before what it holds encoded.
#[derive(Debug)]
struct Claim {
    rule: &'static Rule,
    found: Found,
    rank: Rank,
    plain: bool,
}

impl Claim {
    /// Its place, its rule, and its value where that is not what stands at the place.
    fn key(&self) -> (usize, usize, &str, &[u8]) {
        let value: &[u8] = match &self.found.value {
            Value::Decoded(value) => value,
            Value::Plain | Value::Chosen { .. } => &[],
        };
        (self.found.range.start, self.found.range.end, self.rule.id, value)
    }

    /// Its standing among others: a small number.
    fn standing(&self) -> usize {
        self.rank as usize * 2 + usize::from(self.plain)
    }
}

/// What the rules say about a file.
#[derive(Debug, Default)]
pub(super) struct Claims(Vec<Claim>);

impl Claims {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn push(&mut self, rule: &'static Rule, found: Found, rank: Rank) {
        let chosen = matches!(found.value, Value::Chosen { .. });
        let rank = if chosen { rank.min(Rank::Place) } else { rank };
        let claim = Claim { rule, found, rank, plain: true };
        // Several words before one value say the same.
        let repeated = self.0.last().is_some_and(|last| last.key() == claim.key());
        if !repeated && self.0.len() < MAX_CLAIMS {
            self.0.push(claim);
        }
    }

    /// Says of those from the one numbered `first` on that they are about a text that the file holds
    /// in another form.
    pub(super) fn encoded_since(&mut self, first: usize, encoded: &Encoded) {
        for claim in self.0.iter_mut().skip(first) {
            let found = &mut claim.found;
            if let Value::Plain = found.value {
                let value = encoded.text.get(found.range.clone()).unwrap_or_default();
                found.value = Value::Decoded(value.to_vec());
            }
            found.range = encoded.range.clone();
            found.message = format!("{}, {}", found.message, encoded.how);
            // They lie in the same range, which is hidden as a whole.
            found.related.clear();
            claim.plain = false;
        }
    }

    /// Sorts by place, and of those that overlap keeps the ones whose rules know best: a token in an
    /// address is named by its own rule, not as the address's password.
    pub(super) fn settle(self) -> Vec<(&'static Rule, Found)> {
        let Self(mut all) = self;
        all.sort_by(|one, other| one.key().cmp(&other.key()));
        all.dedup_by(|one, other| one.key() == other.key());
        let mut beaten = vec![false; all.len()];
        // For each standing how far those before reach, and where the next one behind begins.
        let mut reach = [0; STANDINGS];
        for (claim, beaten) in all.iter().zip(&mut beaten) {
            let Range { start, end } = claim.found.range;
            *beaten |= reach.iter().skip(claim.standing() + 1).any(|reach| *reach > start);
            if let Some(reach) = reach.get_mut(claim.standing()) {
                *reach = end.max(*reach);
            }
        }
        let mut next = [usize::MAX; STANDINGS];
        for (claim, beaten) in all.iter().zip(&mut beaten).rev() {
            let Range { start, end } = claim.found.range;
            *beaten |= next.iter().skip(claim.standing() + 1).any(|next| *next < end);
            if let Some(next) = next.get_mut(claim.standing()) {
                *next = start;
            }
        }
        let kept = all.into_iter().zip(beaten).filter(|(_, beaten)| !beaten);
        let kept: Vec<Claim> = kept.map(|(claim, _)| claim).collect();
        // The second half of a pair is part of what its first half's rule found.
        let mut halves: Vec<Range<usize>> = kept
            .iter()
            .filter(|claim| claim.rank >= Rank::Near)
            .flat_map(|claim| claim.found.related.iter().map(|(range, _)| range.clone()))
            .collect();
        halves.sort_by_key(|half| (half.end, half.start));
        let is_half = |claim: &Claim| {
            let Range { start, end } = claim.found.range;
            let half = halves.get(halves.partition_point(|half| half.end <= start));
            claim.rank < Rank::Near && half.is_some_and(|half| half.start < end)
        };
        let whole = kept.into_iter().filter(|claim| !is_half(claim));
        whole.map(|claim| (claim.rule, claim.found)).collect()
    }
}

/// How many standings there are.
const STANDINGS: usize = (Rank::Form as usize + 1) * 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RULES;

    fn settled(claims: &[(Range<usize>, Rank)]) -> Vec<usize> {
        let mut all = Claims::default();
        for (index, (range, rank)) in claims.iter().enumerate() {
            let found = Found::new(range.clone(), index.to_string());
            all.push(RULES[index], found, *rank);
        }
        let mut kept: Vec<usize> =
            all.settle().into_iter().map(|(_, f)| f.message.parse().unwrap()).collect();
        kept.sort_unstable();
        kept
    }

    #[test]
    fn of_overlapping_claims_the_surer_ones_stay() {
        use Rank::{Form, Name, Near};
        assert_eq!(settled(&[(0..9, Name), (5..20, Form), (19..30, Near), (30..31, Name)]), [1, 3]);
        assert_eq!(
            settled(&[(0..100, Form), (5..6, Name), (99..101, Name), (100..102, Name)]),
            [0, 3]
        );
        assert_eq!(settled(&[(0..9, Form), (3..12, Form)]), [0, 1]);
        assert_eq!(settled(&[(0..50, Name), (10..20, Name), (40..45, Near)]), [1, 2]);
    }

    #[test]
    fn the_second_half_of_a_pair_is_no_finding_of_its_own() {
        let mut all = Claims::default();
        let mut pair = Found::new(0..9, String::new());
        pair.related.push((20..30, String::new()));
        all.push(RULES[0], pair, Rank::Form);
        for (range, rank) in [(20..30, Rank::Name), (29..31, Rank::Place)] {
            all.push(RULES[0], Found::new(range, String::new()), rank);
        }
        all.push(RULES[0], Found::new(40..50, String::new()), Rank::Name);
        let kept: Vec<_> = all.settle().into_iter().map(|(_, found)| found.range).collect();
        assert_eq!(kept, [0..9, 40..50]);
    }

    #[test]
    fn what_is_said_again_and_again_is_remembered_once() {
        let mut all = Claims::default();
        for _ in 0..3 {
            all.push(RULES[0], Found::new(3..9, String::new()), Rank::Near);
        }
        assert_eq!(all.len(), 1);
        for at in 0..MAX_CLAIMS + 9 {
            all.push(RULES[0], Found::new(at..at + 1, String::new()), Rank::Near);
        }
        assert_eq!(all.len(), MAX_CLAIMS);
    }
}

//! Rules over the registers of a system call: compiled for the kernel, and judged once more by
//! whoever answers its questions. Memory that a register points to is never looked at, since the
//! caller can change it while it is judged.

use std::collections::BTreeMap;

use seccompiler::{Error, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule};

/// By call number: the ways in which the call matches. No way at all means that it always does.
pub(crate) type Rules = BTreeMap<i64, Vec<Vec<Condition>>>;

/// One demand on one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    argument: u8,
    test: Test,
}

/// All but the last look at the low 32 bits, as the kernel does for arguments of type `int`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Is(u32),
    IsNot(u32),
    /// These bits have this value.
    Bits(u32, u32),
    NotNull,
}

/// A call that matches whatever its arguments.
pub(crate) fn always(call: i64) -> (i64, Vec<Vec<Condition>>) {
    (call, Vec::new())
}

/// The argument is this value.
pub(crate) fn is(argument: u8, value: u32) -> Condition {
    Condition { argument, test: Test::Is(value) }
}

/// The argument is another value.
pub(crate) fn is_not(argument: u8, value: u32) -> Condition {
    Condition { argument, test: Test::IsNot(value) }
}

/// All these bits are set.
pub(crate) fn has(argument: u8, bits: u32) -> Condition {
    Condition { argument, test: Test::Bits(bits, bits) }
}

/// The bits of `mask` are those of `value`.
pub(crate) fn low_bits(argument: u8, mask: u32, value: u32) -> Condition {
    Condition { argument, test: Test::Bits(mask, value) }
}

/// The argument is a pointer to something.
pub(crate) fn not_null(argument: u8) -> Condition {
    Condition { argument, test: Test::NotNull }
}

/// Whether a call with these arguments matches.
pub(crate) fn matches(rules: &Rules, call: i64, arguments: &[u64; 6]) -> bool {
    rules.get(&call).is_some_and(|ways| {
        ways.is_empty() || ways.iter().any(|way| way.iter().all(|one| one.holds(arguments)))
    })
}

/// The library's form of the rules.
pub(super) fn compiled(rules: &Rules) -> Result<BTreeMap<i64, Vec<SeccompRule>>, Error> {
    let way = |way: &Vec<Condition>| -> Result<SeccompRule, Error> {
        Ok(SeccompRule::new(way.iter().map(|one| one.compiled()).collect::<Result<_, _>>()?)?)
    };
    rules
        .iter()
        .map(|(call, ways)| Ok((*call, ways.iter().map(way).collect::<Result<_, Error>>()?)))
        .collect()
}

impl Condition {
    fn holds(self, arguments: &[u64; 6]) -> bool {
        let Some(value) = arguments.get(usize::from(self.argument)).copied() else { return false };
        let low = value as u32;
        match self.test {
            Test::Is(wanted) => low == wanted,
            Test::IsNot(other) => low != other,
            Test::Bits(mask, wanted) => low & mask == wanted,
            Test::NotNull => value != 0,
        }
    }

    fn compiled(self) -> Result<SeccompCondition, Error> {
        use SeccompCmpArgLen::{Dword, Qword};
        let (length, how, value) = match self.test {
            Test::Is(value) => (Dword, SeccompCmpOp::Eq, value),
            Test::IsNot(value) => (Dword, SeccompCmpOp::Ne, value),
            Test::Bits(mask, value) => (Dword, SeccompCmpOp::MaskedEq(u64::from(mask)), value),
            Test::NotNull => (Qword, SeccompCmpOp::Ne, 0),
        };
        Ok(SeccompCondition::new(self.argument, length, how, u64::from(value))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_means_what_the_kernel_takes_it_for() {
        let rules = Rules::from([
            always(1),
            (2, vec![vec![is(0, 7), is_not(1, 8)], vec![has(2, 0b101)]]),
            (3, vec![vec![low_bits(0, 0xf, 3)], vec![not_null(4)]]),
        ]);
        let judge = |call, arguments: [u64; 6]| matches(&rules, call, &arguments);
        assert!(judge(1, [0; 6]));
        assert!(!judge(4, [0; 6]));
        assert!(judge(2, [7, 9, 0, 0, 0, 0]));
        assert!(!judge(2, [7, 8, 0, 0, 0, 0]));
        assert!(judge(2, [0, 8, 0b111, 0, 0, 0]));
        assert!(!judge(2, [0, 8, 0b100, 0, 0, 0]));
        assert!(judge(3, [0x13, 0, 0, 0, 0, 0]));
        assert!(!judge(3, [0x14, 0, 0, 0, 0, 0]));
        // High bits hide nothing from a comparison of 32 bits, and are a pointer's.
        assert!(judge(2, [7 | 1 << 40, 9, 0, 0, 0, 0]));
        assert!(judge(3, [4, 0, 0, 0, 1 << 40, 0]));
    }
}

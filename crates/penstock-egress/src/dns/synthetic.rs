use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
};

use crate::Name;

/// The first address given out, in the range for benchmarking (RFC 2544): no host has one, and the
/// proxy itself never connects there.
const FIRST: u32 = u32::from_be_bytes([198, 18, 0, 1]);

/// The most names that get one.
pub(crate) const MAX_NAMES: usize = 4096;

/// Addresses that stand for names within one run.
///
/// IPv4 only. A second family would double what has to be judged and gain nothing: whoever is told
/// that a name has no AAAA record connects to its A record at once.
#[derive(Debug, Default)]
pub(crate) struct Synthetic {
    names: Vec<Name>,
    numbers: BTreeMap<Name, u32>,
}

impl Synthetic {
    /// The address of a name, a new one the first time; `None` when there are too many.
    pub(crate) fn address(&mut self, name: &Name) -> Option<Ipv4Addr> {
        if let Some(number) = self.numbers.get(name) {
            return Some(Ipv4Addr::from(FIRST + number));
        }
        let number = u32::try_from(self.names.len()).ok()?;
        if self.names.len() >= MAX_NAMES {
            return None;
        }
        self.names.push(name.clone());
        self.numbers.insert(name.clone(), number);
        Some(Ipv4Addr::from(FIRST + number))
    }

    /// The name an address stands for.
    pub(crate) fn name(&self, address: IpAddr) -> Option<&Name> {
        let IpAddr::V4(address) = address else { return None };
        let number = u32::from(address).checked_sub(FIRST)?;
        self.names.get(usize::try_from(number).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AddressClass;

    #[test]
    fn one_address_for_each_name() {
        let mut synthetic = Synthetic::default();
        let (a, b) = (Name::parse("a.example").unwrap(), Name::parse("b.example").unwrap());
        let first = synthetic.address(&a).unwrap();
        assert_eq!(first, Ipv4Addr::new(198, 18, 0, 1));
        assert_eq!(synthetic.address(&b), Some(Ipv4Addr::new(198, 18, 0, 2)));
        assert_eq!(synthetic.address(&a), Some(first));
        assert_eq!(synthetic.name(first.into()), Some(&a));
        assert_eq!(synthetic.name(Ipv4Addr::new(198, 18, 0, 3).into()), None);
        assert_eq!(synthetic.name(Ipv4Addr::new(198, 17, 0, 1).into()), None);
        assert_eq!(AddressClass::of(first.into()), AddressClass::Barred);
    }

    #[test]
    fn names_have_an_end() {
        let mut synthetic = Synthetic::default();
        for number in 0..MAX_NAMES {
            assert!(
                synthetic.address(&Name::parse(&format!("n{number}.example")).unwrap()).is_some()
            );
        }
        assert_eq!(synthetic.address(&Name::parse("more.example").unwrap()), None);
    }
}

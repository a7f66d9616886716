use std::collections::BTreeMap;

use penstock_model::{Fingerprint, Report, SuppressionAuthority};

/// Tells which suppressions were there before the change: each one of the base lets one finding with
/// its fingerprint stay suppressed (`Base`); every further one is only `Proposed`, and its finding
/// counts as open. Exceptions of the policy stand as they are, and in the base they vouch for
/// nothing, since the pinned policy is asked each time.
///
/// Both reports must have been made with the same salt, rules and `now`.
pub fn against_base(report: &mut Report, base: &Report) {
    let mut known: BTreeMap<&Fingerprint, u64> = BTreeMap::new();
    for suppressed in &base.suppressed {
        if suppressed.suppression.authority != SuppressionAuthority::Policy {
            *known.entry(&suppressed.finding.fingerprint).or_default() += 1;
        }
    }
    for suppressed in &mut report.suppressed {
        let authority = &mut suppressed.suppression.authority;
        if *authority == SuppressionAuthority::Policy {
            continue;
        }
        *authority = match known.get_mut(&suppressed.finding.fingerprint) {
            Some(left @ 1..) => {
                *left -= 1;
                match authority {
                    SuppressionAuthority::Baseline => SuppressionAuthority::Baseline,
                    _ => SuppressionAuthority::Base,
                }
            }
            _ => SuppressionAuthority::Proposed,
        };
    }
}

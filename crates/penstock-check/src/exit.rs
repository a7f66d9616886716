use penstock_model::Report;

/// The exit code a report stands for: 0 clean, 1 an open finding reaches the threshold, 3 something
/// required was not looked at, 4 there was nothing to look at. 1 wins over 3, and 3 over 4. A change
/// that touches nothing is clean.
///
/// `strict` makes every part that did not happen required. `advise` lets findings pass: everything
/// else still fails. Usage errors (2) never reach a report.
pub fn exit(report: &Report, strict: bool, advise: bool) -> u8 {
    let gap = !report.is_complete() || strict && !report.not_checked.is_empty();
    if report.over_threshold() && !advise {
        1
    } else if gap {
        3
    } else if report.coverage.files + report.coverage.blobs == 0 && report.change.is_none() {
        4
    } else {
        0
    }
}

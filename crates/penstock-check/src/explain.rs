use crate::Rule;

/// A rule's page: what it is, then the prose of its file, then what else it is known by.
pub(crate) fn page(rule: &'static Rule) -> String {
    let mut page = format!(
        "{}: {}\nseverity {} · confidence {} · audience {} · since {}\n",
        rule.id,
        rule.title,
        rule.severity,
        format!("{:?}", rule.confidence).to_lowercase(),
        format!("{:?}", rule.audience).to_lowercase(),
        rule.since,
    );
    for heading in ["What it does", "Why it matters", "How to fix"] {
        if let Some(text) = rule.section(heading) {
            page.push_str(&format!("\n{heading}\n{text}\n"));
        }
    }
    let lists = [
        ("CWE", rule.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect::<Vec<_>>()),
        ("Controls (NIST SP 800-53)", rule.controls.iter().map(ToString::to_string).collect()),
        ("Control areas", rule.control_areas.iter().map(ToString::to_string).collect()),
        ("Threats", rule.threats.iter().map(ToString::to_string).collect()),
        ("Elsewhere called", rule.aliases.iter().map(ToString::to_string).collect()),
    ];
    page.push('\n');
    for (name, values) in lists.iter().filter(|(_, values)| !values.is_empty()) {
        page.push_str(&format!("{name}: {}\n", values.join(", ")));
    }
    page.push_str(&format!(
        "To accept one finding, say why: penstock: ignore[{}] REASON (in a comment on or above the line)\n",
        rule.id
    ));
    page
}

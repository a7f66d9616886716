use penstock_model::{Applicability, Area, Finding, Location, Suppression};

use super::{Human, SHOWN, line};
use crate::format::{
    escape,
    setting::{headline, used},
    terminal::{COLUMNS, cut, thousands, width, wrap},
};

/// Where the lines beneath a finding's first begin.
const INDENT: usize = 3;
/// Where text after `fix`, `do` and `also` begins.
const TEXT: usize = 8;
/// The least room an excerpt gets beside its annotation before that moves to a line of its own.
const EXCERPT: usize = 30;

impl Human<'_> {
    pub(super) fn finding(
        &self,
        page: &mut String,
        number: usize,
        finding: &Finding,
        proposed: Option<&Suppression>,
    ) {
        let severity = format!("{:<8}", finding.severity);
        let location = escape(&finding.location.to_string());
        let id = format!("{:<30}", finding.rule.as_str());
        let first = format!("{number} {severity} {id} {location}");
        let severity = self.severity(finding.severity, &severity);
        if width(&first) <= COLUMNS {
            line(page, &format!("{number} {severity} {id} {location}"));
        } else {
            // A path is for copying: it gets its own line before it is broken.
            line(page, &format!("{number} {severity} {}", finding.rule));
            line(page, &format!("   {location}"));
        }
        line(page, &format!("   {}", wrap(&escape(&headline(finding)), INDENT, INDENT)));
        self.excerpts(page, finding);
        self.also(page, finding);
        if let Some(used) = used(finding, ToString::to_string) {
            line(page, &format!("   used {}", wrap(&escape(&used), TEXT, TEXT)));
        }
        if let Some(suppression) = proposed {
            let reason = escape(&suppression.reason);
            let text = format!("proposed ignore, not yet in the base, so it counts: {reason}");
            line(page, &format!("   {}", wrap(&text, INDENT, INDENT)));
        }
        if let Some(fix) = &finding.fix {
            let switch = match fix.applicability {
                Applicability::Safe => "",
                Applicability::Unsafe => " --unsafe",
            };
            let text = format!("penstock fix {number}{switch}   ({})", escape(&fix.title));
            line(page, &format!("   fix  {}", wrap(&text, TEXT, TEXT)));
        }
        self.remedy(page, finding);
    }

    fn excerpts(&self, page: &mut String, finding: &Finding) {
        let own = (&finding.location, finding.excerpt.as_deref(), None);
        let related = finding
            .related
            .iter()
            .map(|r| (&r.location, r.excerpt.as_deref(), Some(r.message.as_str())));
        for (location, excerpt, message) in std::iter::once(own).chain(related) {
            let place = match location.region {
                Some(region) if location.path == finding.location.path => {
                    region.start_line.to_string()
                }
                None if location.path == finding.location.path && message.is_none() => continue,
                _ => escape(&location.to_string()),
            };
            let place = format!("   {place:>4} │ ");
            let room = COLUMNS.saturating_sub(width(&place));
            let excerpt = excerpt.map(escape).unwrap_or_default();
            let message = message.map(|m| format!("← {}", escape(m))).unwrap_or_default();
            let beside = width(&message) + 2;
            if message.is_empty() {
                let excerpt = cut(&excerpt, room.max(EXCERPT));
                line(page, format!("{place}{excerpt}").trim_end());
            } else if room >= beside + EXCERPT.min(width(&excerpt)) {
                let excerpt = cut(&excerpt, room - beside);
                line(page, &format!("{place}{excerpt}  {message}"));
            } else {
                let excerpt = cut(&excerpt, room.max(EXCERPT));
                line(page, format!("{place}{excerpt}").trim_end());
                line(page, &format!("        {}", wrap(&message, TEXT, TEXT + 2)));
            }
        }
    }

    /// The further places, when everything is shown; their number stands in the headline anyway.
    fn also(&self, page: &mut String, finding: &Finding) {
        if !self.all {
            return;
        }
        let places: &[Location] = &finding.also;
        for place in places.iter().take(SHOWN) {
            line(page, &format!("   also {}", escape(&place.to_string())));
        }
        if places.len() > SHOWN {
            let more = thousands((places.len() - SHOWN) as u64);
            line(page, &format!("   also {more} more: --format json"));
        }
    }

    /// What to do first, and the command that says the rest. The command is never broken.
    fn remedy(&self, page: &mut String, finding: &Finding) {
        let explain = format!("penstock explain {}", finding.rule);
        let first = if finding.rule.area() == Some(Area::Secrets) {
            let gone = finding.history.as_ref().is_some_and(|history| !history.at_head);
            Some(if gone {
                "rotate: history keeps it, so removing it is not enough".to_owned()
            } else {
                "rotate first, then remove".to_owned()
            })
        } else {
            let rule = self.setting.rule(&finding.rule);
            rule.and_then(|rule| rule.section("How to fix")).and_then(first_sentence)
        };
        let Some(first) = first else {
            return line(page, &format!("   do   {explain}"));
        };
        if TEXT + width(&first) + 2 + width(&explain) <= COLUMNS {
            line(page, &format!("   do   {first}: {explain}"));
        } else {
            line(page, &format!("   do   {}:", wrap(&first, TEXT, TEXT)));
            line(page, &format!("        {explain}"));
        }
    }
}

/// The first sentence of Markdown prose on one line, list markers dropped, if it is short.
fn first_sentence(markdown: &str) -> Option<String> {
    const LONGEST: usize = 110;
    let paragraph = markdown.split("\n\n").next()?;
    let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.strip_prefix("1. ").or(words.strip_prefix("- ")).unwrap_or(&words);
    let sentence = words.split_inclusive(". ").next()?.trim_end().trim_end_matches(['.', ':']);
    (sentence.chars().count() <= LONGEST && !sentence.starts_with("```"))
        .then(|| sentence.to_owned())
}

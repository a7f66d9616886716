//! Sample secrets that are no secrets until a test expands them, `ghp_{{alnum:36|crc}}`, and the
//! shapes of real ones, which are written the same way.

mod checksum;
mod class;
mod piece;
mod shape;

use penstock_model::Sha256;

use checksum::BASE62;

pub use checksum::{Checksum, Signed, crc32};
pub use class::Class;
pub use piece::{Piece, Run, TemplateError, parse};
pub use shape::{OWN_LITERAL, Shape, ShapeError};

/// Replaces every `{{class:length}}` by that many characters of the class, chosen by `seed` and the
/// template's position: the same for the same arguments, on every machine.
///
/// The classes are those of [`Class`]. `{{class:least-most}}` picks a length, `{{uuid}}` is a UUID.
/// With `|crc` the last six characters are the CRC-32 (ISO-HDLC) of those before them in base 62, the
/// check that GitHub and npm put at the end of their tokens; `{{hex:8|crc32hex}}` and
/// its kin are the CRC-32 of what [`Signed`] says of the word before it. Anything else between braces, such as `${{ github.ref }}`, stays as it is.
///
/// # Errors
/// A template with an unknown class or option, or a length that is none.
pub fn expand(text: &str, seed: &str) -> Result<String, TemplateError> {
    let mut expanded = String::with_capacity(text.len());
    let mut index = 0;
    for piece in parse(text)? {
        match piece {
            Piece::Literal(text) => expanded.push_str(&text),
            Piece::Run(run) => {
                let value = value(&run, word_before(&expanded), &format!("{seed}#{index}"));
                expanded.push_str(&value);
                index += 1;
            }
        }
    }
    Ok(expanded)
}

/// What a checksum over the whole token covers: the text back to a quote, a blank or an operator,
/// with the one character that joins them.
fn word_before(text: &str) -> &str {
    let joined = text.strip_suffix('=').unwrap_or(text);
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let start = joined.trim_end_matches(inside).len();
    text.get(start..).unwrap_or_default()
}

fn value(run: &Run, before: &str, seed: &str) -> String {
    let choices = run.most - run.least + 1;
    let length = match choices {
        1 => run.least,
        _ => {
            let digest = Sha256::of(format!("penstock template {seed} length").as_bytes());
            let number = digest.as_bytes().iter().take(4).fold(0, |n, b| n << 8 | usize::from(*b));
            run.least + number % choices
        }
    };
    let tail = run.checksum.map_or(0, Checksum::length);
    let mut value = choose(run.class.alphabet(), length.saturating_sub(tail), seed);
    if let Some(checksum) = run.checksum {
        let mut end = checksum.of(before.as_bytes(), value.as_bytes());
        if run.class == Class::Uhex {
            end.make_ascii_uppercase();
        }
        value.push_str(&end);
    }
    value
}

/// Characters of the alphabet by SHA-256 in counter mode. The slight preference for an alphabet's
/// first characters does not matter for samples.
fn choose(alphabet: &[u8], count: usize, seed: &str) -> String {
    let blocks = (0_u64..).flat_map(|counter| {
        *Sha256::of(format!("penstock template {seed} {counter}").as_bytes()).as_bytes()
    });
    blocks
        .take(count)
        .filter_map(|byte| alphabet.get(usize::from(byte) % alphabet.len()))
        .map(|byte| char::from(*byte))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expansion_is_the_same_every_time_and_different_for_every_place() {
        let text = "a_{{alnum:36|crc}} b_{{hex:40}} {{upper:16}}{{base64:20}}{{digits:10}}";
        let expanded = expand(text, "seed").unwrap();
        assert_eq!(expand(text, "seed").unwrap(), expanded);
        assert_ne!(expand(text, "other").unwrap(), expanded);
        assert_eq!(expanded.len(), 2 + 36 + 1 + 2 + 40 + 1 + 16 + 20 + 10);
        let twice = expand("{{hex:8}} {{hex:8}}", "seed").unwrap();
        let (first, second) = twice.split_once(' ').unwrap();
        assert_ne!(first, second);
    }

    #[test]
    fn a_length_may_be_a_range_and_every_length_of_it_comes_up() {
        let lengths: std::collections::BTreeSet<_> = (0..60)
            .map(|seed| expand("{{lalnum:3-6}}", &seed.to_string()).unwrap().len())
            .collect();
        assert_eq!(lengths, (3..=6).collect());
        let uuid = expand("{{uuid}}", "s").unwrap();
        let groups: Vec<_> = uuid.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
    }

    #[test]
    fn a_checksum_is_of_its_run_or_of_the_word_before_it() {
        let token = expand("x {{alnum:36|crc}}", "x").unwrap();
        assert!(Checksum::Base62.holds(b"", &token.as_bytes()[2..]));
        for (text, start, signed) in [
            ("k = \"glsa_{{alnum:32}}_{{hex:8|crc32lehex}}", 5, Signed::WithoutJoint),
            ("K=AT={{uhex:8|crc32hex}}", 2, Signed::WithJoint),
            ("zpka_{{lalnum:32}}_{{hex:8|crc32bodyhex}}", 0, Signed::Body),
        ] {
            let token = expand(text, "x").unwrap();
            let (before, sum) = token.split_at(token.len() - 8);
            let checksum = Checksum::Hex(signed);
            assert!(checksum.holds(&before.as_bytes()[start..], sum.as_bytes()), "{token}");
        }
    }

    #[test]
    fn workflow_expressions_are_no_templates() {
        for text in ["${{ github.ref }}", "{{", "}}", "{{x}}", "{{ a:1 }}", "{{a:b}}", "{{:1}}"] {
            assert_eq!(expand(text, "s").as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_template_that_means_nothing_is_an_error() {
        for text in [
            "{{alnum:99999999}}",
            "{{alnum:5|crc}}",
            "{{hex:9|crc32hex}}",
            "{{alnum:8|crc32hex}}",
            "{{alnum:9|x}}",
            "{{words:3}}",
            "{{hex:0}}",
            "{{hex:4-3}}",
        ] {
            assert!(expand(text, "s").is_err(), "{text}");
        }
        let error = expand("{{words:3}}", "s").unwrap_err().to_string();
        assert!(
            error.starts_with("`{{words:3}}` is not a template: `{{class:length}}`,"),
            "{error}"
        );
    }
}

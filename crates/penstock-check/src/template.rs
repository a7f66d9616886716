//! Sample secrets that are no secrets until a test expands them: `ghp_{{alnum:36|crc}}`.

use penstock_model::Sha256;

/// The longest expansion of one template, in characters.
const MAX_LENGTH: usize = 16 * 1024;
/// The digits of a base-62 checksum: 62^6 is above 2^32.
const CHECKSUM_LENGTH: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Replaces every `{{class:length}}` by that many characters of the class, chosen by `seed` and the
/// template's position: the same for the same arguments, on every machine.
///
/// Classes are `alnum`, `base32`, `base64`, `base64url`, `digits`, `hex`, `lower` and `upper`. With
/// `|crc` the last six characters are the CRC-32 (ISO-HDLC) of those before them in base 62, the
/// check that GitHub and npm put at the end of their tokens. Anything else between braces, such as
/// `${{ github.ref }}`, stays as it is.
///
/// # Errors
/// A template with an unknown class or option, or a length that is none.
pub fn expand(text: &str, seed: &str) -> Result<String, TemplateError> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    let mut index = 0;
    while let Some((before, after)) = rest.split_once("{{") {
        expanded.push_str(before);
        let template = after.split_once("}}").filter(|(body, _)| is_template(body));
        rest = match template {
            Some((body, after)) => {
                expanded.push_str(&value(body, &format!("{seed}#{index}"))?);
                index += 1;
                after
            }
            None => {
                expanded.push_str("{{");
                after
            }
        };
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// A template that cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{{{{{0}}}}}` is not a template: `{{{{class:length}}}}` or `{{{{class:length|crc}}}}` with a class of alnum, base32, base64, base64url, digits, hex, lower, upper"
)]
pub struct TemplateError(String);

/// `word:digit…` without blanks: nothing a workflow expression looks like.
fn is_template(body: &str) -> bool {
    body.split_once(':').is_some_and(|(class, length)| {
        !class.is_empty()
            && class.bytes().all(|b| b.is_ascii_alphanumeric())
            && length.starts_with(|c: char| c.is_ascii_digit())
    })
}

fn value(body: &str, seed: &str) -> Result<String, TemplateError> {
    let error = || TemplateError(body.chars().take(80).collect());
    let (class, length) = body.split_once(':').ok_or_else(error)?;
    let (length, checksum) = match length.split_once('|') {
        Some((length, "crc")) => (length, true),
        Some(_) => return Err(error()),
        None => (length, false),
    };
    let alphabet: &[u8] = match class {
        "alnum" => BASE62,
        "base32" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "base64" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "base64url" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "digits" => b"0123456789",
        "hex" => b"0123456789abcdef",
        "lower" => b"abcdefghijklmnopqrstuvwxyz",
        "upper" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        _ => return Err(error()),
    };
    let length: usize = length.parse().map_err(|_| error())?;
    let tail = if checksum { CHECKSUM_LENGTH } else { 0 };
    let random = length.checked_sub(tail).filter(|_| length <= MAX_LENGTH).ok_or_else(error)?;
    let mut value = choose(alphabet, random, seed);
    if checksum {
        value.push_str(&base62(crc32(value.as_bytes())));
    }
    Ok(value)
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

/// CRC-32/ISO-HDLC, the one of zlib: reflected polynomial 0xEDB88320.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// Six digits, most significant first, zero-padded.
fn base62(mut number: u32) -> String {
    let mut digits: Vec<u8> = Vec::with_capacity(CHECKSUM_LENGTH);
    for _ in 0..CHECKSUM_LENGTH {
        digits.extend(BASE62.get((number % 62) as usize));
        number /= 62;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
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
    fn the_checksum_is_crc32_in_base62() {
        // Check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(base62(0), "000000");
        assert_eq!(base62(61), "00000z");
        assert_eq!(base62(u32::MAX), "4gfFC3");
        let token = expand("{{alnum:36|crc}}", "x").unwrap();
        assert_eq!(base62(crc32(&token.as_bytes()[..30])), token[30..]);
    }

    #[test]
    fn workflow_expressions_are_no_templates() {
        for text in ["${{ github.ref }}", "{{", "}}", "{{x}}", "{{ a:1 }}", "{{a:b}}", "{{:1}}"] {
            assert_eq!(expand(text, "s").as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_template_that_means_nothing_is_an_error() {
        for text in ["{{alnum:99999999}}", "{{alnum:5|crc}}", "{{alnum:9|x}}", "{{words:3}}"] {
            assert!(expand(text, "s").is_err(), "{text}");
        }
        let error = expand("{{words:3}}", "s").unwrap_err().to_string();
        assert!(
            error.starts_with("`{{words:3}}` is not a template: `{{class:length}}` or"),
            "{error}"
        );
    }
}

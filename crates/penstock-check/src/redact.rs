/// The shortest value of which the ends may be shown: half of it stays hidden even then.
const SHORTEST_SHOWN: usize = 20;

/// How a secret is shown everywhere: `AKIA…VQ3F`, or `***` where the ends would say too much (short
/// values, values of several words or lines, bytes that are no printable ASCII).
pub fn redact(value: &[u8]) -> String {
    let text = std::str::from_utf8(value).ok().filter(|_| value.iter().all(u8::is_ascii_graphic));
    let ends = text
        .filter(|text| text.len() >= SHORTEST_SHOWN)
        .and_then(|text| Some((text.get(..4)?, text.get(text.len() - 4..)?)));
    ends.map_or_else(|| "***".to_owned(), |(first, last)| format!("{first}…{last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_half_of_a_value_stays_hidden() {
        assert_eq!(redact(b"AKIA0123456789ABVQ3F"), "AKIA…VQ3F");
        for hidden in [&b"short"[..], b"nineteen-characters", b"", b"several words of which none"] {
            assert_eq!(redact(hidden), "***");
        }
        assert_eq!(redact("ü".repeat(20).as_bytes()), "***");
        assert_eq!(redact(&[0xff; 30]), "***");
    }
}

//! Lines `NAME=value`, as files of environment variables have them.

use penstock_model::Secret;

use super::AgeFault;

/// The value on the line of that name. Lines may begin with `export`; comments begin with `#`; a
/// value may stand between two quotes of a kind, in which nothing is an escape.
pub(super) fn value(text: &Secret, name: &str) -> Result<Secret, AgeFault> {
    let mut found = None;
    for line in text.expose().split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        let line = line.strip_prefix(b"export ").unwrap_or(line).trim_ascii_start();
        let rest = line.strip_prefix(name.as_bytes()).map(<[u8]>::trim_ascii_start);
        let Some(value) = rest.and_then(|rest| rest.strip_prefix(b"=")) else { continue };
        let value = value.trim_ascii_start();
        let inside = |quote: &[u8]| value.strip_prefix(quote)?.strip_suffix(quote);
        let value = inside(b"\"").or_else(|| inside(b"'")).unwrap_or(value);
        if found.replace(Secret::new(value)).is_some() {
            return Err(AgeFault::TwoLines(name.to_owned()));
        }
    }
    found.ok_or_else(|| AgeFault::NoKey(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_meant() {
        let text =
            Secret::new(*b"# A=comment\nexport A=one two\r\nAB=no\n B = 'it''s' \nC=\"x=y#z\"\nD=");
        let read =
            |name| value(&text, name).map(|v| String::from_utf8(v.expose().to_vec()).unwrap());
        assert_eq!(read("A").as_deref(), Ok("one two"));
        assert_eq!(read("B").as_deref(), Ok("it''s"));
        assert_eq!(read("C").as_deref(), Ok("x=y#z"));
        assert_eq!(read("D").as_deref(), Ok(""));
        assert_eq!(read("E"), Err(AgeFault::NoKey("E".to_owned())));
        let twice = Secret::new(*b"A=1\nA=2");
        assert_eq!(value(&twice, "A"), Err(AgeFault::TwoLines("A".to_owned())));
    }
}

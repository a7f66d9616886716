use super::{MAX_WORD, in_name, is_variable};

/// How far before a credential its name ends, in bytes: an address begins before its password.
const REACH: usize = 300;

/// The variable that the value holding the byte at `at` is given to on its line, if its name is
/// written as those of the environment are.
pub(crate) fn name_before(bytes: &[u8], at: usize) -> Option<&str> {
    let before = bytes.get(at.saturating_sub(REACH)..at)?;
    let line = before.rsplit(|byte| *byte == b'\n').next()?;
    // Nothing stands between, or what is glued to it: an address's beginning.
    let glued = line.iter().rposition(|byte| byte.is_ascii_whitespace() || *byte == b'=');
    let first = line.iter().position(|byte| matches!(byte, b'=' | b':'));
    let direct = if line.ends_with(b":") { None } else { Some(line.len()) };
    let first = first.filter(|_| !line.contains(&b','));
    [direct, glued, first].into_iter().flatten().find_map(|end| name_at_end(line.get(..end)?))
}

/// The name a text ends with, but for blanks, quotes and the rest of the operator.
fn name_at_end(text: &[u8]) -> Option<&str> {
    let end = text.iter().rposition(|byte| in_name(*byte))? + 1;
    let operator = text.get(end..)?;
    if !operator.iter().all(|b| matches!(b, b' ' | b'\t' | b'"' | b'\'' | b'=' | b':' | b']')) {
        return None;
    }
    let name = text.get(..end)?;
    let length = name.iter().rev().take(MAX_WORD).take_while(|byte| in_name(**byte)).count();
    let name = std::str::from_utf8(name.get(end - length..)?).ok()?;
    is_variable(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(line: &str) -> Option<&str> {
        name_before(line.as_bytes(), line.find('§').unwrap())
    }

    #[test]
    fn a_value_has_the_name_it_is_given_to() {
        for line in [
            "API_KEY=§",
            "x\nexport API_KEY=\"§",
            "  \"API_KEY\": \"§",
            "ENV API_KEY §",
            "process.env['API_KEY'] = '§",
            "- API_KEY=postgres://user:§",
            "API_KEY: postgres://user:§",
            "const API_KEY: &str = \"§",
            "{\"A_KEY\":\"x\",\"API_KEY\":\"§",
        ] {
            assert_eq!(name(line), Some("API_KEY"), "{line}");
        }
        for line in ["api_key=§", "API_KEY=x\n§", "f(API_KEY, §", "§", "KEY=§", "API_KEY.a = §"]
        {
            assert_eq!(name(line), None, "{line}");
        }
    }
}

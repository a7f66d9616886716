use std::collections::BTreeMap;

/// The variables an image sets for its processes, as far as a step takes them over.
pub type Environment = BTreeMap<String, String>;

/// The most variables and bytes taken over.
const MOST: usize = 512;
const MOST_BYTES: usize = 256 << 10;

/// Ours to set, in capitals: who the step is, where its own places are, what time it is, and how it
/// reaches the network.
const FIXED: &[&str] = &[
    "ALL_PROXY",
    "FTP_PROXY",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LOGNAME",
    "NO_PROXY",
    "OLDPWD",
    "PWD",
    "SOURCE_DATE_EPOCH",
    "TMPDIR",
    "USER",
];

/// Reads `Env` of an image's configuration: `NAME=VALUE`. What has no name that a variable can have,
/// what is ours to set and what is too much is left out.
pub(crate) fn taken_over(variables: &[String]) -> Environment {
    let mut taken = Environment::new();
    let mut bytes = 0;
    for variable in variables {
        let Some((name, value)) = variable.split_once('=') else { continue };
        let fixed = FIXED.contains(&name.to_ascii_uppercase().as_str());
        if !is_name(name) || fixed || value.contains('\0') {
            continue;
        }
        bytes += variable.len();
        if bytes > MOST_BYTES || taken.len() == MOST {
            break;
        }
        taken.insert(name.to_owned(), value.to_owned());
    }
    taken
}

fn is_name(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(variables: &[&str]) -> Vec<String> {
        let variables: Vec<String> = variables.iter().map(|text| (*text).to_owned()).collect();
        taken_over(&variables).into_iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn variables_that_are_ours_or_have_no_name_are_left_out() {
        let wanted = ["PATH=/opt/bin:/bin", "LANG=C", "EMPTY=", "A=b=c"];
        assert_eq!(taken(&wanted), ["A=b=c", "EMPTY=", "LANG=C", "PATH=/opt/bin:/bin"]);
        let left = [
            "HOME=/root",
            "USER=root",
            "TMPDIR=/x",
            "PWD=/",
            "http_proxy=http://evil.example",
            "HTTPS_PROXY=x",
            "no_proxy=*",
            "SOURCE_DATE_EPOCH=1",
            "=x",
            "1A=x",
            "A B=x",
            "NOTHING",
            "A-B=x",
            "BASH_FUNC_x%%=() { :; }",
            "N=a\0b",
        ];
        assert_eq!(taken(&left), [""; 0]);
    }

    #[test]
    fn what_is_too_much_is_left_out() {
        let many: Vec<String> = (0..2000).map(|i| format!("V{i}=x")).collect();
        assert_eq!(taken_over(&many).len(), MOST);
        assert!(taken_over(&[format!("BIG={}", "x".repeat(MOST_BYTES))]).is_empty());
    }
}

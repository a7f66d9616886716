//! Which variables of the caller's environment a command is given.

use std::{collections::BTreeMap, ffi::OsString};

use penstock_model::Secret;

use super::preset::Preset;

/// Passed to every command: how it is to write, nothing about whom.
const PLAIN: &[&str] = &[
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "FORCE_COLOR",
    "LANG",
    "LANGUAGE",
    "LINES",
    "NO_COLOR",
    "TERM",
];

/// Passed where they name a file the command sees anyway: certificates of the machine, on which a
/// company's proxy may insist.
const CERTIFICATES: &[&str] = &[
    "CARGO_HTTP_CAINFO",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
];

/// Where such files lie in the sandbox as outside.
const SHOWN: &[&str] = &["/etc/ssl/certs/", "/etc/pki/ca-trust/", "/etc/pki/tls/certs/", "/usr/"];

/// Parts of a variable's name that say its value is a secret.
const SECRET_WORDS: &[&str] = &[
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "CREDENTIAL",
    "APIKEY",
    "AUTH",
    "COOKIE",
    "SESSION",
    "DSN",
];

/// The same where they are a word of their own: `KEY` is in `KEYBOARD`, too.
const SECRET_WHOLE_WORDS: &[&str] =
    &["KEY", "PASS", "PRIVATE", "PWD", "PAT", "SIG", "CERT", "SAS", "JWT"];

/// Whether a variable's name says that its value is secret.
pub fn looks_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    // Directories, not passwords; and who wrote a commit.
    if matches!(upper.as_str(), "PWD" | "OLDPWD") || upper.starts_with("GIT_AUTHOR_") {
        return false;
    }
    SECRET_WORDS.iter().any(|word| upper.contains(word))
        || upper.split('_').any(|part| {
            SECRET_WHOLE_WORDS.contains(&part)
                || part.strip_suffix("KEY").is_some_and(|front| {
                    matches!(front, "API" | "ACCESS" | "ACCOUNT" | "SIGNING" | "DEPLOY")
                })
        })
}

/// Variables of a command, and what of them must not be shown.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// By name.
    pub variables: BTreeMap<String, String>,
    /// Values that are masked in all that is shown.
    pub secrets: Vec<Secret>,
    /// Names that the caller asked for, sorted.
    pub asked: Vec<String>,
    /// Names whose values are secret, sorted.
    pub secret_names: Vec<String>,
    /// Names that would have been passed, but for a password in the value that could not be cut out.
    pub withheld: Vec<String>,
}

/// Why a variable is not passed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// It decides how the sandbox itself is found, or what is loaded into every program.
    #[error("`{0}` is set by the sandbox and cannot be passed")]
    Fixed(String),
    /// A name that is none.
    #[error("`{0}` is no name of a variable: letters, digits and `_`, as in --env NODE_ENV")]
    Name(String),
    /// It is not there.
    #[error("the variable `{0}` is not set here: set it, or leave the option out")]
    NotSet(String),
    /// Not UTF-8.
    #[error("the value of `{0}` is not UTF-8")]
    NotText(String),
    /// It must be asked for as a secret.
    #[error("`{0}` looks like a secret: --secret {0} passes it and masks it in all that is shown")]
    Secret(String),
    /// It could not be masked.
    #[error("the value of `{0}` is shorter than {1} bytes and cannot be masked: it hides nothing")]
    Short(String, usize),
}

/// Variables that no option passes: the sandbox sets them, or they would load code into every
/// program before it begins (ld.so(8)).
const FIXED: &[&str] = &[
    "HOME",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LOGNAME",
    "PATH",
    "TMPDIR",
    "TZ",
    "USER",
];

impl Environment {
    /// What a command with this preset is given: nothing of the caller's but what is on a list or was
    /// asked for by name.
    ///
    /// # Errors
    /// A name that cannot be passed.
    pub fn of(
        preset: &Preset,
        env: &[String],
        secret: &[String],
        lookup: &dyn Fn(&str) -> Option<OsString>,
        names: &[String],
    ) -> Result<Self, EnvironmentError> {
        let mut this = Self::default();
        let text = |name: &str| lookup(name).and_then(|value| value.into_string().ok());
        let locale = names.iter().map(String::as_str).filter(|name| name.starts_with("LC_"));
        for name in PLAIN.iter().copied().chain(locale) {
            if let Some(value) = text(name) {
                this.variables.insert(name.to_owned(), value);
            }
        }
        for name in CERTIFICATES {
            if let Some(value) = text(name)
                && SHOWN.iter().any(|shown| value.starts_with(shown))
                && !value.split('/').any(|part| part == "..")
            {
                this.variables.insert((*name).to_owned(), value);
            }
        }
        for (name, value) in preset.env {
            this.variables.insert((*name).to_owned(), (*value).to_owned());
        }
        for name in preset.pass {
            let Some(value) = text(name) else { continue };
            match crate::egress::without_logins(&value) {
                Some(value) => drop(this.variables.insert((*name).to_owned(), value)),
                None => this.withheld.push((*name).to_owned()),
            }
        }
        for name in env {
            if looks_secret(name) {
                return Err(EnvironmentError::Secret(name.clone()));
            }
            this.variables.insert(name.clone(), asked(name, lookup)?);
            this.asked.push(name.clone());
        }
        for name in secret {
            let value = asked(name, lookup)?;
            let shortest = penstock_sandbox::mask::MIN_SECRET_BYTES;
            if value.len() < shortest {
                return Err(EnvironmentError::Short(name.clone(), shortest));
            }
            this.secrets.push(Secret::new(value.clone().into_bytes()));
            this.variables.insert(name.clone(), value);
            this.secret_names.push(name.clone());
        }
        for names in [&mut this.asked, &mut this.secret_names] {
            names.sort();
            names.dedup();
        }
        Ok(this)
    }
}

fn asked(
    name: &str,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<String, EnvironmentError> {
    let owned = || name.to_owned();
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain {
        return Err(EnvironmentError::Name(owned()));
    }
    if FIXED.contains(&name) {
        return Err(EnvironmentError::Fixed(owned()));
    }
    let value = lookup(name).ok_or_else(|| EnvironmentError::NotSet(owned()))?;
    value.into_string().map_err(|_| EnvironmentError::NotText(owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        env: &[&str],
        secret: &[&str],
        set: &[(&str, &str)],
    ) -> Result<Environment, EnvironmentError> {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let set: BTreeMap<String, OsString> =
            set.iter().map(|(n, v)| ((*n).to_owned(), OsString::from(v))).collect();
        let names: Vec<String> = set.keys().cloned().collect();
        let lookup = |name: &str| set.get(name).cloned();
        let preset = Preset::named("npm").unwrap();
        Environment::of(preset, &owned(env), &owned(secret), &lookup, &names)
    }

    #[test]
    fn nothing_is_passed_but_what_is_on_a_list() {
        let set = [
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("GITHUB_TOKEN", "x"),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "x"),
            ("HOME", "/root"),
            ("LD_PRELOAD", "/x"),
            ("LC_ALL", "C"),
            ("TERM", "xterm"),
            ("NODE_ENV", "test"),
            ("NODE_OPTIONS", "--x=ftp://me:pw@mirror.example/"),
            ("npm_config_registry", "https://me:pw@mirror.example/"),
            ("NODE_EXTRA_CA_CERTS", "/home/ana/ca.pem"),
            ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
            ("REQUESTS_CA_BUNDLE", "/usr/../home/x"),
        ];
        let given = of(&[], &[], &set).unwrap();
        let names: Vec<&str> = given.variables.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "COREPACK_ENABLE_DOWNLOAD_PROMPT",
                "LC_ALL",
                "NODE_ENV",
                "SSL_CERT_FILE",
                "TERM",
                "npm_config_registry",
                "npm_config_update_notifier"
            ]
        );
        assert_eq!(given.variables["npm_config_registry"], "https://mirror.example/");
        assert_eq!(given.withheld, ["NODE_OPTIONS"]);
    }

    #[test]
    fn more_is_passed_by_name_and_secrets_as_secrets_only() {
        let set = [("DEBUG", "1"), ("NPM_TOKEN", "geheim-123"), ("A_KEY", "abc")];
        let given = of(&["DEBUG"], &["NPM_TOKEN"], &set).unwrap();
        assert_eq!(given.variables["DEBUG"], "1");
        assert_eq!(given.variables["NPM_TOKEN"], "geheim-123");
        assert_eq!(
            (given.asked, given.secret_names),
            (vec!["DEBUG".into()], vec!["NPM_TOKEN".into()])
        );
        assert_eq!(given.secrets.len(), 1);
        assert_eq!(
            of(&["NPM_TOKEN"], &[], &set).unwrap_err(),
            EnvironmentError::Secret("NPM_TOKEN".into())
        );
        assert_eq!(
            of(&[], &["A_KEY"], &set).unwrap_err(),
            EnvironmentError::Short("A_KEY".into(), 4)
        );
        assert_eq!(of(&["NONE"], &[], &set).unwrap_err(), EnvironmentError::NotSet("NONE".into()));
        assert_eq!(
            of(&["LD_PRELOAD"], &[], &set).unwrap_err(),
            EnvironmentError::Fixed("LD_PRELOAD".into())
        );
        assert_eq!(of(&["A=B"], &[], &set).unwrap_err(), EnvironmentError::Name("A=B".into()));
    }

    #[test]
    fn secrets_are_told_by_their_names() {
        for name in [
            "GITHUB_TOKEN",
            "DB_PASSWORD",
            "AWS_ACCESS_KEY_ID",
            "API_KEY",
            "APIKEY",
            "npm_config__auth",
            "SIGNING_KEY",
            "DB_PASS",
            "SENTRY_DSN",
        ] {
            assert!(looks_secret(name), "{name}");
        }
        for name in ["NODE_ENV", "KEYBOARD", "PWD", "CI", "PATHS", "MONKEY_MODE", "GIT_AUTHOR_NAME"]
        {
            assert!(!looks_secret(name), "{name}");
        }
    }
}

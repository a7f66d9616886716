use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_model::Secret;

use crate::{Authority, Credential, Scheme};

/// `Basic …` of `user:password` (RFC 7617).
pub(super) fn basic(login: &Secret) -> Secret {
    Secret::new(format!("Basic {}", BASE64_STANDARD.encode(login.expose())))
}

/// `Bearer …` (RFC 6750 section 2.1).
pub(super) fn bearer(token: &str) -> Secret {
    Secret::new(format!("Bearer {token}"))
}

/// `Basic …` of the two.
pub(super) fn user_and_password(user: &str, password: &str) -> Secret {
    basic(&Secret::new(format!("{user}:{password}")))
}

/// The entry for a host of a `.netrc`: `machine HOST login USER password WORD`, in any order after the
/// host, `default` for hosts that have none (<https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html>).
/// The first entry counts. Macros end the reading, since their text could look like an entry.
pub(super) fn netrc(text: &str, host: &str) -> Option<Secret> {
    let mut words = text.split_ascii_whitespace();
    let (mut here, mut user, mut password) = (false, None, None);
    while let Some(word) = words.next() {
        match word {
            "machine" | "default" if here && password.is_some() => break,
            "machine" => {
                here = words.next()?.eq_ignore_ascii_case(host);
                (user, password) = (None, None);
            }
            "default" => {
                here = true;
                (user, password) = (None, None);
            }
            "login" => user = words.next(),
            "password" => password = words.next(),
            "account" => drop(words.next()),
            "macdef" => break,
            _ => {}
        }
    }
    let password = password.filter(|_| here)?;
    Some(user_and_password(user.unwrap_or_default(), password))
}

impl Credential {
    /// Where it is for.
    pub fn authority(&self) -> Authority {
        Authority { host: self.host.clone(), port: self.port }
    }

    /// What of it must be masked wherever it is shown: the value, and the password or token in it.
    pub fn secrets(&self) -> Vec<Secret> {
        let value = self.value.expose();
        let mut secrets = vec![self.value.clone()];
        let Some(word) = value.splitn(2, |byte| *byte == b' ').nth(1) else { return secrets };
        secrets.push(Secret::new(word));
        if value.starts_with(b"Basic ")
            && let Ok(login) = BASE64_STANDARD.decode(word)
            && let Some(password) = login.splitn(2, |byte| *byte == b':').nth(1)
        {
            // A token that stands where a name does has an empty password.
            let token = login.split_last().map_or(&[][..], |(_, front)| front);
            secrets.push(Secret::new(if password.is_empty() { token } else { password }));
        }
        secrets
    }
}

/// A login and what it is for.
pub(super) type Login = (Scheme, Credential);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_netrc_has_an_entry_for_each_host() {
        let text = "machine a.example login u password geheim\n\
                    machine b.example\n\tpassword p\n\tlogin v\n\
                    default login anonymous password x\nmacdef m\nmachine c.example password no\n";
        for (host, expected) in
            [("a.example", "u:geheim"), ("B.example", "v:p"), ("c.example", "anonymous:x")]
        {
            let expected = basic(&Secret::new(expected));
            assert_eq!(netrc(text, host), Some(expected), "{host}");
        }
        assert_eq!(netrc("machine a.example login u", "a.example"), None);
        assert_eq!(netrc("machine a.example password", "a.example"), None);
        assert_eq!(netrc("machine b.example password p", "a.example"), None);
    }

    #[test]
    fn every_form_of_a_secret_is_to_be_masked() {
        let of = |value: Secret| {
            let credential = Credential::new("h.example/", "authorization", value).unwrap();
            let texts = credential.secrets().into_iter();
            texts.map(|text| String::from_utf8(text.expose().to_vec()).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(of(bearer("t0k")), ["Bearer t0k", "t0k"]);
        assert_eq!(of(user_and_password("u", "pw")), ["Basic dTpwdw==", "dTpwdw==", "pw"]);
        assert_eq!(of(user_and_password("tok", "")).last().unwrap(), "tok");
        assert_eq!(of(Secret::new(*b"plain")), ["plain"]);
    }
}

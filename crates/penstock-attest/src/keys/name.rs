use std::{fmt, str::FromStr};

use penstock_model::Role;
use serde::{Deserialize, Serialize};

/// Which key: one per role, and one per person for role `person`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum KeyName {
    /// Signs how something was built, checked and tested.
    Build,
    /// Signs what was decided and deployed.
    Gate,
    /// Signs the ledger's checkpoints.
    Log,
    /// Signs one person's approvals.
    Person(PersonName),
    /// Signs versions of the policy.
    Policy,
}

/// A person's name as it stands in the policy and in a file name: 1 to 64 of `a-z`, `0-9`, `.`,
/// `_`, `-`, the first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

impl KeyName {
    /// The key of a person.
    ///
    /// # Errors
    /// A name that cannot stand in a file name.
    pub fn person(name: &str) -> Result<Self, KeyNameError> {
        let first = name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        let rest =
            name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'));
        if first && rest && name.len() <= 64 {
            Ok(Self::Person(PersonName(name.to_owned())))
        } else {
            Err(KeyNameError(name.chars().take(80).collect()))
        }
    }

    /// The key of a role that has one key; `None` for persons, who have one each.
    pub fn of_role(role: Role) -> Option<Self> {
        match role {
            Role::Build => Some(Self::Build),
            Role::Gate => Some(Self::Gate),
            Role::Log => Some(Self::Log),
            Role::Person => None,
            Role::Policy => Some(Self::Policy),
        }
    }

    /// What it may speak for.
    pub fn role(&self) -> Role {
        match self {
            Self::Build => Role::Build,
            Self::Gate => Role::Gate,
            Self::Log => Role::Log,
            Self::Person(_) => Role::Person,
            Self::Policy => Role::Policy,
        }
    }

    /// Whose it is, if it is a person's.
    pub fn person_name(&self) -> Option<&str> {
        match self {
            Self::Person(name) => Some(&name.0),
            Self::Build | Self::Gate | Self::Log | Self::Policy => None,
        }
    }

    /// The file that holds its private half.
    pub fn private_file(&self) -> String {
        format!("{self}.pem")
    }

    /// The file that holds its public half.
    pub fn public_file(&self) -> String {
        format!("{self}.pub")
    }

    pub(super) fn of_private_file(file: &str) -> Option<Self> {
        file.strip_suffix(".pem")?.parse().ok()
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(name) => write!(f, "person-{}", name.0),
            Self::Build | Self::Gate | Self::Log | Self::Policy => f.pad(self.role().name()),
        }
    }
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        if let Some(person) = text.strip_prefix("person-") {
            return Self::person(person);
        }
        Role::ALL
            .into_iter()
            .filter_map(Self::of_role)
            .find(|name| name.role().name() == text)
            .ok_or_else(|| KeyNameError(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for KeyName {
    type Error = KeyNameError;

    fn try_from(text: String) -> Result<Self, KeyNameError> {
        text.parse()
    }
}

impl From<KeyName> for String {
    fn from(name: KeyName) -> Self {
        name.to_string()
    }
}

/// Text that names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the name of a key: use a role, or a person's name of 1 to 64 characters out of \
     `a-z`, `0-9`, `.`, `_`, `-` that begins with a letter or digit"
)]
pub struct KeyNameError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_file_names_and_nothing_more() {
        let ana = KeyName::person("ana.b-2").unwrap();
        assert_eq!(ana.private_file(), "person-ana.b-2.pem");
        assert_eq!(KeyName::of_private_file("person-ana.b-2.pem"), Some(ana.clone()));
        assert_eq!((ana.role(), ana.person_name()), (Role::Person, Some("ana.b-2")));
        for role in Role::ALL {
            match KeyName::of_role(role) {
                Some(name) => assert_eq!(name.to_string().parse(), Ok(name)),
                None => assert_eq!(role, Role::Person),
            }
        }
        for wrong in
            ["", ".", "..", "../x", "a/b", "a\0", "A", "-a", ".a", "é", "a b", &"a".repeat(65)]
        {
            assert!(KeyName::person(wrong).is_err(), "{wrong}");
            assert!(format!("person-{wrong}").parse::<KeyName>().is_err(), "{wrong}");
        }
        assert!("person".parse::<KeyName>().is_err());
    }
}

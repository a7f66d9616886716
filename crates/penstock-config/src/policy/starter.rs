use std::collections::BTreeMap;

use penstock_model::{Area, GitOid, IdentityStrength, ProjectId, Role, Sha256};

use super::{
    Adoption, Builder, Environment, Key, Mode, Person, PolicyCheck, PolicyRules, Profile, Service,
    Target, Tests,
};

/// What the starter policy is made from; everything else is built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarterInput {
    /// The project.
    pub project: ProjectId,
    /// The commit it is adopted at.
    pub base: GitOid,
    /// Whether the keys were made just now, for a demonstration.
    pub demo: bool,
    /// One key of each role at least; that of role `person` becomes the person's.
    pub keys: Vec<StarterKey>,
    /// Whoever runs Penstock for the first time.
    pub person: StarterPerson,
    /// The id of the builder that this installation is.
    pub builder: String,
    /// The SLSA build level its provenance may be credited with at most.
    pub slsa_build: u8,
    /// The pipeline's test step, if it has one.
    pub test_step: Option<String>,
}

/// A key for the starter policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarterKey {
    /// Its label, `build` say.
    pub label: String,
    /// SHA-256 of the public key's DER form.
    pub id: Sha256,
    /// The public key's DER form in base64.
    pub public: String,
    /// What it may speak for.
    pub role: Role,
}

/// The one person of a starter policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarterPerson {
    /// Their handle, `ana` say.
    pub handle: String,
    /// What people call them.
    pub name: String,
    /// Their addresses in commits.
    pub emails: Vec<String>,
    /// How it was established that they are who they say.
    pub identity: IdentityStrength,
}

pub(crate) fn rules(input: &StarterInput) -> PolicyRules {
    let keys = input.keys.iter().map(|key| {
        let trusted = Key {
            id: key.id,
            public: key.public.clone(),
            role: key.role,
            predicates: None,
            revoked_compromised: false,
        };
        (key.label.clone(), trusted)
    });
    let of_person = input.keys.iter().filter(|key| key.role == Role::Person);
    let person = Person {
        name: input.person.name.clone(),
        emails: input.person.emails.clone(),
        commit_keys: Vec::new(),
        keys: of_person.map(|key| key.id).collect(),
        identity: input.person.identity,
        identities: Vec::new(),
    };
    let environment = |order, approvals| Environment {
        order,
        profile: Profile::Level2,
        approvals,
        mode: Mode::Enforce,
        since: None,
        owner: None,
        target: Target::default(),
        freeze: Vec::new(),
    };
    PolicyRules {
        version: 1,
        project: input.project.clone(),
        base: input.base.clone(),
        demo: input.demo,
        service: Service::default(),
        adoption: Adoption::default(),
        // Named one by one, so that the policy means the same when a later version has more areas.
        check: PolicyCheck { require: Some(Area::ALL.to_vec()), ..PolicyCheck::default() },
        tests: Tests { steps: input.test_step.iter().cloned().collect(), ..Tests::default() },
        vault: None,
        environments: BTreeMap::from([
            ("staging".to_owned(), environment(1, 0)),
            ("production".to_owned(), environment(2, 1)),
        ]),
        keys: keys.collect(),
        people: BTreeMap::from([(input.person.handle.clone(), person)]),
        builders: BTreeMap::from([(
            input.builder.clone(),
            Builder { slsa_build: input.slsa_build },
        )]),
        exceptions: Vec::new(),
    }
}

//! An opened project: its state directory, ledger, policy and keys.

use std::{collections::BTreeSet, ffi::OsString, path::PathBuf};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_attest::{
    LogVerifier, Trust,
    keys::{KeyName, KeyStore},
    signer::SignerClient,
};
use penstock_config::{
    PenstockToml, Policy,
    policy::{StarterInput, StarterKey, StarterPerson},
};
use penstock_ledger::Ledger;
use penstock_model::{IdentityStrength, Timestamp};
use penstock_sandbox::CancelToken;
use penstock_statement::{
    ResourceDescriptor, Statement,
    predicate::{Custody, PolicyVersion},
};

use crate::{
    error::RoadError, evidence::builder_id, home::Home, pinned::Pinned, project::Project,
    recorder::Recorder,
};

/// Tells the time.
pub type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// Looks up a variable of the environment.
pub type Lookup = Box<dyn Fn(&str) -> Option<OsString> + Send + Sync>;

/// The world outside, injected: nothing here reads the clock or the environment by itself.
pub struct Surroundings {
    /// This executable, which is also the step-host and the signer.
    pub exe: PathBuf,
    /// `--home`, `$PENSTOCK_HOME`.
    pub state: Option<PathBuf>,
    /// `--keys`, `$PENSTOCK_KEYS`.
    pub keys: Option<PathBuf>,
    /// `$XDG_STATE_HOME`.
    pub xdg_state_home: Option<PathBuf>,
    /// `$HOME`.
    pub user_home: Option<PathBuf>,
    /// `$PATH`.
    pub path: OsString,
    /// Whether `CI=true`: then no key is ever made.
    pub ci: bool,
    /// This program's version.
    pub version: String,
    /// Ends the steps of a run.
    pub cancel: CancelToken,
    /// What time it is.
    pub clock: Clock,
    /// Looks a variable up, for the secrets of steps.
    pub lookup: Lookup,
    /// The descriptors beyond the terminal's that this process was started with, for the same.
    pub inherited: BTreeSet<u32>,
}

/// Where a project's state and keys are, and the key its ledger is verified with.
pub struct Place {
    /// The state directory.
    pub home: Home,
    /// The keys.
    pub keys: KeyStore,
    /// What verifies the ledger's checkpoints.
    pub log: LogVerifier,
    /// Whether keys were made just now.
    pub made_keys: bool,
}

impl Place {
    /// The place of a project that was run before.
    ///
    /// # Errors
    /// [`RoadError::NothingYet`] where there is none.
    pub fn existing(project: &Project, around: &Surroundings) -> Result<Self, RoadError> {
        // Asking makes nothing: not even the directory.
        if !Self::root(project, around)?.exists() {
            return Err(RoadError::NothingYet);
        }
        let (home, keys) = Self::find(project, around)?;
        if !home.has_ledger() {
            return Err(RoadError::NothingYet);
        }
        Self::with_log(home, keys, false)
    }

    /// The place of a project; made, with demo keys where none are configured, on first use.
    ///
    /// # Errors
    /// [`RoadError::NoSigner`] where keys would have to be made under CI.
    pub fn open(project: &Project, around: &Surroundings) -> Result<Self, RoadError> {
        let (home, keys) = Self::find(project, around)?;
        if home.has_ledger() {
            return Self::with_log(home, keys, false);
        }
        let _turn = home.turn(FIRST_USE)?;
        if home.has_ledger() {
            // Somebody else made it while we waited.
            return Self::with_log(home, keys, false);
        }
        let made_keys = make_demo_keys(project, around, &keys)?;
        let place = Self::with_log(home, keys, made_keys)?;
        let signer = SignerClient::spawn(&around.exe, place.keys.path())?;
        Ledger::create(place.home.root(), place.log.key().name(), &signer.log()?)?;
        signer.finish()?;
        Ok(place)
    }

    /// Where the project's state is, or would be.
    fn root(project: &Project, around: &Surroundings) -> Result<PathBuf, RoadError> {
        let (xdg, user) = (around.xdg_state_home.clone(), around.user_home.clone());
        let default = || Home::default_root(&project.id, xdg, user);
        around.state.clone().or_else(default).ok_or(RoadError::NowhereToKeep)
    }

    /// The state directory alone, made if it is not there: for what needs neither keys nor ledger.
    ///
    /// # Errors
    /// There is nowhere to keep it, or it cannot be used.
    pub fn home(project: &Project, around: &Surroundings) -> Result<Home, RoadError> {
        Ok(Home::open(&Self::root(project, around)?, &project.id)?)
    }

    fn find(project: &Project, around: &Surroundings) -> Result<(Home, KeyStore), RoadError> {
        let root = Self::root(project, around)?;
        let home = Home::open(&root, &project.id)?;
        let keys = KeyStore::at(around.keys.clone().unwrap_or_else(|| home.keys()));
        Ok((home, keys))
    }

    fn with_log(home: Home, keys: KeyStore, made_keys: bool) -> Result<Self, RoadError> {
        let log = LogVerifier::new(&keys.log_origin()?, keys.public(&KeyName::Log)?)?;
        Ok(Self { home, keys, log, made_keys })
    }
}

/// The turn of whoever makes what a project has once: keys, ledger, first policy.
const FIRST_USE: &str = "first-use";

/// Makes demo keys for a project without a ledger; those that are there already (making them was cut
/// short) stay. Never under CI, and never beside keys that somebody configured.
fn make_demo_keys(
    project: &Project,
    around: &Surroundings,
    keys: &KeyStore,
) -> Result<bool, RoadError> {
    let person = KeyName::person(&first_person(project).handle)?;
    let roles = [KeyName::Log, KeyName::Build, KeyName::Gate, KeyName::Policy];
    let demo = keys.clone().making_demo_keys();
    let configured = around.ci || around.keys.is_some();
    let mut made = false;
    for name in roles.into_iter().chain([person]) {
        if keys.holds(&name)? {
            continue;
        }
        if configured {
            // A person's key belongs to that person, not to a job.
            match name {
                KeyName::Person(_) => continue,
                _ => return Err(RoadError::NoSigner),
            }
        }
        match name {
            KeyName::Log => demo.generate_log(&format!("penstock/{}", project.id.hash()))?,
            name => demo.generate(&name)?,
        };
        made = true;
    }
    Ok(made)
}

/// Whoever the first commit to be run is by: the one person of a starter policy, taken at their
/// commit's word.
fn first_person(project: &Project) -> StarterPerson {
    let author = &project.head.author;
    let local = author.email.split('@').next().unwrap_or_default();
    let handle: String = local
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let handle = handle.trim_matches(|c: char| !c.is_ascii_lowercase()).to_owned();
    let handle: String = handle.chars().take(40).collect();
    let name = author.name.trim();
    StarterPerson {
        handle: if handle.is_empty() { "developer".to_owned() } else { handle },
        name: if name.is_empty() { "Developer".to_owned() } else { name.to_owned() },
        emails: Some(author.email.clone())
            .filter(|email| email.contains('@'))
            .into_iter()
            .collect(),
        identity: IdentityStrength::BareKey,
    }
}

/// An opened project.
pub struct Session<'a> {
    /// The world outside.
    pub around: &'a Surroundings,
    /// The project.
    pub project: &'a Project,
    /// Its state.
    pub place: &'a Place,
    /// Its ledger.
    pub ledger: Ledger<'a>,
    /// The policy in force.
    pub pinned: Pinned,
    /// The keys that policy trusts.
    pub trust: Trust,
    /// Whether that policy was adopted just now.
    pub first_use: bool,
}

impl<'a> Session<'a> {
    /// Opens the ledger and the policy in force.
    ///
    /// # Errors
    /// A ledger that is not what it was; [`RoadError::NothingYet`] without a policy.
    pub fn open(
        around: &'a Surroundings,
        project: &'a Project,
        place: &'a Place,
    ) -> Result<Self, RoadError> {
        Self::with(around, project, place, None)
    }

    /// The same; adopts the built-in starter policy where there is none yet.
    ///
    /// # Errors
    /// As [`Session::open`]; what making it says.
    pub fn start(
        around: &'a Surroundings,
        project: &'a Project,
        place: &'a Place,
        configuration: &PenstockToml,
    ) -> Result<Self, RoadError> {
        Self::with(around, project, place, Some(configuration))
    }

    fn with(
        around: &'a Surroundings,
        project: &'a Project,
        place: &'a Place,
        start: Option<&PenstockToml>,
    ) -> Result<Self, RoadError> {
        let ledger = Ledger::open(place.home.root(), &[&place.log])?;
        let mut first_use = false;
        let pinned = match (Pinned::load(&ledger, &project.id)?, start) {
            (Some(pinned), _) => pinned,
            (None, None) => return Err(RoadError::NothingYet),
            (None, Some(configuration)) => {
                let _turn = place.home.turn(FIRST_USE)?;
                ledger.refresh()?;
                // Unless somebody else did it while we waited.
                if Pinned::load(&ledger, &project.id)?.is_none() {
                    first_use = true;
                    adopt_starter(around, project, place, &ledger, configuration)?;
                }
                Pinned::load(&ledger, &project.id)?.ok_or(RoadError::NothingYet)?
            }
        };
        let trust = pinned.trust()?;
        Ok(Self { around, project, place, ledger, pinned, trust, first_use })
    }

    /// Starts the signer. To be called when no step runs any more.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn signer(&self) -> Result<SignerClient, RoadError> {
        Ok(SignerClient::spawn(&self.around.exe, self.place.keys.path())?)
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        (self.around.clock)()
    }

    /// Who could reach the signing keys while steps ran: this version's signer is a process of the
    /// same user, always.
    pub fn custody(&self) -> Custody {
        Custody::SameUser
    }
}

/// Makes the built-in policy version 1 of this project.
fn adopt_starter(
    around: &Surroundings,
    project: &Project,
    place: &Place,
    ledger: &Ledger<'_>,
    configuration: &PenstockToml,
) -> Result<(), RoadError> {
    let person = first_person(project);
    let mut keys = Vec::new();
    let mut demo = false;
    for stored in place.keys.list()? {
        let label = match &stored.name {
            KeyName::Person(_) if stored.name.person_name() == Some(&person.handle) => {
                format!("person-{}", person.handle)
            }
            KeyName::Person(_) => continue,
            name => name.role().name().to_owned(),
        };
        demo |= stored.demo;
        keys.push(StarterKey {
            label,
            id: stored.public.id(),
            public: BASE64_STANDARD.encode(stored.public.to_spki()),
            role: stored.name.role(),
        });
    }
    let policy = Policy::starter(&StarterInput {
        project: project.id.clone(),
        base: project.head.id.clone(),
        demo,
        keys,
        builder: builder_id(Custody::SameUser).to_owned(),
        slsa_build: 1,
        test_step: configuration.steps.contains_key("test").then(|| "test".to_owned()),
        person: person.clone(),
    })?;
    let now = (around.clock)();
    let statement = Statement::new(
        vec![ResourceDescriptor::sha256("policy.toml", &policy.digest())],
        PolicyVersion {
            version: policy.version,
            project: project.id.clone(),
            previous: None,
            text: policy.text().to_owned(),
            adopted_by: person.handle,
            editors: Vec::new(),
            adopted_on: now,
        },
    );
    let signer = SignerClient::spawn(&around.exe, place.keys.path())?;
    let mut recorder = Recorder::new(ledger, &signer, now);
    recorder.add(&KeyName::Policy, &statement)?;
    recorder.commit()?;
    signer.finish()?;
    Ok(())
}

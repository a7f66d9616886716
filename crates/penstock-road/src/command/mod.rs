//! One command, confined, on a person's files in place: what it is given, how it runs, what it did.
//!
//! It yields no release evidence (DECISIONS 7): nobody knows what state the tree was in before.

pub mod allow;
pub mod changes;
pub mod environment;
mod ground;
pub mod learn;
pub(crate) mod masking;
pub mod preset;
mod protected;
pub mod record;
mod told;

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    os::{
        fd::{AsFd as _, BorrowedFd},
        unix::{ffi::OsStrExt as _, fs::DirBuilderExt as _},
    },
    path::{Path, PathBuf},
};

use penstock_config::{ConfigErrors, PenstockToml};
use penstock_model::{RepoPath, Secret, Sha256};
use penstock_sandbox::{
    self as sandbox, CancelToken, Launch, Place, Recording, SandboxError, StepSpec, Stream,
    Toolchains, printable,
};

use self::{
    changes::Snapshot,
    environment::{Environment, EnvironmentError},
    masking::Arguments,
    preset::Preset,
    record::{ActedOn, CommandRecord, From as Source, Given, Reach},
};
pub use self::{
    ground::{Ground, GroundError},
    protected::{acts_on, protected},
};
use crate::{
    egress::{self, Client, EgressFault, Logins, Proxy, Reached, Registries, Wanted},
    project::CONFIGURATION,
};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The command and its arguments.
    pub argv: Vec<OsString>,
    /// Where it is to start.
    pub directory: PathBuf,
    /// A preset by name, instead of the command's own.
    pub preset: Option<String>,
    /// Hosts allowed this once.
    pub allow: Vec<String>,
    /// Nothing of the network, whatever else is said.
    pub no_network: bool,
    /// Whether TLS is opened.
    pub intercept: bool,
    /// Variables to pass.
    pub env: Vec<String>,
    /// Variables to pass whose values are secret.
    pub secret: Vec<String>,
    /// Whether it may run where nothing confines it.
    pub allow_unconfined: bool,
    /// The strongest rung that is tried.
    pub strongest_rung: u8,
}

/// The world outside, injected.
pub struct World<'a> {
    /// This executable.
    pub exe: &'a Path,
    /// The person's home.
    pub home: Option<&'a Path>,
    /// `$PATH`.
    pub path: &'a OsStr,
    /// Where caches are kept: `$XDG_CACHE_HOME`, or what stands for it.
    pub cache: &'a Path,
    /// Our own directories, in which no command may work.
    pub apart: &'a [PathBuf],
    /// Looks a variable up.
    pub lookup: &'a dyn Fn(&str) -> Option<OsString>,
    /// The names of all variables.
    pub names: &'a [String],
}

/// A command that is ready to run, and all there is to say before it does.
pub struct Prepared {
    /// What it is given.
    pub given: Given,
    /// Where it works.
    pub ground: Ground,
    /// The preset.
    pub preset: &'static Preset,
    /// What a person should know that is not in the other fields, each a sentence.
    pub notes: Vec<String>,
    /// The rung this machine gives: 1 alone keeps protected paths read-only, 2 puts them back.
    pub rung: u8,
    spec: StepSpec,
    wanted: Option<Wanted>,
    secrets: Vec<Secret>,
}

/// Why a command is not run.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The project's configuration is wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigErrors),
    /// A variable cannot be passed.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// Not there.
    #[error(transparent)]
    Ground(#[from] GroundError),
    /// A file operation of our own.
    #[error("cannot {action} `{}`: {reason}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The project's path cannot be handed on.
    #[error("nothing to run: write the command after `--`, as in penstock run -- npm install")]
    NoCommand,
    /// The network cannot be had.
    #[error(transparent)]
    Network(#[from] EgressFault),
    /// No such preset.
    #[error("there is no preset `{name}`: there are {known}")]
    Preset {
        /// As written.
        name: String,
        /// The presets.
        known: String,
    },
    /// It could not be confined.
    #[error(
        "this machine does not let a command be confined: {0} (penstock doctor says more); --allow-unconfined runs it all the same, with nothing between it and your files"
    )]
    Unconfined(String),
    /// It could not be run.
    #[error(transparent)]
    Sandbox(SandboxError),
}

impl CommandError {
    fn io(action: &'static str, path: &Path, error: &io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), reason: error.to_string() }
    }
}

impl Prepared {
    /// Works out what a command is given. Nothing is run; its private home is made.
    ///
    /// # Errors
    /// A place, an option or a configuration that cannot be.
    pub fn of(request: &Request, world: &World<'_>) -> Result<Self, CommandError> {
        if request.argv.first().is_none_or(|program| program.is_empty()) {
            return Err(CommandError::NoCommand);
        }
        let ground = Ground::find(&request.directory, world.home, world.apart)?;
        let preset = match &request.preset {
            None => Preset::of(&request.argv),
            Some(name) => Preset::named(name).ok_or_else(|| CommandError::Preset {
                name: name.clone(),
                known: Preset::names().collect::<Vec<_>>().join(", "),
            })?,
        };
        let mut notes = Vec::new();
        // Asked before anything is said: what is not in force must not be claimed.
        let probed = sandbox::probe(world.exe).map_err(CommandError::Sandbox)?;
        let strongest = request.strongest_rung.max(1);
        let rung = if probed.rung == 0 { 0 } else { probed.rung.max(strongest) };
        if rung == 0 && !request.allow_unconfined {
            return Err(CommandError::Unconfined(probed.degradations.join("; ")));
        }
        let environment =
            Environment::of(preset, &request.env, &request.secret, world.lookup, world.names)?;
        for name in &environment.withheld {
            notes.push(format!("{name} is not passed: its value holds a user name or password"));
        }
        let client = Client {
            home: world.home,
            lookup: world.lookup,
            names: world.names,
            argv: &request.argv,
            root: &ground.root,
        };
        let registries = Registries::of(preset.registry, &client);
        let (reach, intercept) = reach(request, &registries, &ground)?;
        // Also without a rule: what is asked for is then known by its name.
        let rules = reach.iter().map(|reach| reach.rule.as_str());
        let persons = reach.iter().filter(|reach| reach.from != Source::Project);
        let persons = persons.map(|reach| reach.rule.as_str());
        let logins = registries.logins(persons, rules.clone(), intercept);
        let mut secrets = environment.secrets;
        secrets.extend(logins.secrets());
        let places = logins.places();
        let wanted = match request.no_network {
            true => None,
            false => {
                Some(Wanted::new(rules, intercept, world.lookup)?.adding(logins.added.clone()))
            }
        };
        let home = kept_home(world.cache, &ground.root, preset)?;
        let settings = registries.settings;
        told::write(&home, &settings.files)
            .map_err(|error| CommandError::io("write settings in", &home, &error))?;
        let told = settings.files.iter().filter(|file| file.text.is_some());
        let mut told: Vec<String> = told.map(|file| format!("~/{}", file.path)).collect();
        told.extend(settings.variables.keys().cloned());
        notes.extend(said_of(&told, &logins, intercept));
        let protected = protected(preset.is_git(), preset::packs(&request.argv), rung);

        let mut spec = StepSpec::new("command", &request.argv, &ground.root);
        spec.place = Some(Place(ground.root.clone()));
        spec.directory.clone_from(&ground.directory);
        spec.kept_home = Some(Place(home.clone()));
        spec.toolchains =
            world.home.map(|home| Toolchains::find(home, world.path)).unwrap_or_default();
        spec.env = environment.variables;
        for (name, value) in settings.variables {
            spec.env.entry(name).or_insert(value);
        }
        spec.recording = Recording::Everything;
        spec.allow_unconfined = request.allow_unconfined;
        spec.strongest_rung = strongest;
        // A person's command takes its time, and their project may be of any size.
        spec.timeout_seconds = 0;
        spec.limits.workspace_bytes = u64::MAX;
        spec.limits.output_bytes = u64::MAX;
        let given = Given {
            preset: preset.name.to_owned(),
            reach,
            intercept,
            protected: match rung {
                0 => Vec::new(),
                _ => protected.iter().map(|place| place.inside.to_string()).collect(),
            },
            home: shown(&home),
            settings: told,
            logins: places,
            env: environment.asked,
            secrets: environment.secret_names,
        };
        spec.protected = protected;
        Ok(Self { given, ground, preset, notes, rung, spec, wanted, secrets })
    }

    /// Values that are masked in all that is shown.
    pub fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// Runs it to its end. `input` is what it reads, if anything; `output` gets what it writes,
    /// unmasked.
    ///
    /// # Errors
    /// It could not be confined, or its end is not known. A command that fails is no error.
    pub fn run(
        mut self,
        exe: &Path,
        cancel: &CancelToken,
        input: Option<BorrowedFd<'_>>,
        output: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<CommandRecord, CommandError> {
        // Where nothing can be written, nothing need be looked at.
        let sealed = self.rung == 1 && !self.preset.is_git();
        let skip = move |path: &[u8]| sealed && path == b".git";
        let root = self.ground.root.clone();
        let look = || {
            Snapshot::take(&root, &skip).map_err(|error| CommandError::io("read", &root, &error))
        };
        let proxy = self.wanted.as_ref().map(|wanted| Proxy::start(exe, wanted)).transpose()?;
        let handed = proxy.as_ref().map(Proxy::handoff).transpose();
        let handed = handed.map_err(|error| CommandError::io("reach", exe, &error))?;
        if let Some(proxy) = &proxy {
            proxy.lead(&mut self.spec, &self.given.env);
        }
        self.name_the_home();
        let before = look()?;
        let launch = Launch { exe, egress: handed.as_ref().map(|handed| handed.as_fd()), input };
        let ran = sandbox::run_step(&launch, &self.spec, cancel, output);
        drop(handed);
        let network = proxy.map(Proxy::finish).transpose();
        let ran = ran.map_err(|error| match error {
            SandboxError::Barred { barrier } => {
                CommandError::Unconfined(format!("{barrier}; {}", barrier.remedy()))
            }
            other => CommandError::Sandbox(other),
        })?;
        // The command is over: what is known of it is worth telling without this, too.
        let (network, faults) = match network {
            Ok(network) => (network, Vec::new()),
            Err(fault) => {
                (Some(Reached { lost: 1, ..Reached::default() }), vec![fault.to_string()])
            }
        };
        let changes = before.compare(&look()?);

        let arguments = Arguments::new(&self.secrets);
        let (outcome, exit_status) = record::ended(&ran.outcome);
        let denied = record::denials(&ran.trace, &arguments);
        let acted_on: Vec<ActedOn> = changes
            .paths()
            .filter_map(|path| {
                let acts = acts_on(path)?;
                let absolute = shown(&self.ground.root.join(path.as_path()));
                let put_back = |denied: &record::Denied| {
                    denied.kind == record::PUT_BACK
                        && Path::new(&absolute).starts_with(&denied.what)
                };
                // It is as it was; that it was written is among what was denied.
                if denied.iter().any(put_back) {
                    return None;
                }
                Some(ActedOn { path: path.to_string(), acts: acts.to_owned() })
            })
            .collect();
        Ok(CommandRecord {
            version: record::VERSION,
            command: arguments.mask(&self.spec.argv),
            root: shown(&self.ground.root),
            directory: self.ground.directory.as_ref().map(ToString::to_string).unwrap_or_default(),
            outcome,
            exit_status,
            isolation: (&ran.isolation).into(),
            usage: record::Usage {
                duration_ms: ran.usage.duration_ms,
                user_ms: ran.usage.user_ms,
                system_ms: ran.usage.system_ms,
                peak_process_kib: ran.usage.peak_process_kib,
            },
            processes: record::processes(&ran.trace, &arguments),
            read_outside: ran.trace.read.iter().map(|path| arguments.text(path)).collect(),
            denied,
            lost: record::lost(&ran, network.as_ref()),
            network,
            faults,
            acted_on,
            changes,
            given: self.given,
        })
    }
}

impl Prepared {
    /// Names the private home to programs that look for another: where there are no namespaces it is not
    /// where the sandbox has it, and `HOME` is not what everything asks.
    fn name_the_home(&mut self) {
        let Some(home) = self.spec.kept_home.as_ref().and_then(|Place(home)| home.to_str()) else {
            return;
        };
        if self.rung == 1 {
            return;
        }
        if self.spec.toolchains.env().any(|(name, _)| name == "CARGO_HOME") {
            let cargo = format!("{home}/.cargo");
            self.spec.env.entry("CARGO_HOME".to_owned()).or_insert(cargo);
        }
        // Java asks the system who the user is and where they are at home. Words may be quoted:
        // https://docs.oracle.com/en/java/javase/17/troubleshoot/environment-variables-and-system-properties.html
        if let Some(options) = self.spec.env.get_mut("JAVA_TOOL_OPTIONS")
            && !home.contains(['"', '\''])
        {
            options.push_str(&format!(" \"-Duser.home={home}\""));
        }
    }
}

/// What a person should know of their registries: by what the tool is told of them, and of the logins.
fn said_of(told: &[String], logins: &Logins, intercept: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if !told.is_empty() {
        notes.push(format!("told of your registries by {}", told.join(", ")));
    }
    let places = logins.places();
    if !places.is_empty() {
        notes.push(format!(
            "the proxy adds your login to what is read from {}; the command does not see it",
            places.join(", ")
        ));
    }
    for host in logins.kept_back() {
        let how = if intercept { "" } else { ". --intercept lets the proxy add it" };
        notes.push(format!("you have a login at {host}; the command does not get it{how}"));
    }
    notes
}

/// All that may be reached and who says so, and whether TLS is opened.
fn reach(
    request: &Request,
    registries: &Registries,
    ground: &Ground,
) -> Result<(Vec<Reach>, bool), CommandError> {
    let (project, intercept) = project_rules(&ground.root)?;
    let asked =
        request.allow.iter().map(|rule| egress::rule(rule)).collect::<Result<Vec<_>, _>>()?;
    if request.no_network {
        return Ok((Vec::new(), false));
    }
    let ruled = |from| move |rule| Reach { rule, from };
    let registry = registries.rules.iter().cloned();
    let registry = registry.map(ruled(Source::Preset));
    let project = project.into_iter().map(ruled(Source::Project));
    let asked = asked.into_iter().map(ruled(Source::Option));
    let mut reach: Vec<Reach> = Vec::new();
    for one in registry.chain(project).chain(asked) {
        if !reach.iter().any(|other| other.rule == one.rule) {
            reach.push(one);
        }
    }
    Ok((reach, intercept || request.intercept))
}

/// `[run] allow` and `intercept` of the project's configuration, if it has one.
fn project_rules(root: &Path) -> Result<(Vec<String>, bool), CommandError> {
    let path = root.join(CONFIGURATION);
    match fs::read_to_string(&path) {
        Ok(text) => {
            let configuration = PenstockToml::parse(&text, CONFIGURATION)?;
            let rules = configuration.run.allow.iter().map(|rule| egress::rule(rule.as_str()));
            Ok((rules.collect::<Result<_, _>>()?, configuration.run.intercept))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Vec::new(), false)),
        Err(error) => Err(CommandError::io("read", &path, &error)),
    }
}

/// The private home of a project's tools: one for each ecosystem, so that what one downloads cannot
/// be poisoned by another's, and never the person's own.
fn kept_home(cache: &Path, root: &Path, preset: &Preset) -> Result<PathBuf, CommandError> {
    let project = Sha256::of(root.as_os_str().as_bytes()).to_string();
    let project = project.get(..16).unwrap_or(&project);
    let home = cache.join("penstock/homes").join(project).join(preset.home());
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&home)
        .map_err(|error| CommandError::io("make", &home, &error))?;
    let real = fs::symlink_metadata(&home).is_ok_and(|metadata| metadata.is_dir());
    if real {
        Ok(home)
    } else {
        Err(CommandError::Io {
            action: "use",
            path: home,
            reason: "it is a link: remove it".to_owned(),
        })
    }
}

/// A path on one line, without what moves the cursor; bytes that are no UTF-8 as `%XX`.
pub fn shown(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    match path
        .strip_prefix("/")
        .ok()
        .and_then(|rest| RepoPath::new(rest.as_os_str().as_bytes()).ok())
    {
        Some(path) => format!("/{path}"),
        None => printable(bytes),
    }
}

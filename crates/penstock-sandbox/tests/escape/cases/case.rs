//! What a case is. Nothing here runs anything: the tests run the cases, and `cargo xtask generate`
//! makes the table in THREATS.md of the same values.

/// One way out that a step tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// The test's name.
    pub(crate) name: &'static str,
    /// What is tried, in a few words for the table.
    pub(crate) tries: &'static str,
    /// The arguments of the hostile program. What stands in braces is the scene's to fill in.
    pub(crate) attack: &'static [&'static str],
    /// What the test prepares on the host and looks at afterwards.
    pub(crate) scene: Scene,
    /// A bound of the step that is tighter than usual.
    pub(crate) bound: Option<Bound>,
    /// Who gets through without a sandbox, so that the attempt is known to be one.
    pub(crate) control: Control,
    /// What becomes of it at rung 1: namespaces, private root, Landlock, seccomp.
    pub(crate) rung_1: Expect,
    /// What becomes of it at rung 2: Landlock and seccomp alone.
    pub(crate) rung_2: Expect,
}

/// What becomes of a case. A test compares it with what really happens, in both directions: a way out
/// that is closed one day, or a record that is made one day, fails the test until it is written here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expect {
    /// Nothing got through, and the record of the step says all of this.
    Recorded(&'static [Mark]),
    /// Nothing got through, and nothing says that it was tried. Why.
    Unrecorded(&'static str),
    /// Nothing got through; whether it is recorded depends on what the machine has. How.
    Blocked(&'static str),
    /// It gets through, and why; the record says this much of it.
    Residual(&'static str, &'static [Mark]),
}

/// What says that something was tried. Texts may hold the scene's words in braces.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    /// A call that no step may make.
    Call(&'static str),
    /// The same, with what about its arguments made it so.
    CallWith(&'static str, &'static str),
    /// An address that is out of reach.
    Network(&'static str),
    /// An address that was asked for, reached or not.
    Connection(&'static str),
    /// A Unix socket that is not the step's.
    Socket(&'static str),
    /// A file opened for writing, or changed, that is not the step's to write. In full recording.
    Write(&'static str),
    /// A change of a protected place that was found after the step and put back.
    PutBack(&'static str),
    /// A file of the host's that the step is not shown. In full recording.
    Read(&'static str),
    /// A file where credentials are kept. In full recording.
    Credential(&'static str),
    /// A signal, by its number, to somebody who is not the step's.
    Signal(i32),
    /// A program that was started, by the end of its path. In full recording.
    Program(&'static str),
    /// Datagrams that nobody heard, and whose senders were not asked, were counted.
    Unheard,
    /// Something was over the bounds of the record, and was counted.
    OverLimit,
    /// The outcome is that a signal killed the step.
    Killed(i32),
    /// The outcome is that the step's time was over.
    TimedOut,
    /// The outcome is that the workspace was full.
    WorkspaceFull,
    /// Output was dropped, and counted.
    OutputDropped,
    /// An output was refused when it was to be taken.
    OutputRefused,
}

impl Mark {
    /// Whether it takes a step that is recorded in full.
    pub(crate) const fn is_in_full_recording_only(self) -> bool {
        matches!(self, Self::Write(_) | Self::Read(_) | Self::Credential(_) | Self::Program(_))
    }
}

impl Expect {
    /// What the record must say.
    pub(crate) const fn marks(self) -> &'static [Mark] {
        match self {
            Self::Recorded(marks) | Self::Residual(_, marks) => marks,
            Self::Unrecorded(_) | Self::Blocked(_) => &[],
        }
    }

    /// Whether what was done is undone after the step: it is judged by what is left.
    pub(crate) fn is_put_back(self) -> bool {
        self.marks().iter().any(|mark| matches!(mark, Mark::PutBack(_)))
    }

    /// Whether it takes a step that is recorded in full.
    pub(crate) fn is_in_full_recording_only(self) -> bool {
        self.marks().iter().any(|mark| mark.is_in_full_recording_only())
    }
}

/// What is prepared on the host. Each but the first may itself notice that something got through.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scene {
    /// Nothing: the hostile program itself tells what it could do.
    Bare,
    /// A stream service at the host's loopback address, `{port}`.
    Service,
    /// A datagram service at the host's loopback address, `{port}`.
    Datagrams,
    /// Somebody at the host who tries to reach the step's listener, and then makes `{go}`.
    Visitor,
    /// A service at a Unix socket outside the workspace, `{socket}`.
    UnixService,
    /// A segment of shared memory that everybody may read, by its key `{key}`.
    SharedMemory,
    /// A service at an abstract Unix socket, `{name}`.
    AbstractService,
    /// A service at a Unix socket in the workspace, `{socket}`, which hands a descriptor of a planted
    /// secret to whoever comes.
    Giver,
    /// A planted secret outside the workspace, `{loot}`, in the folder `{outside}`.
    Loot,
    /// A process of the host, `{pid}`, of the same user where that is possible, with a planted secret
    /// in its environment.
    Victim,
    /// A processor of the x86-64 family; elsewhere it is skipped.
    X86,
    /// A program in the workspace, `{program}`, that makes whoever runs it its owner.
    SetUserId,
    /// An open descriptor of the caller's that is inherited.
    Inherited,
    /// Work on a person's files in place: `.git/config`, `.git/hooks`, `.github`, `.vscode` and
    /// `.gitlab-ci.yml` are protected, some of them not there.
    InPlace,
    /// A home that is kept from one command to the next.
    KeptHome,
    /// A process is left behind, which has `{marker}` as argument.
    LeftBehind,
    /// `out` is taken as output, and must not be the planted secret `{loot}`.
    Output,
    /// What the step printed is shown to a person.
    Terminal,
    /// A proxy that lets one address through: `{allowed}`.
    AllowedHost,
}

/// A tight bound.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    /// Processes and threads.
    Processes(u64),
    /// Open descriptors.
    OpenFiles(u64),
    /// Mebibytes in one file.
    File(u64),
    /// Mebibytes of address space.
    AddressSpace(u64),
    /// Mebibytes in the workspace.
    Workspace(u64),
    /// Mebibytes in `/tmp`.
    Temporary(u64),
    /// Bytes of output.
    Output(u64),
    /// Seconds.
    Time(u64),
}

/// Who gets through when nothing confines the hostile program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Not tried: it would do harm, or needs what machines seldom have.
    Untried,
    /// Everybody.
    Everybody,
    /// Root alone.
    Root,
}

impl Case {
    /// A case that nobody has said anything about yet.
    pub(crate) const fn new(tries: &'static str, attack: &'static [&'static str]) -> Self {
        Self {
            name: "",
            tries,
            attack,
            scene: Scene::Bare,
            bound: None,
            control: Control::Untried,
            rung_1: Expect::Unrecorded(""),
            rung_2: Expect::Unrecorded(""),
        }
    }

    pub(crate) const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    pub(crate) const fn at(self, scene: Scene) -> Self {
        Self { scene, ..self }
    }

    pub(crate) const fn within(self, bound: Bound) -> Self {
        Self { bound: Some(bound), ..self }
    }

    /// Without a sandbox, everybody gets through.
    pub(crate) const fn open_to_everybody(self) -> Self {
        Self { control: Control::Everybody, ..self }
    }

    /// Without a sandbox, root gets through.
    pub(crate) const fn open_to_root(self) -> Self {
        Self { control: Control::Root, ..self }
    }

    /// The same at both rungs.
    pub(crate) const fn recorded(self, marks: &'static [Mark]) -> Self {
        let expect = Expect::Recorded(marks);
        Self { rung_1: expect, rung_2: expect, ..self }
    }

    /// At rung 2 it is done, found and put back.
    pub(crate) const fn put_back(self, marks: &'static [Mark]) -> Self {
        self.but_at_rung_2(Expect::Recorded(marks))
    }

    /// The same at both rungs.
    pub(crate) const fn unrecorded(self, why: &'static str) -> Self {
        let expect = Expect::Unrecorded(why);
        Self { rung_1: expect, rung_2: expect, ..self }
    }

    /// The same at both rungs.
    pub(crate) const fn residual(self, why: &'static str, marks: &'static [Mark]) -> Self {
        let expect = Expect::Residual(why, marks);
        Self { rung_1: expect, rung_2: expect, ..self }
    }

    pub(crate) const fn but_at_rung_2(self, expect: Expect) -> Self {
        Self { rung_2: expect, ..self }
    }
}

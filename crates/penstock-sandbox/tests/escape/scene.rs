//! What the host prepares for a case, and what it notices afterwards.

use std::{
    fs,
    io::{ErrorKind, IoSlice},
    mem::MaybeUninit,
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    os::{
        fd::{AsFd as _, AsRawFd as _, OwnedFd},
        linux::net::SocketAddrExt as _,
        unix::{
            fs::{MetadataExt as _, PermissionsExt as _, chown},
            net::{self, UnixListener, UnixStream},
            process::CommandExt as _,
        },
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread::JoinHandle,
    time::Duration,
};

use penstock_sandbox::{Network, Protected, StandIn, StepSpec, outputs, printable};
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
    sendmsg, socketpair,
};

use crate::{
    cases::case::Scene,
    support::{Place, copy_program, marker, processes_with},
};

/// What a thief would be glad of.
const LOOT: &str = "planted-loot";
/// The host's user and group of steps that root starts.
const STEP_USER: u32 = 65530;
/// Belongs to nobody on an ordinary system.
const NOBODY: u32 = 54_321;
/// What stands in the protected file.
const KEPT: &str = "kept\n";

/// A folder with a workspace and the hostile program in it, and what else the scene has.
pub(crate) struct Stage {
    scene: Scene,
    place: Place,
    words: Vec<(&'static str, String)>,
    held: Held,
    reached: bool,
}

enum Held {
    Nothing,
    Service(TcpListener),
    Datagrams(UdpSocket),
    Unix(UnixListener),
    Giver(PathBuf, Option<JoinHandle<()>>),
    Victim(Child),
    /// Open without close-on-exec.
    Inherited(#[expect(dead_code, reason = "it is there to be open")] fs::File),
    Segment(i32),
    /// Protected paths with their rights.
    Modes(Vec<(PathBuf, u32)>),
    Egress(OwnedFd, #[expect(dead_code, reason = "listeners wait in it")] OwnedFd),
}

impl Stage {
    pub(crate) fn new(scene: Scene) -> Self {
        static SCENES: AtomicU32 = AtomicU32::new(100);
        let number = SCENES.fetch_add(1, Ordering::Relaxed);
        let place = Place::new().with_attack();
        let outside = place.outside().to_owned();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let mut words = vec![
            ("{outside}", text(&outside)),
            ("{workspace}", text(&place.workspace())),
            ("{loot}", text(&outside.join("loot"))),
            ("{go}", "go".to_owned()),
            ("{allowed}", "203.0.113.7:443".to_owned()),
            ("{program}", "./program".to_owned()),
            ("{marker}", marker(number)),
            ("{name}", format!("penstock-escape-{}-{number}", std::process::id())),
        ];
        fs::write(outside.join("loot"), LOOT).unwrap();
        let held = match scene {
            Scene::Service => {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                listener.set_nonblocking(true).unwrap();
                words.push(("{port}", listener.local_addr().unwrap().port().to_string()));
                Held::Service(listener)
            }
            Scene::Datagrams => {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                socket.set_nonblocking(true).unwrap();
                words.push(("{port}", socket.local_addr().unwrap().port().to_string()));
                Held::Datagrams(socket)
            }
            Scene::UnixService => {
                let path = outside.join("service.sock");
                let listener = UnixListener::bind(&path).unwrap();
                listener.set_nonblocking(true).unwrap();
                words.push(("{socket}", text(&path)));
                Held::Unix(listener)
            }
            Scene::AbstractService => {
                let name = &words.iter().find(|(name, _)| *name == "{name}").unwrap().1;
                let address = net::SocketAddr::from_abstract_name(name).unwrap();
                let listener = UnixListener::bind_addr(&address).unwrap();
                listener.set_nonblocking(true).unwrap();
                Held::Unix(listener)
            }
            Scene::SharedMemory => {
                let key = 0x5ec0_0000
                    + (std::process::id() & 0xfff).cast_signed() * 256
                    + (number & 0xff).cast_signed();
                words.push(("{key}", key.to_string()));
                Held::Segment(segment(key))
            }
            Scene::Giver => {
                let path = place.workspace().join("giver.sock");
                words.push(("{socket}", "giver.sock".to_owned()));
                let listener = UnixListener::bind(&path).unwrap();
                let loot = outside.join("loot");
                let giver = std::thread::spawn(move || give(&listener, &loot));
                Held::Giver(path, Some(giver))
            }
            Scene::Loot => {
                words.push(("{pid}", std::process::id().to_string()));
                Held::Nothing
            }
            Scene::Victim => {
                let victim = victim();
                words.push(("{pid}", victim.id().to_string()));
                Held::Victim(victim)
            }
            Scene::SetUserId => {
                let program = place.workspace().join("program");
                copy_program(&program);
                if rustix::process::geteuid().is_root() {
                    chown(&program, Some(NOBODY), Some(NOBODY)).unwrap();
                }
                fs::set_permissions(&program, fs::Permissions::from_mode(0o6755)).unwrap();
                Held::Nothing
            }
            Scene::Inherited => {
                let file = fs::File::open(outside.join("loot")).unwrap();
                // SAFETY: fcntl(2) on a descriptor that is open.
                #[expect(unsafe_code, reason = "std cannot make a descriptor inheritable")]
                unsafe {
                    libc::fcntl(file.as_raw_fd(), libc::F_SETFD, 0)
                };
                Held::Inherited(file)
            }
            Scene::InPlace => {
                let workspace = place.workspace();
                fs::create_dir_all(workspace.join(".git/hooks")).unwrap();
                fs::create_dir_all(workspace.join(".github/workflows")).unwrap();
                fs::create_dir(workspace.join(".vscode")).unwrap();
                fs::write(workspace.join(".git/config"), KEPT).unwrap();
                fs::write(workspace.join("own"), "hostile").unwrap();
                let kept = ["", ".git", ".git/config", ".git/hooks", ".github", ".vscode"];
                Held::Modes(kept.map(|path| mode(workspace.join(path))).into())
            }
            Scene::KeptHome => {
                fs::create_dir(outside.join("home")).unwrap();
                Held::Nothing
            }
            Scene::AllowedHost => {
                let (ours, theirs) = socketpair(
                    AddressFamily::UNIX,
                    SocketType::SEQPACKET,
                    SocketFlags::CLOEXEC,
                    None,
                )
                .unwrap();
                Held::Egress(theirs, ours)
            }
            Scene::Bare
            | Scene::Visitor
            | Scene::X86
            | Scene::LeftBehind
            | Scene::Output
            | Scene::Terminal => Held::Nothing,
        };
        Self { scene, place, words, held, reached: false }
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.place.workspace()
    }

    /// Puts the scene's words in.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (name, word)| text.replace(name, word))
    }

    /// What the step is told of the scene.
    pub(crate) fn prepare(&self, spec: &mut StepSpec) {
        match self.scene {
            Scene::InPlace => {
                spec.place = Some(penstock_sandbox::Place(self.workspace()));
                spec.protected = [
                    (".git/config", StandIn::File),
                    (".git/hooks", StandIn::Directory),
                    (".github", StandIn::Directory),
                    (".vscode", StandIn::Directory),
                    (".gitlab-ci.yml", StandIn::File),
                    (".git/commondir", StandIn::PutBack),
                ]
                .map(|(inside, stand_in)| Protected { inside: inside.parse().unwrap(), stand_in })
                .into();
            }
            Scene::KeptHome => {
                spec.kept_home = Some(penstock_sandbox::Place(self.place.outside().join("home")));
            }
            Scene::AllowedHost => spec.network = Network::Proxy { ports: vec![443] },
            _ => {}
        }
    }

    /// The proxy's control socket. Its listeners take connections before anybody accepts them.
    pub(crate) fn egress(&self) -> Option<OwnedFd> {
        match &self.held {
            Held::Egress(theirs, _) => Some(theirs.try_clone().unwrap()),
            _ => None,
        }
    }

    /// The step has said a line.
    pub(crate) fn heard(&mut self, line: &str) {
        let Some(port) = line.strip_prefix("listening ") else { return };
        let to = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
        self.reached = TcpStream::connect_timeout(&to, Duration::from_secs(5)).is_ok();
        fs::write(self.workspace().join("go"), "").unwrap();
    }

    /// What the host sees of it.
    pub(crate) fn noticed(&mut self) -> Vec<String> {
        let mut noticed = Vec::new();
        if self.reached {
            noticed.push("the host reached its listener".to_owned());
        }
        let arrived = match &mut self.held {
            Held::Service(listener) => listener.accept().is_ok(),
            Held::Datagrams(socket) => socket.recv(&mut [0; 8]).is_ok(),
            Held::Unix(listener) => listener.accept().is_ok(),
            Held::Victim(victim) => victim.try_wait().unwrap().is_some(),
            _ => false,
        };
        if arrived {
            noticed.push("it arrived at the host".to_owned());
        }
        match self.scene {
            Scene::InPlace => noticed.extend(self.changed()),
            Scene::LeftBehind => {
                for left in processes_with(&self.fill("{marker}")) {
                    noticed.push(format!("process {left} is still there"));
                    let left = rustix::process::Pid::from_raw(left).unwrap();
                    let _ = rustix::process::kill_process(left, rustix::process::Signal::KILL);
                }
            }
            _ => {}
        }
        noticed
    }

    /// What of the protected files is not as it was.
    fn changed(&self) -> Vec<String> {
        let at = |path: &str| self.workspace().join(path);
        let mut changed = Vec::new();
        let config = fs::symlink_metadata(at(".git/config"));
        // Not what is no file, nor what takes for ever to read.
        let is_file = config.is_ok_and(|found| found.is_file() && found.len() < 4096);
        if !is_file || fs::read_to_string(at(".git/config")).ok().as_deref() != Some(KEPT) {
            changed.push(".git/config".to_owned());
        }
        for folder in [".git/hooks", ".github/workflows", ".vscode"] {
            if fs::read_dir(at(folder)).map_or(1, Iterator::count) != 0 {
                changed.push(folder.to_owned());
            }
        }
        for absent in [".github/w.yml", ".gitlab-ci.yml", "other", ".git/commondir"] {
            if fs::symlink_metadata(at(absent)).is_ok() {
                changed.push(absent.to_owned());
            }
        }
        if let Held::Modes(modes) = &self.held {
            let others = modes.iter().filter(|(path, was)| mode(path.clone()).1 != *was);
            changed.extend(others.map(|(path, _)| path.display().to_string()));
        }
        // Another name of the file itself, through which it could be changed later.
        let file = |path| fs::symlink_metadata(at(path)).map(|found| found.ino()).ok();
        if file("second").is_some_and(|second| Some(second) == file(".git/config")) {
            changed.push("second".to_owned());
        }
        changed
    }

    /// What a person's terminal would get that it obeys.
    pub(crate) fn shown(&self, bytes: &[u8]) -> Option<String> {
        let text = printable(bytes);
        let obeyed = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        obeyed.map(|c| format!("the terminal gets {c:?}"))
    }

    /// Takes the outputs: whether one was refused, and what should not have been taken.
    pub(crate) fn taken(&self) -> (bool, Vec<String>) {
        let declared = if self.workspace().join("deep").is_symlink() { "deep/loot" } else { "out" };
        let store = self.place.outside().join("store");
        match outputs::collect(&self.workspace(), &[declared.parse().unwrap()], &store) {
            Ok(taken) => {
                let texts = taken.iter().map(|output| fs::read_to_string(&output.stored).unwrap());
                (false, texts.filter(|text| text.contains(LOOT)).collect())
            }
            Err(outputs::OutputError::Missing { .. }) => (false, Vec::new()),
            Err(_) => (true, Vec::new()),
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        match &mut self.held {
            Held::Victim(victim) => {
                let _ = victim.kill();
                let _ = victim.wait();
            }
            Held::Segment(segment) => remove(*segment),
            Held::Modes(modes) => {
                // What is closed could not be removed.
                modes.push((self.place.workspace().join("shut"), 0o755));
                for (path, mode) in modes {
                    let _ = fs::set_permissions(path, fs::Permissions::from_mode(*mode));
                }
            }
            Held::Giver(path, giver) => {
                // Whoever waits for a thief is let go.
                let _ = UnixStream::connect(path);
                let _ = giver.take().map(JoinHandle::join);
            }
            _ => {}
        }
    }
}

/// A path with its rights, of which there are none where it is no more.
fn mode(path: PathBuf) -> (PathBuf, u32) {
    let mode = fs::symlink_metadata(&path).map_or(0, |found| found.permissions().mode());
    (path, mode)
}

/// A process of the host that a step of root's would be the same user as.
fn victim() -> Child {
    let mut command = Command::new("sleep");
    command.arg("1000").env_clear().env("SECRET", LOOT).current_dir("/").process_group(0);
    command.env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).stdout(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(STEP_USER).gid(STEP_USER);
    }
    command.spawn().unwrap()
}

/// A new segment of a page that everybody may read.
#[expect(unsafe_code, reason = "shared memory of System V has no safe interface")]
fn segment(key: i32) -> i32 {
    // SAFETY: shmget(2) takes integers.
    let segment = unsafe { libc::shmget(key, 4096, libc::IPC_CREAT | libc::IPC_EXCL | 0o444) };
    assert!(segment >= 0, "{}", std::io::Error::last_os_error());
    segment
}

#[expect(unsafe_code, reason = "shared memory of System V has no safe interface")]
fn remove(segment: i32) {
    // SAFETY: removing takes no structure.
    unsafe { libc::shmctl(segment, libc::IPC_RMID, std::ptr::null_mut()) };
}

/// Hands the loot to the first who comes.
fn give(listener: &UnixListener, loot: &Path) {
    let Ok((to, _)) = listener.accept() else { return };
    let file = fs::File::open(loot).unwrap();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let descriptors = [file.as_fd()];
    assert!(ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)));
    match sendmsg(&to, &[IoSlice::new(b"x")], &mut ancillary, SendFlags::NOSIGNAL) {
        Ok(_) => {}
        Err(errno) => assert_eq!(std::io::Error::from(errno).kind(), ErrorKind::BrokenPipe),
    }
}

//! A control group of the step's own, where this machine lets us make one: a bound on the memory and
//! the number of processes of all of it together, and an end for all of it at once. Control Group v2,
//! <https://docs.kernel.org/admin-guide/cgroup-v2.html>.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustix::{
    process::Pid,
    rand::{GetRandomFlags, getrandom},
};

use crate::Limits;

/// What a step is bounded by beyond the bounds of single processes.
pub(super) struct Cgroup {
    directory: PathBuf,
    /// What is in force, in words.
    pub(super) bounds: String,
    /// Whether memory is among it.
    pub(super) bounds_memory: bool,
}

impl Cgroup {
    /// Makes a group for one step beside our own, or beneath it.
    ///
    /// # Errors
    /// Why there is none, in words for a person.
    pub(super) fn make(limits: &Limits) -> Result<Self, String> {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mount = mount_point(&mounts).ok_or("the machine has no control groups version 2")?;
        let own = own_group(&own).ok_or("this process is in no control group version 2")?;
        let own = mount.join(own.trim_start_matches('/'));
        // Beside us first: a group with processes in it can have none beneath it with bounds.
        let parents = own.parent().filter(|parent| parent.starts_with(&mount)).into_iter();
        let mut reason = String::new();
        for parent in parents.chain([own.as_path()]) {
            match Self::beneath(parent, limits) {
                Ok(group) => return Ok(group),
                Err(error) => reason = error,
            }
        }
        Err(reason)
    }

    fn beneath(parent: &Path, limits: &Limits) -> Result<Self, String> {
        let handed_on = fs::read_to_string(parent.join("cgroup.subtree_control"))
            .map_err(|error| format!("the control group cannot be read: {error}"))?;
        let has = |controller| handed_on.split_whitespace().any(|one| one == controller);
        if !has("memory") && !has("pids") {
            return Err("neither memory nor processes are delegated to this control group".into());
        }
        let mut name = [0_u8; 8];
        getrandom(&mut name, GetRandomFlags::empty())
            .map_err(|errno| format!("no random name: {errno}"))?;
        let directory = parent.join(format!("penstock-{}", hex::encode(name)));
        fs::create_dir(&directory)
            .map_err(|error| format!("no control group may be made: {error}"))?;
        let mut group = Self { directory, bounds: String::new(), bounds_memory: has("memory") };
        let mut bounds = Vec::new();
        if has("memory") {
            let bytes = limits.memory_bytes.unwrap_or_else(most_of_the_machine);
            group.set("memory.max", &bytes.to_string())?;
            // One process of a step that is ended for its memory leaves the rest in no good state.
            group.set("memory.oom.group", "1")?;
            bounds.push(format!("memory {bytes}"));
        }
        if has("pids") {
            group.set("pids.max", &limits.processes.to_string())?;
            bounds.push(format!("processes {}", limits.processes));
        }
        group.bounds = bounds.join(", ");
        Ok(group)
    }

    /// Puts a process that has started nothing yet, and so all it will start, into the group.
    pub(super) fn take(&self, process: Pid) -> io::Result<()> {
        fs::write(self.directory.join("cgroup.procs"), process.as_raw_nonzero().to_string())
    }

    fn set(&self, file: &str, value: &str) -> Result<(), String> {
        fs::write(self.directory.join(file), value)
            .map_err(|error| format!("`{file}` of the step's control group: {error}"))
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // Whatever is still in it; Linux 5.14.
        let _ = fs::write(self.directory.join("cgroup.kill"), "1");
        let _ = fs::remove_dir(&self.directory);
    }
}

/// Four fifths of the memory, so that the machine itself stays usable; proc_meminfo(5).
fn most_of_the_machine() -> u64 {
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = info.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = total.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    // Without an answer, what the smallest of today's machines has.
    kib.map_or(1 << 30, |kib| kib.saturating_mul(1024) / 5 * 4)
}

/// Where the one hierarchy is mounted; proc_pid_mounts(5).
fn mount_point(mounts: &str) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (place, kind) = (fields.next()?, fields.next()?);
        (kind == "cgroup2").then(|| PathBuf::from(place))
    })
}

/// Our place in it: the line of hierarchy 0; cgroups(7).
fn own_group(groups: &str) -> Option<&str> {
    groups.lines().find_map(|line| line.strip_prefix("0::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_of_this_process_is_found() {
        let mounts = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n\
                      cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n\
                      cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        assert_eq!(mount_point(mounts), Some(PathBuf::from("/sys/fs/cgroup/unified")));
        assert_eq!(mount_point("proc /proc proc rw 0 0\n"), None);
        assert_eq!(own_group("8:pids:/a\n0::/user.slice/x\n"), Some("/user.slice/x"));
        assert_eq!(own_group("8:pids:/a\n"), None);
    }

    #[test]
    fn a_group_has_the_bounds_that_are_delegated() {
        // A folder stands for the hierarchy: what is written there, not what the kernel does.
        let folder = tempfile::tempdir().unwrap();
        let control = folder.path().join("cgroup.subtree_control");
        fs::write(&control, "cpu io\n").unwrap();
        let limits = Limits { memory_bytes: Some(1 << 20), processes: 7, ..Limits::default() };
        let Err(reason) = Cgroup::beneath(folder.path(), &limits) else { panic!("it has bounds") };
        assert!(reason.contains("delegated"), "{reason}");
        fs::write(&control, "cpu memory pids\n").unwrap();
        let group = Cgroup::beneath(folder.path(), &limits).unwrap();
        assert_eq!(group.bounds, "memory 1048576, processes 7");
        let read = |file: &str| fs::read_to_string(group.directory.join(file)).unwrap();
        assert_eq!((read("memory.max"), read("pids.max")), ("1048576".into(), "7".into()));
        group.take(rustix::process::getpid()).unwrap();
        assert_eq!(read("cgroup.procs"), std::process::id().to_string());
    }
}

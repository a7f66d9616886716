//! Where people and tools keep credentials. None of it is shown to a step, whatever it asks; that it
//! asked is worth telling.

/// Beneath any home.
const IN_A_HOME: &[&str] = &[
    "/.aws/credentials",
    "/.aws/sso/cache",
    "/.azure/",
    "/.cargo/credentials",
    "/.config/gcloud/",
    "/.config/gh/hosts.yml",
    "/.config/glab-cli/",
    "/.config/google-chrome/",
    "/.config/BraveSoftware/",
    "/.config/chromium/",
    "/.config/solana/",
    "/.docker/config.json",
    "/.electrum/",
    "/.ethereum/keystore",
    "/.git-credentials",
    "/.gnupg/",
    "/.kube/config",
    "/.local/share/keyrings/",
    "/.m2/settings-security.xml",
    "/.mozilla/firefox/",
    "/.password-store/",
    "/.pypirc",
    "/.ssh/id_",
    "/.terraform.d/credentials",
    "/.vault-token",
];

/// Of the machine.
const OF_THE_MACHINE: &[&str] = &[
    // Its memory, and what its kernel says.
    "/dev/kmem",
    "/dev/kmsg",
    "/dev/mem",
    "/dev/port",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/ssh/ssh_host_",
    "/etc/kubernetes/",
    "/proc/kcore",
    "/proc/vmcore",
    "/run/secrets/",
    "/var/lib/cloud/",
    "/var/run/secrets/",
];

/// Whether an absolute path is one of them. Only names are looked at.
pub(super) fn asked_for(path: &[u8]) -> bool {
    let of_a_home = || {
        // Nearly no path has a part that begins with a dot.
        memchr::memmem::find(path, b"/.").is_some()
            && IN_A_HOME.iter().any(|place| memchr::memmem::find(path, place.as_bytes()).is_some())
    };
    let of_the_machine = OF_THE_MACHINE.iter().any(|place| path.starts_with(place.as_bytes()));
    of_the_machine || of_a_home() || of_another_process(path)
}

/// Memory and environment of a process by its number: the parent's, most likely.
fn of_another_process(path: &[u8]) -> bool {
    let Some(rest) = path.strip_prefix(b"/proc/") else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && matches!(rest.get(digits..), Some(b"/mem" | b"/environ" | b"/maps"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_from_what_lies_beside_them() {
        for path in [
            "/home/ana/.ssh/id_ed25519",
            "/home/ana/.aws/credentials",
            "/home/build/.docker/config.json",
            "/etc/shadow",
            "/var/run/secrets/kubernetes.io/serviceaccount/token",
            "/proc/1/environ",
            "/proc/4711/mem",
            "/dev/mem",
            "/proc/kcore",
        ] {
            assert!(asked_for(path.as_bytes()), "{path}");
        }
        for path in [
            "/home/ana/.ssh/config",
            "/home/build/.npmrc",
            "/usr/share/doc/aws/credentials",
            "/etc/passwd",
            "/proc/self/maps",
            "/proc/cpuinfo",
            "/proc/4711/stat",
        ] {
            assert!(!asked_for(path.as_bytes()), "{path}");
        }
    }
}

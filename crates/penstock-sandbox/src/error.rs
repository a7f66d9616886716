use std::path::PathBuf;

/// Why a step could not be run confined, or its end could not be known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// A namespace that confinement rests on is barred on this machine.
    #[error("this machine does not let a step be confined: {barrier}; {}", barrier.remedy())]
    Barred {
        /// What stands in the way.
        barrier: Barrier,
    },
    /// The specification cannot be carried out.
    #[error("step `{step}` cannot be set up: {reason}")]
    Setup {
        /// The step's name.
        step: String,
        /// What failed, with the path or call concerned.
        reason: String,
    },
    /// The step-host could not be started.
    #[error("the step-host `{program}` cannot be started: {reason}")]
    StepHost {
        /// The executable.
        program: PathBuf,
        /// The system's answer.
        reason: String,
    },
    /// The step-host ended without a record; the kernel has ended the step with it.
    #[error("the step-host ended without a record ({status}); the step counts as not run")]
    NoRecord {
        /// How the step-host ended.
        status: String,
    },
    /// Not Linux.
    #[error("steps can be run on Linux only; `check`, `sbom` and `verify` work here")]
    Unsupported,
}

/// What keeps a machine from confining a step.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error)]
#[non_exhaustive]
#[serde(rename_all = "kebab-case")]
pub enum Barrier {
    /// `kernel.apparmor_restrict_unprivileged_userns` (Ubuntu 23.10 and later).
    #[error("AppArmor takes the privileges away from user namespaces")]
    AppArmor,
    /// `user.max_user_namespaces` or another `user.max_*_namespaces` is reached or zero.
    #[error("the limit on user namespaces (`user.max_user_namespaces`) is reached")]
    NamespaceLimit,
    /// `kernel.unprivileged_userns_clone` is 0 (Debian's kernel switch).
    #[error("`kernel.unprivileged_userns_clone` is 0")]
    CloneSwitch,
    /// The kernel is built without one of the namespaces.
    #[error("the kernel lacks one of the namespaces")]
    NotInKernel,
    /// A weaker rung was asked for.
    #[error("namespaces were not to be used")]
    NotWanted,
    /// None of the known switches: a container's seccomp profile or another security module.
    #[error("{call} was denied ({reason}), as inside a container or under a security module")]
    Denied {
        /// The call that was denied.
        call: String,
        /// The system's answer.
        reason: String,
    },
}

impl Barrier {
    /// What would raise it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::AppArmor => {
                "give the penstock executable an AppArmor profile with `userns,`, or set \
                 `kernel.apparmor_restrict_unprivileged_userns=0`"
            }
            Self::NamespaceLimit => "raise `user.max_user_namespaces`",
            Self::CloneSwitch => "set `kernel.unprivileged_userns_clone=1`",
            Self::NotInKernel => "use a kernel with user, PID, network, IPC and mount namespaces",
            Self::NotWanted => "let the strongest rung be tried",
            Self::Denied { .. } => {
                "run on the host itself, or let the container create user namespaces"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_reason_and_the_remedy() {
        let barred = |barrier| SandboxError::Barred { barrier }.to_string();
        assert_eq!(
            barred(Barrier::AppArmor),
            "this machine does not let a step be confined: AppArmor takes the privileges away from \
             user namespaces; give the penstock executable an AppArmor profile with `userns,`, or \
             set `kernel.apparmor_restrict_unprivileged_userns=0`"
        );
        let denied = Barrier::Denied { call: "mounting".into(), reason: "not permitted".into() };
        assert_eq!(
            barred(denied),
            "this machine does not let a step be confined: mounting was denied (not permitted), as \
             inside a container or under a security module; run on the host itself, or let the \
             container create user namespaces"
        );
    }
}

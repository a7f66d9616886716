//! By sockets of the same machine: whoever listens there acts for the step.

use super::case::{
    Case,
    Expect::{Blocked, Recorded},
    Mark::{Call, CallWith, Connection, Socket},
    Scene,
};

cases![
    service_by_path = Case::new("a service's socket outside", &["socket", "path", "{socket}"])
        .at(Scene::UnixService)
        .open_to_everybody()
        .recorded(&[Connection("unix:{socket}")])
        .but_at_rung_2(Recorded(&[Socket("unix:{socket}")])),
    docker = Case::new(
        "Docker's socket",
        &["socket", "path", "/run/docker.sock", "/var/run/docker.sock"],
    )
    .recorded(&[Socket("unix:/run/docker.sock"), Socket("unix:/var/run/docker.sock")])
    .but_at_rung_2(Blocked("recorded where it is there")),
    message_bus = Case::new(
        "D-Bus, of the system and of the user",
        &["socket", "path", "/run/dbus/system_bus_socket", "/run/user/1000/bus"],
    )
    .recorded(&[Socket("unix:/run/dbus/system_bus_socket"), Socket("unix:/run/user/1000/bus")])
    .but_at_rung_2(Blocked("recorded where it is there")),
    key_agent = Case::new(
        "an SSH agent by its variable",
        &["file", "environment", "SSH_AUTH_SOCK", "GPG_AGENT_INFO", "DBUS_SESSION_BUS_ADDRESS"],
    )
    .unrecorded("the variable is not there, so nothing is tried"),
    shared_memory = Case::new("shared memory of the host", &["socket", "shared-memory", "{key}"])
        .at(Scene::SharedMemory)
        .open_to_everybody()
        .unrecorded("its own IPC namespace has no such segment")
        .but_at_rung_2(Recorded(&[Call("shmget")])),
    abstract_name = Case::new("a service's abstract socket", &["socket", "abstract", "{name}"])
        .at(Scene::AbstractService)
        .open_to_everybody()
        .recorded(&[Connection("unix:@{name}")])
        .but_at_rung_2(Recorded(&[Socket("unix:@{name}")])),
    display = Case::new(
        "the display's sockets",
        &["socket", "abstract", "/tmp/.X11-unix/X0", "/tmp/.ICE-unix/1",]
    )
    .recorded(&[Connection("unix:@/tmp/.X11-unix/X0")])
    .but_at_rung_2(Recorded(&[Socket("unix:@/tmp/.X11-unix/X0")])),
    datagram_by_path =
        Case::new("a datagram to the system's log", &["socket", "datagram", "/dev/log"])
            .recorded(&[Connection("unix:/dev/log")])
            .but_at_rung_2(Recorded(&[CallWith("socket", "family 1, SOCK_DGRAM")])),
];

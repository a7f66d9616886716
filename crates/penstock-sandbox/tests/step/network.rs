use std::{
    net::{TcpListener, TcpStream, UdpSocket},
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixListener, UnixStream},
    },
};

use crate::support::Place;

#[test]
fn listeners_of_the_host_are_out_of_reach() {
    let place = Place::new().with_attack();
    for address in ["127.0.0.1:0", "0.0.0.0:0"] {
        let listener = TcpListener::bind(address).unwrap();
        let port = listener.local_addr().unwrap().port();
        // It answers outside.
        TcpStream::connect(("127.0.0.1", port)).unwrap();
        listener.accept().unwrap();
        let said = place.attack(&format!("tcp 127.0.0.1:{port}"));
        assert!(said.starts_with("error"), "{said}");
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "a connection arrived");
    }
}

#[test]
fn no_packet_leaves() {
    let place = Place::new().with_attack();
    let host = UdpSocket::bind("127.0.0.1:0").unwrap();
    host.set_nonblocking(true).unwrap();
    place.attack(&format!("udp {}", host.local_addr().unwrap()));
    assert!(host.recv(&mut [0; 8]).is_err(), "a packet arrived");
    for address in ["192.0.2.1:53", "169.254.169.254:80", "[2001:db8::1]:53", "10.0.0.1:443"] {
        for kind in ["udp", "tcp"] {
            let said = place.attack(&format!("{kind} {address}"));
            // ENETUNREACH, or for IPv6 EADDRNOTAVAIL: there is no route, so nothing was sent.
            let unreachable = [libc::ENETUNREACH, libc::EADDRNOTAVAIL]
                .iter()
                .any(|errno| said.starts_with(&format!("error Some({errno})")));
            assert!(unreachable, "{kind} {address}: {said}");
        }
    }
}

#[test]
fn the_only_interface_is_its_own_loopback() {
    let place = Place::new().with_attack();
    assert_eq!(place.attack("own-loopback"), "done");
    let ran = place.run("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; cat /etc/resolv.conf");
    assert_eq!(ran.stdout, "lo\n");
}

#[test]
fn unix_sockets_of_the_host_are_out_of_reach() {
    let place = Place::new().with_attack();
    let name = format!("penstock-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    UnixStream::connect_addr(&address).unwrap();
    listener.accept().unwrap();
    let said = place.attack(&format!("abstract {name}"));
    assert!(said.starts_with("error"), "{said}");

    let path = place.outside().join("docker.sock");
    let _listener = UnixListener::bind(&path).unwrap();
    UnixStream::connect(&path).unwrap();
    for path in [path.to_str().unwrap(), "/run/docker.sock", "/var/run/docker.sock"] {
        let said = place.attack(&format!("unix {path}"));
        assert!(said.starts_with("error Some(2)"), "{path}: {said}");
    }
}

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream, UdpSocket},
    time::Duration,
};

use penstock_egress::{Reason, Way};

use crate::support::{Proxy, Server, brief, hello, spec};

fn query(name: &str, kind: u16) -> Vec<u8> {
    let mut bytes = vec![0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&[0, 1]);
    bytes
}

fn udp(proxy: &Proxy, query: &[u8]) -> Vec<u8> {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    socket.send_to(query, proxy.dns_udp).unwrap();
    let mut answer = [0; 512];
    let (length, _) = socket.recv_from(&mut answer).unwrap();
    answer[..length].to_vec()
}

/// The code of an answer and its address.
fn read(answer: &[u8]) -> (u8, Option<Ipv4Addr>) {
    assert_eq!(answer[..2], [0xab, 0xcd]);
    let address = <[u8; 4]>::try_from(&answer[answer.len() - 4..]).unwrap();
    (answer[3] & 15, (answer[7] == 1).then(|| Ipv4Addr::from(address)))
}

/// The address that a name has within the step's network.
pub(crate) fn address(proxy: &Proxy, name: &str) -> Ipv4Addr {
    read(&udp(proxy, &query(name, 1))).1.unwrap()
}

#[test]
fn allowed_names_have_synthetic_addresses_and_no_others() {
    let proxy = Proxy::start(&spec(&["allowed.test".to_owned(), "*.wild.test".to_owned()], &[]));
    let ask = |name: &str, kind| read(&udp(&proxy, &query(name, kind)));
    assert_eq!(ask("allowed.test", 1), (0, Some(Ipv4Addr::new(198, 18, 0, 1))));
    assert_eq!(ask("a.wild.test", 1), (0, Some(Ipv4Addr::new(198, 18, 0, 2))));
    assert_eq!(ask("ALLOWED.test", 1), (0, Some(Ipv4Addr::new(198, 18, 0, 1))));
    // AAAA, TXT, SRV, HTTPS, ANY.
    for kind in [28, 16, 33, 65, 255] {
        assert_eq!(ask("allowed.test", kind), (0, None), "{kind}");
    }
    for name in
        ["other.test", "secret.allowed.test", "c2VjcmV0.x.wild.test", "metadata.google.internal"]
    {
        assert_eq!(ask(name, 1), (3, None), "{name}");
        assert_eq!(ask(name, 16), (3, None), "{name}");
    }
    let record = proxy.finish();
    let denied: Vec<_> = record.denied.iter().map(brief).collect();
    let expected = [
        (Reason::NotAllowed, "c2vjcmv0.x.wild.test", 0),
        (Reason::NotAllowed, "other.test", 0),
        (Reason::NotAllowed, "secret.allowed.test", 0),
        (Reason::Metadata, "metadata.google.internal", 0),
    ];
    assert_eq!(denied, expected);
    assert!(record.denied.iter().all(|one| one.way == Way::Dns && one.count == 2));
    assert_eq!(record.denied[1].allow.as_ref().unwrap().rule, "other.test");
    assert_eq!(record.names.keys().collect::<Vec<_>>(), ["a.wild.test", "allowed.test"]);
}

#[test]
fn a_synthetic_address_is_its_name_by_every_way() {
    let server = Server::echo();
    let rules = [format!("allowed.test:{}", server.port)];
    let proxy = Proxy::start(&spec(&rules, &["allowed.test"]));
    let (_, address) = read(&udp(&proxy, &query("allowed.test", 1)));
    let to = format!("{}:{}", address.unwrap(), server.port);
    let hello = hello(Some("allowed.test"), 10_000);
    let mut client = proxy.transparent_client(&to);
    client.say(&hello);
    assert_eq!(client.hear(hello.len()), hello);
    client.end().rest();
    let mut client = proxy.client();
    client.say(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes());
    assert!(client.head().starts_with("HTTP/1.1 200 "));
    client.say(&hello);
    assert_eq!(client.hear(hello.len()), hello);
    client.end().rest();
    // On another port it is still that name.
    let mut client = proxy.transparent_client(&format!("{}:1", address.unwrap()));
    assert_eq!(client.rest(), b"");
    let record = proxy.finish();
    assert!(record.requests.iter().all(|one| one.host == "allowed.test"));
    assert_eq!(record.requests.len(), 2);
    let [denial] = &record.denied[..] else { panic!("{:?}", record.denied) };
    assert_eq!(brief(denial), (Reason::NotAllowed, "allowed.test", 1));
    assert_eq!(denial.allow.as_ref().unwrap().rule, "allowed.test:1");
}

#[test]
fn it_answers_over_tcp_as_well() {
    let proxy = Proxy::start(&spec(&["allowed.test".to_owned()], &[]));
    let mut stream = TcpStream::connect(proxy.dns_tcp).unwrap();
    for (name, code) in [("allowed.test", 0), ("other.test", 3)] {
        let query = query(name, 1);
        let length = u16::try_from(query.len()).unwrap().to_be_bytes();
        stream.write_all(&[&length[..], &query].concat()).unwrap();
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(read(&answer).0, code);
    }
    // A message longer than any query ends the connection.
    stream.write_all(&[0xff, 0xff]).unwrap();
    assert!(matches!(stream.read(&mut [0; 1]), Ok(0) | Err(_)));
}

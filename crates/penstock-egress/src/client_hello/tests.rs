use super::*;

fn vector16(content: &[u8]) -> Vec<u8> {
    [&u16::try_from(content.len()).unwrap().to_be_bytes()[..], content].concat()
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector16(content)].concat()
}

fn sni(name: &[u8]) -> Vec<u8> {
    extension(SERVER_NAME, &vector16(&[&[0][..], &vector16(name)].concat()))
}

/// The handshake message, without records.
fn message(extensions: &[u8]) -> Vec<u8> {
    let body = [&[3, 3][..], &[7; 32], &[0], &[0, 2, 0x13, 1], &[1, 0], &vector16(extensions)];
    let body = body.concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[CLIENT_HELLO][..], &length[1..], &body].concat()
}

fn records(message: &[u8], fragment: usize) -> Vec<u8> {
    let record = |part: &[u8]| [&[RECORD_HANDSHAKE, 3, 1][..], &vector16(part)].concat();
    message.chunks(fragment).flat_map(record).collect()
}

fn read(extensions: &[u8]) -> Result<Option<ClientHello>, HelloError> {
    ClientHello::read(&records(&message(extensions), MAX_FRAGMENT))
}

fn named(name: &str) -> ClientHello {
    ClientHello { server_name: Some(Name::parse(name).unwrap()), encrypted: false }
}

#[test]
fn the_server_name_is_read() {
    let grease = extension(0x0a0a, &[]);
    let hello = [grease, sni(b"Registry.example.org"), extension(16, b"\0\x03\x02h2")].concat();
    assert_eq!(read(&hello), Ok(Some(named("registry.example.org"))));
    let none = ClientHello { server_name: None, encrypted: false };
    assert_eq!(read(&[]), Ok(Some(none)));
    let encrypted = [sni(b"a.example"), extension(ENCRYPTED_CLIENT_HELLO, &[1; 200])].concat();
    assert_eq!(read(&encrypted), Ok(Some(ClientHello { encrypted: true, ..named("a.example") })));
}

#[test]
fn fragments_are_put_together_and_every_prefix_waits() {
    let message = message(&[sni(b"a.example"), extension(21, &[0; 700])].concat());
    for fragment in [20, 100, 1000] {
        let bytes = records(&message, fragment);
        for end in 0..bytes.len() {
            assert_eq!(ClientHello::read(&bytes[..end]), Ok(None), "{fragment} {end}");
        }
        assert_eq!(ClientHello::read(&bytes), Ok(Some(named("a.example"))));
        // Early data after it is not the hello's.
        let early = [&bytes[..], &[23, 3, 3, 0, 1, 0]].concat();
        assert_eq!(ClientHello::read(&early), Ok(Some(named("a.example"))));
    }
    assert_eq!(ClientHello::read(&records(&message, 1)), Err(HelloError::TooLong));
}

#[test]
fn another_name_is_another_host() {
    let host: Host = "a.example".parse().unwrap();
    let address: Host = "1.1.1.1".parse().unwrap();
    let none = ClientHello { server_name: None, encrypted: false };
    assert_eq!(named("a.example").is_for(&host), Ok(()));
    assert_eq!(none.is_for(&address), Ok(()));
    assert_eq!(none.is_for(&host), Err(HelloError::NoServerName));
    assert_eq!(named("b.example").is_for(&host), Err(HelloError::OtherServerName));
    assert_eq!(named("a.example").is_for(&address), Err(HelloError::OtherServerName));
}

#[test]
fn two_readings_are_refused() {
    let two_names =
        vector16(&[&[0][..], &vector16(b"a.example"), &[0], &vector16(b"b.example")].concat());
    let unknown_type = vector16(&[&[1][..], &vector16(b"a.example")].concat());
    for extensions in [
        [sni(b"a.example"), sni(b"b.example")].concat(),
        [sni(b"a.example"), sni(b"a.example")].concat(),
        [extension(16, &[]), extension(16, &[])].concat(),
        extension(SERVER_NAME, &two_names),
        extension(SERVER_NAME, &unknown_type),
        extension(SERVER_NAME, &[]),
        [sni(b"a.example"), vec![0]].concat(),
        [sni(b"a.example"), vec![0, 9, 0, 9, 1]].concat(),
    ] {
        assert_eq!(read(&extensions), Err(HelloError::Malformed), "{extensions:?}");
    }
    for name in
        [&b"127.0.0.1"[..], b"::1", b"a.example.", b"", b"a\0.example", b"2130706433", b"\xff"]
    {
        assert_eq!(read(&sni(name)), Err(HelloError::ServerName), "{name:?}");
    }
    // A second message behind it, in the same record.
    let two = [message(&sni(b"a.example")), message(&sni(b"b.example"))].concat();
    assert_eq!(ClientHello::read(&records(&two, MAX_FRAGMENT)), Err(HelloError::Malformed));
}

#[test]
fn what_is_not_tls_need_not_be_waited_for() {
    for bytes in
        [&b"G"[..], b"SSH-2.0", b"\x80\x2e\x01\x03\x01", b"\x16\x02", b"\x17\x03\x03", b"\0"]
    {
        assert_eq!(ClientHello::read(bytes), Err(HelloError::NotTls), "{bytes:?}");
    }
    // A handshake, but a server's; a record without a fragment; one that is too long.
    assert_eq!(ClientHello::read(b"\x16\x03\x01\0\x04\x02\0\0\0"), Err(HelloError::NotTls));
    assert_eq!(ClientHello::read(b"\x16\x03\x01\0\0"), Err(HelloError::Malformed));
    assert_eq!(ClientHello::read(b"\x16\x03\x01\x40\x01"), Err(HelloError::Malformed));
    assert_eq!(ClientHello::read(b"\x16\x03\x01\0\x04\x01\xff\xff\xff"), Err(HelloError::TooLong));
}

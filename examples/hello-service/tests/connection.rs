//! Whole connections, in memory: no network is needed.

use std::io::{self, Read, Write};

/// A client that has sent everything and collects what comes back.
struct Connection<'a> {
    sent: &'a [u8],
    received: Vec<u8>,
}

impl Read for Connection<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A few bytes at a time, as a slow network would.
        let length = buffer.len().min(7);
        self.sent.read(&mut buffer[..length])
    }
}

impl Write for Connection<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.received.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn exchange(request: &[u8]) -> String {
    let mut connection = Connection { sent: request, received: Vec::new() };
    hello_service::serve(&mut connection).unwrap();
    String::from_utf8(connection.received).unwrap()
}

#[test]
fn a_client_gets_an_answer() {
    let response = exchange(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(response.ends_with("\r\n\r\nhello, world\n"), "{response}");
}

#[test]
fn a_head_request_gets_no_body() {
    let response = exchange(b"HEAD / HTTP/1.1\r\n\r\n");
    assert!(response.contains("Content-Length: 13\r\n"), "{response}");
    assert!(response.ends_with("\r\n\r\n"), "{response}");
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let response = exchange(b"POST / HTTP/1.1\r\n\r\n");
    assert!(response.starts_with("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n"));
}

#[test]
fn nonsense_gets_an_answer_too() {
    assert!(exchange(b"\0\0\0\n").starts_with("HTTP/1.1 400 "));
    assert!(exchange(b"").starts_with("HTTP/1.1 400 "));
    assert!(exchange(&[b'x'; 100_000]).starts_with("HTTP/1.1 414 "));
}

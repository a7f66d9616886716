//! DSSE v1: the envelope's pre-authentication encoding
//! (<https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>).

/// The bytes a DSSE signature is made over: `DSSEv1 SP len(type) SP type SP len(body) SP body`,
/// lengths in decimal ASCII, so that no pair of type and body can be read as another.
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of protocol.md.
    #[test]
    fn the_specification_s_example() {
        assert_eq!(
            pre_authentication_encoding("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }
}

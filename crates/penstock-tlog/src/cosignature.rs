use crate::{Checkpoint, NoteSignature};

/// A witness's timestamped Ed25519 cosignature, signature type 0x04
/// (<https://c2sp.org/tlog-cosignature>, "Format").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// When the witness says it signed, in seconds since 1970-01-01T00:00:00Z.
    pub timestamp: u64,
    /// The Ed25519 signature over [`cosigned_message`].
    pub signature: [u8; 64],
}

impl Cosignature {
    /// Reads the signature bytes of a note's signature line.
    ///
    /// # Errors
    /// Another length than 72 bytes; a time after 2^63 - 1.
    pub fn parse(signature: &NoteSignature) -> Result<Self, CosignatureError> {
        let bytes = signature.signature.as_slice();
        let length = || CosignatureError::Length(bytes.len());
        let (timestamp, signature) = bytes.split_first_chunk().ok_or_else(length)?;
        let timestamp = u64::from_be_bytes(*timestamp);
        if timestamp > i64::MAX as u64 {
            return Err(CosignatureError::Time(timestamp));
        }
        Ok(Self { timestamp, signature: signature.try_into().map_err(|_| length())? })
    }

    /// The signature bytes of a note's signature line: the time, then the signature.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.timestamp.to_be_bytes().as_slice(), &self.signature].concat()
    }
}

/// What a witness signs to say that at `timestamp` this was the largest tree it had seen
/// (tlog-cosignature, "Ed25519 signed message").
pub fn cosigned_message(timestamp: u64, checkpoint: &Checkpoint) -> Vec<u8> {
    format!("cosignature/v1\ntime {timestamp}\n{checkpoint}").into_bytes()
}

/// Why a signature is no cosignature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    /// Not a time and a signature.
    #[error("a cosignature has 72 bytes, not {0}")]
    Length(usize),
    /// Later than the format allows.
    #[error("{0} is not a time of a cosignature")]
    Time(u64),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(signature: Vec<u8>) -> NoteSignature {
        NoteSignature { name: "w.example".into(), key_id: 1, signature }
    }

    #[test]
    fn the_message_is_the_one_of_the_specification() {
        let text = "example.com/behind-the-sofa\n20852163\n\
                    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let checkpoint = Checkpoint::parse(text).unwrap();
        let message = cosigned_message(1_679_315_147, &checkpoint);
        assert_eq!(message, format!("cosignature/v1\ntime 1679315147\n{text}").as_bytes());
    }

    #[test]
    fn time_and_signature_come_back() {
        let cosignature = Cosignature { timestamp: 1_679_315_147, signature: [7; 64] };
        assert_eq!(Cosignature::parse(&line(cosignature.to_bytes())), Ok(cosignature));
        for length in [0, 7, 8, 71, 73] {
            assert_eq!(
                Cosignature::parse(&line(vec![0; length])),
                Err(CosignatureError::Length(length))
            );
        }
        let late = Cosignature { timestamp: 1 << 63, signature: [0; 64] };
        assert_eq!(
            Cosignature::parse(&line(late.to_bytes())),
            Err(CosignatureError::Time(1 << 63))
        );
    }
}

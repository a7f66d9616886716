use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UdpSocket,
    time::{sleep, timeout},
};

use super::{Context, Duplex};
use crate::MAX_QUERY_BYTES;

/// The most questions on one connection.
const MAX_QUESTIONS: usize = 10_000;

/// Answers over UDP until the run ends.
pub(crate) async fn udp(context: Arc<Context>, socket: UdpSocket) {
    let mut buffer = [0; MAX_QUERY_BYTES + 1];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, from)) => {
                let query = buffer.get(..length).unwrap_or_default();
                if let Some(answer) = context.answer(query) {
                    // A lost answer is what UDP promises; the client asks again.
                    _ = socket.send_to(&answer, from).await;
                }
            }
            // The answer to somebody who is gone comes back as an error.
            Err(_) => sleep(Duration::from_millis(1)).await,
        }
    }
}

/// Answers over one TCP connection: each message with its length before it (RFC 1035 section 4.2.2).
pub(crate) async fn tcp<C: Duplex>(context: Arc<Context>, mut client: C) {
    for _ in 0..MAX_QUESTIONS {
        let exchange = async {
            let length = usize::from(client.read_u16().await.ok()?);
            if length > MAX_QUERY_BYTES {
                return None;
            }
            let mut query = vec![0; length];
            client.read_exact(&mut query).await.ok()?;
            let answer = context.answer(&query)?;
            let length = u16::try_from(answer.len()).ok()?;
            let message = [&length.to_be_bytes()[..], &answer].concat();
            client.write_all(&message).await.ok()
        };
        if timeout(context.limits.handshake(), exchange).await.ok().flatten().is_none() {
            return;
        }
    }
}

use std::sync::Arc;

use tokio::io::AsyncWriteExt as _;

use super::{
    Context, Duplex,
    denial::{Asked, Greeter},
    opening::{Opening, Silence},
    tunnel,
};
use crate::{
    Reason, Way,
    judge::Refusal,
    socks::{SocksError, SocksGreeting, SocksRequest, reply},
};

/// No acceptable method (RFC 1928 section 3).
const NO_METHOD: [u8; 2] = [5, 0xff];

/// Serves a client of the SOCKS5 proxy.
pub(super) async fn serve<C: Duplex>(context: Arc<Context>, mut opening: Opening<C>, order: u64) {
    let authority = match greet(&mut opening).await {
        Ok(Ok(authority)) => authority,
        Ok(Err(error)) => {
            let answer: &[u8] = match error {
                // Its own form of "rejected" (SOCKS4 protocol, 0x5b = 91).
                SocksError::Version4 => &[0, 0x5b, 0, 0, 0, 0, 0, 0],
                SocksError::NotSocks => &[],
                _ => &reply(error.code()),
            };
            context.deny_unnamed(Way::Socks, order, error.into());
            opening.say(answer).await;
            return opening.close().await;
        }
        Err(Silence::TooSlow) => {
            context.deny_unnamed(Way::Socks, order, Refusal::new(Reason::TooSlow));
            return opening.close().await;
        }
        // Somebody looked whether there is a proxy.
        Err(Silence::Closed) => return,
    };
    let asked = Asked { way: Way::Socks, host: authority.host, port: authority.port, order };
    match context.named(asked) {
        Ok(asked) => tunnel::serve(context, opening, asked, Greeter::Socks).await,
        Err((asked, refusal)) => {
            context.deny(&asked, refusal.clone());
            Greeter::Socks.refuse(opening, &refusal).await;
        }
    }
}

async fn greet<C: Duplex>(
    opening: &mut Opening<C>,
) -> Result<Result<crate::Authority, SocksError>, Silence> {
    let greeting = match opening.read(SocksGreeting::read).await? {
        Ok(greeting) => greeting,
        Err(error) => return Ok(Err(error)),
    };
    opening.take(greeting.length);
    if !greeting.anonymous {
        opening.say(&NO_METHOD).await;
        return Ok(Err(SocksError::NotSocks));
    }
    if opening.stream.write_all(&[5, 0]).await.is_err() {
        return Err(Silence::Closed);
    }
    let request = match opening.read(SocksRequest::read).await? {
        Ok(request) => request,
        Err(error) => return Ok(Err(error)),
    };
    opening.take(request.length);
    Ok(Ok(request.authority))
}

impl From<SocksError> for Refusal {
    fn from(error: SocksError) -> Self {
        let reason = match error {
            SocksError::Host(_) => Reason::Host,
            _ => Reason::Protocol,
        };
        Self::because(reason, error)
    }
}

use std::sync::Arc;

use super::{
    Context, Duplex,
    denial::{Asked, Greeter, http, told},
    forward::{self, Judged},
    opening::{Opening, Silence},
    tunnel,
};
use crate::{Authority, Reason, RequestHead, Way, judge::Refusal, request_head::Target};

/// Serves a client of the HTTP proxy.
pub(super) async fn serve<C: Duplex>(context: Arc<Context>, mut opening: Opening<C>, order: u64) {
    let head = match opening.read(RequestHead::read).await {
        Ok(Ok(head)) => head,
        Ok(Err(error)) => {
            let refusal = Refusal::from(error);
            context.deny_unnamed(Way::Proxy, order, refusal.clone());
            opening.say(&http(400, &told(&refusal))).await;
            return opening.close().await;
        }
        Err(Silence::TooSlow) => {
            let refusal = Refusal::new(Reason::TooSlow);
            context.deny_unnamed(Way::Proxy, order, refusal.clone());
            opening.say(&http(408, &told(&refusal))).await;
            return opening.close().await;
        }
        Err(Silence::Closed) => return,
    };
    let asked = |authority: Authority| Asked {
        way: Way::Proxy,
        host: authority.host,
        port: authority.port,
        order,
    };
    match head.target {
        Target::Connect(authority) => match context.named(asked(authority)) {
            Ok(asked) => {
                opening.take(head.length);
                tunnel::serve(context, opening, asked, Greeter::Connect).await;
            }
            Err((asked, refusal)) => refuse(&context, opening, &asked, refusal).await,
        },
        Target::Absolute(authority, path) => {
            let judged = context.named(asked(authority)).and_then(|asked| {
                let judge = &context.judge;
                let admission = judge.admit(&asked.host, asked.port).and_then(|admission| {
                    judge.request(&asked.host, asked.port, false, &head.method, &path.path)?;
                    Ok(admission)
                });
                match admission {
                    Ok(admission) => Ok((asked, admission)),
                    Err(refusal) => Err((asked, refusal)),
                }
            });
            match judged {
                Ok((asked, admission)) => {
                    let private = admission.private;
                    let judged = Judged::plain(asked, private, head.method, path);
                    forward::serve(&context, opening, judged).await;
                }
                Err((asked, refusal)) => refuse(&context, opening, &asked, refusal).await,
            }
        }
        Target::Https(authority) => {
            let detail = "the client must use CONNECT for https";
            let refusal = Refusal::because(Reason::Interception, detail);
            refuse(&context, opening, &asked(authority), refusal).await;
        }
        Target::Origin(..) => {
            let detail = "a proxy was asked as if it were a server";
            let refusal = Refusal::because(Reason::MalformedRequest, detail);
            context.deny_unnamed(Way::Proxy, order, refusal.clone());
            opening.say(&http(400, &told(&refusal))).await;
            opening.close().await;
        }
    }
}

async fn refuse<C: Duplex>(
    context: &Context,
    mut opening: Opening<C>,
    asked: &Asked,
    refusal: Refusal,
) {
    context.deny(asked, refusal.clone());
    opening.say(&http(403, &told(&refusal))).await;
    opening.close().await;
}

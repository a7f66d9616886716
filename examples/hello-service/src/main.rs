use std::{env, io, net::TcpListener, process::ExitCode, sync::Arc, thread, time::Duration};

use hello_service::{http::Response, serve};

/// How long a client may keep us waiting for the next bytes.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many clients are served at a time.
const MAX_CONNECTIONS: usize = 256;

fn main() -> ExitCode {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    match run(&address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hello-service: {address}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(address: &str) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    println!("hello-service listens on http://{}", listener.local_addr()?);
    let open = Arc::new(());
    for stream in listener.incoming() {
        // A client that goes away is no failure of ours.
        let Ok(stream) = stream else { continue };
        let patient = stream
            .set_read_timeout(Some(PATIENCE))
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
        if patient.is_err() {
            continue;
        }
        if Arc::strong_count(&open) > MAX_CONNECTIONS {
            let _ = Response::bad(503).write(&stream, true);
            continue;
        }
        let slot = Arc::clone(&open);
        thread::spawn(move || {
            let _ = serve(&stream);
            drop(slot);
        });
    }
    Ok(())
}

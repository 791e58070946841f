//! The same world on a port.

use jiff::civil::date;
use rollbook_sim::{Faults, Options, Sim, SimClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Serves the world and sends one raw request; all that comes until the connection closes.
async fn talk(sim: &Sim, request: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, sim.router()).into_future());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.replace("HOST", &address.to_string()).as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    // A broken connection may end in an error; what came before it counts.
    let _ = stream.read_to_end(&mut heard).await;
    server.abort();
    String::from_utf8_lossy(&heard).into_owned()
}

fn sim(faults: Faults) -> Sim {
    let options = Options { faults, ..Options::plain(1, date(2026, 10, 5), 20, 3) };
    Sim::new(options, SimClock::new("2026-10-05T12:00:00Z".parse().unwrap(), 1_000.0))
}

const GET: &str =
    "GET /v2/users/me HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer token\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_call_on_a_port_is_answered() {
    let heard = talk(&sim(Faults::none()), GET).await;
    assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
    assert!(heard.contains("account_id"), "{heard}");
}

#[tokio::test]
async fn a_reset_on_a_port_breaks_the_connection() {
    let faults = Faults { resets: 1.0, ..Faults::none() };
    let heard = talk(&sim(faults), GET).await;
    // Either nothing came, or a body that was promised and not finished.
    assert!(heard.is_empty() || !heard.ends_with("0\r\n\r\n"), "{heard}");
    assert!(!heard.contains("account_id"));
}

#[tokio::test]
async fn a_token_names_the_port_it_came_from() {
    let form = "grant_type=account_credentials&account_id=account";
    let length = form.len();
    let post = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: HOST\r\nAuthorization: Basic Y2xpZW50OnNlY3JldA==\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{form}"
    );
    let heard = talk(&sim(Faults::none()), &post).await;
    assert!(heard.contains("\"api_url\":\"http://127.0.0.1:"), "{heard}");
}

//! Requests at a fixed rate, whether or not earlier ones were answered: what people see who do not wait for each other.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex as Lock;

/// Connections kept open, as many as a browser fleet behind a proxy.
const CONNECTIONS: usize = 64;

/// How long each answer took, from the moment at which it was due to be asked for.
#[derive(Default)]
pub struct Times {
    pub answered: Vec<Duration>,
    pub bytes: u64,
    pub wrong: Vec<String>,
}

impl Times {
    /// The share `at` of answers took no longer, in milliseconds.
    pub fn quantile(&mut self, at: f64) -> f64 {
        self.answered.sort();
        let place = ((self.answered.len() as f64 * at).ceil() as usize).clamp(1, self.answered.len());
        self.answered[place - 1].as_secs_f64() * 1e3
    }
}

/// Asks for `paths` in turn, `rate` times a second, for `seconds`.
pub async fn run(address: &str, head: &str, paths: Vec<String>, rate: f64, seconds: f64) -> Times {
    let times = Arc::new(Mutex::new(Times::default()));
    let pool: Vec<Arc<Lock<Option<TcpStream>>>> = (0..CONNECTIONS).map(|_| Default::default()).collect();
    let began = Instant::now();
    let count = (rate * seconds) as usize;
    let mut asked = tokio::task::JoinSet::new();
    for number in 0..count {
        let due = began + Duration::from_secs_f64(number as f64 / rate);
        tokio::time::sleep_until(due.into()).await;
        let (times, connection) = (times.clone(), pool[number % CONNECTIONS].clone());
        let (address, path) = (address.to_owned(), paths[number % paths.len()].clone());
        let text = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n{head}\r\n");
        asked.spawn(async move {
            let answer = ask(&connection, &address, &text).await;
            let took = due.elapsed();
            let mut times = times.lock().unwrap();
            match answer {
                Ok((200, bytes)) => {
                    times.answered.push(took);
                    times.bytes += bytes as u64;
                }
                Ok((status, _)) => times.wrong.push(format!("{status} for {path}")),
                Err(error) => times.wrong.push(format!("{error} for {path}")),
            }
        });
    }
    asked.join_all().await;
    Arc::into_inner(times).unwrap().into_inner().unwrap()
}

async fn ask(
    connection: &Lock<Option<TcpStream>>,
    address: &str,
    text: &str,
) -> std::io::Result<(u16, usize)> {
    let mut held = connection.lock().await;
    let mut stream = match held.take() {
        Some(stream) => stream,
        None => TcpStream::connect(address).await?,
    };
    stream.set_nodelay(true)?;
    stream.write_all(text.as_bytes()).await?;
    let answer = read(&mut stream).await?;
    *held = Some(stream);
    Ok(answer)
}

/// Status and length of one answer; those of the server name their length.
async fn read(stream: &mut TcpStream) -> std::io::Result<(u16, usize)> {
    let mut bytes = Vec::with_capacity(64 * 1024);
    let end = loop {
        if let Some(place) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break place + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    let length: usize = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok((status, length))
}

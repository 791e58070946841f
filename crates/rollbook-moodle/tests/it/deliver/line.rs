//! The line between rollbook and the server, where a test can cut it, or let others act, between any two statements.
//!
//! What the client sends until the server answers is one turn: a statement, or its preparation. Turns are counted from the
//! moment the trouble is ordered.

use std::sync::Arc;

use rollbook_moodle::DbSettings;
use rollbook_moodle::testing::Client;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use url::Url;

use super::schedule::Schedule;

/// What happens on the line.
pub enum Trouble {
    /// Nothing.
    Nothing,
    /// The line breaks before a turn reaches the server.
    CutBefore(usize),
    /// The line breaks before the answer to a turn comes back.
    CutAfter(usize),
    /// The server ends the connection before a turn.
    End(usize, Client, i64),
    /// Somebody else runs a statement before a turn.
    Act(usize, Client, String),
    /// The plugin's task takes steps between turns, and while we wait for its locks.
    Plugin(Box<Schedule>),
}

/// A line to a server.
pub struct Line {
    /// How rollbook gets to the server over it.
    pub settings: DbSettings,
    state: Arc<Mutex<State>>,
}

struct State {
    trouble: Trouble,
    turn: usize,
}

/// What becomes of a turn.
#[derive(PartialEq)]
enum Fate {
    Pass,
    Lost,
    Unanswered,
}

impl Line {
    pub async fn to(settings: &DbSettings) -> Line {
        let mut url = Url::parse(settings.url.expose_secret()).unwrap();
        let server = (url.host_str().unwrap().to_owned(), url.port().unwrap());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let state = Arc::new(Mutex::new(State { trouble: Trouble::Nothing, turn: 0 }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(server.clone()).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&shared)));
            }
        });
        Line { settings: DbSettings { url: SecretString::from(url.as_str()), ..settings.clone() }, state }
    }

    /// From now on.
    pub async fn order(&self, trouble: Trouble) {
        *self.state.lock().await = State { trouble, turn: 0 };
    }

    /// How many turns there were since the last order, whose trouble ends.
    pub async fn settle(&self) -> (usize, Trouble) {
        let mut state = self.state.lock().await;
        let trouble = std::mem::replace(&mut state.trouble, Trouble::Nothing);
        (state.turn, trouble)
    }
}

impl State {
    async fn begin_turn(&mut self) -> Fate {
        self.turn += 1;
        match &mut self.trouble {
            Trouble::CutBefore(turn) if *turn == self.turn => return Fate::Lost,
            Trouble::CutAfter(turn) if *turn == self.turn => return Fate::Unanswered,
            Trouble::End(turn, owner, number) if *turn == self.turn => owner.end(*number).await,
            Trouble::Act(turn, client, sql) if *turn == self.turn => client.execute(sql).await.unwrap(),
            Trouble::Plugin(schedule) => schedule.between_turns().await,
            _ => {}
        }
        Fate::Pass
    }
}

/// Carries bytes until either side closes or the line is cut.
async fn carry(mut client: TcpStream, mut server: TcpStream, state: Arc<Mutex<State>>) {
    let mut fate = Fate::Pass;
    let mut is_answered = true;
    loop {
        match received(&client) {
            Received::Bytes(bytes) => {
                if is_answered {
                    is_answered = false;
                    fate = state.lock().await.begin_turn().await;
                }
                // The other side may be gone; then it says so below.
                if fate == Fate::Lost || server.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Received::Closed => return,
            Received::Nothing => {}
        }
        match received(&server) {
            Received::Bytes(bytes) => {
                is_answered = true;
                if fate == Fate::Unanswered || client.write_all(&bytes).await.is_err() {
                    return;
                }
                continue;
            }
            Received::Closed => return,
            Received::Nothing => {}
        }
        let is_scheduled = match &mut state.lock().await.trouble {
            Trouble::Plugin(schedule) if !is_answered => {
                schedule.while_we_wait().await;
                true
            }
            _ => false,
        };
        if !is_scheduled {
            tokio::select! {
                _ = client.readable() => {}
                _ = server.readable() => {}
            }
        }
    }
}

enum Received {
    Bytes(Vec<u8>),
    Nothing,
    Closed,
}

fn received(stream: &TcpStream) -> Received {
    let mut buffer = vec![0; 64 * 1024];
    match stream.try_read(&mut buffer) {
        Ok(0) => Received::Closed,
        Ok(length) => {
            buffer.truncate(length);
            Received::Bytes(buffer)
        }
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Received::Nothing,
        Err(_) => Received::Closed,
    }
}

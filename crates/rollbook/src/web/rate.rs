//! How often the JSON API may be asked, by each token, login or address.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, Reference as _};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::App;
use super::problem::Problem;
use super::reached::Reached;
use super::visitor::Visitor;

/// Keys that are remembered before those that rest are forgotten.
const KEYS_MAX: usize = 10_000;

type Limiter = RateLimiter<String, HashMapStateStore<String>, Watch, StateInformationMiddleware>;

/// Who has asked how often.
pub struct Rate {
    a_minute: NonZeroU32,
    limiter: Limiter,
    watch: Watch,
}

/// Time since the server began, on tokio's clock.
#[derive(Debug, Clone)]
struct Watch(tokio::time::Instant);

impl Clock for Watch {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// What is left, or how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Yes { left: u32 },
    Wait { for_seconds: u64 },
}

impl Rate {
    /// So many requests a minute for each who asks; as many at once, when they rested.
    pub fn new(a_minute: NonZeroU32) -> Rate {
        let watch = Watch(tokio::time::Instant::now());
        let quota = Quota::per_minute(a_minute);
        let limiter = Limiter::new(quota, HashMapStateStore::default(), watch.clone());
        Rate { a_minute, limiter, watch }
    }

    fn ask(&self, who: &String) -> Verdict {
        if self.limiter.len() > KEYS_MAX {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(who) {
            Ok(state) => Verdict::Yes { left: state.remaining_burst_capacity() },
            Err(until) => {
                let wait = until.earliest_possible().duration_since(self.watch.now());
                Verdict::Wait { for_seconds: Duration::from(wait).as_secs() + 1 }
            }
        }
    }

    /// The headers of the IETF's draft on rate limits, and `Retry-After`.
    fn tell(&self, headers: &mut HeaderMap, verdict: Verdict) {
        let left = if let Verdict::Yes { left } = verdict { left } else { 0 };
        let policy = format!("\"default\";q={};w=60", self.a_minute);
        let state = match verdict {
            Verdict::Yes { .. } => format!("\"default\";r={left}"),
            Verdict::Wait { for_seconds } => format!("\"default\";r=0;t={for_seconds}"),
        };
        for (name, text) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            headers.insert(name, HeaderValue::from_str(&text).expect("it is ASCII"));
        }
        if let Verdict::Wait { for_seconds } = verdict {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(for_seconds));
        }
    }
}

/// Stands before every route of the API.
pub async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let verdict = app.rate.ask(&who(&request));
    let mut response = match verdict {
        Verdict::Yes { .. } => next.run(request).await,
        Verdict::Wait { for_seconds } => Problem::too_often(format!(
            "more than {} requests a minute; wait {for_seconds} s (serve.api_rate is the setting)",
            app.rate.a_minute
        ))
        .into_response(),
    };
    app.rate.tell(response.headers_mut(), verdict);
    response
}

/// A name that is signed in, else the address.
fn who(request: &Request) -> String {
    match request.extensions().get::<Visitor>() {
        Some(visitor) => format!("who {}", visitor.who),
        None => {
            let reached = request.extensions().get::<Reached>();
            format!("at {}", reached.map(|reached| reached.address.to_string()).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_asks_too_often_waits_and_nobody_else() {
        let rate = Rate::new(NonZeroU32::new(3).unwrap());
        let (ana, ben) = ("ana".to_owned(), "ben".to_owned());
        let left: Vec<Verdict> = (0..4).map(|_| rate.ask(&ana)).collect();
        assert_eq!(left[2], Verdict::Yes { left: 0 });
        assert_eq!(left[3], Verdict::Wait { for_seconds: 21 });
        assert_eq!(rate.ask(&ben), Verdict::Yes { left: 2 });
        tokio::time::advance(Duration::from_secs(21)).await;
        assert_eq!(rate.ask(&ana), Verdict::Yes { left: 0 });
    }

    #[tokio::test(start_paused = true)]
    async fn the_headers_say_what_is_left_and_when_to_come_back() {
        let rate = Rate::new(crate::config::API_RATE);
        let mut headers = HeaderMap::new();
        rate.tell(&mut headers, Verdict::Wait { for_seconds: 7 });
        assert_eq!(headers["ratelimit-policy"], "\"default\";q=600;w=60");
        assert_eq!(headers["ratelimit"], "\"default\";r=0;t=7");
        assert_eq!(headers[header::RETRY_AFTER], "7");
    }
}

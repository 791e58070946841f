//! Posting the pretend Zoom's events to a server, with Zoom's patience.

use std::time::Duration;

use bytes::Bytes;
use jiff::SignedDuration;
use rollbook_sim::{Post, SimClock};
use rollbook_zoom::reqwest::Reqwest;
use rollbook_zoom::webhook::{SIGNATURE_HEADER, TIMESTAMP_HEADER};
use rollbook_zoom::{Transport, TransportError};
use tokio::task::JoinSet;

/// Zoom waits this long for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// When Zoom comes again, after the first try and after each retry (WEBHOOKS.md, "Delivery and retry").
const RETRIES: [SignedDuration; 3] =
    [SignedDuration::from_mins(5), SignedDuration::from_mins(20), SignedDuration::from_mins(60)];

/// Posts on their way at once; the others wait their turn.
const AT_ONCE: usize = 64;

/// Posts each event when its time comes, and again as Zoom does: after a status of 500 and above, or none. What lies
/// before the clock's beginning is not posted: it was over when the world began.
pub async fn post_all(url: http::Uri, clock: SimClock, posts: Vec<Post>) -> Result<(), TransportError> {
    let network = std::sync::Arc::new(Reqwest::new()?);
    let mut under_way = JoinSet::new();
    for post in posts.into_iter().filter(|post| post.at >= clock.epoch()) {
        let wait = post.at.duration_since(clock.now());
        clock.sleep(Duration::try_from(wait).unwrap_or_default()).await;
        while under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        let (network, url) = (network.clone(), url.clone());
        under_way.spawn(async move {
            for again in RETRIES.map(Some).into_iter().chain([None]) {
                if is_taken(&network, &url, &post).await {
                    return;
                }
                if let Some(again) = again {
                    clock.sleep(Duration::try_from(again).unwrap_or_default()).await;
                }
            }
        });
    }
    under_way.join_all().await;
    Ok(())
}

/// Whether Zoom would not come again.
async fn is_taken(network: &Reqwest, url: &http::Uri, post: &Post) -> bool {
    let request = http::Request::post(url.clone())
        .header(http::header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header(TIMESTAMP_HEADER, &post.timestamp)
        .header(SIGNATURE_HEADER, &post.signature)
        .body(Bytes::from(post.body.clone()))
        .expect("headers of digits and hex");
    match tokio::time::timeout(PATIENCE, network.send(request)).await {
        Ok(Ok(answer)) => answer.status().as_u16() < 500,
        _ => false,
    }
}

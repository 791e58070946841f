//! What must hold of every page, and ways that people go.

mod check;
mod every_page;
mod journeys;
mod keyboard;
mod live;
mod schools;
mod scriptless;

use serde_json::Value;

use crate::browser::Browser;

/// The paths of an open, a verified and a troubled meeting, and of the person whose call was worst there.
#[derive(Default)]
struct Places {
    open: String,
    verified: String,
    troubled: String,
    person: String,
}

async fn json(browser: &Browser, path: &str) -> Value {
    let script = "const done = arguments[arguments.length - 1];
        fetch(arguments[0]).then((answer) => answer.json()).then(done, (error) => done(String(error)));";
    browser.client.execute_async(script, vec![path.into()]).await.unwrap()
}

/// The first meeting that an answer lists.
async fn first(browser: &Browser, query: &str) -> String {
    let found = json(browser, &format!("/api/v1/meetings?{query}")).await;
    found["meetings"][0]["path"].as_str().unwrap_or_else(|| panic!("no meeting: {query}: {found}")).to_owned()
}

async fn places(browser: &Browser) -> Places {
    let all = json(browser, "/api/v1/meetings?quality=some").await;
    let by_share = |one: &&Value| (one["bad_share"].as_f64().unwrap_or(0.0) * 1e6) as u64;
    let worst = all["meetings"].as_array().unwrap().iter().max_by_key(by_share).unwrap();
    let troubled = worst["path"].as_str().unwrap().to_owned();
    let view = json(browser, &format!("/api/v1{troubled}")).await;
    let people = view["people"].as_array().unwrap();
    let person = people.iter().max_by_key(|one| one["bad_minutes"].as_u64()).unwrap();
    Places {
        open: first(browser, "state=fetched").await,
        verified: first(browser, "state=verified").await,
        person: person["path"].as_str().unwrap().to_owned(),
        troubled,
    }
}

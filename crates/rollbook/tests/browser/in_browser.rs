//! What must hold of every page, and ways that people go.

use serde_json::Value;

use crate::browser::{Browser, LOOKS, Look, told};
use crate::server::Server;

/// Findings of the checker that nobody may leave in.
const GRAVE: [&str; 2] = ["serious", "critical"];

/// The paths of an open, a verified and a troubled meeting, and of the person whose call was worst there.
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

/// One page, looked at in one way: nothing in the console, no other host, nothing beside the screen, readable for all. What
/// is wrong with it.
async fn faults(
    browser: &Browser,
    server: &Server,
    name: &str,
    path: &str,
    look: Look,
    axe: Option<&str>,
) -> Vec<String> {
    drop((browser.log("browser").await, browser.log("performance").await));
    browser.look(&format!("{}{path}", server.address), look).await;
    browser.keep(name, look).await;
    let mut faults: Vec<String> =
        browser.log("browser").await.iter().map(|line| format!("console: {line}")).collect();
    for entry in browser.log("performance").await {
        let message: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
        let Some(url) = message["message"]["params"]["request"]["url"].as_str() else { continue };
        // The browser's own first tab is none of ours.
        let is_ours =
            [server.address.as_str(), "data:", "blob:", "chrome:"].iter().any(|from| url.starts_with(from));
        if !is_ours {
            faults.push(format!("it asks {url}"));
        }
    }
    let too_wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let too_wide = browser.client.execute(too_wide, vec![]).await.unwrap();
    if too_wide != 0 {
        faults.push(format!("the page is {too_wide} wider than the screen"));
    }
    if let Some(axe) = axe {
        faults.extend(violations(browser, axe).await);
    }
    faults.into_iter().map(|fault| format!("{name} ({path}) {look:?}: {fault}")).collect()
}

/// What the checker of accessibility finds grave.
async fn violations(browser: &Browser, axe: &str) -> Vec<String> {
    browser.client.execute(axe, vec![]).await.unwrap();
    let run = "const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations), (error) => done(String(error)));";
    let violations = browser.client.execute_async(run, vec![]).await.unwrap();
    let Some(violations) = violations.as_array() else {
        return vec![format!("the checker failed: {violations}")];
    };
    let grave = violations.iter().filter(|one| GRAVE.contains(&one["impact"].as_str().unwrap_or("")));
    grave
        .map(|one| {
            let nodes = one["nodes"].as_array().unwrap().iter().take(3);
            let nodes: Vec<String> =
                nodes.map(|node| format!("{} {}", node["html"], node["failureSummary"])).collect();
            format!("{}: {}\n  {}", one["id"], one["help"], nodes.join("\n  "))
        })
        .collect()
}

#[tokio::test]
async fn every_page_is_whole_in_both_themes_wide_and_narrow() {
    let server = Server::shared();
    let axe = told("ROLLBOOK_TEST_AXE").map(|path| std::fs::read_to_string(path).unwrap());
    let browser = Browser::open().await;
    let mut found = Vec::new();
    for look in LOOKS {
        found.extend(faults(&browser, &server, "sign-in", "/sign-in", look, axe.as_deref()).await);
    }
    browser.sign_in(&server, "admin").await;
    let places = places(&browser).await;
    let pages = [
        ("today", "/"),
        ("meetings", "/meetings"),
        ("meetings-none", "/meetings?q=nothing+like+it"),
        ("meeting-open", &places.open),
        ("meeting-verified", &places.verified),
        ("meeting-troubled", &places.troubled),
        ("person", &places.person),
        ("quota", "/quota"),
        ("system", "/system"),
    ];
    for (name, path) in pages {
        for look in LOOKS {
            found.extend(faults(&browser, &server, name, path, look, axe.as_deref()).await);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await;
}

#[tokio::test]
async fn a_bad_meeting_leads_to_the_person_and_the_cause() {
    let server = Server::shared();
    let browser = Browser::open().await;
    browser.sign_in(&server, "analyst").await;
    browser.look(&format!("{}/meetings", server.address), LOOKS[0]).await;
    browser.client.execute("document.querySelector('#quality').value = 'some'", vec![]).await.unwrap();
    browser.press("form.filters button").await;
    browser.until("return new URL(location).searchParams.get('quality') === 'some'").await;
    browser.press("tbody th a").await;
    browser.until("document.querySelector('#heat')?.scrollIntoView(); return Boolean(document.querySelector('#heat[data-drawn]'))").await;
    let worst = "const rows = [...document.querySelectorAll('table.rows tbody tr')];
        rows.find((row) => row.querySelector('.state') && row.querySelector('th a') && row.querySelector('td .small')).querySelector('th a').click()";
    browser.client.execute(worst, vec![]).await.unwrap();
    browser
        .until("return location.pathname.includes('/people/') && document.readyState === 'complete'")
        .await;
    let text = browser.text().await;
    assert!(text.contains("Worst minutes") && text.contains("Cause"), "{text}");
    browser.close().await;
}

#[tokio::test]
async fn the_theme_that_was_chosen_stays() {
    let server = Server::shared();
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    browser.look(&format!("{}/", server.address), LOOKS[0]).await;
    let colour = "return getComputedStyle(document.body).backgroundColor";
    let light = browser.client.execute(colour, vec![]).await.unwrap();
    browser.press("[data-theme-switch]").await;
    let dark = browser.client.execute(colour, vec![]).await.unwrap();
    assert_ne!(light, dark);
    browser.client.goto(&format!("{}/meetings", server.address)).await.unwrap();
    assert_eq!(browser.client.execute(colour, vec![]).await.unwrap(), dark);
    assert_eq!(
        browser.client.execute("return document.documentElement.dataset.theme", vec![]).await.unwrap(),
        "dark"
    );
    browser.close().await;
}

#[tokio::test]
async fn whoever_uses_the_keyboard_gets_past_the_navigation() {
    let server = Server::shared();
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    browser.look(&format!("{}/", server.address), LOOKS[0]).await;
    let press =
        async |key: &str| browser.client.active_element().await.unwrap().send_keys(key).await.unwrap();
    press("\u{e004}").await;
    let focused = "return document.activeElement.textContent.trim()";
    assert_eq!(browser.client.execute(focused, vec![]).await.unwrap(), "Skip to content");
    press("\u{e007}").await;
    assert_eq!(browser.client.execute("return document.activeElement.id", vec![]).await.unwrap(), "main");
    browser.close().await;
}

#[tokio::test]
async fn a_teacher_cannot_see_somebody_elses_meeting() {
    let server = Server::shared();
    let [admin, teacher] = [Browser::open().await, Browser::open().await];
    admin.sign_in(&server, "admin").await;
    let path = first(&admin, "state=verified").await;
    teacher.sign_in(&server, "teacher").await;
    teacher.look(&format!("{}/meetings", server.address), LOOKS[0]).await;
    assert!(teacher.text().await.contains("No meeting fits."));
    teacher.look(&format!("{}{path}", server.address), LOOKS[0]).await;
    let text = teacher.text().await;
    assert!(text.contains("or it is not one you may see") && !text.contains("Who was there"), "{text}");
    admin.close().await;
    teacher.close().await;
}

#[tokio::test]
async fn an_open_meeting_is_refreshed_and_seen_verified_without_a_reload() {
    // A minute of the campus is a second: the look that proves it is a quarter of an hour away.
    let server = Server::start(60);
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    browser.look(&format!("{}/meetings", server.address), LOOKS[0]).await;
    browser.client.execute("document.querySelector('#state').value = 'fetched'", vec![]).await.unwrap();
    browser.press("form.filters button").await;
    browser.until("return new URL(location).searchParams.get('state') === 'fetched'").await;
    browser.press("tbody th a").await;
    browser.until("return Boolean(document.querySelector('#refresh'))").await;
    let text = browser.text().await;
    assert!(text.contains("Not proved complete") && text.contains("A look now costs about 1 "), "{text}");
    browser.client.execute("window.isTheSamePage = false", vec![]).await.unwrap();
    browser.press("#refresh").await;
    browser.until("return location.search.includes('asked=')").await;
    browser.client.execute("window.isTheSamePage = true", vec![]).await.unwrap();
    browser.until("return document.body.innerText.includes('Looked at')").await;
    browser.until_patiently("return document.body.innerText.includes('Proved complete')", 4).await;
    assert_eq!(browser.client.execute("return window.isTheSamePage", vec![]).await.unwrap(), true);
    browser.close().await;
}

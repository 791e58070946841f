//! One page, looked at in one way.

use serde_json::Value;

use crate::browser::{Browser, LOOKS, Look, told};
use crate::server::Server;

/// Findings of the accessibility checker that nobody may leave in.
const GRAVE: [&str; 2] = ["serious", "critical"];

/// How far what was shown may jump while a page is loaded, as Chromium counts it: 0.1 is called good.
const SHIFT_MAX: f64 = 0.1;

/// What a page itself may weigh, in bytes, without the style sheet and scripts, which are kept for ever.
const PAGE_BYTES_MAX: u64 = 200_000;

/// A place to look at.
pub struct Visit {
    /// What its pictures are called.
    pub name: &'static str,
    /// Its path.
    pub path: String,
    /// What the server is to answer.
    pub status: u64,
}

impl Visit {
    /// A page that is there.
    pub fn to(name: &'static str, path: impl Into<String>) -> Visit {
        Visit { name, path: path.into(), status: 200 }
    }

    /// A page that says what is wrong.
    pub fn refused(name: &'static str, path: impl Into<String>, status: u64) -> Visit {
        Visit { name, path: path.into(), status }
    }
}

/// Looks at each in both themes, wide and narrow: loaded in each width, and the theme changed under the reader.
pub async fn check_all(browser: &Browser, server: &Server, visits: &[Visit]) {
    let axe = told("ROLLBOOK_TEST_AXE").map(|path| std::fs::read_to_string(path).unwrap());
    let [light_wide, dark_wide, light_narrow, dark_narrow] = LOOKS;
    let mut found = Vec::new();
    for visit in visits {
        for (loaded, changed) in [(light_wide, dark_wide), (dark_narrow, light_narrow)] {
            let mut tell = |look: Look, faults: Vec<String>| {
                let tell = |fault: String| format!("{} ({}) {look:?}: {fault}", visit.name, visit.path);
                found.extend(faults.into_iter().map(tell));
            };
            tell(loaded, faults(browser, server, visit, loaded, axe.as_deref()).await);
            browser.change_theme(changed).await;
            browser.keep(visit.name, changed).await;
            if axe.is_some() {
                tell(changed, violations(browser, "{ runOnly: ['color-contrast'] }").await);
            }
            tell(changed, of_console(browser, visit).await);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Nothing in the console, no other host, nothing beside the screen, nothing that jumps, readable for all. What is wrong.
async fn faults(
    browser: &Browser,
    server: &Server,
    visit: &Visit,
    look: Look,
    axe: Option<&str>,
) -> Vec<String> {
    drop((browser.log("browser").await, browser.log("performance").await));
    browser.look(&format!("{}{}", server.address, visit.path), look).await;
    browser.keep(visit.name, look).await;
    let mut faults = of_console(browser, visit).await;
    faults.extend(of_network(browser, server, visit).await);
    let too_wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let too_wide = browser.client.execute(too_wide, vec![]).await.unwrap();
    if too_wide != 0 {
        faults.push(format!("the page is {too_wide} wider than the screen"));
    }
    let shift = browser.shift().await;
    if shift > SHIFT_MAX {
        faults.push(format!("what was shown jumps by {shift:.3}"));
    }
    if let Some(axe) = axe {
        browser.client.execute(axe, vec![]).await.unwrap();
        faults.extend(violations(browser, "{ resultTypes: ['violations'] }").await);
    }
    faults
}

/// What stands in the console, but for the line that says that the page was refused, where that is meant.
async fn of_console(browser: &Browser, visit: &Visit) -> Vec<String> {
    let is_meant = |line: &Value| {
        let text = line["message"].as_str().unwrap_or("");
        visit.status >= 400 && text.contains("Failed to load resource")
    };
    let lines = browser.log("browser").await;
    lines.iter().filter(|line| !is_meant(line)).map(|line| format!("console: {line}")).collect()
}

/// What was asked of whom, and what came.
async fn of_network(browser: &Browser, server: &Server, visit: &Visit) -> Vec<String> {
    let mut faults = Vec::new();
    let mut page = None;
    for entry in browser.log("performance").await {
        let message: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
        let (method, told) = (&message["message"]["method"], &message["message"]["params"]);
        if let Some(url) = told["request"]["url"].as_str() {
            // The browser's own first tab is none of ours.
            let is_ours = [server.address.as_str(), "data:", "blob:", "chrome:"]
                .iter()
                .any(|from| url.starts_with(from));
            if !is_ours {
                faults.push(format!("it asks {url}"));
            }
        }
        if method == "Network.responseReceived" && told["type"] == "Document" {
            page = Some(told["requestId"].clone());
            let status = told["response"]["status"].as_u64();
            if status != Some(visit.status) {
                faults.push(format!("the answer is {status:?}"));
            }
        }
        if method == "Network.loadingFinished" && page.as_ref() == Some(&told["requestId"]) {
            let bytes = told["encodedDataLength"].as_f64().unwrap_or(0.0) as u64;
            if bytes > PAGE_BYTES_MAX {
                faults.push(format!("the page weighs {bytes} bytes"));
            }
        }
    }
    faults
}

/// What the checker of accessibility finds grave.
async fn violations(browser: &Browser, how: &str) -> Vec<String> {
    let run = format!(
        "const done = arguments[arguments.length - 1];
        axe.run(document, {how}).then((found) => done(found.violations), (error) => done(String(error)));"
    );
    let violations = browser.client.execute_async(&run, vec![]).await.unwrap();
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

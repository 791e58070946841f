//! Chromium by way of its driver.

use std::path::PathBuf;

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use url::Url;

use crate::server::{PASSWORD, Server};

/// Half seconds that a page may take to settle.
const TRIES: u32 = 60;

/// A browser with an empty profile.
pub struct Browser {
    /// The driver's client.
    pub client: Client,
    _profile: tempfile::TempDir,
}

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// `light` or `dark`.
    pub theme: &'static str,
    /// Columns of points.
    pub width: u32,
}

/// Both themes, wide and narrow.
pub const LOOKS: [Look; 4] = [
    Look { theme: "light", width: 1280 },
    Look { theme: "dark", width: 1280 },
    Look { theme: "light", width: 360 },
    Look { theme: "dark", width: 360 },
];

/// Tests have no configuration; this is all they are told.
#[allow(clippy::disallowed_methods)]
pub fn told(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

impl Browser {
    /// Opens one.
    pub async fn open() -> Browser {
        let driver = told("ROLLBOOK_TEST_WEBDRIVER").unwrap_or_else(|| {
            panic!("ROLLBOOK_TEST_WEBDRIVER is not set: this test needs a browser; `cargo xtask test` starts its driver")
        });
        let profile = tempfile::Builder::new().prefix("rollbook-browser-").tempdir().unwrap();
        // The driver may run as somebody else.
        open_to_all(profile.path());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            &format!("--user-data-dir={}", profile.path().join("profile").display()),
        ];
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let Value::Object(wanted) = wanted else { unreachable!("it is written above") };
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(Capabilities::from(wanted))
            .connect(&driver)
            .await
            .unwrap();
        Browser { client, _profile: profile }
    }

    /// Signs in by the form, as a person does.
    pub async fn sign_in(&self, server: &Server, name: &str) {
        self.client.goto(&format!("{}/sign-in", server.address)).await.unwrap();
        self.fill("input[name=name]", name).await;
        self.fill("input[name=password]", PASSWORD).await;
        self.press("main form button").await;
        self.until("return !location.pathname.startsWith('/sign-in')").await;
    }

    /// Types into a field.
    pub async fn fill(&self, field: &str, text: &str) {
        self.client.find(Locator::Css(field)).await.unwrap().send_keys(text).await.unwrap();
    }

    /// Presses or follows something.
    pub async fn press(&self, what: &str) {
        self.client.find(Locator::Css(what)).await.unwrap().click().await.unwrap();
    }

    /// Goes to a page in a theme and width, and waits until its charts are drawn.
    pub async fn look(&self, address: &str, look: Look) {
        let size = json!({ "width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": look.theme }] });
        self.devtools("Emulation.setEmulatedMedia", scheme).await;
        self.client.goto(address).await.unwrap();
        // Charts further down are drawn when they are scrolled to.
        self.until(
            "const waiting = [...document.querySelectorAll('[data-chart]')].filter((one) => !one.dataset.drawn);
             waiting[0]?.scrollIntoView();
             if (!waiting.length) scrollTo(0, 0);
             return document.readyState === 'complete' && !waiting.length",
        )
        .await;
    }

    /// Changes to a look's theme where we are, and waits until the charts have it too.
    pub async fn change_theme(&self, look: Look) {
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": look.theme }] });
        self.devtools("Emulation.setEmulatedMedia", scheme).await;
        let is_drawn = format!(
            "return [...document.querySelectorAll('[data-chart]')].every((one) => one.dataset.drawn === '{}')",
            look.theme
        );
        self.until(&is_drawn).await;
    }

    /// Waits until a script says yes.
    pub async fn until(&self, script: &str) {
        self.until_patiently(script, 1).await;
    }

    /// The same, so many times as long.
    pub async fn until_patiently(&self, script: &str, times: u32) {
        // The browser asks itself again after each frame it draws; a page that goes away ends the question, not the wait.
        let patient = format!(
            "const done = arguments[arguments.length - 1], began = performance.now();
             const is = () => {{ {script} }};
             const ask = () => is() ? done(true) : performance.now() - began > 500 ? done(false) : setTimeout(ask, 20);
             ask();"
        );
        let mut last = None;
        for _ in 0..times * TRIES {
            match self.client.execute_async(&patient, vec![]).await {
                Ok(Value::Bool(true)) => return,
                Ok(_) => {}
                Err(error) => last = Some(error),
            }
        }
        panic!("never came true: {script} ({last:?})");
    }

    /// The text that is shown.
    pub async fn text(&self) -> String {
        let text = self.client.execute("return document.body.innerText", vec![]).await.unwrap();
        text.as_str().unwrap().to_owned()
    }

    /// What the driver logged since it was asked last: `browser` or `performance`.
    pub async fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.client.issue_cmd(Own("se/log", json!({ "type": kind }))).await.unwrap();
        entries.as_array().unwrap().clone()
    }

    /// How far what was shown has jumped since the page was opened, as Chromium counts it.
    pub async fn shift(&self) -> f64 {
        let shift = "const done = arguments[arguments.length - 1];
            let sum = 0;
            const watcher = new PerformanceObserver(() => {});
            watcher.observe({ type: 'layout-shift', buffered: true });
            requestAnimationFrame(() => requestAnimationFrame(() => {
                for (const one of watcher.takeRecords()) if (!one.hadRecentInput) sum += one.value;
                done(sum);
            }));";
        self.client.execute_async(shift, vec![]).await.unwrap().as_f64().unwrap()
    }

    /// Something that only the browser's own tools can do.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Own("goog/cdp/execute", body)).await.unwrap()
    }

    /// The whole page as a picture in `target/screenshots`.
    pub async fn keep(&self, name: &str, look: Look) {
        let folder = screenshots();
        std::fs::create_dir_all(&folder).unwrap();
        let whole = json!({ "format": "png", "captureBeyondViewport": true });
        let shot = self.devtools("Page.captureScreenshot", whole).await;
        use base64::Engine as _;
        let picture =
            base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}-{}-{}.png", look.theme, look.width)), picture).unwrap();
    }

    /// Ends it.
    pub async fn close(self) {
        self.client.close().await.unwrap();
    }
}

/// Where pictures are kept.
fn screenshots() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    target.parent().unwrap().join("screenshots")
}

#[cfg(unix)]
fn open_to_all(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
}

#[cfg(not(unix))]
fn open_to_all(_: &std::path::Path) {}

/// A command of the driver that is not in the standard.
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}

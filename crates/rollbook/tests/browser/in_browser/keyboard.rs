//! Without a mouse.

use serde_json::{Value, json};

use super::places;
use crate::browser::{Browser, LOOKS};
use crate::server::Server;

/// Everything that the Tab key should reach, told by its place in the page; radio buttons of a group are one.
const REACHABLE: &str = "
    const groups = new Set();
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex=\"0\"]')]
        .filter((one) => !one.disabled && one.tabIndex >= 0 && one.type !== 'hidden' && one.checkVisibility({ visibilityProperty: true }))
        .filter((one) => one.type !== 'radio' || !one.name || !groups.has(one.form.action + one.name + one.form.key?.value)
            && groups.add(one.form.action + one.name + one.form.key?.value))
        .map((one) => [...document.querySelectorAll('*')].indexOf(one));";

/// Where the focus is, and whether that can be seen: an outline of two points or more, on the screen.
const FOCUSED: &str = "
    const one = document.activeElement, style = getComputedStyle(one), place = one.getBoundingClientRect();
    const shown = `${one.outerHTML.slice(0, 120)} ${style.outline} ${JSON.stringify(place)} of ${innerWidth} ${innerHeight}`;
    return [[...document.querySelectorAll('*')].indexOf(one), shown, one === document.body
        || style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
            && place.bottom > 0 && place.top < innerHeight && place.right > 0 && place.left < innerWidth];";

async fn press(browser: &Browser, key: &str, code: u32) {
    for kind in ["rawKeyDown", "keyUp"] {
        let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
        browser.devtools("Input.dispatchKeyEvent", event).await;
    }
}

#[tokio::test]
async fn the_tab_key_reaches_everything_visibly_and_is_never_caught() {
    let server = Server::shared();
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    let places = places(&browser).await;
    let open = places.open.as_str();
    for (path, look) in [
        ("/", LOOKS[0]),
        ("/meetings?state=closed", LOOKS[2]),
        (open, LOOKS[0]),
        ("/quality", LOOKS[1]),
        ("/quota?from=2026-10-04&to=2026-10-04&quality=", LOOKS[0]),
        ("/account", LOOKS[2]),
    ] {
        browser.look(&format!("{}{path}", server.address), look).await;
        let wanted = browser.client.execute(REACHABLE, vec![]).await.unwrap();
        let wanted: Vec<u64> = wanted.as_array().unwrap().iter().filter_map(Value::as_u64).collect();
        let mut seen = Vec::new();
        // Once around; days have several fields in one.
        while seen.len() < wanted.len() {
            press(&browser, "Tab", 9).await;
            let focused = browser.client.execute(FOCUSED, vec![]).await.unwrap();
            assert_eq!(focused[2], true, "{path}: the focus cannot be seen on {}", focused[1]);
            let place = focused[0].as_u64().unwrap();
            if seen.last() != Some(&place) {
                seen.push(place);
            }
            assert_eq!(seen, wanted[..seen.len()], "{path}: not in its turn: {}", focused[1]);
        }
    }
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
async fn nothing_moves_for_those_who_want_it_so() {
    let server = Server::shared();
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    for path in ["/", "/quality", "/quota"] {
        browser.look(&format!("{}{path}", server.address), LOOKS[0]).await;
        let calm = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
        browser.devtools("Emulation.setEmulatedMedia", calm).await;
        let moving = "return [...document.querySelectorAll('*')].filter((one) => {
            const style = getComputedStyle(one);
            return [style.transitionDuration, style.animationDuration].some((all) => all.split(',').some((one) => parseFloat(one) > 0));
        }).map((one) => one.outerHTML.slice(0, 100))";
        assert_eq!(browser.client.execute(moving, vec![]).await.unwrap(), json!([]), "{path}");
        browser.devtools("Emulation.setEmulatedMedia", json!({ "features": [] })).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn every_chart_is_told_in_words_and_wide_tables_scroll_by_themselves() {
    let server = Server::shared();
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    let places = places(&browser).await;
    for path in ["/", "/quality", &places.troubled, &places.person] {
        browser.look(&format!("{}{path}", server.address), LOOKS[2]).await;
        let wordless = "return [...document.querySelectorAll('.chart, main svg:not([aria-hidden])')].filter((one) => !one.closest('.chart-space, .swatch, [aria-hidden=true]')
            && !(one.matches('svg') ? one.getAttribute('aria-label') : one.querySelector('.chart-words')?.innerText.length > 20))
            .map((one) => one.outerHTML.slice(0, 200))";
        assert_eq!(browser.client.execute(wordless, vec![]).await.unwrap(), json!([]), "{path}");
        let loose = "return [...document.querySelectorAll('table')].filter((one) => one.scrollWidth > one.parentElement.clientWidth + 1
            && !(one.closest('.scroll')?.tabIndex === 0)).map((one) => one.outerHTML.slice(0, 200))";
        assert_eq!(browser.client.execute(loose, vec![]).await.unwrap(), json!([]), "{path}");
    }
    browser.close().await;
}

//! Parts of pages that keep themselves up to date.

use super::json;
use crate::browser::{Browser, LOOKS};
use crate::server::Server;

/// Somebody comes back to the page, which has its live parts fetched at once.
const COME_BACK: &str = "document.dispatchEvent(new Event('visibilitychange'))";

#[tokio::test]
async fn a_live_part_changes_under_the_reader_without_moving_anything() {
    let server = Server::fresh(&[]);
    server.add_login("admin", "admin", &[]);
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    browser.look(&format!("{}/system", server.address), LOOKS[2]).await;
    // The reader is on a table that has been scrolled to the side.
    let settle = "const table = document.querySelector('[data-live] .scroll[aria-label=\"Latest runs\"]');
        table.scrollIntoView(); table.focus({ preventScroll: true }); table.scrollLeft = 40; window.isTheSamePage = true;";
    browser.client.execute(settle, vec![]).await.unwrap();
    let place = "const one = document.activeElement; return [one.getAttribute('aria-label'), one.scrollLeft, scrollY, window.isTheSamePage]";
    let before = browser.client.execute(place, vec![]).await.unwrap();
    assert_eq!((&before[0], &before[1]), (&"Latest runs".into(), &40.into()));
    let ask = "const done = arguments[arguments.length - 1];
        fetch('/api/v1/backfills', { method: 'POST', headers: { 'content-type': 'application/json',
            'x-csrf-token': document.querySelector('[name=csrf]').value },
            body: JSON.stringify({ from: '2026-10-05', to: '2026-10-05' }) }).then((answer) => done(answer.status));";
    assert_eq!(browser.client.execute_async(ask, vec![]).await.unwrap(), 202);
    browser.client.execute(COME_BACK, vec![]).await.unwrap();
    browser.until("return document.querySelector('[aria-labelledby=commands] tbody')?.innerText.includes('backfill') ?? false").await;
    assert_eq!(browser.client.execute(place, vec![]).await.unwrap(), before);
    browser.close().await;
}

#[tokio::test]
async fn what_is_unfolded_stays_so_and_what_is_marked_is_left_alone() {
    let server = Server::shared();
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    browser.look(&format!("{}/quota", server.address), LOOKS[0]).await;
    browser.press("details summary").await;
    // Something in there is other than what the server has, so that it can be seen to be fetched.
    let change = "document.querySelector('[data-live] caption').textContent = 'old'";
    browser.client.execute(change, vec![]).await.unwrap();
    browser.client.execute(COME_BACK, vec![]).await.unwrap();
    browser.until("return document.querySelector('[data-live] caption').textContent !== 'old'").await;
    let held = "return [document.querySelector('details').open, document.activeElement.tagName]";
    assert_eq!(browser.client.execute(held, vec![]).await.unwrap(), serde_json::json!([true, "SUMMARY"]));
    // Marked text is not taken away; a mark stands in for an answer that would come.
    let mark = "const caption = document.querySelector('[data-live] caption');
        getSelection().selectAllChildren(caption); caption.dataset.marked = 'yes';";
    browser.client.execute(mark, vec![]).await.unwrap();
    browser.client.execute(COME_BACK, vec![]).await.unwrap();
    json(&browser, "/api/v1/quota").await;
    assert_eq!(
        browser
            .client
            .execute("return document.querySelector('[data-live] caption').dataset.marked", vec![])
            .await
            .unwrap(),
        "yes"
    );
    browser.close().await;
}

#[tokio::test]
async fn a_page_of_somebody_signed_out_everywhere_says_so_and_stops() {
    let server = Server::fresh(&[]);
    server.add_login("admin", "admin", &[]);
    let [here, there] = [Browser::open().await, Browser::open().await];
    for browser in [&here, &there] {
        browser.sign_in(&server, "admin").await;
    }
    here.look(&format!("{}/quota", server.address), LOOKS[2]).await;
    there.look(&format!("{}/account", server.address), LOOKS[0]).await;
    there.press("#sign-out-everywhere button").await;
    there.until("return location.pathname === '/sign-in'").await;
    here.client.execute(COME_BACK, vec![]).await.unwrap();
    here.until("return document.querySelector('.stale').innerText.startsWith('You are signed out')").await;
    assert_eq!(
        here.client.execute("return document.querySelectorAll('[data-live]').length", vec![]).await.unwrap(),
        0
    );
    here.keep("signed-out", LOOKS[2]).await;
    here.press(".stale a").await;
    here.until(
        "return location.pathname === '/sign-in' && document.querySelector('[name=to]').value === '/quota'",
    )
    .await;
    here.close().await;
    there.close().await;
}

#[tokio::test]
async fn a_server_that_is_gone_is_told_and_asked_again() {
    let server = Server::fresh(&[]);
    server.add_login("admin", "admin", &[]);
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    browser.look(&format!("{}/quota", server.address), LOOKS[0]).await;
    drop(server);
    browser.client.execute(COME_BACK, vec![]).await.unwrap();
    browser
        .until("return document.querySelector('.stale').innerText.startsWith('No connection to rollbook')")
        .await;
    let live = "return document.querySelectorAll('[data-live]').length";
    assert_eq!(browser.client.execute(live, vec![]).await.unwrap(), 1);
    browser.close().await;
}

//! Pages without JavaScript.

use serde_json::json;

use super::places;
use crate::browser::{Browser, LOOKS};
use crate::server::Server;

#[tokio::test]
async fn tables_and_forms_work_without_scripts() {
    let server = Server::shared();
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    let places = places(&browser).await;
    browser.client.delete_all_cookies().await.unwrap();
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    browser.client.goto(&format!("{}/meetings", server.address)).await.unwrap();
    browser.fill("input[name=name]", "admin").await;
    browser.fill("input[name=password]", crate::server::PASSWORD).await;
    browser.press("main form button").await;
    browser.until("return location.pathname === '/meetings'").await;
    browser.client.execute("document.querySelector('#state').value = 'verified'", vec![]).await.unwrap();
    browser.press("form.filters button").await;
    browser.until("return location.search.includes('state=verified') && document.querySelectorAll('tbody tr').length > 0").await;
    browser.client.goto(&format!("{}{}", server.address, places.person)).await.unwrap();
    // Charts are told in words, and take no room.
    let charts = "return [...document.querySelectorAll('.chart')].map((one) => [one.querySelector('.chart-words').innerText.length > 20,
        one.querySelector('.chart-space').getBoundingClientRect().height])";
    let charts = browser.client.execute(charts, vec![]).await.unwrap();
    assert!(!charts.as_array().unwrap().is_empty());
    for chart in charts.as_array().unwrap() {
        assert_eq!(chart[0], true, "{chart}");
    }
    browser.keep("person-without-scripts", LOOKS[0]).await;
    assert_eq!(
        browser
            .client
            .execute("return document.querySelector('[data-theme-switch]').checkVisibility()", vec![])
            .await
            .unwrap(),
        false
    );
    browser.press(".who form button").await;
    browser.until("return location.pathname === '/sign-in'").await;
    browser.close().await;
}

//! Ways that people go.

use super::{first, places};
use crate::browser::{Browser, LOOKS};
use crate::provider;
use crate::server::Server;

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
    let server = Server::start(60, &[]);
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

#[tokio::test]
async fn the_link_of_the_first_start_makes_the_first_admin_once() {
    let server = Server::fresh(&[]);
    let browser = Browser::open().await;
    let link = server.link.clone().unwrap();
    browser.look(&link, LOOKS[0]).await;
    browser.fill("input[name=name]", "ana").await;
    browser.fill("input[name=password]", "ana ana ana ana ana").await;
    browser.press("main form button").await;
    // A name that is most of the password is no good one.
    browser.until("return Boolean(document.querySelector('[role=alert]'))").await;
    assert!(browser.text().await.contains("Make the first admin"));
    browser.fill("input[name=password]", crate::server::PASSWORD).await;
    browser.press("main form button").await;
    browser.until("return location.pathname === '/'").await;
    let text = browser.text().await;
    assert!(
        text.contains("Today") && text.contains("ana (admin)") && text.contains("Nothing is open."),
        "{text}"
    );
    browser.look(&link, LOOKS[0]).await;
    assert!(browser.text().await.contains("This link is used up or too old."));
    browser.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_told_kindly_and_the_tries_are_rationed() {
    let server = Server::fresh(&[]);
    server.add_login("ana", "admin", &[]);
    let browser = Browser::open().await;
    browser.look(&format!("{}/sign-in?to=%2Fquota", server.address), LOOKS[2]).await;
    let alert = "return document.querySelector('[role=alert]')?.innerText ?? ''";
    let mut said = String::new();
    for _ in 0..20 {
        browser.client.execute("document.querySelector('[role=alert]')?.remove()", vec![]).await.unwrap();
        browser.client.execute("document.querySelector('#name').value = 'ana'", vec![]).await.unwrap();
        browser.fill("input[name=password]", "not the password").await;
        browser.press("main form button").await;
        browser.until("return document.readyState === 'complete' && Boolean(document.querySelector('[role=alert]'))").await;
        said = browser.client.execute(alert, vec![]).await.unwrap().as_str().unwrap().to_owned();
        if said.contains("Too many tries") {
            break;
        }
        assert_eq!(said, "Name or password is wrong.");
    }
    assert!(said.starts_with("Too many tries. The next one is looked at in "), "{said}");
    browser.keep("sign-in-throttled", LOOKS[2]).await;
    // What was typed is still there, but for the password.
    let held =
        "return document.querySelector('#name').value + '|' + document.querySelector('#password').value
        + '|' + document.querySelector('[name=to]').value";
    assert_eq!(browser.client.execute(held, vec![]).await.unwrap(), "ana||/quota");
    browser.close().await;
}

#[tokio::test]
async fn whom_the_institution_signs_in_is_signed_in_here() {
    let issuer = provider::start().await;
    // The provider must be told where it is before it is there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (listen, public) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let server = Server::fresh(&[
        ("ROLLBOOK_LISTEN", &listen),
        ("ROLLBOOK_PUBLIC_URL", &public),
        ("ROLLBOOK_OIDC_ISSUER", &issuer),
        ("ROLLBOOK_OIDC_CLIENT_ID", "rollbook"),
        ("ROLLBOOK_OIDC_CLIENT_SECRET", "secret"),
    ]);
    server.add_login("ana", "admin", &["--email", "ana@uni.example"]);
    let browser = Browser::open().await;
    browser.look(&format!("{}/audit", server.address), LOOKS[0]).await;
    browser.keep("sign-in-institution", LOOKS[0]).await;
    let begin = async || {
        browser.press("main a.button").await;
        browser.until("return document.title === 'Pretend provider'").await;
    };
    begin().await;
    browser.press("#no").await;
    browser
        .until("return document.readyState === 'complete' && location.pathname.startsWith('/sign-in')")
        .await;
    assert!(browser.text().await.contains("Not signed in"), "{}", browser.text().await);
    browser.keep("sign-in-denied", LOOKS[0]).await;
    browser.look(&format!("{}/audit", server.address), LOOKS[0]).await;
    begin().await;
    browser.press("#yes").await;
    browser.until("return location.pathname === '/audit' && document.readyState === 'complete'").await;
    assert!(browser.text().await.contains("ana (admin)"));
    browser.close().await;
}

#[tokio::test]
async fn a_backfill_shows_its_cost_before_it_begins() {
    let server = Server::start(60, &[]);
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    browser.look(&format!("{}/quota", server.address), LOOKS[0]).await;
    let set = "document.querySelector('#from').value = '2026-10-05'; document.querySelector('#to').value = '2026-10-05'";
    browser.client.execute(set, vec![]).await.unwrap();
    browser.press("#backfills form.filters button").await;
    browser
        .until("return location.search.includes('from=2026-10-05') && document.readyState === 'complete'")
        .await;
    let text = browser.text().await;
    assert!(
        text.contains("What 2026-10-05 to 2026-10-05 will cost") && text.contains("Nothing yet."),
        "{text}"
    );
    browser.press("#backfills form[method=post] button").await;
    browser
        .until(
            "return document.querySelector('#backfills tbody th')?.innerText.includes('2026-10-05') ?? false",
        )
        .await;
    let is_done = "return [...document.querySelectorAll('#backfills tbody tr')].some((row) => row.innerText.includes('done'))";
    loop {
        browser.client.refresh().await.unwrap();
        if browser.client.execute(is_done, vec![]).await.unwrap() == true {
            break;
        }
    }
    browser.close().await;
}

#[tokio::test]
async fn an_analyst_downloads_what_quality_shows() {
    let server = Server::shared();
    let browser = Browser::open().await;
    browser.sign_in(&server, "analyst").await;
    browser.look(&format!("{}/quality?by=network", server.address), LOOKS[0]).await;
    let fetched = "const done = arguments[arguments.length - 1];
        const link = [...document.querySelectorAll('[aria-labelledby=values] .downloads a')].find((one) => one.textContent === 'CSV');
        fetch(link.href).then(async (answer) => done([answer.headers.get('content-disposition'), await answer.text(),
            document.querySelectorAll('[aria-labelledby=values] tbody tr').length]));";
    let told = browser.client.execute_async(fetched, vec![]).await.unwrap();
    let (name, csv, rows) = (told[0].as_str().unwrap(), told[1].as_str().unwrap(), told[2].as_u64().unwrap());
    assert!(name.starts_with("attachment") && name.contains(".csv"), "{name}");
    assert!(csv.starts_with("network,") || csv.starts_with("value,"), "{csv}");
    assert_eq!(csv.lines().count() as u64, rows + 1, "{csv}");
    browser.close().await;
}

#[tokio::test]
async fn a_viewer_is_not_offered_what_they_may_not_do() {
    let server = Server::shared();
    let browser = Browser::open().await;
    browser.sign_in(&server, "viewer").await;
    browser.look(&format!("{}/", server.address), LOOKS[0]).await;
    let links = "return [...document.querySelectorAll('nav a')].map((one) => one.innerText)";
    assert_eq!(browser.client.execute(links, vec![]).await.unwrap(), serde_json::json!(["Today", "Quota"]));
    // Every link of the pages they see leads somewhere they may go.
    for path in ["/", "/quota", "/account"] {
        browser.look(&format!("{}{path}", server.address), LOOKS[0]).await;
        let followed = "const done = arguments[arguments.length - 1];
            const links = [...new Set([...document.querySelectorAll('a[href]')].map((one) => one.href.split('#')[0]))];
            Promise.all(links.map(async (link) => [link, (await fetch(link)).status])).then(done);";
        let followed = browser.client.execute_async(followed, vec![]).await.unwrap();
        for link in followed.as_array().unwrap() {
            assert_eq!(link[1], 200, "{path} leads to {link}");
        }
    }
    browser.look(&format!("{}/quota", server.address), LOOKS[0]).await;
    let forms = "return document.querySelectorAll('main form').length";
    assert_eq!(browser.client.execute(forms, vec![]).await.unwrap(), 0);
    browser.close().await;
}

#[tokio::test]
async fn an_admin_erases_a_person_after_seeing_what_would_go() {
    let server = Server::start(1, &[]);
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    let person = places(&browser).await.person;
    browser.look(&format!("{}{person}", server.address), LOOKS[0]).await;
    browser.press("form[action='/forget/look'] button").await;
    browser.until("return Boolean(document.querySelector('#plan'))").await;
    for look in [LOOKS[0], LOOKS[2]] {
        browser.keep("forget-plan", look).await;
    }
    assert!(browser.text().await.contains("this cannot be taken back"));
    browser.press("input[name=is_sure]").await;
    browser.press("form[action='/forget'] button").await;
    // Told by itself, without a reload.
    browser
        .until("return document.querySelector('[role=status].good')?.innerText.startsWith('Done') ?? false")
        .await;
    browser.keep("forget-done", LOOKS[0]).await;
    browser.look(&format!("{}{person}", server.address), LOOKS[0]).await;
    assert!(!browser.text().await.contains("Worst minutes"), "they are gone");
    browser.close().await;
}

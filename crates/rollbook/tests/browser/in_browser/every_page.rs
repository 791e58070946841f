//! Every page there is, in both themes, wide and narrow.

use std::collections::BTreeSet;

use super::check::{Visit, check_all};
use super::{Places, places};
use crate::browser::Browser;
use crate::server::Server;

/// What browsers are answered that is no page: files, parts of pages, steps on the way to one, and what only programs ask.
const NO_PAGES: [&str; 10] = [
    "/assets/{name}",
    "/forget/live",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/quota/live",
    "/refresh/live",
    "/sign-in/provider",
    "/sign-in/provider/back",
    "/system/live",
];

/// Pages of a campus that has no Moodle, with their routes.
fn of_a_campus(places: &Places) -> Vec<(&'static str, Visit)> {
    vec![
        ("/", Visit::to("today", "/")),
        ("/account", Visit::to("account", "/account")),
        ("/audit", Visit::to("audit", "/audit")),
        ("/courses", Visit::to("courses-without-moodle", "/courses")),
        ("/forget", Visit::to("forget", "/forget")),
        ("/meetings", Visit::to("meetings", "/meetings")),
        ("/meetings", Visit::to("meetings-none", "/meetings?q=nothing+like+it")),
        ("/meetings/{meeting}", Visit::to("meeting-open", &*places.open)),
        ("/meetings/{meeting}", Visit::to("meeting-verified", &*places.verified)),
        ("/meetings/{meeting}", Visit::to("meeting-troubled", &*places.troubled)),
        ("/meetings/{meeting}/people/{person}", Visit::to("person", &*places.person)),
        ("/people", Visit::to("people-without-moodle", "/people")),
        ("/quality", Visit::to("quality", "/quality")),
        ("/quality", Visit::to("quality-network", "/quality?by=network")),
        ("/quality", Visit::to("quality-device", "/quality?by=device")),
        ("/quality", Visit::to("quality-client", "/quality?by=client")),
        ("/quality", Visit::to("quality-data-center", "/quality?by=data_center")),
        ("/quota", Visit::to("quota", "/quota")),
        ("/quota", Visit::to("quota-price", "/quota?from=2026-09-28&to=2026-10-04&quality=all")),
        ("/quota", Visit::to("quota-wrong", "/quota?from=2026-10-04&to=2026-09-28&quality=")),
        ("/refresh", Visit::to("refresh", "/refresh")),
        ("/refresh", Visit::to("refresh-price", "/refresh?meeting=81234567890&date=2026-10-05")),
        ("/refresh", Visit::refused("refresh-wrong", "/refresh?meeting=no+number&date=", 422)),
        ("/system", Visit::to("system", "/system")),
        ("/system/runs/{id}", Visit::to("run", "/system/runs/1")),
    ]
}

/// The same on the first day, when there is nothing to show.
fn of_nothing() -> Vec<Visit> {
    vec![
        Visit::to("today-first", "/"),
        Visit::to("meetings-first", "/meetings"),
        Visit::to("quality-first", "/quality"),
        Visit::to("quota-first", "/quota"),
        Visit::to("quota-price-first", "/quota?from=2026-09-28&to=2026-10-04&quality="),
        Visit::to("system-first", "/system"),
        Visit::to("audit-first", "/audit"),
    ]
}

/// Pages that are visited elsewhere: those for whom nobody is yet, and those that only a Moodle fills.
const ELSEWHERE: [&str; 3] = ["/sign-in", "/setup/{key}", "/courses/{short_name}"];

#[test]
fn no_page_is_forgotten() {
    let visited = of_a_campus(&Places::default());
    let known: BTreeSet<&str> =
        visited.iter().map(|(route, _)| *route).chain(NO_PAGES).chain(ELSEWHERE).collect();
    let routes = rollbook::web::routes();
    let there: BTreeSet<&str> = routes
        .iter()
        .filter(|route| route.method == "GET" && !route.is_api())
        .map(|route| route.path)
        .collect();
    assert_eq!(there, known, "a page that no browser looks at, or one that is gone");
}

#[tokio::test]
async fn every_page_of_a_campus_is_whole() {
    let server = Server::shared();
    let browser = Browser::open().await;
    check_all(&browser, &server, &[Visit::to("sign-in", "/sign-in")]).await;
    browser.sign_in(&server, "admin").await;
    let visits: Vec<Visit> =
        of_a_campus(&places(&browser).await).into_iter().map(|(_, visit)| visit).collect();
    check_all(&browser, &server, &visits).await;
    browser.close().await;
}

#[tokio::test]
async fn every_page_is_whole_while_there_is_nothing_to_show() {
    let server = Server::fresh(&[]);
    let link = server.link.clone().unwrap();
    let setup = link.strip_prefix(&server.address).unwrap();
    let browser = Browser::open().await;
    let visits = [Visit::to("setup", setup), Visit::refused("setup-used", "/setup/none", 404)];
    check_all(&browser, &server, &visits).await;
    server.add_login("admin", "admin", &[]);
    browser.sign_in(&server, "admin").await;
    check_all(&browser, &server, &of_nothing()).await;
    browser.close().await;
}

#[tokio::test]
async fn every_refusal_is_a_page() {
    let server = Server::fresh(&[]);
    for name in ["admin", "viewer"] {
        server.add_login(name, name, &[]);
    }
    let browser = Browser::open().await;
    browser.sign_in(&server, "viewer").await;
    let refused =
        [Visit::refused("error-403", "/meetings", 403), Visit::refused("error-404", "/nothing-here", 404)];
    check_all(&browser, &server, &refused).await;
    browser.client.delete_all_cookies().await.unwrap();
    browser.sign_in(&server, "admin").await;
    let refused = [
        Visit::refused("error-400", "/meetings?from=yesterday-or-so", 400),
        Visit::refused("error-404-meeting", "/meetings/none", 404),
    ];
    check_all(&browser, &server, &refused).await;
    // Somebody else's hand in the store.
    let store = rusqlite::Connection::open(server.store()).unwrap();
    store.execute_batch("alter table quality rename to lost").unwrap();
    check_all(&browser, &server, &[Visit::refused("error-500", "/quality", 500)]).await;
    browser.close().await;
}

/// Long, of one word, from right to left, of other scripts, of pictures, and what looks like markup.
const NAMES: [&str; 6] = [
    "Maria-Magdalena von und zu Hohenzollern-Sigmaringen y García-Márquez",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "محمد عبد الرحمن بن خالد الأنصاري",
    "王小明 · 田中 太郎 · 김철수",
    "👩🏽‍🏫 Zoë 🇦🇹🎓",
    "<b onclick=alert(1)>O'Brien & \"Sons\"</b>",
];

#[tokio::test]
async fn names_of_all_kinds_fit() {
    let server = Server::start(1, &[]);
    let browser = Browser::open().await;
    browser.sign_in(&server, "admin").await;
    let store = rusqlite::Connection::open(server.store()).unwrap();
    for (place, name) in NAMES.iter().enumerate() {
        let kinds = NAMES.len();
        let person = "cast(user_id as integer) / 1024";
        for (table, column, number) in
            [("instance", "topic", "instance_id"), ("stay", "name", person), ("quality_stay", "name", person)]
        {
            let sql = format!("update {table} set {column} = ?1 where {number} % {kinds} = {place}");
            assert!(store.execute(&sql, [name]).unwrap() > 0, "{sql}");
        }
    }
    let places = places(&browser).await;
    let visits = [
        Visit::to("names-today", "/"),
        Visit::to("names-meetings", "/meetings"),
        Visit::to("names-meeting", &*places.troubled),
        Visit::to("names-person", &*places.person),
        Visit::to("names-quality", "/quality"),
    ];
    check_all(&browser, &server, &visits).await;
    browser.close().await;
}

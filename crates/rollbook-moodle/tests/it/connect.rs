//! Getting in, and what is said where that fails.

use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{DbSettings, Dialect, Error, MoodleDb, Weight, on_both};
use secrecy::{ExposeSecret, SecretString};

/// What is written behind the `?` of an address to do without TLS, to demand it, and to check the certificate.
struct Tls {
    without: &'static str,
    with: &'static str,
    checked: &'static str,
    authority: &'static str,
}

fn tls(dialect: Dialect) -> Tls {
    match dialect {
        Dialect::Postgres => Tls {
            without: "sslmode=disable",
            with: "sslmode=require",
            checked: "sslmode=verify-full",
            authority: "sslrootcert",
        },
        Dialect::MariaDb => Tls {
            without: "ssl-mode=DISABLED",
            with: "ssl-mode=REQUIRED",
            checked: "ssl-mode=VERIFY_IDENTITY",
            authority: "ssl-ca",
        },
    }
}

/// The same settings with other options, host or database.
fn change(settings: &DbSettings, change: impl FnOnce(&mut url::Url)) -> DbSettings {
    let mut url = url::Url::parse(settings.url.expose_secret()).unwrap();
    change(&mut url);
    DbSettings { url: SecretString::from(url.as_str()), ..settings.clone() }
}

fn options(settings: &DbSettings, options: &str) -> DbSettings {
    change(settings, |url| url.set_query(Some(options)))
}

/// Connecting fails; the error, which tells nothing of the password.
async fn refused(settings: &DbSettings) -> Error {
    let error = MoodleDb::connect(settings).await.map(|db| db.dialect()).unwrap_err();
    let url = url::Url::parse(settings.url.expose_secret()).unwrap();
    for told in [error.to_string(), format!("{error:?}")] {
        assert!(!told.contains(url.password().unwrap()), "{told}");
    }
    error
}

#[track_caller]
fn assert_settings(error: Error, words: &str) {
    assert!(matches!(&error, Error::Settings(what) if what.contains(words)), "{words}: {error:?}");
    assert!(!error.is_passing());
}

async fn a_site_can_be_reached(mut site: TestSite) {
    let least = site.least().await;
    let db = MoodleDb::connect(&least).await.unwrap();
    assert_eq!(db.dialect(), site.dialect());
    db.close().await;
}

async fn a_wrong_password_is_told(mut site: TestSite) {
    let least = site.least().await;
    let wrong = change(&least, |url| url.set_password(Some("not-the-password")).unwrap());
    assert_settings(refused(&wrong).await, "check user and password in ROLLBOOK_MOODLE_DB");
    let nobody = change(&least, |url| url.set_username("nobody_at_all").unwrap());
    assert_settings(refused(&nobody).await, "check user and password in ROLLBOOK_MOODLE_DB");
}

async fn a_database_that_is_not_there_is_told(mut site: TestSite) {
    let elsewhere = change(&site.settings, |url| url.set_path("no_such_database"));
    assert_settings(refused(&elsewhere).await, "check the database's name");
    // MariaDB tells whoever has no rights there nothing of whether it exists.
    let least = site.least().await;
    let error = refused(&change(&least, |url| url.set_path("no_such_database"))).await;
    assert!(error.to_string().contains("check the database's name"), "{error:?}");
}

async fn a_server_that_is_not_there_is_told_and_may_come_back(site: TestSite) {
    // A port that is ours, with nobody listening at it.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let port = held.local_addr().unwrap().port();
    let error = refused(&change(&site.settings, |url| url.set_port(Some(port)).unwrap())).await;
    assert!(
        matches!(&error, Error::Unreachable(what) if what.contains(&format!("127.0.0.1:{port}"))),
        "{error:?}"
    );
    assert!(error.is_passing());
}

async fn an_address_that_is_none_is_told(site: TestSite) {
    for address in ["", "moodle", "sqlite:moodle.db", "https://rollbook:secret@localhost/moodle"] {
        let settings = DbSettings { url: SecretString::from(address), ..site.settings.clone() };
        let error = MoodleDb::connect(&settings).await.map(|db| db.dialect()).unwrap_err();
        assert_settings(error, "no address of a database");
    }
    let wrong = tls(site.dialect()).with.split('=').next().unwrap();
    assert_settings(
        refused(&options(&site.settings, &format!("{wrong}=perhaps"))).await,
        "no value that is known",
    );
}

async fn a_user_who_must_use_tls_is_told_how(mut site: TestSite) {
    let least = site.least().await;
    let name = site.grantee(&least);
    let Tls { without, with, .. } = tls(site.dialect());
    match site.dialect() {
        Dialect::Postgres => {
            site.execute(
                "DO $$ BEGIN CREATE ROLE tls_only; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
            )
            .await;
            site.execute(&format!("GRANT tls_only TO {name}")).await;
        }
        Dialect::MariaDb => site.execute(&format!("ALTER USER {name} REQUIRE SSL")).await,
    }
    assert_settings(refused(&options(&least, without)).await, with);
    MoodleDb::connect(&options(&least, with)).await.unwrap().courses().await.unwrap();
    // With nothing said it is used where it is there.
    let silent = change(&least, |url| url.set_query(None));
    MoodleDb::connect(&silent).await.unwrap().courses().await.unwrap();
}

async fn a_certificate_that_nobody_known_signed_is_told(mut site: TestSite) {
    let least = site.least().await;
    let Tls { checked, authority, .. } = tls(site.dialect());
    assert_settings(refused(&options(&least, checked)).await, authority);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../rollbook-zoom/tests/it/tls/localhost.crt");
    let known = options(&least, &format!("{checked}&{authority}={file}"));
    MoodleDb::connect(&known).await.unwrap().courses().await.unwrap();
    let missing = options(&least, &format!("{checked}&{authority}=no-such-file.pem"));
    assert_settings(refused(&missing).await, authority);
}

async fn whoever_may_only_read_can_read(mut site: TestSite) {
    let (site, least) = match site.dialect() {
        Dialect::Postgres => {
            let least = site.least().await;
            let name = site.grantee(&least);
            site.execute(&format!("ALTER ROLE {name} SET default_transaction_read_only = on")).await;
            (site, least)
        }
        Dialect::MariaDb => {
            let mut replica = TestSite::create_on_replica().await;
            let least = replica.least().await;
            (replica, least)
        }
    };
    let mut db = MoodleDb::connect(&least).await.unwrap();
    assert_eq!(db.activities().await.unwrap(), []);
    let report = db.check().await.unwrap();
    assert!(report.can_read() && !report.can_write());
    let told: Vec<_> =
        report.findings.iter().filter(|finding| finding.weight == Weight::StopsWriting).collect();
    assert!(told.len() == 1 && told[0].what.contains("read only"), "{:#?}", report.findings);
    drop(site);
}

async fn a_replica_that_wants_tls_says_so(site: TestSite) {
    if site.dialect() == Dialect::Postgres {
        // In PostgreSQL that is said user by user; see above. The server of this test lets us in without.
        assert!(MoodleDb::connect(&options(&site.settings, tls(site.dialect()).without)).await.is_ok());
        return;
    }
    let replica = TestSite::create_on_replica().await;
    assert_settings(refused(&options(&replica.settings, "ssl-mode=DISABLED")).await, "ssl-mode=REQUIRED");
}

async fn a_replica_is_told_as_one(site: TestSite) {
    let settings = match site.dialect() {
        // Without tables: nobody can put any there.
        Dialect::Postgres => TestSite::settings_of_replica(),
        Dialect::MariaDb => TestSite::create_on_replica().await.settings,
    };
    let report = MoodleDb::connect(&settings).await.unwrap().check().await.unwrap();
    let told: Vec<_> =
        report.findings.iter().filter(|finding| finding.weight == Weight::StopsWriting).collect();
    assert!(told.len() == 1 && told[0].what.contains("this server is a replica"), "{:#?}", report.findings);
}

async fn a_connection_that_is_cut_is_passing_trouble(mut site: TestSite) {
    let mut db = site.connect().await;
    assert_eq!(db.activities().await.unwrap(), []);
    site.kill(&mut db).await;
    let error = db.activities().await.unwrap_err();
    assert!(matches!(error, Error::Passing(_)), "{error:?}");
    assert!(error.is_passing());
    assert_eq!(site.connect().await.activities().await.unwrap(), []);
}

async fn a_server_that_ends_in_the_middle_of_a_statement_is_passing_trouble(mut site: TestSite) {
    let mut db = site.connect().await;
    site.lock("zoom").await;
    let end = async {
        let connection = site.waiting().await;
        site.end(connection).await;
    };
    let (outcome, ()) = tokio::join!(db.activities(), end);
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Passing(_)), "{error:?}");
    site.unlock().await;
    assert_eq!(site.connect().await.activities().await.unwrap(), []);
}

async fn a_table_without_a_column_is_told_when_it_is_read(mut site: TestSite) {
    let mut db = site.connect().await;
    site.execute("ALTER TABLE {zoom} DROP COLUMN grading_method").await;
    let error = db.activities().await.unwrap_err();
    assert!(matches!(&error, Error::Schema(what) if what.contains("moodle check")), "{error:?}");
    site.execute("ALTER TABLE {course} ADD COLUMN colour integer NOT NULL DEFAULT 3").await;
    assert_eq!(db.courses().await.unwrap(), []);
}

on_both!(
    a_site_can_be_reached,
    a_wrong_password_is_told,
    a_database_that_is_not_there_is_told,
    a_server_that_is_not_there_is_told_and_may_come_back,
    an_address_that_is_none_is_told,
    a_user_who_must_use_tls_is_told_how,
    a_certificate_that_nobody_known_signed_is_told,
    whoever_may_only_read_can_read,
    a_replica_that_wants_tls_says_so,
    a_replica_is_told_as_one,
    a_connection_that_is_cut_is_passing_trouble,
    a_server_that_ends_in_the_middle_of_a_statement_is_passing_trouble,
    a_table_without_a_column_is_told_when_it_is_read,
);

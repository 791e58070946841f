//! Rights that lack, and rights too many.

use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{DbSettings, Dialect, Error, MoodleDb, Weight, on_both};

use super::{report, weight_of};

/// The statements in the documentation are all that is needed, and DELETE on participants, which is recommended.
async fn the_rights_that_are_documented_are_enough(mut site: TestSite) {
    let page = include_str!("../../../../../docs/operate/moodle.md");
    let mut blocks = page.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let (role, user) = (blocks.next().unwrap(), blocks.next().unwrap());
    let url = url::Url::parse(secrecy::ExposeSecret::expose_secret(&site.settings.url)).unwrap();
    let database = url.path().trim_start_matches('/').to_owned();
    let name = format!("{database}_documented");
    let statements = match site.dialect() {
        Dialect::Postgres => role.replace("rollbook", &name),
        Dialect::MariaDb => {
            user.replace("rollbook@", &format!("{name}@")).replace("moodle.mdl_", &format!("{database}.mdl_"))
        }
    };
    let forget = match site.dialect() {
        Dialect::Postgres => format!("DROP ROLE IF EXISTS {name}"),
        Dialect::MariaDb => format!("DROP USER IF EXISTS {name}@'%'"),
    };
    site.execute(&forget).await;
    site.execute(&statements).await;
    let report = report(&site.settings_of(&name, "SECRET")).await;
    let words = "DELETE on mdl_zoom_meeting_participants is granted";
    assert_eq!((report.findings.len(), weight_of(&report, words)), (1, Weight::Note), "{report:?}");
}

/// Without one right the report says which to grant.
async fn check(site: &mut TestSite, user: &DbSettings, right: &str, words: &str, weight: Weight) {
    site.revoke(user, right).await;
    assert_eq!(weight_of(&report(user).await, words), weight, "{right}");
    site.grant(user, right).await;
}

async fn a_right_that_lacks_is_named(mut site: TestSite) {
    let least = site.least().await;
    let site = &mut site;
    let update = "UPDATE ON {zoom_meeting_participants}";
    check(site, &least, update, "not granted: UPDATE on mdl_zoom_meeting_participants", Weight::StopsWriting)
        .await;
    let insert = "INSERT ON {zoom_meeting_details}";
    check(site, &least, insert, "not granted: INSERT on mdl_zoom_meeting_details", Weight::StopsWriting)
        .await;
    let enrol = match site.dialect() {
        Dialect::Postgres => "not granted: SELECT on mdl_enrol",
        Dialect::MariaDb => "there is no table mdl_enrol, or nothing of it is granted",
    };
    check(site, &least, "SELECT ON {enrol}", enrol, Weight::StopsReading).await;
    let email = match site.dialect() {
        Dialect::Postgres => "not granted: SELECT (email) on mdl_user",
        // What one may not see is not there.
        Dialect::MariaDb => "mdl_user has no column email",
    };
    check(site, &least, "SELECT (email) ON {user}", email, Weight::StopsReading).await;
    if site.dialect() == Dialect::Postgres {
        let sequence = "USAGE ON SEQUENCE {zoom_meeting_details_id_seq}";
        let words = "not granted: USAGE on sequence mdl_zoom_meeting_details_id_seq";
        check(site, &least, sequence, words, Weight::StopsWriting).await;
    }
    assert_eq!(report(&least).await.findings, []);
}

async fn without_its_right_a_read_says_so(mut site: TestSite) {
    let least = site.least().await;
    site.revoke(&least, "SELECT ON {config_plugins}").await;
    let error = MoodleDb::connect(&least).await.unwrap().plugin().await.unwrap_err();
    assert!(matches!(error, Error::Denied(_)), "{error:?}");
    assert!(!error.is_passing());
}

async fn rights_too_many_are_warned_of(mut site: TestSite) {
    let least = site.least().await;
    site.grant(&least, "DELETE ON {zoom_meeting_participants}").await;
    assert_eq!(weight_of(&report(&least).await, "DELETE on mdl_zoom_meeting_participants"), Weight::Note);
    site.grant(&least, "INSERT, DELETE ON {user}").await;
    site.grant(&least, "DELETE ON {zoom_meeting_details}").await;
    let report = report(&least).await;
    assert_eq!(weight_of(&report, "mdl_user (INSERT, DELETE)"), Weight::Warning);
    assert_eq!(weight_of(&report, "mdl_zoom_meeting_details (DELETE)"), Weight::Warning);
    assert!(report.can_write());
}

async fn whoever_may_do_anything_is_warned_of(mut site: TestSite) {
    let owner = report(&site.settings).await;
    let words = match site.dialect() {
        Dialect::Postgres => "superuser",
        Dialect::MariaDb => "rights on the whole server",
    };
    assert_eq!(weight_of(&owner, words), Weight::Warning);
    assert_eq!(owner.findings.len(), 1, "{:#?}", owner.findings);
    let least = site.least().await;
    let name = site.grantee(&least);
    match site.dialect() {
        Dialect::Postgres => {
            site.execute(&format!("ALTER TABLE {{zoom}} OWNER TO {name}")).await;
            site.execute(&format!("ALTER ROLE {name} CREATEDB")).await;
            let report = report(&least).await;
            assert_eq!(weight_of(&report, "owns mdl_zoom"), Weight::Warning);
            assert_eq!(weight_of(&report, "may create databases"), Weight::Warning);
        }
        Dialect::MariaDb => {
            let database = site.texts("SELECT DATABASE()").await.remove(0);
            site.execute(&format!("GRANT INSERT, UPDATE ON {database}.* TO {name}")).await;
            let report = report(&least).await;
            assert_eq!(weight_of(&report, &format!("all of {database} (INSERT, UPDATE)")), Weight::Warning);
        }
    }
}

on_both!(
    the_rights_that_are_documented_are_enough,
    a_right_that_lacks_is_named,
    without_its_right_a_read_says_so,
    rights_too_many_are_warned_of,
    whoever_may_do_anything_is_warned_of,
);

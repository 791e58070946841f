//! Sites whose tables have other names than most.

use jiff::Timestamp;
use rollbook_moodle::testing::{PluginStay, TestSite};
use rollbook_moodle::{MoodleDb, Weight};

const START: i64 = 1_790_848_800;

/// With the least rights everything is found that is read anywhere.
async fn everything_is_read(mut site: TestSite) {
    let course = site.course("A").await;
    let user = site.user("Ana", "Lopez", "ana@example.edu").await;
    site.enrol(user, course, "student").await;
    let activity = site.activity(course, 900).await;
    let details = site.plugin_session(activity, "abc==", START, START + 3_600).await;
    let stay = PluginStay {
        name: "ANA LOPEZ",
        zoomuserid: "1",
        join: START,
        leave: START + 60,
        ..PluginStay::default()
    };
    site.plugin_stay(details, stay).await;
    let least = site.least().await;
    let mut db = MoodleDb::connect(&least).await.unwrap();
    assert_eq!(db.check().await.unwrap().findings, []);
    assert_eq!(db.courses().await.unwrap().len(), 1);
    assert_eq!(db.activities().await.unwrap()[0].id, activity);
    let now = Timestamp::from_second(START).unwrap();
    let roster = db.roster(course, now).await.unwrap().unwrap();
    assert_eq!(roster.members[0].roles, ["student"]);
    assert_eq!(db.users_by_email(&["ana@example.edu".to_owned()]).await.unwrap()[0].id, user);
    assert_eq!(db.details(&["abc==".to_owned()]).await.unwrap()[0].participants, 1);
    assert_eq!(db.writes_minutes().await.unwrap(), Some(true));
}

async fn a_prefix_that_was_forgotten_is_told(site: TestSite) {
    let mut settings = site.settings.clone();
    (settings.schema, settings.prefix) = ("public".to_owned(), "mdl_".to_owned());
    let report = MoodleDb::connect(&settings).await.unwrap().check().await.unwrap();
    let place = match site.dialect() {
        rollbook_moodle::Dialect::Postgres => "prefix none in schema campus",
        rollbook_moodle::Dialect::MariaDb => "prefix none in database",
    };
    assert_eq!(report.findings[0].weight, Weight::StopsReading);
    assert!(report.findings[0].what.contains(place), "{:#?}", report.findings);
}

mod without_a_prefix {
    use rollbook_moodle::Dialect;
    use rollbook_moodle::testing::run_as;

    mod on_postgres {
        #[test]
        fn in_a_schema_of_its_own_everything_is_read() {
            super::run_as(super::Dialect::Postgres, "campus", "", super::super::everything_is_read);
        }

        #[test]
        fn a_prefix_that_was_forgotten_is_told() {
            super::run_as(
                super::Dialect::Postgres,
                "campus",
                "",
                super::super::a_prefix_that_was_forgotten_is_told,
            );
        }
    }

    mod on_mariadb {
        #[test]
        fn everything_is_read() {
            super::run_as(super::Dialect::MariaDb, "", "", super::super::everything_is_read);
        }

        #[test]
        fn a_prefix_that_was_forgotten_is_told() {
            super::run_as(super::Dialect::MariaDb, "", "", super::super::a_prefix_that_was_forgotten_is_told);
        }
    }
}

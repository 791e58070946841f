//! Where deliveries go: activities that vanish, other schemas and prefixes.

use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{Dialect, Error, on_both};

use super::class::{Class, NUMBER};

const UUID: &str = "4444AAAiAAAAAiAiAiiAii==";

async fn refused_as_gone(class: &mut Class) {
    let tables = class.everything_but("").await;
    let delivery = class.delivery(UUID, "7 Ana 0-900");
    let error = class.try_push(&delivery).await.unwrap_err();
    assert!(matches!(error, Error::Gone(_)), "{error}");
    assert_eq!(class.everything_but("").await, tables);
}

async fn an_activity_that_is_gone_gets_nothing(site: TestSite) {
    let mut class = Class::new(site).await;
    let activity = class.activity;
    class.site.execute(&format!("DELETE FROM {{zoom}} WHERE id = {activity}")).await;
    refused_as_gone(&mut class).await;
}

async fn an_activity_of_a_course_that_is_being_deleted_gets_nothing(site: TestSite) {
    let mut class = Class::new(site).await;
    let course = class.course;
    let sql = format!("UPDATE {{course_modules}} SET deletioninprogress = 1 WHERE course = {course}");
    class.site.execute(&sql).await;
    refused_as_gone(&mut class).await;
}

async fn an_activity_that_shows_another_meeting_by_now_gets_nothing(site: TestSite) {
    let mut class = Class::new(site).await;
    let activity = class.activity;
    class.site.execute(&format!("UPDATE {{zoom}} SET meeting_id = 5 WHERE id = {activity}")).await;
    refused_as_gone(&mut class).await;
}

async fn a_module_of_another_kind_with_the_same_instance_does_not_count(site: TestSite) {
    let mut class = Class::new(site).await;
    let forum = class.site.numbers("SELECT id FROM {modules} WHERE name = 'forum'").await[0];
    let activity = class.activity;
    let sql = format!("UPDATE {{course_modules}} SET module = {forum} WHERE instance = {activity}");
    class.site.execute(&sql).await;
    refused_as_gone(&mut class).await;
}

async fn a_session_stays_with_the_activity_that_has_it(site: TestSite) {
    let mut class = Class::new(site).await;
    let first = class.activity;
    class.push(&class.delivery(UUID, "7 Ana 0-900")).await;
    let course = class.course;
    class.activity = class.site.activity(course, NUMBER).await;
    let receipt = class.push(&class.delivery(UUID, "7 Ana 0-900")).await;
    assert_eq!((receipt.details.zoomid, receipt.rows()), (first, 1));
}

async fn a_session_leaves_an_activity_that_is_gone_or_shows_another_meeting(site: TestSite) {
    let mut class = Class::new(site).await;
    class.push(&class.delivery(UUID, "7 Ana 0-900")).await;
    let (first, course) = (class.activity, class.course);
    class.activity = class.site.activity(course, NUMBER).await;
    class.site.execute(&format!("UPDATE {{zoom}} SET meeting_id = 5 WHERE id = {first}")).await;
    let receipt = class.push(&class.delivery(UUID, "7 Ana 0-900")).await;
    assert_eq!((receipt.details.zoomid, receipt.rows()), (class.activity, 1));
}

on_both!(
    an_activity_that_is_gone_gets_nothing,
    an_activity_of_a_course_that_is_being_deleted_gets_nothing,
    an_activity_that_shows_another_meeting_by_now_gets_nothing,
    a_module_of_another_kind_with_the_same_instance_does_not_count,
    a_session_stays_with_the_activity_that_has_it,
    a_session_leaves_an_activity_that_is_gone_or_shows_another_meeting,
);

async fn both_writers_meet_here(site: TestSite) {
    let mut class = Class::new(site).await;
    let delivery = class.delivery(UUID, "7 Ana 0-900, 8 Ben 0-900");
    class.push(&delivery).await;
    assert_eq!(class.push(&class.delivery(UUID, "7 Ana 0-1800")).await.rows(), 1);
    class.run_plugin(UUID, "8 BEN 0-900").await;
    assert_eq!(class.shown(UUID).await, "7 Ana 0-1800, 8 BEN 0-900");
}

mod named_otherwise {
    use rollbook_moodle::testing::run_as;

    use super::*;

    mod on_postgres {
        use super::*;

        #[test]
        fn a_site_may_have_no_prefix() {
            run_as(Dialect::Postgres, "public", "", both_writers_meet_here);
        }

        #[test]
        fn a_site_may_have_another_schema_and_prefix() {
            run_as(Dialect::Postgres, "campus", "m_", both_writers_meet_here);
        }
    }

    mod on_mariadb {
        use super::*;

        #[test]
        fn a_site_may_have_no_prefix() {
            run_as(Dialect::MariaDb, "public", "", both_writers_meet_here);
        }

        #[test]
        fn a_site_may_have_another_prefix() {
            run_as(Dialect::MariaDb, "public", "campus2_", both_writers_meet_here);
        }
    }
}

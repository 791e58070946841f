//! Tables that are not as they should be.

use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{Dialect, Weight, on_both};

use super::{report, weight_of};

/// After a change of the tables the report says so, once, and so gravely.
async fn check(site: &mut TestSite, change: &str, words: &str, weight: Weight) {
    site.execute(change).await;
    let report = report(&site.settings).await;
    assert_eq!(weight_of(&report, words), weight, "{change}");
}

async fn what_a_written_table_lacks_is_named(mut site: TestSite) {
    let site = &mut site;
    let drop = "ALTER TABLE {zoom_meeting_details} DROP COLUMN total_minutes";
    check(site, drop, "mdl_zoom_meeting_details has no column total_minutes", Weight::StopsWriting).await;
    let index = match site.dialect() {
        Dialect::Postgres => "DROP INDEX mdl_zoommeetdeta_uui_uix",
        Dialect::MariaDb => "ALTER TABLE {zoom_meeting_details} DROP INDEX mdl_zoommeetdeta_uui_uix",
    };
    check(site, index, "no unique key on uuid", Weight::StopsWriting).await;
    // Together with another column it keeps nobody from writing a UUID twice.
    let index = "CREATE UNIQUE INDEX other ON {zoom_meeting_details} (uuid, zoomid)";
    check(site, index, "no unique key on uuid", Weight::StopsWriting).await;
    let drop = "DROP TABLE {zoom_meeting_participants}";
    check(site, drop, "there is no table mdl_zoom_meeting_participants", Weight::StopsReading).await;
}

async fn what_a_written_table_has_otherwise_is_named(mut site: TestSite) {
    let site = &mut site;
    let (short, long, null, default) = match site.dialect() {
        Dialect::Postgres => (
            "ALTER TABLE {zoom_meeting_participants} ALTER uuid TYPE varchar(20)",
            "ALTER TABLE {zoom_meeting_participants} ALTER name TYPE varchar(300)",
            "ALTER TABLE {zoom_meeting_participants} ALTER userid SET NOT NULL",
            "ALTER TABLE {zoom_meeting_details} ALTER total_minutes SET DEFAULT 5",
        ),
        Dialect::MariaDb => (
            "ALTER TABLE {zoom_meeting_participants} MODIFY uuid varchar(20)",
            "ALTER TABLE {zoom_meeting_participants} MODIFY name varchar(300) NOT NULL DEFAULT ''",
            "ALTER TABLE {zoom_meeting_participants} MODIFY userid bigint(10) NOT NULL",
            "ALTER TABLE {zoom_meeting_details} ALTER total_minutes SET DEFAULT 5",
        ),
    };
    check(
        site,
        short,
        "mdl_zoom_meeting_participants.uuid is text of 20 characters, not text of 30",
        Weight::StopsWriting,
    )
    .await;
    check(site, long, "mdl_zoom_meeting_participants.name is text of 300", Weight::Warning).await;
    check(site, null, "mdl_zoom_meeting_participants.userid may not be null", Weight::StopsWriting).await;
    check(
        site,
        default,
        "mdl_zoom_meeting_details.total_minutes has the default '5', not '0'",
        Weight::Warning,
    )
    .await;
}

async fn columns_nobody_knows_are_tolerated_unless_they_must_be_filled(mut site: TestSite) {
    let site = &mut site;
    let add = "ALTER TABLE {zoom_meeting_details} ADD COLUMN mood varchar(10)";
    check(site, add, "column mood that rollbook does not know and leaves", Weight::Warning).await;
    let add = "ALTER TABLE {zoom_meeting_details} ADD COLUMN colour integer NOT NULL";
    check(
        site,
        add,
        "column colour that rollbook does not know and that must be filled",
        Weight::StopsWriting,
    )
    .await;
    site.execute("ALTER TABLE {user} ADD COLUMN shoesize integer NOT NULL").await;
    let report = report(&site.settings).await;
    assert!(report.can_read());
    assert!(report.findings.iter().all(|finding| !finding.what.contains("shoesize")));
}

async fn what_a_read_table_lacks_is_named(mut site: TestSite) {
    let site = &mut site;
    let drop = "ALTER TABLE {zoom} DROP COLUMN grading_method";
    check(site, drop, "mdl_zoom has no column grading_method", Weight::StopsReading).await;
    check(site, "DROP TABLE {enrol}", "there is no table mdl_enrol", Weight::StopsReading).await;
}

async fn an_id_that_nobody_counts_stops_writing(mut site: TestSite) {
    let change = match site.dialect() {
        Dialect::Postgres => "ALTER TABLE {zoom_meeting_participants} ALTER id DROP DEFAULT",
        Dialect::MariaDb => "ALTER TABLE {zoom_meeting_participants} MODIFY id bigint(10) NOT NULL",
    };
    check(&mut site, change, "mdl_zoom_meeting_participants.id is not counted", Weight::StopsWriting).await;
}

async fn tables_that_cannot_hold_what_is_written_are_named(mut site: TestSite) {
    if site.dialect() == Dialect::Postgres {
        // PostgreSQL has one engine, and one encoding for all of a database.
        let narrow = "ALTER TABLE {zoom_meeting_details} ALTER start_time TYPE integer";
        check(
            &mut site,
            narrow,
            "start_time is a number of 32 bits, not a number of 64",
            Weight::StopsWriting,
        )
        .await;
        return;
    }
    let old = "ALTER TABLE {zoom_meeting_participants} MODIFY name varchar(255) CHARACTER SET utf8mb3 NOT NULL DEFAULT ''";
    check(&mut site, old, "mdl_zoom_meeting_participants.name is in utf8mb3", Weight::StopsWriting).await;
    let engine = "ALTER TABLE {zoom_meeting_participants} ENGINE=Aria ROW_FORMAT=DEFAULT";
    check(&mut site, engine, "kept by Aria", Weight::StopsWriting).await;
}

on_both!(
    what_a_written_table_lacks_is_named,
    what_a_written_table_has_otherwise_is_named,
    columns_nobody_knows_are_tolerated_unless_they_must_be_filled,
    what_a_read_table_lacks_is_named,
    an_id_that_nobody_counts_stops_writing,
    tables_that_cannot_hold_what_is_written_are_named,
);

//! `check`: tables, rights and server, as they should be and otherwise.

mod rights;
mod tables;

use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{DbSettings, MoodleDb, SchemaReport, Weight, on_both};

async fn report(settings: &DbSettings) -> SchemaReport {
    MoodleDb::connect(settings).await.unwrap().check().await.unwrap()
}

/// The one finding that has these words; how grave it is.
#[track_caller]
fn weight_of(report: &SchemaReport, words: &str) -> Weight {
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.what.contains(words)).collect();
    assert_eq!(found.len(), 1, "{words}: {:#?}", report.findings);
    found[0].weight
}

async fn with_the_least_rights_there_is_nothing_to_find(mut site: TestSite) {
    let least = site.least().await;
    let report = report(&least).await;
    assert_eq!(report.findings, []);
    assert!(report.can_read() && report.can_write());
    assert_eq!(report.plugin, Some(rollbook_moodle::testing::MOD_ZOOM_VERSION));
    assert_eq!(report.database, site.dialect().name());
    assert!(!report.server.is_empty());
}

async fn an_older_or_newer_plugin_is_told(mut site: TestSite) {
    let least = site.least().await;
    for (version, words) in [("2024030100", "older than"), ("2030010100", "newer than")] {
        site.set_config("version", version).await;
        let report = report(&least).await;
        assert_eq!(weight_of(&report, words), Weight::Warning);
        assert!(report.can_write());
    }
    site.execute("DELETE FROM {config_plugins}").await;
    assert_eq!(weight_of(&report(&least).await, "is the plugin installed"), Weight::Warning);
}

async fn a_wrong_prefix_is_told_with_the_right_one(mut site: TestSite) {
    let mut least = site.least().await;
    least.prefix = "m_".to_owned();
    let report = report(&least).await;
    assert_eq!(weight_of(&report, "prefix mdl_"), Weight::StopsReading);
    assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
    assert!(!report.can_read());
}

on_both!(
    with_the_least_rights_there_is_nothing_to_find,
    an_older_or_newer_plugin_is_told,
    a_wrong_prefix_is_told_with_the_right_one,
);

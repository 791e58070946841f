//! The plugin's settings.

use jiff::Timestamp;
use rollbook_moodle::on_both;
use rollbook_moodle::testing::{MOD_ZOOM_VERSION, TestSite};

async fn the_plugin_is_known_by_its_settings(mut site: TestSite) {
    site.set_config("apiidentifier", "idnumber").await;
    site.set_config("last_call_made_at", "1790848800").await;
    let plugin = site.connect().await.plugin().await.unwrap();
    assert_eq!(plugin.version, Some(MOD_ZOOM_VERSION));
    assert_eq!(plugin.identifier, "idnumber");
    assert_eq!(plugin.last_call_made_at, Some(Timestamp::from_second(1_790_848_800).unwrap()));
    assert_eq!(plugin.retry_after, None);
    // The site's tables are those that rollbook is granted; Moodle's tasks are not among them.
    assert_eq!(plugin.is_task_enabled, None);
}

async fn a_setting_that_is_empty_or_0_is_none(mut site: TestSite) {
    site.set_config("apiidentifier", "").await;
    site.set_config("retry-after", "0").await;
    let plugin = site.connect().await.plugin().await.unwrap();
    assert_eq!((plugin.identifier.as_str(), plugin.retry_after), ("email", None));
}

async fn the_task_is_on_or_off_where_that_may_be_read(mut site: TestSite) {
    site.execute("CREATE TABLE {task_scheduled} (id bigint, classname varchar(255), disabled smallint)")
        .await;
    let mut db = site.connect().await;
    assert_eq!(db.plugin().await.unwrap().is_task_enabled, None);
    let class = r"\mod_zoom\task\get_meeting_reports".into();
    site.insert("task_scheduled", &[("id", 1_i64.into()), ("classname", class), ("disabled", 0_i64.into())])
        .await;
    assert_eq!(db.plugin().await.unwrap().is_task_enabled, Some(true));
    site.execute("UPDATE {task_scheduled} SET disabled = 1").await;
    assert_eq!(db.plugin().await.unwrap().is_task_enabled, Some(false));
}

on_both!(
    the_plugin_is_known_by_its_settings,
    a_setting_that_is_empty_or_0_is_none,
    the_task_is_on_or_off_where_that_may_be_read,
);

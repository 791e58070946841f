//! Getting in, and what is said where that fails.

use rollbook_moodle::on_both;
use rollbook_moodle::testing::TestSite;

async fn a_site_can_be_reached(site: TestSite) {
    let db = site.connect().await;
    assert_eq!(db.dialect(), site.dialect());
    db.close().await;
}

on_both!(a_site_can_be_reached);

//! A campus moves into a Moodle.

use rollbook_moodle::Dialect;
use rollbook_moodle::testing::TestSite;
use rollbook_sim::{SiteDialect, SiteRow, site_statements};

/// Puts the campus's rows into a site, in place of the few that every test site has.
pub async fn move_in(site: &mut TestSite, rows: &[SiteRow]) {
    for table in ["modules", "role", "config_plugins"] {
        site.execute(&format!("DELETE FROM {{{table}}}")).await;
    }
    let dialect = match site.dialect() {
        Dialect::Postgres => SiteDialect::Postgres,
        Dialect::MariaDb => SiteDialect::MariaDb,
    };
    for statement in site_statements(rows, dialect, "mdl_") {
        if !statement.starts_with("CREATE") {
            site.execute(&statement).await;
        }
    }
}

//! The tests' own tables are those that Moodle's installer makes.

use std::path::Path;

use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{Dialect, on_both};

const TABLES: [&str; 13] = [
    "zoom",
    "zoom_meeting_details",
    "zoom_meeting_participants",
    "user",
    "course",
    "course_modules",
    "modules",
    "context",
    "enrol",
    "user_enrolments",
    "role",
    "role_assignments",
    "config_plugins",
];

/// Table, column, type, whether it may be null, default; then keys and sequences.
const POSTGRES: [&str; 3] = [
    "SELECT concat_ws(' ', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), \
            'null:', NOT a.attnotnull, 'default:', pg_get_expr(d.adbin, d.adrelid)) \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 ORDER BY c.relname, a.attnum",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    "SELECT concat_ws(' ', c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, \
            s.seqcycle, 'of', d.refobjid::regclass, d.refobjsubid) \
     FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid LEFT JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'a' \
     ORDER BY c.relname",
];

const MARIADB: [&str; 3] = [
    "SELECT CONCAT_WS(' ', table_name, ordinal_position, column_name, column_type, 'null:', is_nullable, 'default:', \
            column_default, extra, collation_name) \
     FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
    "SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, 'not unique:', non_unique, sub_part, index_type) \
     FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index",
    "SELECT CONCAT_WS(' ', table_name, engine, row_format, table_collation) \
     FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name",
];

/// Compared with what a real site's installer made, where that folder is beside the checkout.
async fn our_tables_are_moodles(mut site: TestSite) {
    let (dump, queries) = match site.dialect() {
        Dialect::Postgres => ("schema-postgres.sql", POSTGRES),
        Dialect::MariaDb => ("schema-mariadb.sql", MARIADB),
    };
    let ours = catalogue(&mut site, queries).await;
    assert!(ours.len() > 300, "{}", ours.len());
    let dump = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/moodle").join(dump);
    let Ok(dump) = std::fs::read_to_string(&dump) else {
        eprintln!("{} is not there: nothing to compare with", dump.display());
        return;
    };
    for table in TABLES {
        site.execute(&format!("DROP TABLE {{{table}}}")).await;
    }
    site.execute(&dump).await;
    let theirs = catalogue(&mut site, queries).await;
    let only = |of: &[String], than: &[String]| {
        of.iter().filter(|line| !than.contains(line)).cloned().collect::<Vec<_>>()
    };
    assert_eq!((only(&ours, &theirs), only(&theirs, &ours)), (Vec::new(), Vec::new()));
}

async fn catalogue(site: &mut TestSite, queries: [&str; 3]) -> Vec<String> {
    let mut lines = Vec::new();
    for query in queries {
        lines.extend(site.texts(query).await);
    }
    lines
}

on_both!(our_tables_are_moodles);

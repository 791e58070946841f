//! The table of operations, against itself and against the notes it was made from.

use rollbook_zoom::operation::{Operation, PageKind};

use crate::fake::notes;

#[test]
fn the_table_has_the_order_of_the_enumeration() {
    for operation in Operation::ALL {
        assert_eq!(operation.facts().operation, operation);
    }
}

#[test]
fn everything_under_reports_and_dashboards_draws_on_the_day() {
    for operation in Operation::ALL {
        let facts = operation.facts();
        if facts.path.starts_with("/metrics/") || facts.path.starts_with("/report/") {
            assert!(facts.label.draws_on_shared_day(), "{operation}");
        }
    }
}

#[test]
fn any_of_the_scopes_allows_an_operation() {
    let list = Operation::ListMetricsMeetings;
    assert!(list.is_allowed_by(["dashboard:read:list_meetings:admin"]));
    assert!(list.is_allowed_by(["x", "dashboard_meetings:read:admin"]));
    assert!(list.is_allowed_by(["dashboard:read:list_meetings:master"]));
    assert!(!list.is_allowed_by(["report:read:admin"]));
    assert!(!list.is_allowed_by([]));
}

#[test]
fn the_table_says_what_the_notes_say() {
    let Some(path) = notes("API.md") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let mut rows = 0;
    for line in text.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [method, path, label, daily, page_size, classic, granular, master, _] = cells[..] else {
            continue;
        };
        if !matches!(method, "GET" | "POST" | "PATCH" | "DELETE") {
            continue;
        }
        let path = path.trim_matches('`');
        let facts = Operation::ALL
            .into_iter()
            .map(Operation::facts)
            .find(|facts| facts.method == method && facts.path == path)
            .unwrap_or_else(|| panic!("{method} {path} is not in the table"));
        assert_eq!(facts.label.as_str(), label.trim_matches('*'), "{path}");
        assert_eq!(facts.label.draws_on_shared_day(), daily == "YES", "{path}");
        assert_eq!(facts.has_master_variant, master == "yes", "{path}");
        assert_eq!(facts.classic_scopes, scopes(classic), "{path}");
        assert_eq!(facts.granular_scopes, scopes(granular), "{path}");
        let sizes = facts.page_size.map(|size| {
            let number = |n: Option<u16>| n.map_or("?".to_owned(), |n| n.to_string());
            format!("{} / {}", number(size.default), number(size.max))
        });
        assert_eq!(sizes.as_deref().unwrap_or("-"), page_size, "{path}");
        assert_eq!(facts.page_kind == PageKind::Token, page_size != "-", "{path}");
        rows += 1;
    }
    assert_eq!(rows, Operation::ALL.len());
}

fn scopes(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

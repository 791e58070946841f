//! What PostgreSQL and MariaDB call the same things.

/// A kind of database that Moodle runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MariaDB, or MySQL.
    MariaDb,
}

impl Dialect {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Postgres => "PostgreSQL",
            Dialect::MariaDb => "MariaDB",
        }
    }
}

/// How the tables of one site are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) schema: String,
    pub(crate) prefix: String,
}

impl Names {
    pub(crate) fn new(schema: &str, prefix: &str) -> Names {
        Names { schema: schema.to_owned(), prefix: prefix.to_owned() }
    }

    /// A table by its name in the database, without schema or quotes.
    pub(crate) fn bare(&self, table: &str) -> String {
        format!("{}{table}", self.prefix)
    }

    /// A table, quoted. PostgreSQL's schema is always named: a search path may hold another site's tables.
    pub(crate) fn table(&self, dialect: Dialect, table: &str) -> String {
        let quoted =
            |name: &str, mark: char| format!("{mark}{}{mark}", name.replace(mark, &format!("{mark}{mark}")));
        match dialect {
            Dialect::Postgres => format!("{}.{}", quoted(&self.schema, '"'), quoted(&self.bare(table), '"')),
            Dialect::MariaDb => quoted(&self.bare(table), '`'),
        }
    }

    /// A statement as the database wants it: `{user}` becomes the site's table of that name, as in Moodle's own code, and on
    /// PostgreSQL each `?` its number.
    pub(crate) fn sql(&self, dialect: Dialect, template: &str) -> String {
        let mut sql = String::with_capacity(template.len() + 64);
        let mut values = 0_u32;
        let mut rest = template;
        while let Some(at) = rest.find(['{', '?']) {
            sql.push_str(&rest[..at]);
            if rest[at..].starts_with('{') {
                let end = rest[at..].find('}').expect("a statement's braces are closed") + at;
                sql.push_str(&self.table(dialect, &rest[at + 1..end]));
                rest = &rest[end + 1..];
                continue;
            }
            values += 1;
            match dialect {
                Dialect::Postgres => sql.push_str(&format!("${values}")),
                Dialect::MariaDb => sql.push('?'),
            }
            rest = &rest[at + 1..];
        }
        sql + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: Names, postgres: &str, mariadb: &str) {
        let template = "SELECT id FROM {user} WHERE id IN (?, ?)";
        assert_eq!(names.sql(Dialect::Postgres, template), postgres);
        assert_eq!(names.sql(Dialect::MariaDb, template), mariadb);
    }

    #[test]
    fn a_statement_is_written_once_for_both() {
        check(
            Names::new("public", "mdl_"),
            r#"SELECT id FROM "public"."mdl_user" WHERE id IN ($1, $2)"#,
            "SELECT id FROM `mdl_user` WHERE id IN (?, ?)",
        );
    }

    #[test]
    fn a_site_may_have_no_prefix() {
        check(
            Names::new("campus", ""),
            r#"SELECT id FROM "campus"."user" WHERE id IN ($1, $2)"#,
            "SELECT id FROM `user` WHERE id IN (?, ?)",
        );
    }

    #[test]
    fn quotes_in_a_name_stay_inside_it() {
        check(
            Names::new("a\"b", "c`d_"),
            r#"SELECT id FROM "a""b"."c`d_user" WHERE id IN ($1, $2)"#,
            "SELECT id FROM `c``d_user` WHERE id IN (?, ?)",
        );
    }
}

//! MariaDB: the server, and a second one as a replica is: read only, and for connections with TLS only.

use std::path::Path;

use super::folder::Folder;
use super::{Prepared, free_port, layout, tied};

/// In the paths of tests that need it.
pub const TESTS: &str = "on_mariadb::";

/// Neither server is strict with values that are too long: rollbook must not rely on it.
const SETTINGS: [&str; 14] = [
    "--bind-address=127.0.0.1",
    "--sql-mode=",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--max-connections=200",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--thread-handling=one-thread-per-connection",
];

/// Lays out both.
pub fn prepare(folder: &Folder) -> Result<[Prepared; 2], String> {
    Ok([
        one(folder, "MariaDB", "mariadb", &[], ("ROLLBOOK_TEST_MARIADB", "ssl-mode=DISABLED"))?,
        one(
            folder,
            "MariaDB as a replica",
            "replica",
            &["--read-only", "--require-secure-transport"],
            ("ROLLBOOK_TEST_MARIADB_REPLICA", "ssl-mode=REQUIRED"),
        )?,
    ])
}

fn one(
    folder: &Folder,
    name: &'static str,
    stem: &str,
    more: &[&str],
    (variable, tls): (&'static str, &str),
) -> Result<Prepared, String> {
    let port = free_port()?;
    let data = folder.at(stem);
    // Two that are laid out at once would take each other's temporary tables away.
    let temporary = folder.inner(&format!("{stem}-tmp"))?;
    let mut install = tied(folder, "KILL", Path::new("mariadb-install-db"));
    install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
    install.args(["--innodb-flush-method=nosync", "--innodb-log-file-size=32M"]);
    install.arg(format!("--datadir={}", data.display())).arg(format!("--tmpdir={}", temporary.display()));
    let user = format!(
        "CREATE USER rollbook@'%' IDENTIFIED BY '{0}'; GRANT ALL ON *.* TO rollbook@'%' WITH GRANT OPTION; \
         DROP USER IF EXISTS root@localhost;",
        folder.password
    );
    let user = folder.write(&format!("{stem}.sql"), &user.replace("; ", ";\n"))?;
    let mut server = tied(folder, "KILL", Path::new("mariadbd"));
    server.arg("--no-defaults").args(SETTINGS).args(more);
    server.args([
        format!("--datadir={}", data.display()),
        format!("--tmpdir={}", temporary.display()),
        format!("--port={port}"),
        format!("--socket={}", folder.at(&format!("{stem}.sock")).display()),
        format!("--pid-file={}", folder.at(&format!("{stem}.pid")).display()),
        format!("--init-file={}", user.display()),
        format!("--ssl-cert={}", folder.at("localhost.crt").display()),
        format!("--ssl-key={}", folder.at("localhost.key").display()),
    ]);
    Ok(Prepared {
        name,
        layout: layout(install)?,
        signal: None,
        server,
        ready: "ready for connections",
        stop: "-KILL",
        environment: (variable, format!("mysql://rollbook:{}@127.0.0.1:{port}/mysql?{tls}", folder.password)),
    })
}

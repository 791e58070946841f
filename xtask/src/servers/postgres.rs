//! PostgreSQL.

use std::path::Path;

use super::folder::Folder;
use super::{Prepared, free_port, layout, tied};

/// In the paths of tests that need it.
pub const TESTS: &str = "on_postgres::";

/// Users in the role `tls_only` get in with TLS only, so that tests can see how that is refused.
const WHO_GETS_IN: &str = "\
hostssl all +tls_only 127.0.0.1/32 scram-sha-256
host    all +tls_only 127.0.0.1/32 reject
host    all all       127.0.0.1/32 scram-sha-256
";

/// Lays out a server whose programs are in a folder.
pub fn prepare(folder: &Folder, programs: &Path) -> Result<Prepared, String> {
    let port = free_port()?;
    let password = folder.write("postgres.password", &folder.password)?;
    let access = folder.write("pg_hba.conf", WHO_GETS_IN)?;
    let data = folder.at("postgres");
    let mut initdb = tied(folder, "KILL", &programs.join("initdb"));
    initdb.args(["--username=rollbook", "--auth=scram-sha-256", "--no-sync"]);
    initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "--pwfile"]).arg(password).arg(&data);
    let mut server = tied(folder, "QUIT", &programs.join("postgres"));
    server.arg("-D").arg(&data);
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        format!("hba_file={}", access.display()),
        "max_connections=200".to_owned(),
        "fsync=off".to_owned(),
        "synchronous_commit=off".to_owned(),
        "full_page_writes=off".to_owned(),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", folder.at("localhost.crt").display()),
        format!("ssl_key_file={}", folder.at("localhost.key").display()),
    ];
    settings.iter().for_each(|setting| {
        server.args(["-c", setting]);
    });
    let url = format!("postgres://rollbook:{}@127.0.0.1:{port}/postgres?sslmode=disable", folder.password);
    Ok(Prepared {
        name: "PostgreSQL",
        layout: layout(initdb)?,
        server,
        ready: "database system is ready to accept connections",
        stop: "-QUIT",
        environment: ("ROLLBOOK_TEST_POSTGRES", url),
    })
}

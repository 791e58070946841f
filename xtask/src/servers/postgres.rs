//! PostgreSQL: the server, and a second one as a replica is, which lets everybody read and nobody write.

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

/// One of the two.
struct Kind {
    name: &'static str,
    stem: &'static str,
    ready: &'static str,
    variable: &'static str,
    signal: Option<&'static str>,
}

const PRIMARY: Kind = Kind {
    name: "PostgreSQL",
    stem: "postgres",
    ready: "database system is ready to accept connections",
    variable: "ROLLBOOK_TEST_POSTGRES",
    signal: None,
};

/// It follows nobody, and so waits for ever for more of what it has.
const REPLICA: Kind = Kind {
    name: "PostgreSQL as a replica",
    stem: "standby",
    ready: "database system is ready to accept read-only connections",
    variable: "ROLLBOOK_TEST_POSTGRES_REPLICA",
    signal: Some("standby/standby.signal"),
};

/// Lays out both; the programs are in a folder.
pub fn prepare(folder: &Folder, programs: &Path) -> Result<[Prepared; 2], String> {
    folder.write("postgres.password", &folder.password)?;
    folder.write("pg_hba.conf", WHO_GETS_IN)?;
    Ok([one(folder, programs, PRIMARY)?, one(folder, programs, REPLICA)?])
}

fn one(folder: &Folder, programs: &Path, kind: Kind) -> Result<Prepared, String> {
    let port = free_port()?;
    let data = folder.at(kind.stem);
    let mut initdb = tied(folder, "KILL", &programs.join("initdb"));
    initdb.args(["--username=rollbook", "--auth=scram-sha-256", "--no-sync"]);
    initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "--pwfile"]).arg(folder.at("postgres.password"));
    initdb.arg(&data);
    let mut server = tied(folder, "QUIT", &programs.join("postgres"));
    server.arg("-D").arg(&data);
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        format!("hba_file={}", folder.at("pg_hba.conf").display()),
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
        name: kind.name,
        layout: layout(initdb)?,
        signal: kind.signal,
        server,
        ready: kind.ready,
        stop: "-QUIT",
        environment: (kind.variable, url),
    })
}

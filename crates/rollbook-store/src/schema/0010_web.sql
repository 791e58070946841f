-- What the web server keeps of its own: who may sign in, who is, tokens of programs, the record of looks at personal
-- data, and what it asks the collector to do. Secrets are never kept, only their SHA-256; passwords as argon2 hashes.

create table login (
    login_id integer primary key,
    name text not null unique,
    role text not null,
    password text,
    email text,
    subject text unique,
    courses text not null,
    is_by_provider integer not null,
    created_at integer not null,
    disabled_at integer,
    seen_at integer
);

create table session (
    key blob primary key,
    login_id integer not null references login,
    csrf text not null,
    created_at integer not null,
    seen_at integer not null,
    expires_at integer not null
) without rowid;
create index session_by_login on session (login_id);

create table api_token (
    token_id integer primary key,
    name text not null unique,
    key blob not null unique,
    scopes text not null,
    created_at integer not null,
    created_by text not null,
    expires_at integer not null,
    revoked_at integer,
    used_at integer
);

create table setup_link (
    key blob primary key,
    expires_at integer not null
) without rowid;

-- Tries to sign in that failed, by whom they claimed to be and by address.
create table sign_in_failure (
    of text primary key,
    failures integer not null,
    last_at integer not null
) without rowid;
create index sign_in_failure_by_time on sign_in_failure (last_at);

create table audit (
    audit_id integer primary key,
    at integer not null,
    who text not null,
    role text,
    action text not null,
    subject text not null,
    detail text,
    address text
);
create index audit_by_time on audit (at);

create table command (
    command_id integer primary key,
    asked_at integer not null,
    who text not null,
    role text not null,
    kind text not null,
    payload text not null,
    state text not null,
    outcome text,
    done_at integer
);
create index command_by_state on command (state, command_id);

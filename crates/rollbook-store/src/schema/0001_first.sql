-- Times are milliseconds since 1970 UTC. Every row belongs to an account.

create table account (
    name text primary key,
    zoom_account_id text,
    pool text not null,
    plan text not null,
    offer text not null
) without rowid;

create table run (
    run_id integer primary key,
    command text not null,
    started_at integer not null,
    ended_at integer,
    exit_code integer,
    summary text
);

-- What a run spent: one line for each operation and outcome.
create table run_call (
    run_id integer not null references run,
    label text not null,
    operation text not null,
    outcome text not null,
    calls integer not null,
    primary key (run_id, label, operation, outcome)
) without rowid;

-- What a run could not do, and other remarks worth keeping.
create table run_note (
    run_id integer not null references run,
    note_id integer not null,
    at integer not null,
    note text not null,
    primary key (run_id, note_id)
) without rowid;

create table listing (
    account text not null references account,
    list text not null,
    from_at integer not null,
    to_at integer not null,
    listed_at integer,
    first_listed_after_at integer,
    closed_reason text,
    primary key (account, list, from_at, to_at)
) without rowid;

create table instance (
    instance_id integer primary key,
    account text not null references account,
    uuid text not null,
    kind text not null,
    number integer,
    topic text,
    host_email text,
    host_name text,
    zoom_type integer,
    started_at integer,
    ended_at integer,
    times_from text not null,
    listed_count integer,
    is_one_person integer not null,
    is_live integer not null,
    first_seen_at integer not null,
    state text not null,
    reason text,
    next_look_at integer,
    state_since integer not null,
    unique (uuid, account)
);
create index instance_by_start on instance (account, started_at);
create index instance_by_number on instance (number);
create index instance_by_state on instance (state, next_look_at);

-- Readings are only added. `details` are readings of times and count; the other families hold rows.
create table reading (
    reading_id integer primary key,
    instance_id integer not null references instance,
    family text not null,
    asked_at integer not null,
    run_id integer,
    calls integer not null,
    outcome text not null,
    rows_same_as integer references reading,
    rows_json blob
);
create index reading_by_instance on reading (instance_id, asked_at);

create table stay (
    instance_id integer not null references instance,
    joined_at integer not null,
    user_id text not null,
    ordinal integer not null,
    participant_uuid text,
    zoom_user_id text,
    registrant_id text,
    name text,
    email text,
    left_at integer,
    status text not null,
    is_breakout integer,
    source text not null,
    is_withdrawn integer not null,
    primary key (instance_id, joined_at, user_id, ordinal)
) without rowid;

-- Numbers of jobs are never used again: an answer that comes late must not settle another job than its own.
create table job (
    job_id integer primary key autoincrement,
    account text not null references account,
    pool text not null,
    subject text not null,
    ask text not null,
    instance_id integer references instance,
    label text not null,
    urgency integer not null,
    is_person integer not null,
    due_at integer not null,
    reason text not null,
    tries integer not null,
    progress blob,
    lease_run integer,
    lease_until integer,
    unique (account, subject)
);
create index job_by_due on job (account, label, due_at);
create index job_by_instance on job (instance_id);
create index job_by_lease on job (account, lease_run) where lease_run is not null;

-- A paid call holds one slot of each window of its label until `free_at`.
create table slot (
    call_id integer not null,
    window_seconds integer not null,
    pool text not null,
    label text not null,
    sent_at integer not null,
    free_at integer not null,
    is_answered integer not null,
    primary key (call_id, window_seconds)
) without rowid;
create index slot_by_label on slot (pool, label, window_seconds, free_at);

create table call_number (next integer not null);
insert into call_number values (1);

-- Calls by UTC day: the daily allowances are sums of these. `floor` is what a header said was spent at least.
create table spent (
    pool text not null,
    day text not null,
    label text not null,
    operation text not null,
    calls integer not null,
    refused integer not null,
    primary key (pool, day, label, operation)
) without rowid;

create table day_floor (
    pool text not null,
    day text not null,
    bucket text not null,
    at_least integer not null,
    own_then integer not null,
    primary key (pool, day, bucket)
) without rowid;

-- Labels and daily allowances that Zoom told us to leave alone.
create table pause (
    pool text not null,
    what text not null,
    until integer not null,
    primary key (pool, what)
) without rowid;

-- Fields in Zoom's answers that rollbook does not know.
create table unknown_field (
    operation text not null,
    path text not null,
    first_seen_at integer not null,
    seen integer not null,
    primary key (operation, path)
) without rowid;

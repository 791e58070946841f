-- Counts what changed about an instance and its stays, so that those who tell others know what they have not told yet.
alter table instance add column changes integer not null default 0;

-- What is told to a sink, a line for each instance. `sink` names the kind and the place, as in
-- `moodle postgres://db.example:5432/moodle public mdl_`. `changes` is that of the instance when it was last looked at,
-- `digest` that of what the sink holds. `activity` and `details_id` are Moodle's.
create table delivery (
    sink text not null,
    instance_id integer not null references instance,
    state text not null,
    reason text,
    changes integer not null,
    looked_at integer not null,
    digest text,
    delivered_at integer,
    activity integer,
    details_id integer,
    rows integer not null,
    tries integer not null,
    primary key (sink, instance_id)
) without rowid;
create index delivery_by_state on delivery (sink, state);
create index delivery_by_instance on delivery (instance_id);

-- The rows of a sink that are ours, packed. `tentative` is written before the sink commits and becomes `own` after.
create table delivery_rows (
    sink text not null,
    instance_id integer not null references instance,
    own blob,
    tentative blob,
    primary key (sink, instance_id)
);

-- Rows of others that were corrected: what stood there, and what stands there now.
create table delivery_overwrite (
    overwrite_id integer primary key,
    sink text not null,
    instance_id integer not null references instance,
    at integer not null,
    row_id integer not null,
    old text not null,
    new text not null
);
create index delivery_overwrite_by_instance on delivery_overwrite (sink, instance_id);

-- The last time a sink was told, and when somebody else was last seen to write what we write.
create table sink (
    sink text primary key,
    told_at integer,
    said text,
    others_seen_at integer
) without rowid;

-- Who somebody is, decided by hand. No user: nobody of the site.
create table person_correction (
    key text primary key,
    user_id integer,
    user_name text,
    note text,
    set_by text not null,
    set_at integer not null
) without rowid;

-- Short references that lists of people showed.
create table person_reference (
    reference text primary key,
    key text not null,
    shown_at integer not null
) without rowid;

-- E-mails that Zoom told beside a Zoom user or a registration, in whichever instance.
create table linked_email (
    kind text not null,
    id text not null,
    email text not null,
    primary key (kind, id, email)
) without rowid;
insert or ignore into linked_email (kind, id, email)
    select 'zoom', zoom_user_id, lower(email) from stay where zoom_user_id <> '' and email <> '';
insert or ignore into linked_email (kind, id, email)
    select 'registrant', registrant_id, lower(email) from stay where registrant_id <> '' and email <> '';

-- Events as Zoom posted them, kept before they are answered, in the order of their arrival. `digest` is that of the
-- body: what comes again is not kept again. The body itself is kept until it is taken over. `state`: 'new', 'held' until the instance of `uuid` is known, 'done'.
create table inbox (
    event_id integer primary key autoincrement,
    account text not null,
    digest blob not null,
    name text not null,
    uuid text,
    event_at integer,
    received_at integer not null,
    body blob,
    state text not null,
    applied_at integer,
    outcome text,
    unique (account, digest)
);
create index inbox_new on inbox (event_id) where state = 'new';
create index inbox_held on inbox (account, uuid) where state = 'held';
create index inbox_by_age on inbox (received_at);

-- Since when and until when events came at all, however short they are kept.
create table event_source (
    account text primary key,
    first_at integer not null,
    last_at integer not null,
    events integer not null
) without rowid;

-- Requests that were not believed to be Zoom's, by reason; not each of them is noted.
create table webhook_refusal (
    reason text primary key,
    last_at integer not null
) without rowid;

-- What events saw of an instance. `is_stale` while no reading holds what was seen last.
create table event_instance (
    instance_id integer primary key references instance,
    seen_at integer not null,
    told_start integer not null,
    told_end integer not null,
    is_stale integer not null,
    has_sightings integer not null
);
create index event_instance_by_age on event_instance (seen_at) where has_sightings = 1;

create table sighting (
    instance_id integer not null references instance,
    at integer not null,
    sight text not null,
    user_id text not null,
    participant_uuid text not null,
    room text not null,
    other_user_id text not null,
    zoom_user_id text,
    registrant_id text,
    name text,
    email text,
    details text,
    primary key (instance_id, at, sight, user_id, participant_uuid, room, other_user_id)
) without rowid;

-- Which minutes of a connection's call quality events told, and in how many events.
create table quality_event (
    instance_id integer not null references instance,
    user_id text not null,
    coverage text not null,
    events integer not null,
    primary key (instance_id, user_id)
) without rowid;

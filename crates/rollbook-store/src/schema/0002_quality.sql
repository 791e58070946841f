-- What quality words Zoom's lists and rows held against the call of an instance, in words; null where nothing.
alter table instance add column quality_word text;

-- Where the call quality of an instance stands. No row: nobody has wanted it.
create table quality (
    instance_id integer primary key references instance,
    state text not null,
    wanted_because text,
    reason text,
    next_look_at integer,
    state_since integer not null,
    stays integer not null,
    told_stays integer not null,
    samples integer not null,
    score real,
    bad_share real
);
create index quality_by_state on quality (state, next_look_at);

-- One row for each connection that Zoom told call quality of. All that is known of a person stands here, none of it in
-- quality_samples. joined_at is 0 where unknown. `packed`: id, details, streams; see quality/packed.rs.
-- Rows are added at the end, whatever instance they belong to, so that pages are full.
create table quality_stay (
    quality_id integer primary key,
    instance_id integer not null references instance,
    user_id text not null,
    joined_at integer not null,
    zoom_user_id text,
    name text,
    email text,
    left_at integer,
    samples integer not null,
    first_at integer,
    last_at integer,
    minutes integer not null,
    score real,
    bad_minutes integer not null,
    worst text,
    cause text,
    odd integer not null,
    packed blob not null
);
create unique index quality_stay_by_instance on quality_stay (instance_id, user_id, joined_at);

-- The samples of a connection, see samples/block.rs. Forgotten by the start of their instance.
create table quality_samples (
    quality_id integer primary key references quality_stay,
    started_at integer not null,
    block blob not null
);
create index quality_samples_by_start on quality_samples (started_at);

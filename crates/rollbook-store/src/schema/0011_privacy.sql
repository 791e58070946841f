-- The store's own secret, whether it keeps no names, and how often what is hidden changed. `has_residue`: written by a
-- version that did not overwrite what it deleted, so that the whole file has to be written anew after an erasure.
create table privacy (
    one integer primary key check (one = 1),
    key blob,
    is_masked integer not null,
    masked_since integer,
    changes integer not null,
    has_residue integer not null
);
insert into privacy (one, key, is_masked, masked_since, changes, has_residue)
    select 1, null, 0, null, 0, exists (select 1 from instance);

-- Erasures of people, without anything of theirs: when, by whom, how much. `swept_to`: up to which instance it is carried
-- out; null once it is done. `undone_at`: since when they may be kept again.
create table erasure (
    erasure_id integer primary key autoincrement,
    at integer not null,
    set_by text not null,
    instances integer not null,
    stays integer not null,
    swept_to integer,
    undone_at integer
);

-- What erased people are recognised by: HMAC-SHA-256 of each thing they were known by.
create table erased (
    fingerprint blob primary key,
    erasure_id integer not null references erasure
) without rowid;
create index erased_by_erasure on erased (erasure_id);

-- How many people an instance had whose attendance is no longer kept.
create table kept_count (
    instance_id integer primary key references instance,
    people integer not null,
    stays integer not null,
    seconds integer not null,
    forgotten_at integer not null
);

-- Its attendance was kept long enough: what is left of it is its kept_count.
alter table instance add column is_forgotten integer not null default 0;
create index instance_by_age on instance (coalesce(started_at, first_seen_at)) where is_forgotten = 0;

-- Rows of readings, by age.
create index reading_by_age on reading (asked_at) where rows_json is not null;

-- The day a link was last seen on, so that it goes with the attendance it came from.
alter table linked_email add column seen_at integer not null default 0;
update linked_email set seen_at = coalesce((select max(joined_at) from stay), 0);

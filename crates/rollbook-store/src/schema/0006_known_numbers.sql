-- Meeting and webinar numbers that Moodle has an activity for, and what Zoom last said of their instances.
-- `courses`: ids of Moodle's courses, as JSON. `gone_at`: since when Moodle has no activity with it any more.
create table known_number (
    account text not null references account,
    number integer not null,
    kind text not null,
    topic text not null,
    courses text not null,
    planned_start integer,
    planned_end integer,
    is_recurring integer not null,
    read_at integer not null,
    gone_at integer,
    asked_at integer,
    runs integer not null default 0,
    latest_run_at integer,
    not_found integer not null default 0,
    primary key (account, number, kind)
) without rowid;

-- Days that somebody wanted the instances of known numbers of.
create table wanted_day (
    account text not null references account,
    from_at integer not null,
    to_at integer not null,
    primary key (account, from_at, to_at)
) without rowid;

-- Every request to have a meeting looked at again now, with who asked, in which role, and what came of it.
-- day: the school day whose ration it is of. outcome: pending, answered, refused, failed.
-- joined_id: the request that did it too; such a one costs nothing of the ration.
create table refresh_request (
    request_id integer primary key,
    asked_at integer not null,
    day text not null,
    who text not null,
    role text not null,
    meeting text not null,
    is_all integer not null,
    joined_id integer references refresh_request,
    outcome text not null,
    reason text,
    answered_at integer
);
create index refresh_request_by_who on refresh_request (who, day);
create index refresh_request_by_outcome on refresh_request (outcome, asked_at);

-- The runs a request is about.
create table refresh_run (
    request_id integer not null references refresh_request,
    instance_id integer not null references instance on delete cascade,
    primary key (request_id, instance_id)
) without rowid;
create index refresh_run_by_instance on refresh_run (instance_id);

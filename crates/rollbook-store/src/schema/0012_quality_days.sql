-- Call quality by day and by what people connect with, so that no page reads every connection. `day`: days since 1970 UTC,
-- of the join. `facet`: all, place, network, device, client, data_center. `score_minutes`: hundredths of a point times minutes.
create table quality_day (
    facet text not null,
    day integer not null,
    value text not null,
    stays integer not null,
    poor_stays integer not null,
    minutes integer not null,
    bad_minutes integer not null,
    score_minutes integer not null,
    primary key (facet, day, value)
) without rowid;

-- Connections kept before there was that table: those up to `end_id` are summed up in steps, `done_id` was the last.
create table quality_day_progress (done_id integer not null, end_id integer not null);
insert into quality_day_progress select 0, coalesce(max(quality_id), 0) from quality_stay;

-- The worst meetings of each day are read off an index, those with most bad minutes first.
alter table quality add column day integer;
update quality set day = (select started_at / 86400000 from instance where instance.instance_id = quality.instance_id);
create index quality_by_badness on quality (day, bad_share * samples desc, instance_id) where bad_share is not null;

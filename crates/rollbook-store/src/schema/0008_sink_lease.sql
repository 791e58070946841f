-- Who tells a sink just now, since when, and until when nobody else may: two at once would each forget which rows there are
-- ours. Renewed while the work goes on; what a killed process held runs out.
create table sink_lease (
    sink text primary key,
    holder text not null,
    since integer not null,
    until integer not null
) without rowid;

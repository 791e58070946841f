-- In which order sums of days changed last: who holds sums in memory reads only those days again that changed since.
create table quality_day_change (
    day integer primary key,
    change integer not null unique
);
insert into quality_day_change (day, change)
    select day, row_number() over (order by day) from (select distinct day from quality_day);

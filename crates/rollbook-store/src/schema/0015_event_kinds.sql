-- Since when, until when and how many events of each kind came, however short they are kept. Of those counted before kinds
-- were told apart the name is ''.
create table event_kind (
    account text not null,
    name text not null,
    first_at integer not null,
    last_at integer not null,
    events integer not null,
    primary key (account, name)
) without rowid;
insert into event_kind select account, '', first_at, last_at, events from event_source;
drop table event_source;

-- Changes to the meetings of one host: 100 a UTC day (RATE-LIMITS.md). Each is paid for here before it is sent.
-- gone_until: Zoom's word that the host's day is spent, whoever spent it.
create table host_change (
    pool text not null,
    host text not null,
    day text not null,
    changes integer not null,
    gone_until integer,
    primary key (pool, host, day)
) without rowid;

-- What hosts were called when Zoom was asked for them: an e-mail address and the user's ID are one host.
create table host_name (
    pool text not null,
    name text not null,
    host text not null,
    primary key (pool, name)
) without rowid;

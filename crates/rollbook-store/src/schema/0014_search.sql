-- What pages look for: instances by time, state and host, and by any three letters of topic and host.
-- An instance without a start stands where it was first seen.
create index instance_by_time on instance (coalesce(started_at, first_seen_at), instance_id);
create index instance_by_state_and_time on instance (state, coalesce(started_at, first_seen_at), instance_id);
create index instance_by_host on instance (host_email collate nocase, coalesce(started_at, first_seen_at), instance_id);
create index delivery_by_time on delivery (delivered_at) where delivered_at is not null;

-- The words themselves stay in `instance`. What is erased there is gone here too: see secure-delete.
create virtual table instance_words using fts5 (
    topic, host_name, host_email,
    content = 'instance', content_rowid = 'instance_id', tokenize = 'trigram', columnsize = 0
);
insert into instance_words (instance_words, rank) values ('secure-delete', 1);
insert into instance_words (instance_words) values ('rebuild');
create trigger instance_words_added after insert on instance begin
    insert into instance_words (rowid, topic, host_name, host_email)
    values (new.instance_id, new.topic, new.host_name, new.host_email);
end;
create trigger instance_words_gone after delete on instance begin
    insert into instance_words (instance_words, rowid, topic, host_name, host_email)
    values ('delete', old.instance_id, old.topic, old.host_name, old.host_email);
end;
create trigger instance_words_changed after update of topic, host_name, host_email on instance
when old.topic is not new.topic or old.host_name is not new.host_name or old.host_email is not new.host_email begin
    insert into instance_words (instance_words, rowid, topic, host_name, host_email)
    values ('delete', old.instance_id, old.topic, old.host_name, old.host_email);
    insert into instance_words (rowid, topic, host_name, host_email)
    values (new.instance_id, new.topic, new.host_name, new.host_email);
end;

-- Calls by the hour in which they were sent, for the course of a day; the allowances are sums of `spent`.
create table spent_hour (
    pool text not null,
    hour_at integer not null,
    label text not null,
    calls integer not null,
    primary key (pool, hour_at, label)
) without rowid;

-- What is open among deliveries, and since when, is read off an index, however much was delivered.
create index delivery_by_look on delivery (state, looked_at) where state <> 'done';

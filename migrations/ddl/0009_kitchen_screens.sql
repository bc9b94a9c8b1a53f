-- The tickets of kitchen screens (`warm.tickets` in `db/tables/warm.py`), and the stations of a till that is a screen of the kitchen.

create table warm.tickets (
    store_id uuid not null,
    event_id uuid not null,
    session_id text collate "C" not null,
    till_id integer not null,
    station text not null,
    ticket text not null,
    kind text not null,
    lines uuid[] not null,
    sent_at timestamp with time zone not null,
    waits_at text[] not null,
    ready boolean not null default false,
    constraint tickets_pkey primary key (store_id, event_id)
);

create index tickets_waiting on warm.tickets (store_id, sent_at) where waits_at <> '{}';
create index tickets_of_station on warm.tickets (store_id, station, sent_at);
create index tickets_of_session on warm.tickets (session_id);
create index tickets_by_number on warm.tickets (store_id, ticket);

alter table till.tills add column stations text[];
alter table till.enrolments add column stations text[];
alter type warm.auth_context add attribute stations text[];

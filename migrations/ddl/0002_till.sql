-- What only a person can settle about money. A row is a projection of `conflict_found` and `conflict_resolved`: found by
-- a till, or by the server itself (till 0) when it refuses an order that was paid for already. `subject` is the order,
-- line or payment that it is about: the same finding of two tills is one row.
create table till.conflicts (
    id uuid primary key,
    store_id uuid not null references till.stores,
    session_id text collate "C",
    kind text not null,
    subject text not null,
    amount numeric,
    currency text,
    found_by integer not null,
    found_at timestamptz not null,
    event_id uuid not null,
    resolved_at timestamptz,
    resolved_by integer,
    how text,
    unique (store_id, kind, subject)
);

create index conflicts_open on till.conflicts (store_id, id) where resolved_at is null;
create index conflicts_of_session on till.conflicts (session_id) where session_id is not null;

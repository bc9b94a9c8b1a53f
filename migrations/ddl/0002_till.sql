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

-- Who is logged in on a till: a projection of its newest `logged_in` or `logged_out`. An index over these would cost
-- every other event.
alter table till.tills add column logged_in integer, add column login_event uuid;

update till.tills as t
set login_event = e.event_id,
    logged_in = case
        when e.event_type = 'logged_in' and e.event_data->>'user' ~ '^[0-9]{1,9}$' then (e.event_data->>'user')::integer
    end
from (
    select distinct on (x.store_id, x.till_id) x.store_id, x.till_id, x.event_id, x.event_type, x.event_data
    from warm.session_events as x where x.event_type in ('logged_in', 'logged_out')
    order by x.store_id, x.till_id, x.event_id desc
) as e
where e.store_id = t.store_id and e.till_id = t.id;

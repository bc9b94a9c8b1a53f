-- The shifts of the tills, with their first and last event, and the events of each (`till.shifts` and `till.shift_facts` in
-- `db/tables/till.py`).

create table till.shifts (
    shift_id uuid not null,
    store_id uuid not null,
    till_id integer not null,
    opened uuid,
    closed uuid,
    closed_by_server uuid,
    checked_at timestamp with time zone,
    constraint shifts_pkey primary key (shift_id)
);

create index shifts_of_till on till.shifts (store_id, till_id, shift_id);
create index shifts_unchecked on till.shifts (store_id) where closed is not null and checked_at is null;

create table till.shift_facts (
    shift_id uuid not null,
    event_id uuid not null,
    store_id uuid not null,
    constraint shift_facts_pkey primary key (shift_id, event_id)
);

-- The arrival of a correction by the server's clock: the till whose drawer it changes hears of it by that.
alter table cold.tender_correction add column arrived_at timestamp with time zone not null default now();

-- Orders that a till took over within an hour while other tills had them open.
alter table till.tills add column takeovers integer not null default 0, add column takeovers_since timestamp with time zone;

-- Open orders of a till: the condition names the status, which all sales leave soon.
create index order_sessions_open_at on till.order_sessions (store_id, hold_till)
where status in ('active', 'pending_logout', 'assigned_to_tab');

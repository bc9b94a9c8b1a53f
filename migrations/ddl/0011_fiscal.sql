-- The stamps that a country's law gives to sales and refunds (`cold.fiscal_stamps` in `db/tables/cold.py`), the laws that
-- the program of a till knows, and what an invoice to a customer says of them.

create table cold.fiscal_stamps (
    store_id uuid not null,
    event_id uuid not null,
    chain uuid not null,
    till_id integer not null,
    scheme text not null,
    kind text not null,
    of_id uuid not null,
    number text collate "C" not null,
    previous text collate "C" not null,
    hash text collate "C" not null,
    at timestamp with time zone not null,
    arrival bigint generated always as identity,
    received_at timestamp with time zone default now() not null,
    state text not null,
    constraint fiscal_stamps_pkey primary key (store_id, event_id),
    constraint fiscal_stamps_state_check check (state in ('to_send', 'waits', 'quarantined'))
);

create unique index fiscal_stamps_by_arrival on cold.fiscal_stamps (store_id, arrival);
create index fiscal_stamps_by_number on cold.fiscal_stamps (number, store_id);
create index fiscal_stamps_of on cold.fiscal_stamps (of_id);
create index fiscal_stamps_in_chain on cold.fiscal_stamps (chain, previous);
create index fiscal_stamps_by_hash on cold.fiscal_stamps (chain, hash);

alter table till.tills add column schemes text[] default '{}' not null;
alter table cold.customer_table add column tax_number text default '' not null;
alter table cold.customer_table add column address text default '' not null;

-- The mends of fiscal records that a manager asked the sender for (`till.fiscal_mends` in `db/tables/till.py`).

create table till.fiscal_mends (
    store_id uuid not null,
    number text collate "C" not null,
    arrival bigint not null,
    asked_by integer,
    asked_at timestamp with time zone default now() not null,
    buyer jsonb,
    constraint fiscal_mends_pkey primary key (store_id, number),
    constraint fiscal_mends_store_id_fkey foreign key (store_id) references till.stores (store_id)
);

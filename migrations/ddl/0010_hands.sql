-- Orders that a till sends to the kitchen though it does not hold them, and the tills that send (`till.hands` and `till.tills`
-- in `db/tables/till.py`).

create table till.hands (
    store_id uuid not null,
    session_id text collate "C" not null,
    asked_at timestamp with time zone default now() not null,
    event_id uuid,
    till_id integer,
    handed_at timestamp with time zone,
    times integer default 0 not null,
    constraint hands_pkey primary key (store_id, session_id),
    constraint hands_store_id_fkey foreign key (store_id) references till.stores (store_id)
);

alter table till.tills add column sends boolean default false not null;

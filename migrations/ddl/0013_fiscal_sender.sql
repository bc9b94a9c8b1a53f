-- The sender of fiscal records and the answers of the tax authority (`till.fiscal_senders` in `db/tables/till.py`,
-- `cold.fiscal_answers` in `db/tables/cold.py`).

create table till.fiscal_senders (
    store_id uuid not null,
    till_id integer not null,
    heard_at timestamp with time zone not null,
    sent_at timestamp with time zone,
    wait_s integer default 60 not null,
    trouble text default '' not null,
    trouble_since timestamp with time zone,
    certificate_ends timestamp with time zone,
    constraint fiscal_senders_pkey primary key (store_id),
    constraint fiscal_senders_store_id_fkey foreign key (store_id) references till.stores (store_id)
);

create table cold.fiscal_answers (
    event_id uuid not null,
    store_id uuid not null,
    state text not null,
    code text not null,
    words text not null,
    receipt text not null,
    is_repeated boolean not null,
    answered_at timestamp with time zone default now() not null,
    constraint fiscal_answers_pkey primary key (store_id, event_id),
    constraint fiscal_answers_state_check check (state in ('accepted', 'with_errors', 'refused'))
);

create index fiscal_answers_in_trouble on cold.fiscal_answers (store_id, state) where state <> 'accepted';

-- The shelf (`db/sql/82_stock`): the items that a venue counts, and what people say of them. What was sold is read from the log.

create table till.stock_items (
    store_id uuid not null,
    item_id text not null,
    name text not null,
    places text[] not null default '{}',
    unit text not null default '',
    cost numeric,
    at_least bigint,
    since timestamp with time zone not null default now(),
    constraint stock_items_pkey primary key (store_id, item_id)
);

create table till.stock_acts (
    store_id uuid not null,
    event_id uuid not null,
    item_id text not null,
    kind text not null,
    amount bigint not null,
    at timestamp with time zone not null,
    of_event uuid,
    sheet uuid,
    why text not null default '',
    till_id integer not null,
    user_id integer not null,
    came_at timestamp with time zone not null default now(),
    constraint stock_acts_pkey primary key (store_id, event_id)
);

create index stock_acts_of_item on till.stock_acts (store_id, item_id, at);

create index stock_acts_of_event on till.stock_acts (store_id, of_event) where of_event is not null;

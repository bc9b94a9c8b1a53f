-- The pieces left of counted items (`db/sql/20_order/left.sql`): the counts, and the changes of lines.

create table till.counts (
    store_id uuid not null,
    item_id text not null,
    event_id uuid not null,
    at timestamp with time zone not null,
    pieces integer,
    keep boolean not null default false,
    till_id integer not null,
    came_at timestamp with time zone not null default now(),
    constraint counts_pkey primary key (store_id, item_id, event_id)
);

create table warm.counted_changes (
    store_id uuid not null,
    line_id uuid not null,
    event_id uuid not null,
    by_event uuid not null,
    item_id text not null,
    at timestamp with time zone not null,
    pieces integer,
    sent boolean,
    constraint counted_changes_pkey primary key (store_id, line_id, event_id, by_event)
);

create index counted_changes_of_item on warm.counted_changes (store_id, item_id);

-- Counts of items that a push could not make, since a transaction held up all counts (`warm.make_due_counts`).

create table warm.counts_due (
    store_id uuid not null,
    event_id uuid not null,
    constraint counts_due_pkey primary key (store_id, event_id)
);

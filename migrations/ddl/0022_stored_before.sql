-- The day before which the sums of all days are stored, so that the maintenance does not count years of days each time
-- (`db/sql/85_stored/days.sql`).

create table cold.stored_before (
    store_id uuid not null,
    day date not null,
    looked_at timestamp with time zone not null,
    constraint stored_before_pkey primary key (store_id)
);

-- The boards of the kitchen by arrival (`warm.tickets` in `db/tables/warm.py`), and hands that a till dropped (`till.hands`,
-- `till.tills`).

alter table warm.tickets add column arrived_at timestamp with time zone not null default now(),
    add column weight integer not null default 1, add column came bigint[], add column concerns text;
update warm.tickets set arrived_at = sent_at;

alter table till.hands add column dropped_by integer;
alter table till.tills add column hands_dropped integer not null default 0, add column hand_dropped_at timestamp with time zone;

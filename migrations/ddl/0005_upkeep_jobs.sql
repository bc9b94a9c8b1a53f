-- The jobs of the upkeep that failed, and what ends a shift that its till left open (`till.upkeep_jobs` and `till.shifts` in
-- `db/tables/till.py`).

create table till.upkeep_jobs (
    store_id uuid not null,
    kind text collate "C" not null,
    key text collate "C" not null,
    till_id integer not null default 0,
    asked jsonb not null default '{}',
    error text,
    sqlstate text,
    functions integer not null default 0,
    tries integer not null default 0,
    tried_at timestamp with time zone not null,
    quarantine_id bigint,
    constraint upkeep_jobs_pkey primary key (store_id, kind, key)
);

create index upkeep_jobs_told on till.upkeep_jobs (quarantine_id) where quarantine_id is not null;

alter table till.shifts add column ended uuid;

create index shifts_open on till.shifts (store_id, till_id) where closed is null and closed_by_server is null and ended is null;

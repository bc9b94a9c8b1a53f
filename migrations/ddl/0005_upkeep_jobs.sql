-- The jobs of the upkeep that failed (`till.upkeep_jobs` in `db/tables/till.py`).

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

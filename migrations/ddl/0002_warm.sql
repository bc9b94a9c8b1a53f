-- What was put aside may be settled by a person, and money that was taken twice is a conflict beside it.
alter table warm.quarantine
    add column conflict_id uuid references till.conflicts,
    add column resolved_by integer,
    add column how text;

create index quarantine_open on warm.quarantine (store_id, id) where resolved_at is null;

-- Of an event that its till had pruned when this database was set back, only its place in the chain.
create table warm.chain_gaps (
    journal_id uuid not null,
    seq bigint not null,
    hash text not null,
    store_id uuid not null,
    received_at timestamptz not null default now(),
    primary key (journal_id, seq)
);

-- Who logged in when, by arrival, for as long as somebody is told what was cleared since: to look for it in the log would
-- read all of seven days, and an index there costs every other event.
create table warm.logins (
    store_id uuid not null,
    user_id integer not null,
    received_at timestamptz not null default now(),
    event_id uuid not null,
    primary key (store_id, user_id, received_at, event_id)
);

insert into warm.logins
select e.store_id, e.user_id, e.received_at, e.event_id from warm.session_events as e
where e.event_type = 'logged_in' and e.user_id is not null;

-- `gone`: the till has only the place of this event in its chain.
alter type warm.arrival add attribute gone boolean;

-- What the door looks up at once with the rest: how far the audit reaches, and how many conflicts and records wait.
alter type warm.door add attribute reach uuid, add attribute conflicts integer, add attribute records integer;

-- Functions that answer in another shape from here on cannot be replaced in place.
drop function if exists warm.follow_chain(warm.door, warm.arrival[]);
drop function if exists till.till_adopt_v1(uuid, integer, integer, uuid);
drop function if exists cold.log_cart(uuid, text);
drop function if exists cold.freeze_row(hot.session_cart, boolean, jsonb, jsonb);

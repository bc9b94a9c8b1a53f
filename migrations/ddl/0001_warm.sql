-- The log: every event of every journal as it was sealed, the heads of the chains, and what could not be applied.

-- One row a journal. Till 0 is the server itself, which writes a chain of its own for each store.
create table warm.journal_head (
    journal_id uuid primary key,
    store_id uuid not null references till.stores,
    till_id integer not null,
    seq bigint not null default 0,
    hash text not null default repeat('0', 64),
    series text not null default '',
    last_event uuid,
    opened_at timestamptz not null default now(),
    retired_at timestamptz
) with (fillfactor = 50);

create unique index journal_head_of_server on warm.journal_head (store_id) where till_id = 0;

-- `body` is the canonical text that was sealed, byte for byte; the columns are read from it. `timestamp` is the
-- till's clock (`at`), `received_at` the server's. `version` counts the events of a session as they arrived.
create table warm.session_events (
    event_id uuid primary key,
    session_id text collate "C",
    stream_kind text not null,
    stream_id uuid not null,
    event_type text not null,
    v integer not null,
    harmless boolean not null,
    event_data jsonb not null,
    "timestamp" timestamptz not null,
    journal_id uuid not null,
    seq bigint not null,
    till_id integer not null,
    store_id uuid not null,
    user_id integer,
    hold_epoch bigint not null,
    hold_id uuid,
    login_session uuid,
    shift uuid,
    version bigint,
    prev_hash text not null,
    hash text not null,
    body text not null,
    received_at timestamptz not null default now(),
    unique (journal_id, seq)
);

create index session_events_of_session on warm.session_events (session_id, version) where session_id is not null;
create index session_events_taken_off on warm.session_events (store_id, session_id)
where event_type in ('line_voided', 'order_discarded');
create index session_events_by_time on warm.session_events using brin ("timestamp", received_at);

-- The free text beside an event; the chain holds only its digest, so a row can be erased.
create table warm.event_texts (
    event_id uuid not null references warm.session_events on delete cascade,
    field text not null,
    salt text not null,
    text text not null,
    store_id uuid not null,
    primary key (event_id, field)
);

-- An event that arrived again in another chain keeps its place in that chain here, and its content only once.
create table warm.event_links (
    journal_id uuid not null,
    seq bigint not null,
    event_id uuid not null,
    store_id uuid not null,
    prev_hash text not null,
    hash text not null,
    received_at timestamptz not null default now(),
    primary key (journal_id, seq)
);

create table warm.session_checkout (
    session_id text collate "C" primary key,
    order_type text,
    payment_method text,
    special_instructions text,
    started_at timestamptz,
    completed_at timestamptz,
    store_id uuid
);

create table warm.session_payment_intent (
    session_id text collate "C" primary key,
    payment_gateway text,
    gateway_order_id text,
    amount numeric,
    status text check (status in ('created', 'processing', 'completed', 'failed')),
    created_at timestamptz default now(),
    store_id uuid
);

-- What waits for a person. What the log took and could not be applied (`event_id` is null for a snapshot); and what the
-- log did not take at all: then `seq` and `hash` are its place in the chain, which goes on behind it.
create table warm.quarantine (
    id bigint generated always as identity primary key,
    store_id uuid not null,
    session_id text collate "C",
    event_id uuid,
    journal_id uuid,
    seq bigint,
    hash text,
    till_id integer,
    event_type text,
    reason text not null,
    sqlstate text,
    amount numeric,
    body text,
    texts jsonb,
    received_at timestamptz not null default now(),
    resolved_at timestamptz,
    conflict_id uuid references till.conflicts,
    resolved_by integer,
    how text,
    unique nulls not distinct (session_id, event_id, journal_id, seq, reason)
);

create index quarantine_open on warm.quarantine (store_id, id) where resolved_at is null;
create unique index quarantine_in_chain on warm.quarantine (journal_id, seq) where seq is not null;

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

-- Events whose free text is gone for good: what comes later is dropped.
create table warm.erased (
    event_id uuid primary key,
    store_id uuid not null,
    erased_at timestamptz not null default now()
);

-- An event on its way in: what is read from its body, beside the body itself. `sealed`: its hash is its own; `stood`: one
-- with its id is in the log already; `gone`: the till has only its place in the chain; `fault`: why it is not taken, with
-- `state` as the kind of it.
create type warm.arrival as (
    seq bigint,
    event_id uuid,
    session_id text,
    stream_kind text,
    stream_id uuid,
    hold_epoch bigint,
    hold_id uuid,
    user_id integer,
    login_session uuid,
    shift uuid,
    event_type text,
    v bigint,
    harmless boolean,
    at timestamptz,
    data jsonb,
    journal_id uuid,
    till_id integer,
    store_id uuid,
    prev_hash text,
    hash text,
    body text,
    texts jsonb,
    sealed boolean,
    stood boolean,
    gone boolean,
    fault text,
    state text
);

-- Who pushes: what the door found out, with how far the audit reaches and how much waits for a person. `refusal` is null
-- when it is open.
create type warm.door as (
    refusal text,
    detail text,
    store_id uuid,
    till_id integer,
    journal_id uuid,
    seq bigint,
    hash text,
    series text,
    retired boolean,
    epoch bigint,
    stale_seen boolean,
    reach uuid,
    conflicts integer,
    records integer
);

-- Where a session stands while events are applied to it. `found` is false for one not yet in order_sessions;
-- `heard`: other tills should be told; `tabs`: what stands on tabs changed; `took`: the snapshot is the new one;
-- `before_version`, `before_event` and `before_tab`: where it stood before this push; `doubtful`: an order of it was placed
-- that a person may have to look at.
create type warm.standing as (
    id text,
    store_id uuid,
    user_id integer,
    till_id integer,
    hold_epoch bigint,
    hold_id uuid,
    hold_till integer,
    last_move uuid,
    held_at timestamptz,
    status text,
    currency text,
    order_type text,
    tab_id uuid,
    ref text,
    version bigint,
    last_event uuid,
    refold boolean,
    refold_version bigint,
    quarantined boolean,
    created_at timestamptz,
    updated_at timestamptz,
    logout_time timestamptz,
    found boolean,
    heard boolean,
    tabs boolean,
    took boolean,
    before_version bigint,
    before_event uuid,
    before_tab uuid,
    doubtful boolean
);

-- A row of the status history of an order.
create type warm.stood as (
    status text,
    event_type text,
    at timestamptz,
    user_id integer,
    till_id integer
);

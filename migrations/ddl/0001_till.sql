-- The venue, its people, its tills and their open orders. `store_id` stands on every table, so that many venues
-- can be gathered in one place later.

create schema if not exists till;
create schema if not exists hot;
create schema if not exists warm;
create schema if not exists cold;

create table till.stores (
    store_id uuid primary key,
    name text not null,
    currency text not null,
    created_at timestamptz not null default now()
);

-- `reach` is whose order sessions a role may open: its own, the store's, or those of all stores.
create table till.roles (
    store_id uuid not null references till.stores,
    name text not null,
    reach text not null check (reach in ('own', 'store', 'all')),
    primary key (store_id, name)
);

-- `locked_by` is the till whose wrong PINs locked the number, 0 the database; `lock_told_at` is when it did so last. What
-- a person does at the server takes a password: its salt is told to who asks, and only a hash of what the till makes of
-- both is kept.
create table till.users (
    store_id uuid not null,
    id integer not null check (id > 0),
    name text not null,
    role text not null,
    pin_hash text,
    disabled_at timestamptz,
    failed integer not null default 0,
    locked_until timestamptz,
    locked_by integer,
    lock_told_at timestamptz,
    password_salt text,
    password_hash text,
    created_at timestamptz not null default now(),
    primary key (store_id, id),
    foreign key (store_id, role) references till.roles
);

-- Who may act at the server for a while: only the hash of the token is kept.
create table till.act_tokens (
    token_hash text primary key,
    store_id uuid not null,
    user_id integer not null,
    till_id integer not null,
    expires_at timestamptz not null,
    foreign key (store_id, user_id) references till.users
);

-- Wrong passwords of a person at a till.
create table till.password_failures (
    store_id uuid not null,
    user_id integer not null,
    till_id integer not null,
    failed integer not null default 0,
    locked_until timestamptz,
    primary key (store_id, user_id, till_id)
);

-- `secret_hash` is the SHA-256 of the enrolment secret in hexadecimal; the secret itself is only on the till.
-- `journals` counts the journals that this till has had: it makes the series of the next. `logged_in` and `login_event`
-- say who is logged in there: a projection of its newest `logged_in` or `logged_out`.
create table till.tills (
    store_id uuid not null references till.stores,
    id integer not null check (id > 0),
    name text not null,
    secret_hash text not null,
    live_journal uuid,
    journals integer not null default 0,
    revoked_at timestamptz,
    seen_at timestamptz,
    enrolled_at timestamptz not null default now(),
    logged_in integer,
    login_event uuid,
    primary key (store_id, id)
);

create index tills_logged_in on till.tills (store_id, logged_in) where logged_in is not null;

-- Reference data that tills cache, by name: menu, staff, settings, tabs. The version moves with every change;
-- the bodies of staff and tabs are composed when they are asked for.
create table till.settings (
    store_id uuid not null references till.stores,
    name text not null,
    version integer not null default 1,
    body jsonb,
    updated_at timestamptz not null default now(),
    primary key (store_id, name)
);

-- Every menu that was imported, to be looked at and brought back; the one that is sold from stands in `settings`.
create table till.menus (
    store_id uuid not null references till.stores,
    version integer not null,
    body jsonb not null,
    user_id integer,
    imported_at timestamptz not null default now(),
    primary key (store_id, version)
);

-- A tab is open while an order stands on it: `session_id` is the one that was put there last.
create table till.tabs (
    id uuid primary key,
    store_id uuid not null references till.stores,
    name text not null default '',
    table_number text,
    covers integer,
    user_id integer,
    status text not null default 'open' check (status in ('open', 'closed')),
    session_id text collate "C",
    opened_at timestamptz not null,
    closed_at timestamptz
);

create index tabs_open_by_table on till.tabs (store_id, table_number) where status = 'open';

-- A projection of events. The hold is a pair, `hold_epoch` and `hold_id` (the event that took it); `hold_till` got it, 0
-- the server, and keeps the right to bring a last snapshot under it; `till_id` holds the order now, null once it was
-- released. `last_move` is the greatest id of those events that say where an order stands. `hot` is what the hot rows are
-- made of again after a crash.
create table till.order_sessions (
    id text collate "C" primary key,
    store_id uuid not null references till.stores,
    user_id integer,
    till_id integer,
    hold_epoch bigint not null default 0,
    hold_id uuid,
    hold_till integer,
    last_move uuid,
    held_at timestamptz,
    status text not null default 'active'
        check (status in ('active', 'pending_logout', 'assigned_to_tab', 'completed', 'discarded')),
    items jsonb not null default '[]',
    total numeric not null default 0,
    currency text,
    order_type text,
    tab_id uuid,
    ref text,
    version bigint not null default 0,
    last_event uuid,
    refold boolean not null default false,
    refold_version bigint not null default 0,
    quarantined boolean not null default false,
    hot jsonb,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    arrived_at timestamptz not null default now(),
    logout_time timestamptz
) with (fillfactor = 80);

-- Where a page of them ends: a front end's ids say nothing of time, so an id alone does not.
create type till.place as (at timestamptz, id text collate "C");

-- Columns that every push changes stand in no index, so that those updates stay within their page.
create index order_sessions_of_user on till.order_sessions (store_id, user_id, status, created_at, id);
create index order_sessions_held_by_till on till.order_sessions (store_id, till_id) where till_id is not null;
create index order_sessions_of_tab on till.order_sessions (tab_id) where tab_id is not null;
create index order_sessions_newest on till.order_sessions (store_id, status, created_at, id);
create index order_sessions_user_created on till.order_sessions (store_id, user_id, created_at);

-- What only a person can settle about money. A row is a projection of `conflict_found` and `conflict_resolved`: found by
-- a till, or by the server itself (till 0) when it refuses an order that was paid for already. `subject` is the order,
-- line or payment that it is about: the same finding of two tills is one row.
create table till.conflicts (
    id uuid primary key,
    store_id uuid not null references till.stores,
    session_id text collate "C",
    kind text not null,
    subject text not null,
    amount numeric,
    currency text,
    found_by integer not null,
    found_at timestamptz not null,
    event_id uuid not null,
    resolved_at timestamptz,
    resolved_by integer,
    how text,
    unique (store_id, kind, subject)
);

create index conflicts_open on till.conflicts (store_id, id) where resolved_at is null;
create index conflicts_of_session on till.conflicts (session_id) where session_id is not null;

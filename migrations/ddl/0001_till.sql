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

create table till.users (
    store_id uuid not null,
    id integer not null check (id > 0),
    name text not null,
    role text not null,
    pin_hash text,
    disabled_at timestamptz,
    failed integer not null default 0,
    locked_until timestamptz,
    created_at timestamptz not null default now(),
    primary key (store_id, id),
    foreign key (store_id, role) references till.roles
);

-- `secret_hash` is the SHA-256 of the enrolment secret in hexadecimal; the secret itself is only on the till.
-- `journals` counts the journals that this till has had: it makes the series of the next.
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
    primary key (store_id, id)
);

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

-- `session_id` is the order session that carries the tab's lines now.
create table till.tabs (
    id uuid primary key,
    store_id uuid not null references till.stores,
    name text not null default '',
    table_number text,
    covers integer,
    user_id integer,
    status text not null default 'open' check (status in ('open', 'closed')),
    till_id integer,
    hold_epoch integer not null default 0,
    session_id text collate "C",
    opened_at timestamptz not null,
    closed_at timestamptz
);

create index tabs_open_by_table on till.tabs (store_id, table_number) where status = 'open';

-- A projection of events. `till_id` holds the order now; `epoch_till` is who got the current `hold_epoch`, and
-- keeps the right to bring a last snapshot of it. `hot` is what the hot rows are made of again after a crash.
create table till.order_sessions (
    id text collate "C" primary key,
    store_id uuid not null references till.stores,
    user_id integer,
    till_id integer,
    hold_epoch integer not null default 0,
    epoch_till integer,
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

-- Columns that every push changes stand in no index, so that those updates stay within their page.
create index order_sessions_of_user on till.order_sessions (store_id, user_id, status, id);
create index order_sessions_held_by_till on till.order_sessions (store_id, till_id) where till_id is not null;
create index order_sessions_of_tab on till.order_sessions (tab_id) where tab_id is not null;
create index order_sessions_newest on till.order_sessions (store_id, status, id);
create index order_sessions_user_created on till.order_sessions (store_id, user_id, created_at);

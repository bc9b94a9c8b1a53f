-- An event of a push: the fields of its body, beside the body itself. `sealed`: its hash is right; `stood`: an event with its
-- id is in the log already; `gone`: the till has only its place in the chain; `fault`: the reason to refuse it, with `state` as
-- the kind of it. `till_id` is the till of the act: the one that the server wrote it for (`for_till`), or its chain's.
create type warm.incoming_event as (
    seq bigint,
    event_id uuid,
    session_id text,
    stream_kind text,
    stream_id uuid,
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
    for_till integer,
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

-- The context of a push: the result of the authentication, the reach of the audit, the number of records that wait for a person, and
-- the records that its journal brought in the present hour. `refusal` is null if the till is admitted.
create type warm.auth_context as (
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
    records integer,
    hour timestamptz,
    hour_events bigint,
    hour_bytes bigint
);

-- The state of a session while events are applied to it. `found` is false for one that is not in order_sessions yet;
-- `heard`: other tills are notified; `tabs`: the lists of tabs change; `took`: the snapshot is the new one;
-- `before_version`, `before_event` and `before_tab`: its state before this push; `doubtful`: a placed order of it may need a
-- person; `written`: the number of events of each till on it; `refused`: the events of this push that do not count;
-- `submitted`: the data of a program that submitted the order for the counter.
create type warm.hold_state as (
    id text,
    store_id uuid,
    user_id integer,
    till_id integer,
    hold_id uuid,
    hold_till integer,
    hold_journal uuid,
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
    doubtful boolean,
    written jsonb,
    refused uuid[],
    submitted jsonb
);

-- A row of the status history of an order.
create type warm.stood as (
    status text,
    event_type text,
    at timestamptz,
    user_id integer,
    till_id integer
);

-- An event on its way in: what is read from its body, beside the body itself. `sealed`: its hash is its own; `stood`: one
-- with its id is in the log already; `gone`: the till has only its place in the chain; `fault`: why it is not taken, with
-- `state` as the kind of it. `till_id` is the till whose act it is: the one that the server wrote it for (`for_till`), or its chain's.
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

-- Who pushes: what authentication found out, with how far the audit reaches, how much waits for a person and how much its journal brought
-- for the hour that it is in. `refusal` is null when it is open.
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

-- Where a session stands while events are applied to it. `found` is false for one not yet in order_sessions;
-- `heard`: other tills should be told; `tabs`: what stands on tabs changed; `took`: the snapshot is the new one;
-- `before_version`, `before_event` and `before_tab`: where it stood before this push; `doubtful`: an order of it was placed
-- that a person may have to look at; `written`: how much each till wrote on it; `refused`: the events of this push that do not count;
-- `submitted`: what a program said as it submitted the order for the counter.
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

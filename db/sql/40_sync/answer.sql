-- The reply to a till: the state of the sessions, the events of other journals, grants, and changes of reference data.

-- The other tills, seen within two minutes, at which the user of a till is also logged in.
create or replace function warm.logins_beside(p_auth warm.auth_context, p_user integer) returns json
language plpgsql stable as $$
begin
    if p_user is null then
        return '{"user": 0, "tills": []}';
    end if;
    return (
        select json_build_object('user', p_user, 'tills', coalesce(json_agg(t.id order by t.id), '[]'))
        from till.tills as t
        where t.store_id = p_auth.store_id and t.logged_in = p_user and t.id <> p_auth.till_id
            and t.revoked_at is null and session.is_live(t.store_id, t.id, p_user)
    );
end $$;

-- The reply to a push. `p_act` is the result of an act, `p_logins` that of warm.logins_beside; null if there was none.
-- With `p_begins`, for a new journal, the reply has the unanswered refunds of earlier journals.
create or replace function warm.answer(
    p_auth warm.auth_context, p_stands warm.hold_state[], p_known jsonb, p_reference jsonb, p_logins json, p_begins boolean,
    p_act json
) returns text
language plpgsql as $$
declare
    s warm.hold_state;
    sessions json[] := '{}';
    events json[] := '{}';
    elsewhere text[] := '{}';
    quarantined_ids text[] := '{}';
    known jsonb;
    version bigint;
    since bigint;
    upto bigint;
    event text;
    part record;
    room_events integer := warm.most_sent_events();
    room_bytes bigint := warm.most_sent_bytes();
    more boolean := false;
begin
    -- most tills name only the sessions that they pushed
    foreach s in array
        case when p_known - p_stands[1].id = '{}' then p_stands else p_stands || warm.known_states(p_auth, p_stands, p_known) end
    loop
        continue when s.store_id <> p_auth.store_id or s.version = 0;
        known := p_known->s.id;
        version := coalesce((known->>'version')::bigint, 0);
        since := null;
        upto := null;
        if s.before_version > 0 and (version <> s.before_version or known->>'event' is distinct from s.before_event::text) then
            -- a till that does not get the events must not get their version either: it would never ask for them again
            continue when not warm.may_see(p_auth, s);
            -- all events if the till's version is not one of these: the database was restored
            since := case
                when version = 0 or warm.event_at(s.id, version) is distinct from known->>'event' then 0 else version end;
            part := warm.next_events(
                s.id, since, s.before_version, case when since > 0 or version = 0 then p_auth.journal_id end, room_events,
                room_bytes);
            events := events || part.events;
            room_events := part.room_events;
            room_bytes := part.room_bytes;
            upto := part.upto;
            event := part.last;
            if upto is not null and event is null then  -- no room for any: the till's version stays
                since := version;
                upto := version;
                event := known->>'event';
            end if;
            more := more or upto is not null;
        end if;
        sessions := array_append(sessions, json_build_object(
            'session', warm.stream_of(s.id), 'version', coalesce(upto, s.version),
            'event', case when upto is null then s.last_event::text else event end, 'till', s.till_id,
            'holder', s.hold_till, 'hold_id', s.hold_id, 'status', s.status, 'user', coalesce(s.user_id, 0),
            'refold', s.refold, 'since', since, 'more', upto is not null
        ));
        if s.till_id <> p_auth.till_id then
            elsewhere := array_append(elsewhere, s.id);
        end if;
        if s.quarantined then
            quarantined_ids := array_append(quarantined_ids, s.id);
        end if;
    end loop;
    return json_build_object(
        'ok', true, 'head', json_build_object('seq', p_auth.seq, 'hash', p_auth.hash), 'series', p_auth.series,
        'sessions', to_json(sessions), 'events', to_json(events), 'more', more,
        'taken', case when elsewhere <> '{}' then warm.holders(elsewhere) else '[]' end,
        'quarantined', case when quarantined_ids <> '{}' then warm.quarantined(quarantined_ids) else '[]' end,
        'reference', case when p_reference <> '{}' then warm.reference_for(p_auth, p_reference, p_stands = '{}') else '{}' end,
        'refunds', case when p_begins then warm.unanswered_refunds(p_auth) else '[]' end,
        'conflicts', p_auth.conflicts, 'records', p_auth.records, 'lacks', case when p_auth.stale_seen then cold.fiscal_lacks(p_auth.store_id) end,
        'tell', warm.hints_kept(), 'act', p_act, 'logins', p_logins, 'epoch', p_auth.epoch, 'server_time', warm.time_text(now())
    )::text;
end $$;

-- True if a till may read the events of a session: it held the order or was handed it, or the order is on a tab.
create or replace function warm.may_see(p_auth warm.auth_context, s warm.hold_state) returns boolean
language plpgsql stable as $$
begin
    return s.hold_till = p_auth.till_id or s.tab_id is not null or exists (
        select from warm.log_of(s.id) as x
        where x.event_type = any (warm.kinds_that_take() || array['order_handed'])
            and warm.holder_by(x.event_type, x.till_id, x.event_data) = p_auth.till_id
    );
end $$;

-- The rows of a list, keyed by session. `p_keyed` are those of another list, which usually names the same session.
create or replace function warm.keyed(p_rows jsonb, p_keyed jsonb default '{}') returns jsonb
language plpgsql stable as $$
declare
    named constant text := p_rows->0->>'session';
begin
    if jsonb_array_length(p_rows) = 1 and named is not null then  -- the usual case
        return jsonb_build_object(
            case when p_keyed->named->>'session' = named then named else warm.session_of(named) end, p_rows->0);
    end if;
    return coalesce((
        select jsonb_object_agg(coalesce(
            (select p.session_id from till.program_sessions as p where p.stream_id = warm.stream_of(x->>'session')), x->>'session'), x)
        from jsonb_array_elements(p_rows) as x where x->>'session' is not null
    ), '{}');
end $$;

-- The states of the sessions that a till names and that its push did not touch. The archive is read only for sessions
-- that are not found: a till that was offline for long may name an order that has been archived.
create or replace function warm.known_states(p_auth warm.auth_context, p_states warm.hold_state[], p_known jsonb)
returns warm.hold_state[]
language plpgsql as $$
declare
    rest jsonb := p_known;
    s warm.hold_state;
    states warm.hold_state[];
begin
    foreach s in array p_states loop
        rest := rest - s.id;
    end loop;
    if rest = '{}' then
        return '{}';
    end if;
    states := array(
        select warm.state_of(t, true) from till.order_sessions as t where t.id = any (array(select jsonb_object_keys(rest))));
    foreach s in array states loop
        rest := rest - s.id;
    end loop;
    if rest <> '{}' then
        states := states || array(
            select warm.state_of(jsonb_populate_record(null::till.order_sessions, to_jsonb(t)), true)
            from cold.order_sessions_archive as t where t.id = any (array(select jsonb_object_keys(rest))));
    end if;
    return states;
end $$;

-- The oldest quarantined records of some sessions. A till shows only that there are some; a manager has the list.
create or replace function warm.quarantined(p_sessions text[]) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(json_build_object('session', warm.stream_of(q.session_id), 'event', q.event_id, 'reason', q.reason)), '[]')
        from (
            select x.* from unnest(p_sessions) as s (id) cross join lateral (
                select y.session_id, y.event_id, y.reason from warm.quarantine as y
                where y.session_id = s.id and y.resolved_at is null order by y.event_id limit warm.most_open()) as x
            limit warm.most_open()
        ) as q
    );
end $$;

-- The events of a session after a version, without those of one journal and without types that stay in the log; as many
-- as fit, but at least one. `upto` and `last` are the version and the id of the last event if there are more, null
-- otherwise.
create or replace function warm.next_events(
    p_session text, p_after bigint, p_upto bigint, p_but uuid, inout room_events integer, inout room_bytes bigint,
    out events json[], out upto bigint, out last uuid
)
language plpgsql stable as $$
declare
    -- the audit is read only for events that left the log
    moved constant boolean := not exists (
        select from warm.session_events as x where x.session_id = p_session and x.version = p_after + 1);
    e warm.session_events;
    event json;
begin
    events := '{}';
    for e in
        select x.* from (
            select a.* from cold.audited_of(p_session, p_after, coalesce(p_upto, 9223372036854775807)) as a where moved
            union all
            select s.* from warm.session_events as s
            where s.session_id = p_session and s.version > p_after and s.version <= coalesce(p_upto, s.version)
        ) as x
        where x.journal_id is distinct from p_but and x.event_type <> all (warm.kinds_log_only())
        order by x.version limit room_events + 1
    loop
        event := warm.event_json(e);
        if room_events = 0 or octet_length(event::text) > room_bytes and room_bytes < warm.most_sent_bytes() then
            upto := coalesce(upto, p_after);
            return;
        end if;
        room_events := room_events - 1;
        room_bytes := greatest(0, room_bytes - octet_length(event::text));
        events := array_append(events, event);
        upto := e.version;
        last := e.event_id;
    end loop;
    upto := null;
    last := null;
end $$;

-- The id of the event with a version of a session; null if there is none.
create or replace function warm.event_at(p_session text, p_version bigint) returns text
language plpgsql stable as $$
begin
    return coalesce(
        (select e.event_id::text from warm.session_events as e where e.session_id = p_session and e.version = p_version),
        (select a.event_id::text from cold.audited_of(p_session, p_version - 1, p_version) as a)
    );
end $$;

-- An event as it is sent.
create or replace function warm.event_json(e warm.session_events) returns json
language plpgsql stable as $$
begin
    return json_build_object(
        'session', warm.stream_of(e.session_id), 'version', e.version, 'b', e.body, 'h', e.hash,
        'm', case when warm.is_returned(e.event_type, e.for_till, e.till_id, e.event_data) then warm.seal_of(e.store_id, e.body::jsonb) end,
        't', coalesce((
            select json_object_agg(t.field, json_build_object('salt', t.salt, 'text', t.text))
            from warm.texts_of(e.event_id) as t
        ), warm.texts_copied(e), '{}')
    );
end $$;

-- The free texts of the events in a `lines_copied`. They are stored only beside the originals, so that an erasure
-- deletes them.
create or replace function warm.texts_copied(e warm.session_events) returns json
language plpgsql stable as $$
begin
    if e.event_type <> 'lines_copied' then
        return null;
    end if;
    return (
        select json_object_agg(d, json_build_object('salt', t.salt, 'text', t.text))
        from jsonb_object_keys(e.event_data->'digests') as d
        cross join lateral warm.texts_of(split_part(d, '.', 1)::uuid) as t where t.field = split_part(d, '.', 2));
end $$;

-- The free text of an event, in the log or the audit.
create or replace function warm.texts_of(p_event uuid) returns table (field text, salt text, text text)
language plpgsql stable as $$
begin
    return query
    select t.field, t.salt, t.text from warm.event_texts as t where t.event_id = p_event
    union all
    select a.field, a.salt, a.text from cold.order_audit_texts as a where a.event_id = p_event;
end $$;

-- The holders of sessions, with the names of people and tills.
create or replace function warm.holders(p_sessions text[]) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
            'session', warm.stream_of(s.id), 'till', s.till_id, 'till_name', coalesce(t.name, ''), 'user', s.user_id,
            'user_name', coalesce(u.name, ''), 'hold_id', s.hold_id,
            'at', warm.time_text(s.held_at)
        )), '[]')
        from till.order_sessions as s
        left join till.tills as t on t.store_id = s.store_id and t.id = s.till_id
        left join till.users as u on u.store_id = s.store_id and u.id = s.user_id
        where s.id = any (p_sessions)
    );
end $$;

-- The reference data that a till asks for. A screen of the kitchen gets the menu and the settings alone: nobody logs in there.
create or replace function till.reference_allowed(p_auth warm.auth_context, p_has jsonb) returns jsonb
language plpgsql immutable as $$
begin
    if p_auth.stations is null then
        return p_has;
    end if;
    return (
        select coalesce(jsonb_object_agg(x.key, x.value), '{}') from jsonb_each(p_has) as x where x.key in ('menu', 'settings', 'left'));
end $$;

-- The reference data whose version differs from the one that a till names. Of the open tabs a till that names `changes`
-- gets those that changed since, if these are known.
create or replace function till.reference(p_store uuid, p_has jsonb) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_object_agg(s.name, json_build_object(
            'version', s.version, 'body', case
                when s.name = 'tabs' and p_has ? 'changes' and (p_has->>'tabs')::integer between (s.body->>'since')::integer and s.version
                    then till.changed_tabs(p_store, (p_has->>'tabs')::integer, s.body->'orders')
                else till.reference_body(p_store, s.name, s.version, s.body) end)), '{}')
        from till.settings as s
        where s.store_id = p_store and p_has ? s.name and p_has->>s.name is distinct from s.version::text
    );
end $$;

-- The reference data, the corrections by other tills to this till's drawer since the last one that it names, its
-- notices, the balance of its drawer if its disk was lost, the Zs by the server of its shifts, and whether it takes money. Corrections (of the last week, or since the till's journal began), notices, the balance and the Zs are read when the till's row is updated, every two seconds. An
-- empty list of notices is sent too, because the till may show one that is settled.
create or replace function warm.reference_for(p_auth warm.auth_context, p_has jsonb, p_polls boolean) returns json
language plpgsql stable as $$
declare
    found json;
    notices json;
    balance json;
    zs json;
    money json;
    left_now jsonb;
begin
    if p_auth.stale_seen and p_has ? 'balance' then
        balance := warm.balance_for(p_auth, p_has->>'balance');
    end if;
    if p_auth.stale_seen and p_has ? 'zs' then
        zs := warm.zs_by_server(p_auth, p_has->>'zs');
    end if;
    if p_has ? 'money' and coalesce(p_has->>'money', '0') <> p_auth.money_changes::text then
        money := json_build_object('version', p_auth.money_changes, 'body', json_build_object('change', p_auth.money_changes));
    end if;
    if p_auth.stale_seen and p_has ? 'drawer' then
        select json_build_object('version', max(x.place), 'body', json_build_object('corrected', json_agg(json_build_object(
            'id', x.correction_id, 'payment', x.payment_id, 'session', warm.stream_of(o.session_id), 'receipt', o.receipt,
            'was', x.known, 'tender', x.tender, 'amount', x.amount::text, 'currency', o.currency, 'till', x.till_id) order by x.place)))
        into found
        from (
            select c.*, (  -- the tender that the till knows
                select y.was from cold.tender_correction as y
                where y.order_id = c.order_id and y.payment_id = c.payment_id
                    and y.place > coalesce((p_has->>'drawer')::bigint, 0)
                order by y.place limit 1) as known
            from cold.tender_correction as c
            where c.store_id = p_auth.store_id and c.drawer = p_auth.till_id and c.drawer <> c.till_id
                and c.place > coalesce((p_has->>'drawer')::bigint, 0)
                and c.arrived_at > least(now() - interval '7 days', (
                    select h.opened_at from warm.journal_head as h where h.journal_id = p_auth.journal_id))
                and not exists (  -- the last one counts
                    select from cold.tender_correction as y
                    where y.order_id = c.order_id and y.payment_id = c.payment_id and y.correction_id > c.correction_id)
            order by c.place limit 20
        ) as x join cold.orders as o on o.order_id = x.order_id
        where x.known <> x.tender
        having count(*) > 0;
    end if;
    if (p_auth.stale_seen or p_polls) and p_has ? 'notices' then
        notices := till.notices_for(p_auth.store_id, p_auth.till_id, p_has->>'notices');
    end if;
    if (p_auth.stale_seen or p_polls) and p_has ? 'left' then
        left_now := warm.left_for(p_auth, p_has->>'left');
    end if;
    if found is null and notices is null and balance is null and zs is null and money is null and left_now is null then
        return till.reference(p_auth.store_id, p_has);
    end if;
    return (till.reference(p_auth.store_id, p_has)::jsonb || jsonb_strip_nulls(
        jsonb_build_object('drawer', found, 'notices', notices, 'balance', balance, 'zs', zs, 'money', money, 'left', left_now)))::json;
end $$;

-- The body of one kind of reference data.
create or replace function till.reference_body(p_store uuid, p_name text, p_version integer, p_body jsonb) returns jsonb
language plpgsql stable as $$
begin
    return case p_name
        when 'staff' then (
            select jsonb_build_object('staff', coalesce(jsonb_agg(jsonb_build_object(
                'number', u.id, 'name', u.name, 'role', u.role, 'pin_hash', coalesce(u.pin_hash, ''),
                'disabled', u.disabled_at is not null, 'locked_until', warm.time_text(u.locked_until),
                'locked_by', u.locked_by, 'language', u.language
            ) order by u.id), '[]'))
            from till.users as u where u.store_id = p_store
        )
        when 'tabs' then jsonb_build_object('tabs', till.open_tabs(p_store))
        when 'waiting' then jsonb_build_object('orders', till.waiting_orders(p_store))
        when 'menu' then coalesce(p_body, '{}') || jsonb_build_object('version', p_version)
        when 'settings' then coalesce(p_body, '{}') || jsonb_build_object('tills', (
            select coalesce(jsonb_agg(jsonb_build_object('number', t.id, 'name', t.name) order by t.id), '[]')
            from till.tills as t where t.store_id = p_store and t.revoked_at is null
        ), 'unheard', till.unheard(p_store), 'restored_at', warm.time_text(till.restored_at()),
            'backed_up_at', warm.time_text(till.backed_up_at(p_store)),
            'promotions', jsonb_path_query_array(till.promotions(p_store), '$[*] ? (!exists(@.slots))'),
            -- apart: to a till of 0.1.0, a promotion without a kind that it knows would make everything cost the price
            'combos', jsonb_path_query_array(till.promotions(p_store), '$[*] ? (exists(@.slots))'), 'tables', (
            select coalesce(jsonb_agg(jsonb_build_object('table', i.table_number, 'seats', i.seats, 'area', i.area)
                order by i.table_number), '[]')
            from cold.table_info as i where i.store_id = p_store))
        else p_body
    end;
end $$;

-- The number of lines keyed in a session or moved into it, and not voided. For a session without a snapshot.
create or replace function warm.lines_keyed(p_session text) returns bigint
language plpgsql stable as $$
begin
    return (
        with own as (
            select e.event_type, e.event_data from warm.log_of(p_session) as e
            where e.event_type in ('item_added', 'lines_moved', 'lines_copied', 'line_voided')
        ), keyed as (
            select o.event_data->>'line_id' as line from own as o where o.event_type = 'item_added'
            union
            select l->>'line_id' from own as o, jsonb_array_elements(o.event_data->'lines') as l
            where o.event_type = 'lines_moved' and o.event_data ? 'lines'
            union
            select n.content_id::text from warm.contents_now as n where n.session_id = p_session and exists (
                select from own as o where o.event_type = 'lines_copied' and o.event_data->'line_ids' ? n.content_id::text)
        )
        select count(*) from keyed as k where not exists (
            select from own as o where o.event_type = 'line_voided' and o.event_data->>'line_id' = k.line)
    );
end $$;

-- The amount that the payments of a session settled, without tips and without refunded payments.
create or replace function warm.paid_in(p_session text) returns numeric
language plpgsql stable as $$
begin
    return (
        with own as (
            select e.event_id, e.event_type, e.event_data as data from warm.log_of(p_session) as e
            where e.event_type in ('payment_approved', 'payment_voided')
        ), taken as (
            select distinct on (o.data->>'payment_id')  -- two tills may report one payment
                (o.data->>'amount')::numeric - coalesce((o.data->>'tip')::numeric, 0) as settled
            from own as o
            where o.event_type = 'payment_approved' and not exists (
                select from own as v
                where v.event_type = 'payment_voided' and v.data->>'payment_id' = o.data->>'payment_id')
            order by o.data->>'payment_id', o.event_id
        )
        select coalesce(sum(t.settled), 0) from taken as t
    );
end $$;

-- A session as tills and programs read it (docs/protocol.md, "Reads").
create or replace function till.session_row(s till.order_sessions) returns json
language plpgsql stable as $$
declare
    t till.tills;
begin
    select * into t from till.tills as x where x.store_id = s.store_id and x.id = s.till_id;
    return json_build_object(
        'session', warm.stream_of(s.id), 'user', coalesce(s.user_id, 0), 'till', s.till_id, 'till_name', t.name, 'status', till.status_of(s),
        'holder', s.hold_till, 'hold_id', s.hold_id, 'version', s.version, 'event', s.last_event,
        'lines', case
            when s.refold and s.items = '[]' then warm.lines_keyed(s.id)
            else (select count(*) from jsonb_array_elements(s.items) as i where i->>'voided' is distinct from 'true')
        end,
        'total', s.total::text, 'paid', warm.paid_in(s.id)::text,
        'late_for', case when s.hold_till = 0 then (
            select coalesce(b.name, '') from warm.content_moves as m join till.order_sessions as o on o.id = m.came_from
                left join till.tabs as b on b.id = o.tab_id
            where m.session_id = s.id and m.moved_by = 0 limit 1) end,
        'currency', coalesce(s.currency, (select v.currency from till.stores as v where v.store_id = s.store_id)),
        'order_type', s.order_type, 'tab_id', s.tab_id,
        'tab_name', (select b.name from till.tabs as b where b.id = s.tab_id),
        'created_at', warm.time_text(s.created_at), 'updated_at', warm.time_text(s.updated_at),
        'logout_time', warm.time_text(s.logout_time), 'refold', s.refold
    );
end $$;

-- The changes of the list of open tabs after a version: the changed orders, and the rows of those that are on a tab.
create or replace function till.changed_tabs(p_store uuid, p_since integer, p_orders jsonb) returns jsonb
language plpgsql stable as $$
declare
    changed constant text[] := array(select c.key from jsonb_each_text(p_orders) as c where c.value::integer > p_since);
begin
    return jsonb_build_object(
        'since', p_since, 'orders', array(select warm.stream_of(x) from unnest(changed) as x),
        'tabs', till.open_tabs(p_store, changed));
end $$;

-- The open tabs of a store, or those of some orders: the row of the order on each, with the data of the tab, and the
-- lines as its holder last sent them, for as many tabs as fit in a reply.
-- for: manager
create or replace function till.open_tabs(p_store uuid, p_sessions text[] default null) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(
            till.session_row(x.s)::jsonb || jsonb_build_object(
                'table_number', x.table_number, 'covers', x.covers, 'opened_at', warm.time_text(x.opened_at),
                'bill_out', hot.is_in_checkout((x.s).id), 'ready', warm.ready_for((x.s).id),
                'program', (select p.program from till.program_sessions as p where p.session_id = (x.s).id),
                'words', (select jsonb_object_agg(w.name, w.words) from warm.words_together_of((x.s).id) as w),
                'items', case when x.bytes <= warm.most_sent_bytes() then till.items_listed((x.s).items) else '[]' end
            ) order by x.opened_at, x.id, (x.s).id
        ), '[]')
        from (
            with asked as materialized (  -- first, whatever the statistics say: a new table has none
                select s from till.order_sessions as s
                where s.store_id = p_store and s.status in ('active', 'pending_logout', 'assigned_to_tab')
                    and s.id = any (coalesce(p_sessions, array(
                        select o.id from till.tabs as t join till.order_sessions as o on o.tab_id = t.id and o.store_id = t.store_id
                        where t.store_id = p_store and t.status = 'open')))
            )
            select a.s, b.table_number, b.covers, b.opened_at, b.id,
                sum(octet_length((a.s).items::text)) over (order by b.opened_at, b.id, (a.s).id) as bytes
            from asked as a join till.tabs as b on b.id = (a.s).tab_id and b.store_id = (a.s).store_id
            where b.status = 'open' and till.status_of(a.s) <> 'quarantined'
        ) as x
    );
end $$;

-- The submitted and unpaid orders of programs: the row of each, with its request.
create or replace function till.waiting_orders(p_store uuid) returns jsonb
language plpgsql stable as $$
begin
    return coalesce((
        select jsonb_agg(till.session_row(s)::jsonb || jsonb_build_object(
            'items', till.items_listed(s.items), 'words', (
                select json_object_agg(w.name, w.words) from warm.words_together_of(s.id) as w), 'submitted', s.submitted || jsonb_build_object('customer', coalesce((
                select c.name from cold.customer_table as c
                where c.customer_id = coalesce(
                    (select x.customer_id from cold.customer_sessions as x where x.session_id = s.id),
                    (s.submitted->>'customer_id')::uuid)), ''))
        ) order by s.submitted->>'at', s.id)
        from till.order_sessions as s
        where s.store_id = p_store and s.submitted is not null and s.status <> 'completed'
            and s.status in ('active', 'pending_logout', 'assigned_to_tab') and till.status_of(s) <> 'quarantined'), '[]');
end $$;

-- The items of a snapshot that count, without the ids of their lines.
create or replace function till.items_listed(p_items jsonb) returns jsonb
language plpgsql immutable as $$
begin
    return coalesce((
        select jsonb_agg(i - array['line_ids', 'voided']) from jsonb_array_elements(p_items) as i
        where i->>'voided' is distinct from 'true'), '[]');
end $$;

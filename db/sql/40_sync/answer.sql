-- What goes back to a till: where the sessions stand, what other journals added, who took what, what changed.

-- The other tills, heard within two minutes, where the person who is logged in at a till is logged in too.
create or replace function warm.logins_beside(p_door warm.door, p_user integer) returns json
language plpgsql stable as $$
begin
    if p_user is null then
        return '{"user": 0, "tills": []}';
    end if;
    return (
        select json_build_object('user', p_user, 'tills', coalesce(json_agg(t.id order by t.id), '[]'))
        from till.tills as t
        where t.store_id = p_door.store_id and t.logged_in = p_user and t.id <> p_door.till_id
            and t.revoked_at is null and session.is_live(t.store_id, t.id, p_user)
    );
end $$;

-- The reply to a push; `p_logins` is what `warm.logins_beside` says, null where it was not asked. A journal that `p_begins` is told
-- what those before it left.
create or replace function warm.answer(
    p_door warm.door, p_stands warm.standing[], p_known jsonb, p_reference jsonb, p_logins json, p_begins boolean
) returns text
language plpgsql as $$
declare
    s warm.standing;
    sessions json[] := '{}';
    behind text[] := '{}';
    elsewhere text[] := '{}';
    aside text[] := '{}';
    is_behind boolean;
begin
    -- most tills name what they pushed, and no more
    foreach s in array
        case when p_known - p_stands[1].id = '{}' then p_stands else p_stands || warm.known_stands(p_door, p_stands, p_known) end
    loop
        continue when s.store_id <> p_door.store_id or s.version = 0;
        is_behind := s.before_version > 0 and (
            (p_known->s.id->>'version')::bigint is distinct from s.before_version
            or p_known->s.id->>'event' is distinct from s.before_event::text);
        -- a till that is not given the events is not told their version either: it would never ask for them again
        continue when is_behind and not warm.may_see(p_door, s);
        sessions := array_append(sessions, json_build_object(
            'session', s.id, 'version', s.version, 'event', s.last_event, 'till', s.till_id,
            'hold_epoch', s.hold_epoch, 'hold_id', s.hold_id, 'status', s.status, 'user', coalesce(s.user_id, 0), 'refold', s.refold
        ));
        if is_behind then
            behind := array_append(behind, s.id);
        end if;
        if s.till_id <> p_door.till_id then
            elsewhere := array_append(elsewhere, s.id);
        end if;
        if s.quarantined then
            aside := array_append(aside, s.id);
        end if;
    end loop;
    return json_build_object(
        'ok', true, 'head', json_build_object('seq', p_door.seq, 'hash', p_door.hash), 'series', p_door.series,
        'sessions', to_json(sessions),
        'events', case when behind <> '{}' then warm.events_unknown(p_door, p_stands, behind, p_known) else '[]' end,
        'taken', case when elsewhere <> '{}' then warm.holders(elsewhere) else '[]' end,
        'quarantined', case when aside <> '{}' then warm.put_asides(aside) else '[]' end,
        'reference', case when p_reference <> '{}' then till.reference(p_door.store_id, p_reference) else '{}' end,
        'refunds', case when p_begins then warm.refunds_left(p_door) else '[]' end,
        'conflicts', p_door.conflicts, 'records', p_door.records,
        'logins', p_logins, 'epoch', p_door.epoch, 'server_time', warm.time_text(now())
    )::text;
end $$;

-- Whether the events of a session concern a till: it took the order, carried lines to it, has an order that lines of it went
-- to; or it stands on a tab, and is anybody's.
create or replace function warm.may_see(p_door warm.door, s warm.standing) returns boolean
language plpgsql stable as $$
begin
    return s.hold_till = p_door.till_id or s.tab_id is not null or exists (
        select from warm.log_of(s.id) as x
        where (x.event_type = 'lines_moved' or x.event_type = any (warm.kinds_that_take())) and x.till_id = p_door.till_id
            or x.event_type = 'lines_moved' and exists (
                select from till.order_sessions as o
                where o.id = x.event_data->>'to_session' and o.till_id = p_door.till_id)
    ) or exists (
        select from till.order_sessions as o cross join lateral warm.log_of(o.id) as x
        where o.store_id = p_door.store_id and o.till_id = p_door.till_id and x.event_type = 'lines_moved'
            and x.event_data->>'from_session' = s.id
    );
end $$;

-- The rows of a list by the session that each is of.
create or replace function warm.keyed(p_rows jsonb) returns jsonb
language plpgsql immutable as $$
begin
    if jsonb_array_length(p_rows) = 1 and p_rows->0->>'session' is not null then
        return jsonb_build_object(p_rows->0->>'session', p_rows->0);  -- as it usually is
    end if;
    return coalesce((
        select jsonb_object_agg(x->>'session', x) from jsonb_array_elements(p_rows) as x where x->>'session' is not null
    ), '{}');
end $$;

-- Where the sessions stand that a till names and this push did not touch. The archive is asked only for what is not found: a till
-- that was away for long may name an order that ended there.
create or replace function warm.known_stands(p_door warm.door, p_stands warm.standing[], p_known jsonb)
returns warm.standing[]
language plpgsql as $$
declare
    rest jsonb := p_known;
    s warm.standing;
    stands warm.standing[];
begin
    foreach s in array p_stands loop
        rest := rest - s.id;
    end loop;
    if rest = '{}' then
        return '{}';
    end if;
    stands := array(
        select row(
            t.id, t.store_id, t.user_id, t.till_id, t.hold_epoch, t.hold_id, t.hold_till, t.last_move, t.held_at, t.status,
            t.currency, t.order_type, t.tab_id, t.ref, t.version, t.last_event, t.refold, t.refold_version, t.quarantined,
            t.created_at, t.updated_at, t.logout_time, true, false, false, false, t.version, t.last_event, t.tab_id, false
        )::warm.standing
        from till.order_sessions as t where t.id = any (array(select jsonb_object_keys(rest)))
    );
    foreach s in array stands loop
        rest := rest - s.id;
    end loop;
    if rest <> '{}' then
        stands := stands || array(
            select row(
                t.id, t.store_id, t.user_id, t.till_id, t.hold_epoch, t.hold_id, t.hold_till, t.last_move, t.held_at,
                t.status, t.currency, t.order_type, t.tab_id, t.ref, t.version, t.last_event, t.refold, t.refold_version,
                t.quarantined, t.created_at, t.updated_at, t.logout_time, true, false, false, false, t.version,
                t.last_event, t.tab_id, false
            )::warm.standing
            from cold.order_sessions_archive as t where t.id = any (array(select jsonb_object_keys(rest)))
        );
    end if;
    return stands;
end $$;

-- What of some sessions waits for a person.
create or replace function warm.put_asides(p_sessions text[]) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(
            json_build_object('session', q.session_id, 'event', q.event_id, 'reason', q.reason) order by q.id), '[]')
        from warm.quarantine as q where q.session_id = any (p_sessions) and q.resolved_at is null
    );
end $$;

-- The events of sessions that a till does not know: of other journals above its version; all of them when what it
-- knows is not what stands here (the server was set back).
create or replace function warm.events_unknown(
    p_door warm.door, p_stands warm.standing[], p_sessions text[], p_known jsonb
) returns json
language plpgsql stable as $$
declare
    found json[] := '{}';
    one text;
    at bigint;
    upto bigint;
    differs boolean;
    moved boolean;
begin
    foreach one in array p_sessions loop
        at := coalesce((p_known->one->>'version')::bigint, 0);
        upto := (select s.before_version from unnest(p_stands) as s where s.id = one);
        -- the audit is asked only for what the log has let go
        differs := at > 0
            and warm.event_at(one, at) is distinct from (p_known->one->>'event');
        moved := not exists (
            select from warm.session_events as x
            where x.session_id = one and x.version = case when differs then 1 else at + 1 end
        );
        if moved then
            found := found || array(
                select warm.event_json(row(a.*)::warm.session_events) from cold.order_audit as a
                where a.session_id = one and a.version <= coalesce(upto, a.version)
                    and (differs or (a.version > at and a.journal_id <> p_door.journal_id))
                order by a.version
            );
        end if;
        found := found || array(
            select warm.event_json(e) from warm.session_events as e
            where e.session_id = one and e.version <= coalesce(upto, e.version)
                and (differs or (e.version > at and e.journal_id <> p_door.journal_id))
            order by e.version
        );
    end loop;
    return to_json(found);
end $$;

-- The id of the event that brought a session to a version; null when there is none.
create or replace function warm.event_at(p_session text, p_version bigint) returns text
language plpgsql stable as $$
begin
    return coalesce(
        (select e.event_id::text from warm.session_events as e where e.session_id = p_session and e.version = p_version),
        (select a.event_id::text from cold.order_audit as a where a.session_id = p_session and a.version = p_version)
    );
end $$;

-- An event as it travels.
create or replace function warm.event_json(e warm.session_events) returns json
language plpgsql stable as $$
begin
    return json_build_object(
        'session', e.session_id, 'version', e.version, 'b', e.body, 'h', e.hash,
        't', coalesce((
            select json_object_agg(t.field, json_build_object('salt', t.salt, 'text', t.text))
            from warm.texts_of(e.event_id) as t
        ), '{}')
    );
end $$;

-- The free text beside an event, wherever it stands.
create or replace function warm.texts_of(p_event uuid) returns table (field text, salt text, text text)
language plpgsql stable as $$
begin
    return query
    select t.field, t.salt, t.text from warm.event_texts as t where t.event_id = p_event
    union all
    select a.field, a.salt, a.text from cold.order_audit_texts as a where a.event_id = p_event;
end $$;

-- Who holds sessions, by the names of people and tills.
create or replace function warm.holders(p_sessions text[]) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
            'session', s.id, 'till', s.till_id, 'till_name', coalesce(t.name, ''), 'user', s.user_id,
            'user_name', coalesce(u.name, ''), 'hold_epoch', s.hold_epoch, 'hold_id', s.hold_id,
            'at', warm.time_text(s.held_at)
        )), '[]')
        from till.order_sessions as s
        left join till.tills as t on t.store_id = s.store_id and t.id = s.till_id
        left join till.users as u on u.store_id = s.store_id and u.id = s.user_id
        where s.id = any (p_sessions)
    );
end $$;

-- Of the reference data that a till names with the versions it has, what is another here.
create or replace function till.reference(p_store uuid, p_has jsonb) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_object_agg(s.name, json_build_object(
            'version', s.version, 'body', till.reference_body(p_store, s.name, s.version, s.body))), '{}')
        from till.settings as s
        where s.store_id = p_store and p_has ? s.name and p_has->>s.name is distinct from s.version::text
    );
end $$;

create or replace function till.reference_body(p_store uuid, p_name text, p_version integer, p_body jsonb) returns jsonb
language plpgsql stable as $$
begin
    return case p_name
        when 'staff' then (
            select jsonb_build_object('staff', coalesce(jsonb_agg(jsonb_build_object(
                'number', u.id, 'name', u.name, 'role', u.role, 'pin_hash', coalesce(u.pin_hash, ''),
                'disabled', u.disabled_at is not null, 'locked_until', warm.time_text(u.locked_until),
                'locked_by', u.locked_by
            ) order by u.id), '[]'))
            from till.users as u where u.store_id = p_store
        )
        when 'tabs' then jsonb_build_object('tabs', till.open_tabs(p_store))
        when 'menu' then coalesce(p_body, '{}') || jsonb_build_object('version', p_version)
        when 'settings' then coalesce(p_body, '{}') || jsonb_build_object('tills', (
            select coalesce(jsonb_agg(jsonb_build_object('number', t.id, 'name', t.name) order by t.id), '[]')
            from till.tills as t where t.store_id = p_store and t.revoked_at is null
        ), 'backed_up_at', warm.time_text(till.backed_up_at(p_store)), 'promotions', till.promotions(p_store), 'tables', (
            select coalesce(jsonb_agg(jsonb_build_object('table', i.table_number, 'seats', i.seats, 'area', i.area)
                order by i.table_number), '[]')
            from cold.table_info as i where i.store_id = p_store))
        else p_body
    end;
end $$;

-- How many lines were keyed in a session or carried into it, and not taken off: of one that no snapshot shows.
create or replace function warm.lines_keyed(p_session text) returns bigint
language plpgsql stable as $$
begin
    return (
        with own as (
            select e.event_type, e.event_data from warm.log_of(p_session) as e
            where e.event_type in ('item_added', 'lines_moved', 'line_voided')
        ), keyed as (
            select o.event_data->>'line_id' as line from own as o where o.event_type = 'item_added'
            union
            select l->>'line_id' from own as o, jsonb_array_elements(o.event_data->'lines') as l
            where o.event_type = 'lines_moved' and o.event_data ? 'lines'
        )
        select count(*) from keyed as k where not exists (
            select from own as o where o.event_type = 'line_voided' and o.event_data->>'line_id' = k.line)
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
        'session', s.id, 'user', coalesce(s.user_id, 0), 'till', s.till_id, 'till_name', t.name, 'status', s.status,
        'hold_epoch', s.hold_epoch, 'hold_id', s.hold_id, 'version', s.version, 'event', s.last_event,
        'lines', case
            when s.refold and s.items = '[]' then warm.lines_keyed(s.id)
            else (select count(*) from jsonb_array_elements(s.items) as i where i->>'voided' is distinct from 'true')
        end,
        'total', s.total::text,
        'currency', coalesce(s.currency, (select v.currency from till.stores as v where v.store_id = s.store_id)),
        'order_type', s.order_type, 'tab_id', s.tab_id,
        'tab_name', (select b.name from till.tabs as b where b.id = s.tab_id),
        'created_at', warm.time_text(s.created_at), 'updated_at', warm.time_text(s.updated_at),
        'logout_time', warm.time_text(s.logout_time), 'refold', s.refold,
        'till_seen_at', warm.time_text(t.seen_at)
    );
end $$;

-- The open tabs of a store, each as the row of an order that stands on it, whoever holds that, the tab's own facts beside.
create or replace function till.open_tabs(p_store uuid) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(
            till.session_row(s)::jsonb || jsonb_build_object(
                'table_number', b.table_number, 'covers', b.covers, 'opened_at', warm.time_text(b.opened_at),
                -- the guest wants to pay, or has paid a part
                'bill_out', coalesce(
                    (select h.current_step = 'checkout' from hot.session_state as h where h.session_id = s.id), false)
            ) order by b.opened_at, b.id, s.id
        ), '[]')
        from till.tabs as b join till.order_sessions as s on s.tab_id = b.id and s.store_id = b.store_id
        where b.store_id = p_store and b.status = 'open' and s.status in ('active', 'pending_logout', 'assigned_to_tab')
    );
end $$;

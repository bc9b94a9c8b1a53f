-- Reads of a till (docs/protocol.md, "Reads"). Each takes one JSON text with the store, the till and its secret.

-- Opens a read. Returns the request and its authentication, or the refusal as JSON text in `refused`. A screen of the kitchen
-- reads only what is for it.
create or replace function till.open_read(p_request text, p_for_kitchen boolean, out request jsonb, out auth warm.auth_context, out refused text)
language plpgsql as $$
begin
    request := p_request::jsonb;
    auth := warm.authenticate(request, false);
    if auth.refusal is not null then
        refused := warm.refusal(auth.refusal, auth.detail, auth.seq, auth.hash);
    elsif auth.stations is not null and not p_for_kitchen then
        refused := warm.refusal('kitchen', warm.explain('kitchen'), auth.seq, auth.hash);
    end if;
end $$;

-- Opens the conversation. It ends transactions of programs older than three seconds, because one of them may have
-- blocked the till; and those with the tills' own password that idle, or do more than call one function, for as long,
-- or last a minute.
-- Takes `journal`.
-- Gives {"ok", "head", "series", "schema", "server_time"}.
create or replace function till.hello_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
begin
    if p_auth.retired then
        return warm.refusal('journal_retired', warm.explain('journal_retired'), p_auth.seq, p_auth.hash);
    end if;
    perform till.end_hold_ups(p_auth.store_id);  -- a till calls this after it waited for a lock in vain
    return json_build_object(
        'ok', true, 'head', json_build_object(
            'seq', coalesce(p_auth.seq, 0), 'hash', coalesce(p_auth.hash, repeat('0', 64))),
        'series', coalesce(p_auth.series, ''), 'schema', (select max(version_num) from till.alembic_version),
        'server_time', warm.time_text(now())
    );
end $$;

-- Data for the warning about an order that another till has open, by the clock of the database, because the
-- clocks of two tills may differ by a day. `idle_s` is the seconds since the last key; `seen_s` since the holder was
-- last seen; `quality` the connection quality at the last heartbeat of the till that has it open, null if there is
-- none; `paying` is true if a payment or a refund there has no answer yet. Acts of the database, such as suspending the
-- order, are not keys.
create or replace function till.session_liveness(s till.order_sessions) returns jsonb
language plpgsql stable as $$
begin
    return jsonb_build_object(
        'idle_s', greatest(0, extract(epoch from now() - coalesce((
            select max(k."timestamp") from warm.session_events as k where k.session_id = s.id and k.till_id > 0
        ), s.updated_at))::bigint),
        'seen_s', (
            select greatest(0, extract(epoch from now() - t.seen_at)::bigint)
            from till.tills as t where t.store_id = s.store_id and t.id = s.till_id),
        'quality', (
            select n.connection_quality from session.sessions_now as n
            where n.user_id = s.user_id::text and n.store_id = s.store_id and n.till_id = s.till_id and n.ended_at is null
            order by n.last_active desc limit 1),
        'paying', exists (
            select from warm.session_events as p
            where p.session_id = s.id and p.event_type = 'payment_started' and not exists (
                select from warm.session_events as a
                where a.session_id = s.id and a.event_data->>'payment_id' = p.event_data->>'payment_id'
                    and a.event_type = any (warm.kinds_answering())))
            or exists (
            select from warm.session_events as p
            where p.session_id = s.id and p.event_type = 'payment_return_started' and not exists (
                select from warm.session_events as a
                where a.session_id = s.id and a.event_data->>'return_id' = p.event_data->>'return_id'
                    and a.event_type in ('payment_return_declined', 'payment_voided'))));
end $$;

-- The `active` and `pending_logout` orders of a user, newest first, with those that wait for a manager; of those that
-- programs submitted (`submitted`), the ones that tills have open, of all users. Managers also get every order with
-- lines `discarded` within a day, among the orders of three days. Of each till the newest are listed, so that none
-- fills the list. An order whose opening has not arrived is not listed: a restored database may never have it. The row
-- of an order, here and in other reads: `paid` is the amount already paid, without tips. A `user` of 0 is nobody: a
-- program's order. `late_for`, of an order of late lines, is the tab of the order on which they were keyed, or empty if
-- it was on none; null for any other. If `refold` is true, `lines`, `total` and a tab's `items` are from a snapshot
-- older than the events, or from none: a reader folds the events (`till.session_events_v1`). `status` is that of the
-- order, or `quarantined`: its sale waits for a manager, and it is open to nobody. Here each row has four more keys.
-- `idle_s` are the seconds since its last key, which is the last event that a till wrote, by the database's clock;
-- `seen_s` those since the last contact with its holder. `quality` is that of the connection of the person who has it
-- open there, at the last heartbeat; null if nobody has. `paying`: a payment, or a return, was started there and has no
-- answer yet.
-- Takes `user`.
-- Gives {"sessions": [{"session", "user", "till", "till_name", "status", "holder", "hold_id", "version", "event",
-- "lines", "total", "paid", "late_for", "currency", "order_type", "tab_id", "tab_name", "created_at", "updated_at",
-- "logout_time", "refold"}]}.
create or replace function till.user_sessions_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    bound constant text := warm.least_id(now() - interval '3 days')::text;
begin
    return json_build_object('ok', true, 'sessions', (
        select coalesce(json_agg(till.session_row(s.o)::jsonb || till.session_liveness(s.o)
            || jsonb_build_object('submitted', (s.o).submitted is not null, 'words', (
                select jsonb_object_agg(w.name, w.words) from warm.words_together_of((s.o).id) as w))
            order by (s.o).created_at desc, (s.o).id desc), '[]')
        from (select x.o, row_number() over (partition by x.place, (x.o).hold_till order by (x.o).created_at desc, (x.o).id desc) as nth from (
            select 1 as place, o from till.order_sessions as o
            where o.store_id = p_auth.store_id and o.user_id = (p_request->>'user')::integer and o.currency is not null
                and o.status in ('active', 'pending_logout', 'assigned_to_tab') and o.submitted is null
                and (o.status <> 'assigned_to_tab' or till.status_of(o) = 'quarantined')
            union all
            select 2, o from till.order_sessions as o
            where o.store_id = p_auth.store_id and o.submitted is not null and o.status <> 'completed' and o.till_id is not null
            union all
            select 3, o from till.order_sessions as o
            where o.store_id = p_auth.store_id and o.status = 'discarded' and o.id >= bound
                and o.arrived_at > now() - interval '1 day'
                and exists (
                    select from till.users as u join till.roles as x on x.store_id = u.store_id and x.name = u.role
                    where u.store_id = o.store_id and u.id = (p_request->>'user')::integer and x.reach <> 'own'
                        and u.disabled_at is null)
                and jsonb_path_exists(o.items, '$[*] ? (@.voided != true)')
        ) as x) as s
        where s.nth <= warm.most_open()
    ));
end $$;

-- The open tabs: those with an order that is neither paid nor cleared, whoever holds it. Their rows have
-- `table_number`, `covers`, `opened_at`, `bill_out`, `ready`, `program` and `items` too. `bill_out`: the guest wants to
-- pay, or has paid a part. `ready`: the till that sent its last kitchen ticket, once each is ready; otherwise null.
-- `program`: the name of the program that opened the order, null for one of a till. `items` are those of its snapshot
-- that count, without ids; none after the first megabyte of them. The row of a tab that a till has open also has the
-- additions of `till.user_sessions_v1`.
-- Gives {"tabs": [row]}.
create or replace function till.open_tabs_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
begin
    return json_build_object('ok', true, 'tabs', (
        select coalesce(json_agg(
            case when s.till_id is not null then t.tab || till.session_liveness(s) else t.tab end order by t.place), '[]')
        from jsonb_array_elements(till.open_tabs(p_auth.store_id)::jsonb) with ordinality as t (tab, place)
        join till.order_sessions as s on s.id = warm.session_of(t.tab->>'session')
    ));
end $$;

-- All events of each of some sessions, of as many as fit in an answer; `sessions` names those.
create or replace function till.events_of_sessions(p_auth warm.auth_context, p_sessions jsonb) returns json
language plpgsql as $$
declare
    one text;
    s till.order_sessions;
    part record;
    room_events integer := warm.most_sent_events();
    room_bytes bigint := warm.most_sent_bytes();
    events json[] := '{}';
    whole text[] := '{}';
begin
    for one in
        select p.id from jsonb_array_elements_text(p_sessions) with ordinality as p (id, place) order by p.place limit 1000
    loop
        select * into s from warm.every_session as x where x.id = warm.session_of(one) and x.store_id = p_auth.store_id;
        continue when s.id is null;
        part := warm.next_events(s.id, 0, s.version, null, room_events, room_bytes);
        continue when part.upto is not null;
        events := events || part.events;
        whole := array_append(whole, one);
        room_events := part.room_events;
        room_bytes := part.room_bytes;
        exit when room_events = 0 or room_bytes = 0;
    end loop;
    return json_build_object('ok', true, 'session', null, 'events', to_json(events), 'more', false, 'sessions', to_json(whole));
end $$;

-- The events of one order above version `after`, in pages as in a reply; a null row if there is none. With `stamps`
-- also those of its sales and refunds, as their papers have them: `"stamps": [{"of", "scheme", "kind", "number",
-- "fields", "previous", "hash"}]`. Asked with `sessions` instead, up to 1,000 ids, it returns `{"events", "sessions"}`:
-- all events of each of these, of as many as fit in a page; `sessions` names those. An order that is not named is asked
-- for again, alone if none is. A server that does not know the question names none.
-- Takes `session`, `after`; `stamps` (true, or left out).
-- Gives {"session": row, "events": [{"version", "b", "h", "t", "m"}], "more"}.
create or replace function till.session_events_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    s till.order_sessions;
    part record;
begin
    if p_request ? 'sessions' then
        return till.events_of_sessions(p_auth, p_request->'sessions');
    end if;
    select * into s from warm.every_session as x
    where x.id = warm.session_of(p_request->>'session') and x.store_id = p_auth.store_id;
    if s.id is not null then
        part := warm.next_events(
            s.id, coalesce((p_request->>'after')::bigint, 0), s.version, null, warm.most_sent_events(), warm.most_sent_bytes());
        return json_build_object(
            'ok', true, 'session', till.session_row(s), 'events', to_json(part.events), 'more', part.upto is not null,
            'stamps', case when (p_request->>'stamps')::boolean then cold.stamps_of(p_auth.store_id, s.id) else '[]' end);
    end if;
    return json_build_object('ok', true, 'session', null, 'events', '[]'::json, 'more', false);
end $$;

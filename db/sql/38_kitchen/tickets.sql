-- The screens of the kitchen. A till that was enrolled as one has stations: it reads their tickets, and says which are done
-- or recalled, in its own stream. It takes no money and holds no order (docs/protocol.md, "Kitchen screens").

-- The most tickets on a board at once, the most lines that it reads of one, and the age at which a ticket leaves every
-- board by itself: nobody cooks it then.
create or replace function warm.most_board_tickets() returns integer language sql immutable parallel safe as $$ select 300 $$;
create or replace function warm.most_board_lines() returns integer language sql immutable parallel safe as $$ select 500 $$;
create or replace function warm.longest_on_board() returns interval language sql immutable parallel safe as $$ select interval '12 hours' $$;

-- The tickets that one counts for among the most on a board, by the lines that are read of it: a long one takes the room of
-- several.
create or replace function warm.ticket_weight(p_data jsonb) returns integer
language sql immutable parallel safe as $$
    select 1 + greatest(x.read / 10, octet_length(p_data::text)::bigint * x.read / x.lines / 4096)::integer
    from (
        select jsonb_array_length(p_data->'lines') as lines, least(jsonb_array_length(p_data->'lines'), warm.most_board_lines()) as read) as x
$$;

-- The stations of a venue that have a screen. A pass makes nothing itself, and shows the tickets of every other station.
create or replace function warm.screens(p_store uuid) returns table (station text, is_pass boolean)
language plpgsql stable as $$
begin
    return query
    select x->>'name', coalesce(x->'categories', '[]') = '[]' and coalesce(x->'items', '[]') = '[]'
    from till.settings as s, jsonb_array_elements(s.body->'stations') as x
    where s.store_id = p_store and s.name = 'settings' and (x->>'screen')::boolean;
end $$;

-- True if a venue has a station of this name.
create or replace function warm.is_station(p_store uuid, p_station text) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from till.settings as s, jsonb_array_elements(s.body->'stations') as x
        where s.store_id = p_store and s.name = 'settings' and x->>'name' = p_station);
end $$;

-- The line from which a line was cut, and so on up to the line that was keyed.
create or replace function warm.keyed_line(p_line uuid) returns uuid
language plpgsql stable as $$
declare
    line uuid := p_line;
    parent uuid;
begin
    for i in 1 .. 100 loop
        parent := (select c.parent_id from warm.every_content as c where c.content_id = line);
        exit when parent is null;
        line := parent;
    end loop;
    return line;
end $$;

-- The pieces of each line of a ticket of kind `moved` that came from another order; none if all were here before: an order
-- that moved as a whole. The first such ticket after the move names what came.
create or replace function warm.pieces_that_came(e warm.incoming_event) returns bigint[]
language plpgsql stable as $$
declare
    moves constant uuid[] := array(
        select distinct m.came_by from warm.every_move as m
        where m.session_id = e.session_id and m.came_by < e.event_id
            and m.content_id in (select (l->>'line_id')::uuid from jsonb_array_elements(e.data->'lines') as l));
begin
    if moves = '{}' or exists (
        select from warm.tickets as t
        where t.session_id = e.session_id and t.station = e.data->>'station' and t.kind = 'moved' and t.event_id < e.event_id
            and t.event_id > all (moves))
    then
        return null;
    end if;
    return array(
        select coalesce(x.pieces, 0)
        from jsonb_array_elements(e.data->'lines') with ordinality as l (line, place)
        left join (
            select o->>'line_id' as line, (o->>'quantity')::bigint as pieces
            from warm.log as k cross join lateral jsonb_array_elements(k.event_data->'lines') as o
            where k.event_id = any (moves)) as x on x.line = l.line->>'line_id'
        where l.place <= warm.most_board_lines() order by l.place);
end $$;

-- Puts a ticket on the boards of its station and of the pass. One that follows lines to another order is on them already.
-- Of a void, a change or a move, `concerns` is the last ticket that asked for the pieces, in any order that had them.
-- An order that moved as a whole is no work: its cards get the new place. `came` are the pieces that came from another order.
create or replace function warm.on_lines_sent(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    boards constant text[] := array(
        select b.station from warm.screens(p_auth.store_id) as b
        where b.station = e.data->>'station' or b.is_pass order by 1);
    keyed uuid[];
    came bigint[];
    is_whole boolean;
begin
    if not warm.is_station(p_auth.store_id, e.data->>'station') and exists (
        select from till.order_sessions as s where s.id = e.session_id and s.hold_till = 0)
    then  -- it was handed, and nobody makes it
        perform warm.ask_another(p_auth.store_id, e.session_id, e.till_id);
    end if;
    if boards = '{}' or e.data ? 'follows' then
        return false;
    end if;
    keyed := array(
        select warm.keyed_line((l.line->>'line_id')::uuid) from jsonb_array_elements(e.data->'lines') with ordinality as l (line, place)
        where l.place <= warm.most_board_lines() order by l.place);
    if e.data->>'kind' = 'moved' then
        came := warm.pieces_that_came(e);
    end if;
    is_whole := e.data->>'kind' = 'moved' and came is null;
    insert into warm.tickets (store_id, event_id, session_id, till_id, station, ticket, kind, lines, sent_at, waits_at, ready, weight, came, concerns)
    values (
        p_auth.store_id, e.event_id, e.session_id, e.till_id, e.data->>'station', e.data->>'ticket', e.data->>'kind', keyed,
        least(e.at, now()), case when is_whole then '{}' else boards end, is_whole, warm.ticket_weight(e.data), came, case when e.data->>'kind' in ('void', 'changed', 'moved') then (
            select x.ticket from warm.tickets as x
            where x.store_id = p_auth.store_id and x.station = e.data->>'station' and x.lines && keyed and x.kind in ('new', 'more')
                and x.event_id < e.event_id and x.sent_at > now() - warm.longest_on_board() and x.session_id in (
                    select c.session_id from warm.every_content as c where c.content_id = any (keyed)
                    union select m.session_id from warm.every_move as m where m.content_id = any (keyed))
            order by x.sent_at desc limit 1) end)
    on conflict do nothing;
    perform till.change_ready(p_auth.store_id, e.session_id);
    return false;
end $$;

-- Takes a ticket off the board of a station, or brings it back. Of two screens of a station the last one counts.
create or replace function warm.on_ticket_event(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    board constant text := e.data->>'station';
    passes constant text[] := array(select b.station from warm.screens(p_auth.store_id) as b where b.is_pass);
    session text;
begin
    update warm.tickets as t set waits_at = x.waits_at, ready = case
        when passes = '{}' then x.waits_at = '{}' else not x.waits_at && passes end
    from (
        select y.event_id, case
            when e.event_type = 'ticket_done' then array_remove(y.waits_at, board)
            else array_append(array_remove(y.waits_at, board), board) end as waits_at
        from warm.tickets as y
        where y.store_id = p_auth.store_id and y.event_id = (e.data->>'ticket')::uuid
            and (y.station = board or board = any (passes))
        for no key update
    ) as x
    where t.store_id = p_auth.store_id and t.event_id = x.event_id
    returning t.session_id into session;
    if session is not null then
        perform till.change_ready(p_auth.store_id, session);
    end if;
    return false;
end $$;

-- Takes the tickets of a table that pays off the pass if all its stations are done: the guests have eaten. Of one that paid
-- first, they are still to be carried.
create or replace function warm.leave_pass(p_store uuid, p_session text) returns void
language plpgsql as $$
begin
    update warm.tickets as t set waits_at = '{}', ready = true
    where t.session_id = p_session and t.store_id = p_store and t.waits_at <> '{}'
        and exists (select from till.order_sessions as s where s.id = p_session and s.tab_id is not null)
        and not exists (
            select from warm.tickets as y
            where y.session_id = p_session and y.waits_at <> '{}' and (
                not y.waits_at <@ array(select b.station from warm.screens(p_store) as b where b.is_pass)
                or y.station <> all (array(select b.station from warm.screens(p_store) as b where not b.is_pass))));
    if found then
        perform till.change_ready(p_store, p_session);
    end if;
end $$;

-- Notifies the boards, and the tills if the order is on a tab.
create or replace function till.change_ready(p_store uuid, p_session text) returns void
language plpgsql as $$
begin
    perform till.tell_tills(p_store, 'kitchen');
    if exists (
        select from till.order_sessions as s
        where s.id = p_session and s.tab_id is not null and s.status in ('active', 'pending_logout', 'assigned_to_tab'))
    then
        perform till.change_tabs(p_store, array[p_session]);
    end if;
end $$;

-- The till that sent the last ticket of an order whose tickets are all ready; null while one is not, or if it has none.
create or replace function warm.ready_for(p_session text) returns integer
language sql stable as $$
    select (array_agg(t.till_id order by t.event_id desc))[1] from warm.tickets as t where t.session_id = p_session
    having bool_and(t.ready)
$$;

-- The types that only a screen of the kitchen writes.
create or replace function warm.kinds_of_ticket() returns text[]
language sql immutable parallel safe as $$ select '{ticket_done,ticket_recalled}'::text[] $$;

-- True if a station of a screen of the kitchen makes an item.
create or replace function warm.makes(p_auth warm.auth_context, p_item text) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from till.settings as s, jsonb_array_elements(s.body->'stations') as x
        where s.store_id = p_auth.store_id and s.name = 'settings'
            and (p_auth.stations = '{}' or x->>'name' = any (p_auth.stations))
            and (x->'items' ? p_item or x->'categories' ? (
                select i.category_id from cold.menu_item as i where i.store_id = p_auth.store_id and i.menu_item_id = p_item)));
end $$;

-- The fault of a record that a till may not write (`warm.bar_of`): a screen of the kitchen writes only which tickets of its
-- stations are done or recalled, what they have no more, and where its journal and its program begin; no other till writes
-- the first.
create or replace function warm.bars_kitchen(p_auth warm.auth_context, e warm.incoming_event) returns text
language sql stable as $$
    select case
        when p_auth.stations is null then case when e.event_type = any (warm.kinds_of_ticket())
            then format('Till %s sells: only a screen of the kitchen says that a ticket is done.', p_auth.till_id) end
        when e.event_type = any (warm.kinds_of_ticket()) then case when p_auth.stations <> '{}' and e.data->>'station' <> all (p_auth.stations)
            then format('Till %s is not a screen of %s: it cannot say that a ticket there is done.', p_auth.till_id, e.data->>'station') end
        when e.event_type in ('item_marked', 'item_counted') then case when not warm.makes(p_auth, e.data->>'item_id')
            then format('Till %s is a screen of the kitchen, and none of its stations makes this item.', p_auth.till_id) end
        when e.event_type not in ('journal_opened', 'till_started', 'till_stopped', 'records_lost')
            then format('Till %s is a screen of the kitchen: it does not sell.', p_auth.till_id)
    end
$$;

-- The stations of a board: those of its enrolment that were asked for, else those of its enrolment; of all stations the
-- pass alone is not among them, unless there is no other.
create or replace function warm.boards_of(p_auth warm.auth_context, p_asked jsonb) returns text[]
language plpgsql stable as $$
declare
    own constant text[] := array(
        select b.station from warm.screens(p_auth.store_id) as b
        where p_auth.stations = '{}' or b.station = any (p_auth.stations) order by b.is_pass, b.station);
    asked text[];
begin
    if p_auth.stations is null then
        raise exception 'This till sells. A screen of the kitchen is enrolled by: till admin tills add 90 --kitchen.' using errcode = 'TL034';
    elsif jsonb_array_length(p_asked) > 0 then
        asked := array(select o from unnest(own) as o where lower(o) in (select lower(x) from jsonb_array_elements_text(p_asked) as x));
        if cardinality(asked) < jsonb_array_length(p_asked) then
            raise exception 'This screen is not enrolled for that station, or the station has none: till admin stations list.'
                using errcode = 'TL034';
        end if;
        return asked;
    end if;
    if p_auth.stations = '{}' then
        asked := array(select b.station from warm.screens(p_auth.store_id) as b where not b.is_pass order by 1);
    end if;
    return case when asked <> '{}' then asked else own end;
end $$;

-- The streams of the orders that have pieces of a ticket now, also those that were cut from its lines since.
create or replace function warm.orders_of_ticket(t warm.tickets, p_data jsonb) returns uuid[]
language plpgsql stable as $$
begin
    return array(
        with recursive line (id) as (
            select (l.line->>'line_id')::uuid from jsonb_array_elements(p_data->'lines') with ordinality as l (line, place)
            where l.place <= warm.most_board_lines()
            union
            select c.content_id from line as l join warm.every_content as c on c.parent_id = l.id where c.event_id > t.event_id
        )
        select distinct warm.stream_of(n.session_id) from line as l join warm.contents_now as n on n.content_id = l.id);
end $$;

-- The events by which a screen of the kitchen knows what holds of orders, by stream. An order of which nobody said
-- anything is left out.
create or replace function warm.events_in_heads(p_streams jsonb) returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_object_agg(o.stream, o.events), '{}')
        from (
            select x #>> '{}' as stream, (
                select json_agg(warm.event_json(l) order by l.version) from warm.log_of(warm.session_of(x #>> '{}')) as l
                where l.event_type = any (warm.kinds_in_heads())
                having bool_or(l.event_type in ('preference_set', 'order_noted'))) as events
            from (select distinct y as x from jsonb_array_elements(p_streams) as y) as z) as o
        where o.events is not null);
end $$;

-- A ticket as a board shows it: the station `at` whose board it is on, with the note of each line, the name of its item as it
-- was keyed, for a void or a change the number of the last ticket that asked for the pieces, and what was held for later.
-- The place is where its order is now, and `was` another one where it was then. `left_out` is the number of its lines beyond
-- those that a board reads.
create or replace function warm.ticket_row(t warm.tickets, p_at text, p_done boolean) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_build_object(
            'event', t.event_id, 'session', warm.stream_of(t.session_id), 'at', p_at, 'station', t.station, 'ticket', t.ticket,
            'kind', t.kind, 'sent_at', warm.time_text(t.sent_at), 'arrived_at', warm.time_text(t.arrived_at), 'done', p_done,
            'who', coalesce(u.name, ''), 'order_type', coalesce(s.order_type, ''),
            'place', coalesce(nullif(n.name, ''), n.table_number, nullif(b.name, ''), b.table_number, ''),
            'was', case when n.id <> b.id then coalesce(nullif(b.name, ''), b.table_number, '') else '' end,
            'called', coalesce((
                select k.event_data->>'number' from warm.session_events as k
                where k.session_id = t.session_id and k.event_type = 'order_numbered' order by k.event_id limit 1), ''),
            'of', t.concerns, 'orders', to_jsonb(warm.orders_of_ticket(t, e.event_data)),
            'revoked', case when c.revoked_at is not null then t.till_id end,
            'left_out', greatest(jsonb_array_length(e.event_data->'lines') - warm.most_board_lines(), 0)
                + greatest(jsonb_array_length(e.event_data->'later') - warm.most_board_lines(), 0),
            'lines', (
                select jsonb_agg(jsonb_build_object(
                    'line', y.keyed, 'pieces', (l.line->>'pieces')::bigint, 'item', l.line->>'item_id',
                    'name', coalesce((
                        select k.event_data->>'item_name' from warm.every_content as c join warm.log as k on k.event_id = c.event_id
                        where c.content_id = y.keyed and k.event_data->>'item_id' = l.line->>'item_id'), ''),
                    'came', coalesce(t.came[place], 0), 'choices', coalesce(l.line->'choices', '[]'), 'course', (l.line->>'course')::integer,
                    'order_type', coalesce(case when x.typed then warm.type_of_line(t.session_id, (l.line->>'line_id')::uuid, t.event_id) end, ''),
                    'note', coalesce((
                        select string_agg(n.text, ' ') from warm.texts_of((l.line->>'note')::uuid) as n), '')) order by l.place)
                from jsonb_array_elements(e.event_data->'lines') with ordinality as l (line, place)
                join unnest(t.lines) with ordinality as y (keyed, place) using (place)
                where place <= warm.most_board_lines()),
            'later', coalesce((
                select jsonb_agg(jsonb_build_object('line', warm.keyed_line((l.line->>'line_id')::uuid),
                    'pieces', (l.line->>'pieces')::bigint, 'item', l.line->>'item_id', 'course', (l.line->>'course')::integer) order by l.place)
                from jsonb_array_elements(e.event_data->'later') with ordinality as l (line, place)
                where l.place <= warm.most_board_lines()), '[]'))
        from warm.log as e
        left join till.order_sessions as s on s.id = t.session_id
        left join till.tabs as b on b.id = (e.event_data->>'place')::uuid and b.store_id = t.store_id
        left join till.tabs as n on n.id = s.tab_id and n.store_id = t.store_id
        left join till.users as u on u.store_id = t.store_id and u.id = e.user_id
        left join till.tills as c on c.store_id = t.store_id and c.id = t.till_id
        cross join lateral (
            select exists (
                select from warm.session_events as k
                where k.session_id = t.session_id and k.event_type in ('line_type_set', 'lines_copied')) as typed) as x
        where e.event_id = t.event_id
    );
end $$;

-- The orders among some that were cleared, so that nobody makes their dishes: not one whose lines went to another order
-- before, nor one that an open order copies.
create or replace function warm.cleared_among(p_store uuid, p_sessions text[]) returns text[]
language plpgsql stable as $$
begin
    return array(
        select s.id from till.order_sessions as s
        where s.id = any (p_sessions) and s.status = 'discarded' and exists (
                select from warm.log_of(s.id) as l where l.event_type = 'order_discarded' and l.event_data->'line_ids' <> '[]')
            and not exists (
                select from till.order_sessions as o join warm.session_events as k on k.session_id = o.id and k.event_type = 'order_opened'
                where o.store_id = p_store and o.status in ('active', 'pending_logout', 'assigned_to_tab')
                    and k.event_data->'again'->>'session' = warm.stream_of(s.id)::text));
end $$;

-- The first 300 tickets of the stations' boards that are not done, by arrival, and the voids of their lines that are
-- done there already (“Kitchen screens”). `waiting` is the number of all, `now` the time of the database. With `ticket`
-- it answers with the last tickets of that number, done or not. Refused with `kitchen` for a till that sells, and for
-- another station. If more than 300 wait, they are taken from the tills in turn, so that the clock or the mass of one
-- till hides no other's. A long ticket counts as one more for each 10 lines or 4 kB. A board reads 500 lines of a
-- ticket, and 500 held ones; `left_out` is the number of the others. `at` is the station on whose board the ticket is.
-- `of` is the number of the ticket that a void, a change or a move concerns, or null. `called` is the number of a
-- take-away order, or empty. `place` is where the order is now, `was` another place that it had when the ticket was
-- sent, or empty. `came` are the pieces that a MOVED line brought from another order. `revoked` is the number of its
-- till if that was revoked since, or null. `line` is the line as it was keyed: of one that was cut from another, that
-- one. `orders` are the orders that have pieces of a ticket now; of each of which anybody said anything, the answer has the
-- events by which its heads are folded. `name` is empty if the line has another item by now. `order_type` is the line's own, if one was set before the ticket, or
-- empty.
-- Takes `stations` (names, or none); `ticket` (a number, or left out).
-- Gives {"boards", "tickets": [{"event", "session", "at", "station", "ticket", "kind", "sent_at", "arrived_at", "done",
-- "who", "order_type", "place", "was", "called", "of", "orders", "revoked", "left_out", "lines": [{"line", "pieces", "came",
-- "item", "name", "choices", "note", "course", "order_type"}], "later": [{"line", "pieces", "item", "course"}]}], "orders": {order: [{"session", "version",
-- "b", "h", "m", "t"}]}, "waiting", "now"}.
create or replace function till.kitchen_board_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    since constant timestamptz := now() - warm.longest_on_board();
    boards text[];
    passes text[];
    cleared text[];
    found jsonb;
    waiting bigint;
begin
    boards := warm.boards_of(p_auth, coalesce(p_request->'stations', '[]'));
    passes := array(select b.station from warm.screens(p_auth.store_id) as b where b.is_pass and b.station = any (boards));
    update till.tills set seen_at = now() where store_id = p_auth.store_id and id = p_auth.till_id and p_auth.stale_seen;
    if p_request ? 'ticket' then
        found := (
            select jsonb_agg(warm.ticket_row(x.t, coalesce((
                select a from unnest(boards) as a where a = (x.t).station), passes[1]), not (x.t).waits_at && boards) order by (x.t).event_id)
            from (
                select t, sum(t.weight) over (order by t.event_id desc) - t.weight as before from warm.tickets as t
                where t.store_id = p_auth.store_id and t.ticket = p_request->>'ticket'
                    and (t.station = any (boards) or passes <> '{}')
                order by t.event_id desc limit 20) as x
            where x.before < warm.most_board_tickets());
        return json_build_object('ok', true, 'boards', boards, 'tickets', coalesce(found, '[]'),
            'orders', warm.events_in_heads(jsonb_path_query_array(coalesce(found, '[]'), '$[*].orders[*]')), 'waiting', 0, 'now', warm.time_text(now()));
    end if;
    cleared := warm.cleared_among(p_auth.store_id, array(
        select distinct t.session_id from warm.tickets as t
        where t.store_id = p_auth.store_id and t.waits_at <> '{}' and t.sent_at > since and t.waits_at && boards and t.kind <> 'void'));
    select jsonb_agg(warm.ticket_row(x.t, x.board, false) order by (x.t).arrived_at, (x.t).event_id), max(x.waiting)
    into found, waiting
    from (
        select w.t, w.board, w.waiting,
            sum((w.t).weight) over (order by w.turn, (w.t).arrived_at, (w.t).event_id, w.board) - (w.t).weight as before
        from (
            select t, a.board, count(*) over () as waiting,
                sum(t.weight) over (partition by t.till_id order by t.arrived_at, t.event_id, a.board) as turn
            from warm.tickets as t cross join lateral unnest(t.waits_at) as a (board)
            where t.store_id = p_auth.store_id and t.waits_at <> '{}' and t.sent_at > since and a.board = any (boards)
                and (t.kind = 'void' or t.session_id <> all (cleared))) as w) as x
    where x.before < warm.most_board_tickets();
    found := coalesce(found, '[]') || coalesce((
        select jsonb_agg(warm.ticket_row(v.t, (v.t).station, true) order by (v.t).event_id) from (
            select t, sum(t.weight) over (order by t.event_id desc) - t.weight as before from warm.tickets as t
            where t.store_id = p_auth.store_id and t.sent_at > since and t.kind = 'void' and not t.waits_at && boards
                and (t.station = any (boards) or passes <> '{}') and t.event_id in (
                    select y.event_id from warm.tickets as y cross join lateral unnest(y.lines) as l (keyed)
                    where y.store_id = p_auth.store_id and y.sent_at > since and y.kind = 'void' and l.keyed in (
                        select (o->>'line')::uuid from jsonb_array_elements(found) as f, jsonb_array_elements(f->'lines') as o))) as v
        where v.before < warm.most_board_tickets()), '[]');
    return json_build_object(
        'ok', true, 'boards', boards, 'tickets', found,
        'orders', warm.events_in_heads(jsonb_path_query_array(found, '$[*].orders[*]')), 'waiting', coalesce(waiting, 0),
        'now', warm.time_text(now()));
exception when sqlstate 'TL034' then
    return warm.refusal('kitchen', sqlerrm, null, null);
end $$;

-- Carries kitchen tickets, with their heads, that arrive after their line moved on into the order that has the line (ADR 0068).

-- The late tickets of a line in an order: the shares of the line and of the lines that were cut from it, each with the
-- order where that line is now. A ticket is late if it arrived after the line left the order, or came back. Of a cut that
-- follows a ticket by its id, the new line has the pieces that the fold takes along: those on tickets first.
create or replace function warm.late_tickets(p_session text)
returns table (event_id uuid, data jsonb, line jsonb, session_id text)
language plpgsql stable as $$
begin
    return query
    with own as materialized (
        select * from warm.log_of(p_session) as l where l.event_id <> all (warm.refused_in(p_session))
    ), sent as materialized (
        select t.event_id, t.version, t.event_data, x.value as row, (x.value->>'line_id')::uuid as line_id,
            (x.value->>'pieces')::integer as pieces
        from own as t, jsonb_array_elements(t.event_data->'lines') as x where t.event_type = 'lines_sent'
    ), cut as materialized (
        select (c.event_data->>'line_id')::uuid as line_id, (c.event_data->>'into')::uuid as into_id, c.event_id, c.version,
            (c.event_data->>'quantity')::integer as quantity
        from own as c where c.event_type = 'line_cut'
    ), share as (
        select t.event_id, c.into_id, least(c.quantity, greatest(0, b.before))
            - least(c.quantity, greatest(0, b.before - t.pieces)) as pieces
        from sent as t join cut as c on c.line_id = t.line_id and c.event_id > t.event_id and c.version < t.version
        cross join lateral (
            select (select coalesce(sum(o.pieces), 0) from sent as o where o.line_id = t.line_id and o.event_id < c.event_id)
                - (select coalesce(sum(o.quantity), 0) from cut as o where o.line_id = t.line_id and o.event_id < c.event_id) as before
        ) as b
    ), parted as (
        select t.event_id, t.version, t.event_data, t.row, t.line_id,
            t.pieces - coalesce((select sum(h.pieces) from share as h join cut as c on c.into_id = h.into_id
                where h.event_id = t.event_id and c.line_id = t.line_id), 0) as pieces
        from sent as t
        union all
        select t.event_id, t.version, t.event_data, t.row, h.into_id, h.pieces
        from share as h join cut as c on c.into_id = h.into_id join sent as t on t.event_id = h.event_id and t.line_id = c.line_id
        where h.pieces <> 0
    )
    select p.event_id, p.event_data, p.row || jsonb_build_object('line_id', p.line_id, 'pieces', p.pieces), n.session_id
    from parted as p
    join warm.content_moves as m on m.session_id = p_session and m.content_id = p.line_id
    join own as o on o.event_id = greatest(m.left_by, m.came_by) and p.version > o.version
    join warm.contents_now as n on n.content_id = p.line_id
    where n.session_id <> p_session or p.event_id < m.came_by;
end $$;

-- Writes the late tickets of an order into the orders that have their lines now, each once.
create or replace function warm.carry_tickets(s warm.hold_state) returns void
language plpgsql as $$
declare
    part record;
begin
    for part in
        select t.event_id, t.data, t.session_id, jsonb_agg(t.line order by t.line->>'line_id') as lines
        from warm.late_tickets(s.id) as t
        where exists (select from till.order_sessions as o where o.id = t.session_id) and not exists (
            select from warm.folded_events(t.session_id) as f
            where f.event_type = 'lines_sent' and t.line->>'line_id' in (select x::text from warm.lines_named(f.data) as x)
                and (f.data->>'follows' = coalesce(t.data->>'follows', t.event_id::text)
                    or f.event_id = t.event_id and t.session_id <> s.id))
        group by t.event_id, t.data, t.session_id order by t.session_id collate "C", t.event_id
    loop
        perform warm.server_event_v1(s.store_id, null, 'lines_sent', part.session_id, part.data - 'later' || jsonb_build_object(
            'lines', part.lines, 'follows', coalesce(part.data->>'follows', part.event_id::text)));
        perform warm.server_event_v1(s.store_id, null, 'kitchen_told', part.session_id, k.event_data - 'digests',
            jsonb_build_object('words', w.text))
        from warm.log_of(s.id) as k cross join lateral warm.texts_of(k.event_id) as w
        where k.event_type = 'kitchen_told' and w.field = 'words' and k.event_id <> all (warm.refused_in(s.id))
            and k.event_data->>'ticket' = coalesce(part.data->>'follows', part.event_id::text);
    end loop;
end $$;

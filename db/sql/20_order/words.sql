-- The words of guests on an order, an allergy above all: its preferences, and its note under the name `note`. They go with
-- the lines (`till.domain.order.facts`). A till writes them with its act; here is what only the server can tell: what an act of
-- an older till leaves out, and what a till said that had lost the order.

-- The parts of words, as `till.domain.order.wishes` has them: those of the first, and of the second those that the first lacks.
create or replace function warm.words_together(p_words text, p_more text) returns text
language sql immutable parallel safe as $$
    select case when p_words = '' then p_more else concat_ws(', ', p_words, (
        select string_agg(m.part, ', ' order by m.place)
        from unnest(string_to_array(p_more, ', ')) with ordinality as m (part, place)
        where btrim(m.part) <> '' and lower(btrim(m.part)) not in (
            select lower(btrim(k)) from unnest(string_to_array(p_words, ', ')) as k))) end
$$;

-- The words on an order that count, as the fold has them: of each name those that no later words replace, by a till that had
-- heard them. What the server repeats replaces nothing where a till holds the order. The language of the papers is none of them.
create or replace function warm.words_of(p_session text) returns table (name text, words text)
language plpgsql stable as $$
begin
    return query
    with own as materialized (
        select l.*, case when l.event_type = 'order_noted' then 'note'
            when lower(btrim(l.event_data->>'name')) in ('allergy', 'allergies') then 'allergy' else l.event_data->>'name' end as kind
        from warm.log_of(p_session) as l
        where (l.event_type in ('preference_set', 'order_noted', 'change_undone') or l.event_type = any (warm.kinds_that_take()))
            and l.event_id <> all (warm.refused_in(p_session))
    ), worded as materialized (
        select o.event_id, o.event_type, o.till_id, o.hold_id, o.kind, exists (
            select from own as h where h.event_id = o.hold_id and warm.holder_by(h.event_type, h.till_id, h.event_data) <> 0) as is_held
        from own as o where o.event_type in ('preference_set', 'order_noted') and not exists (
            select from own as u where u.event_type = 'change_undone' and (u.event_data->>'event')::uuid = o.event_id)
    )
    select w.kind, t.text
    from worded as w cross join lateral warm.texts_of(w.event_id) as t
    where t.field in ('value', 'note') and t.text <> '' and w.kind <> 'language' and not exists (
        select from worded as x
        where x.kind = w.kind and x.event_id > w.event_id and (x.event_type = 'order_noted'
            or not (x.till_id = 0 and x.is_held) and (x.till_id = w.till_id or w.event_id < x.hold_id)))
    order by w.event_id;
end $$;

-- The words on an order that count, in one text for each name.
create or replace function warm.words_together_of(p_session text) returns table (name text, words text)
language plpgsql stable as $$
declare
    one record;
    known jsonb := '{}';
begin
    if exists (
        select from warm.session_events as e where e.session_id = p_session and e.event_type in ('preference_set', 'order_noted'))
    then
        for one in select * from warm.words_of(p_session) as w loop
            known := known || jsonb_build_object(one.name, warm.words_together(coalesce(known->>one.name, ''), one.words));
        end loop;
    end if;
    return query select e.key, e.value from jsonb_each_text(known) as e;
end $$;

-- Adds words to an order, unless it has them. An older till shows the newest words alone, so they are written with those
-- that the order has.
create or replace function warm.add_words(p_store uuid, p_session text, p_name text, p_words text) returns void
language plpgsql as $$
declare
    known constant text := coalesce((select w.words from warm.words_together_of(p_session) as w where w.name = p_name), '');
    whole text;
begin
    whole := warm.words_together(known, p_words);
    if whole = known then
        return;
    elsif length(whole) > warm.longest_free() then
        whole := p_words;
    end if;
    if p_name = 'note' then
        perform warm.server_event_v1(p_store, null, 'order_noted', p_session, '{}', jsonb_build_object('note', whole));
    else
        perform warm.server_event_v1(
            p_store, null, 'preference_set', p_session, jsonb_build_object('name', p_name), jsonb_build_object('value', whole));
    end if;
end $$;

-- Gives the words of an order to another one that has lines of it.
create or replace function warm.give_words(p_store uuid, p_from text, p_session text, p_with_note boolean default true) returns void
language plpgsql as $$
declare
    given record;
begin
    for given in select * from warm.words_together_of(p_from) as w where p_with_note or w.name <> 'note' loop
        perform warm.add_words(p_store, p_session, given.name, given.words);
    end loop;
end $$;

-- The orders that were rung again from the list of an order.
create or replace function warm.copies_of(p_session text) returns setof text
language plpgsql stable as $$
begin
    return query
    select o.session_id
    from warm.every_session as s join warm.session_events as o
        on o.event_type = 'order_opened' and o.store_id = s.store_id and o.event_id > warm.least_id(s.created_at - interval '1 day')
    where s.id = p_session and o.event_data #>> '{again,session}' = warm.stream_of(p_session)::text;
end $$;

-- Repeats the words of guests that a till said after it had lost the order, which do not count there: in that order, in those
-- that have lines of it now, and in its copies, paid ones too. A guest may be allergic. A clearing is never repeated.
create or replace function warm.repeat_words(s warm.hold_state) returns void
language plpgsql as $$
declare
    late record;
begin
    for late in
        select o.id as session_id, case when lower(btrim(l.event_data->>'name')) in ('allergy', 'allergies') then 'allergy'
            else l.event_data->>'name' end as name, t.text as words
        from warm.log_of(s.id) as l cross join lateral warm.texts_of(l.event_id) as t
        cross join lateral (
            select s.id
            union select n.session_id
            from warm.content_moves as m join warm.contents_now as n on n.content_id = m.content_id where m.session_id = s.id
            union select c from warm.copies_of(s.id) as c
        ) as o
        where l.event_id = any (s.refused) and warm.says_words(l.event_type, l.event_data) and t.field = 'value'
        order by o.id collate "C", l.event_id
    loop
        perform warm.add_words(s.store_id, late.session_id, late.name, late.words);
    end loop;
end $$;

-- True if an event has words of a guest that are repeated if they come too late.
create or replace function warm.says_words(p_type text, p_data jsonb) returns boolean
language sql immutable parallel safe as $$
    select (p_type = 'preference_set' and p_data->>'name' <> 'language' and p_data->'digests' ? 'value') is true
$$;

-- The version from which an order has lines of another one; null for none. What is said there from then on is of guests of both.
create or replace function warm.shared_since(p_session text) returns bigint
language plpgsql stable as $$
begin
    return (
        select min(l.version) from warm.log_of(p_session) as l
        where l.event_type in ('order_opened', 'lines_moved', 'lines_copied') and (l.event_data ? 'from_session' or l.event_data ? 'again'));
end $$;

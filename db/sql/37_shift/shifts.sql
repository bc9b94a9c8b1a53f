-- The shifts of the tills (ADR 0062). `till.shifts` names the opening and the close of each, `till.shift_facts` the events
-- of its stream; all else is in the log. A shift belongs to the till whose `shift_opened` begins it: the one with the secret of its
-- id, else the first. Until that arrives, its row has no opening, and is no till's: its records are kept in `till.shift_facts`, and
-- change nothing yet.

-- True if an opening has the secret of the id of its shift, of which the id ends with the digest: only the till that made the id
-- knows it. After a restore, a stranger may be the first to name a shift.
create or replace function warm.has_secret_of(p_shift uuid, p_opening jsonb) returns boolean
language sql immutable parallel safe as $$
    select coalesce(right(warm.digest(p_opening->>'secret'), 15) = right(replace(p_shift::text, '-', ''), 15), false)
$$;

-- The fault of a record in the stream of a shift, which stays in the log and changes nothing; null if it has none.
create or replace function warm.fault_in_shift(e warm.incoming_event) returns text
language plpgsql stable as $$
begin
    return case
        when exists (
            select from till.shifts as s
            where s.shift_id = e.stream_id and s.opened is not null and (s.store_id, s.till_id) <> (e.store_id, e.till_id))
            then 'The till wrote in the shift of another till.'
        when e.event_type = 'shift_closed' and e.for_till is null and not cold.is_own_number(e.till_id, 'Z', e.data->>'number')
            then 'The number of the Z is not of a series of its till.'
        end || ' The record is kept, and changes nothing.';
end $$;

-- Ends the shifts that the journal of an opening left open, for every list and sum. A manager hears of it: they have no Z, and get
-- none.
create or replace function warm.end_left_open(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
begin
    update till.shifts as s set ended = e.event_id
    where s.store_id = e.store_id and s.till_id = e.till_id and s.shift_id <> e.stream_id and s.opened is not null
        and s.closed is null and s.closed_by_server is null and s.ended is null and exists (
            select from warm.places_of_shift(s.shift_id) as p where p.journal_id = e.journal_id and p.first < e.seq);
    if found then
        perform warm.flag_record(
            p_auth, e, 'The till opened a shift while another was open, which has no Z: count its drawer.', 'TL018');
    end if;
end $$;

-- True if the business day of an opening is in the calendar, and fits its time.
create or replace function warm.has_day_about(e warm.incoming_event) returns boolean
language plpgsql stable as $$
begin
    return cold.is_about(e.store_id, (e.data->>'business_date')::date, e.at);
exception when datetime_field_overflow then
    return false;
end $$;

-- Notes a record in its shift, or flags it for a manager. The opening applies the records that came before it. True if the
-- record changes nothing: it is flagged, or its shift has no opening yet.
create or replace function warm.on_shift_event(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    fault text;
begin
    if e.event_type = 'shift_opened' and not warm.has_day_about(e) then
        perform warm.flag_record(
            p_auth, e, 'The business day of the shift does not fit its time. Its records are kept, and change nothing.', 'TL018');
        return true;
    end if;
    insert into till.shifts (shift_id, store_id, till_id) values (e.stream_id, e.store_id, e.till_id)
    on conflict (shift_id) do nothing;
    -- until it is proven whose it is, records of several tills may arrive at the same time
    perform from till.shifts as s
    where s.shift_id = e.stream_id
        and not warm.has_secret_of(s.shift_id, (warm.event_by_id(s.store_id, s.opened)).event_data)
    for no key update;
    if e.event_type = 'shift_opened' then
        update till.shifts as s
        set store_id = e.store_id, till_id = e.till_id, opened = e.event_id, closed = null, closed_by_server = null, ended = null, checked_at = null
        where s.shift_id = e.stream_id and (s.opened is null or warm.has_secret_of(s.shift_id, e.data)
            and not warm.has_secret_of(s.shift_id, (warm.event_by_id(s.store_id, s.opened)).event_data));
        if found then
            perform warm.end_left_open(p_auth, e);
            perform warm.apply_kept(p_auth, e.stream_id);
        end if;
    end if;
    fault := warm.fault_in_shift(e);
    if fault is not null then
        perform warm.quarantine_event(p_auth, null, e, fault, 'TL025');
        return true;
    elsif (select count(*) from (select from till.shift_facts as f where f.shift_id = e.stream_id limit warm.most_shift_facts()) as f)
        >= warm.most_shift_facts() and not (e.event_type = 'shift_closed' and exists (
            select from till.shifts as s where s.shift_id = e.stream_id and s.closed is null))
    then
        perform warm.flag_record(
            p_auth, e, 'The till wrote more in one shift than it may. Further records are kept, and change nothing.', 'TL018');
        return true;
    end if;
    insert into till.shift_facts (shift_id, event_id, store_id) values (e.stream_id, e.event_id, e.store_id)
    on conflict do nothing;
    perform warm.check_again(e.store_id, e.stream_id::text);
    if not exists (select from till.shifts as s where s.shift_id = e.stream_id and s.opened is not null) then
        return true;
    elsif e.event_type in ('drawer_corrected', 'movement_undone') then
        -- it explains a count that may be of another shift
        insert into till.shift_facts (shift_id, event_id, store_id)
        select n.shift, e.event_id, e.store_id
        from unnest(case e.event_type when 'movement_undone' then array['CASH'] else array[e.data->>'was', e.data->>'tender'] end)
            as t (tender)
        cross join lateral warm.count_after(
            e.store_id, e.till_id, coalesce(e.data->>'payment_id', e.data->>'event')::uuid, t.tender) as n
        where n.event_id < e.event_id
        on conflict do nothing;
    elsif e.event_type = 'shift_closed' and e.for_till is not null then
        update till.shifts set closed_by_server = e.event_id where shift_id = e.stream_id and closed_by_server is null;
    elsif e.event_type = 'shift_closed' then
        update till.shifts set closed = e.event_id where shift_id = e.stream_id and closed is null;
    end if;
    return false;
end $$;

-- Applies the records of a shift that were kept until its opening came, as if they arrived now. Those of its till count. Of
-- others the first of each journal is flagged: a stranger may have written thousands, and a push waits for this.
create or replace function warm.apply_kept(p_auth warm.auth_context, p_shift uuid) returns void
language plpgsql as $$
declare
    kept record;
    auth warm.auth_context := p_auth;
    e warm.incoming_event;
begin
    for kept in
        with gone as (
            delete from till.shift_facts as f where f.shift_id = p_shift returning f.store_id, f.event_id
        ), known as (
            select x.event_id, x.body, (x.store_id, x.till_id) = (s.store_id, s.till_id) as is_own,
                row_number() over (partition by x.journal_id order by x.event_id) as nth
            from gone as g cross join lateral warm.event_by_id(g.store_id, g.event_id) as x
            join till.shifts as s on s.shift_id = p_shift
        )
        select k.body from known as k where k.is_own or k.nth = 1 order by k.event_id
    loop
        e := (warm.read_events(jsonb_build_array(jsonb_build_object('b', kept.body, 'h', warm.digest(kept.body)))))[1];
        auth.store_id := e.store_id;
        auth.till_id := e.till_id;
        auth.journal_id := e.journal_id;
        perform warm.apply_by_type(auth, e);
    end loop;
end $$;

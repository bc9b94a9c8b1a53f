-- The shifts of the tills (design §12.2). `till.shifts` names the opening and the close of each, `till.shift_facts` the events
-- of its stream; all else is in the log.

-- Notes the shift of an event for the till that first writes to it. An event in the shift of another till, and a Z under
-- the number of another till, are flagged for a manager: they stay in the log and change nothing. True if it was flagged.
create or replace function warm.on_shift_event(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    fault text;
begin
    insert into till.shifts (shift_id, store_id, till_id) values (e.stream_id, p_auth.store_id, e.till_id)
    on conflict (shift_id) do nothing;
    if not exists (
        select from till.shifts as s
        where s.shift_id = e.stream_id and s.store_id = p_auth.store_id and s.till_id = e.till_id)
    then
        fault := 'The till wrote in the shift of another till.';
    elsif e.event_type = 'shift_closed' and e.for_till is null
        and not cold.is_own_number(e.till_id, 'Z', e.data->>'number')
    then
        fault := 'The number of the Z is not of a series of its till.';
    end if;
    if fault is not null then
        perform warm.quarantine_event(p_auth, null, e, fault || ' The record is kept, and changes nothing.', 'TL025');
        return true;
    end if;
    insert into till.shift_facts (shift_id, event_id, store_id) values (e.stream_id, e.event_id, p_auth.store_id)
    on conflict do nothing;
    if e.event_type = 'drawer_corrected' then
        insert into till.shift_facts (shift_id, event_id, store_id)
        select n.shift, e.event_id, p_auth.store_id
        from unnest(array[e.data->>'was', e.data->>'tender']) as t (tender)
        cross join lateral warm.count_after(p_auth.store_id, e.till_id, (e.data->>'payment_id')::uuid, t.tender) as n
        where n.event_id < e.event_id
        on conflict do nothing;
    elsif e.event_type = 'shift_opened' then
        update till.shifts set opened = e.event_id where shift_id = e.stream_id and opened is null;
    elsif e.event_type = 'shift_closed' and e.for_till is not null then
        update till.shifts set closed_by_server = e.event_id where shift_id = e.stream_id and closed_by_server is null;
    elsif e.event_type = 'shift_closed' then
        update till.shifts set closed = e.event_id where shift_id = e.stream_id and closed is null;
    end if;
    return false;
end $$;

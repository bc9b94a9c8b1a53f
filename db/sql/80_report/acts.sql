-- Facts about single acts, for the reports that list them.

-- An act with its time, its reason and the manager who approved it. A till writes the approval right after the events of
-- the act, in one transaction, so it is searched for in the next records of the same journal.
-- for: admin, report
create or replace function cold.act_of(p_event uuid) returns table (
    at timestamptz, reason text, approved_by integer, approver text)
language plpgsql stable security definer rows 1 set search_path = pg_catalog, pg_temp as $$
declare
    act warm.session_events;
    head bigint;
    manager integer;
    explained uuid;
begin
    select * into act from warm.session_events as e where e.event_id = p_event;
    if not found then
        select * into act from cold.audited_events(array[p_event]) limit 1;
        if not found then
            return;
        end if;
    end if;
    head := (select h.seq from warm.journal_head as h where h.journal_id = act.journal_id);
    manager := coalesce(
        (act.event_data->>'approved_by')::integer,
        (select (e.event_data->>'approved_by')::integer from warm.session_events as e
        where e.journal_id = act.journal_id and e.seq between act.seq + 1 and act.seq + 100
            and e.event_type = 'approval_given' and e.event_data->'events' ? p_event::text limit 1),
        (select (e.event_data->>'approved_by')::integer from cold.audited_places(
            act.journal_id, act.seq + 1, least(act.seq + 100, head), act.received_at, act.received_at,
            'a.event_type = ''approval_given''') as e
        where e.event_data->'events' ? p_event::text limit 1));
    if act.event_type = 'quantity_changed' then  -- its reason is an event of its own, as old tills have none for it
        explained := (
            select e.event_id from warm.log_of(act.session_id) as e
            where e.event_type = 'removal_explained' and e.event_data->'events' ? p_event::text limit 1);
    end if;
    return query
    select act."timestamp"::timestamptz,
        coalesce((select t.text from warm.texts_of(coalesce(explained, p_event)) as t where t.field = 'reason'), ''), manager,
        coalesce((select u.name from till.users as u where u.store_id = act.store_id and u.id = manager), '');
end $$;

-- The name of an order for people: its receipts, or its table or tab, or its id.
-- for: admin, report
create or replace function cold.order_in_words(p_session text) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(
        (select string_agg(o.receipt, ', ' order by o.receipt) from cold.orders as o where o.session_id = p_session),
        (
            select coalesce(nullif(t.name, ''), t.table_number) from warm.every_session as s join till.tabs as t on t.id = s.tab_id
            where s.id = p_session), p_session)
$$;

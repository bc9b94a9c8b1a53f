-- Forgetting a person: the free text beside the events of an order goes, wherever it stood, and no chain breaks (design §4).

-- Erases what was said beside the events of an order: an event of the server's chain names them, so that every till drops its
-- copy too, and what arrives later is dropped. Gives how many events were named.
create or replace function till.erase_v1(p_store uuid, p_actor integer, p_session text) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s till.order_sessions;
    ids uuid[];
begin
    select * into s from till.order_sessions where id = p_session for no key update;
    perform till.refuse_unreached(p_store, p_actor, p_session, s);
    if till.reach(p_store, p_actor) = 'own' then
        raise exception 'Erasing is for a manager.' using errcode = 'TL003';
    end if;
    ids := array(
        select e.event_id from warm.log_of(p_session) as e
        where e.event_data ? 'digests' and e.event_id not in (select x.event_id from warm.erased as x)
        order by e.event_id);
    if ids = '{}' then
        return 0;
    end if;
    insert into warm.erased (event_id, store_id) select id, s.store_id from unnest(ids) as id;
    delete from warm.event_texts where event_id = any (ids);
    delete from cold.order_audit_texts where event_id = any (ids);
    update till.tabs set name = '' where session_id = p_session;
    update till.conflicts set how = '' where session_id = p_session and how is not null;
    update warm.quarantine set how = case when how is not null then '' end, texts = null where session_id = p_session;
    update till.order_sessions
    set items = coalesce((
        select jsonb_agg(i.value - 'note' order by i.place)
        from jsonb_array_elements(items) with ordinality as i (value, place)), '[]')
    where id = p_session and jsonb_path_exists(items, '$[*].note');
    for place in 1 .. cardinality(ids) by 10000 loop
        perform warm.server_event_v1(
            s.store_id, p_actor, 'erased', p_session, jsonb_build_object('events', to_jsonb(ids[place:place + 9999])));
    end loop;
    perform till.raise_version(s.store_id, 'tabs');
    return cardinality(ids);
end $$;

-- The stamps of sales and refunds by a country's law. A till makes one with each sale and each given refund, in the chain
-- of its journal (docs/protocol.md, "Stamps"). Here each is compared with what it names, and put in the list of the sender.

-- A decimal in a field of a record; null for any other text.
create or replace function cold.decimal_in(p_text text) returns numeric
language sql immutable parallel safe as $$
    select case when p_text ~ '^-?[0-9]{1,15}(\.[0-9]{1,6})?$' then p_text::numeric end
$$;

-- The names of a stamp from their text; null for a text that is no map of texts.
create or replace function cold.names_in(p_text text) returns jsonb
language plpgsql immutable as $$
begin
    return (select n from (select p_text::jsonb as n) as x where not n @? 'strict $.keyvalue().value ? (@.type() != "string")');
exception when data_exception then
    return null;
end $$;

-- The sale or the given refund that a stamp names: its number, tax, total, session and currency; null for none. A sale that
-- is quarantined, or the second number of another, stands right before its stamp in the journal.
create or replace function warm.stamped_by(p_store uuid, e warm.incoming_event, out number text, out tax numeric, out total numeric,
    out session text, out currency text
) language plpgsql stable as $$
declare
    v_of constant uuid := (e.data->>'of')::uuid;
begin
    select o.receipt, o.tax, o.total_amount, o.session_id, o.currency into number, tax, total, session, currency
    from cold.orders as o where o.order_id = v_of and o.store_id = p_store and o.till_id = e.till_id;
    if not found then
        select c.receipt, (c.data->>'tax')::numeric, (c.data->>'net')::numeric + (c.data->>'tax')::numeric, o.session_id, o.currency
        into number, tax, total, session, currency
        from till.refund_claims as c join cold.orders as o on o.order_id = c.order_id
        where c.refund_id = v_of and c.store_id = p_store and c.till_id = e.till_id and c.state = 'approved';
    end if;
    if not found then
        select x.data->>'receipt', cold.decimal_in(x.data->>'tax'), cold.decimal_in(x.data->>'total'), x.session_id,
            x.data->>'currency'
        into number, tax, total, session, currency
        from (
            select s.event_data as data, s.session_id from warm.session_events as s
            where s.journal_id = e.journal_id and s.seq = e.seq - 1 and s.event_type = 'order_placed'
            union all
            select warm.read_body(q.body)->'data', q.session_id from warm.quarantine as q
            where q.journal_id = e.journal_id and q.seq = e.seq - 1 and q.event_type = 'order_placed'
        ) as x
        where x.data->>'order_id' = v_of::text;
    end if;
end $$;

-- The fault of a stamp of a till, as a sentence; null for none. The venue's settings name the fields of a record that are
-- compared: `same` those that are the same in each, such as the issuer, then the day, the tax and the total.
create or replace function warm.stamp_fault(
    p_auth warm.auth_context, e warm.incoming_event, p_fiscal jsonb, p_zone text, p_number text, p_tax numeric, p_total numeric
) returns text
language plpgsql stable as $$
declare
    proof constant jsonb := p_fiscal->'proof';
    fields constant jsonb := e.data->'fields';
begin
    return case
        when e.data->>'scheme' is distinct from p_fiscal->>'scheme' then 'The stamp is not by the law that the venue has set.'
        when not exists (
            select from warm.journal_head as h
            where h.journal_id = (e.data->>'chain')::uuid and h.store_id = p_auth.store_id and h.till_id = e.till_id)
            then 'The stamp is in the chain of a journal that is not of its till.'
        when p_number is null then 'The stamp names no sale or given refund of its till.'
        when not cold.is_own_number(e.till_id, 'F?R?', p_number)
            or e.data->>'number' <> coalesce(p_fiscal->'settings'->>'prefix', '') || p_number
            then 'The number of the stamp is not that of its sale or refund.'
        when not fields @> (proof->'same') then 'The stamp names another issuer than the venue.'
        when fields->>(proof->>'day') is distinct from to_char(e.at at time zone p_zone, proof->>'day_format')
            then 'The day of the stamp is not that of its sale or refund.'
        when cold.decimal_in(fields->>(proof->>'tax')) is distinct from p_tax
            or cold.decimal_in(fields->>(proof->>'total')) is distinct from p_total
            then 'The amounts of the stamp are not those of its sale or refund.'
    end;
end $$;

-- The stamps on the papers of an order, of its sales and their refunds, without the names: [{"of", "scheme", "kind", "number",
-- "fields", "previous", "hash"}]. The first of each is on the paper; further ones mend or annul it.
create or replace function cold.stamps_of(p_store uuid, p_session text) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(x.stamp), '[]') from (
        select distinct on (s.of_id) cold.stamp_json(s) - '{event,journal,till,at,names}'::text[] as stamp
        from cold.orders as o
        cross join lateral (
            select o.order_id as id union all select c.refund_id from till.refund_claims as c where c.order_id = o.order_id) as d
        join cold.fiscal_stamps as s on s.of_id = d.id and s.store_id = p_store
        where o.session_id = p_session and o.store_id = p_store
        order by s.of_id, s.arrival
    ) as x
$$;

-- Lists a stamp for the sender. One that is not true is quarantined. Of two with one number, or with one predecessor, the
-- first to arrive is sent; the other waits for a manager. What follows it in its chain goes on.
create or replace function warm.on_fiscal_stamped(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    venue constant jsonb := till.venue(p_auth.store_id);
    doc record;
    is_sender constant boolean := e.till_id = coalesce((venue->>'fiscal_sender')::integer, 0);
    fault text;
    v_state text := 'to_send';
begin
    if exists (select from cold.fiscal_stamps as x where x.store_id = p_auth.store_id and x.event_id = e.event_id) then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtext('cold.fiscal_stamps'), hashtext(p_auth.store_id || ' ' || e.till_id));
    doc := warm.stamped_by(p_auth.store_id, e);
    if is_sender then
        fault := warm.sender_stamp_fault(p_auth, e, venue->'fiscal');
    else
        fault := warm.stamp_fault(p_auth, e, venue->'fiscal', venue->>'timezone', doc.number, doc.tax, doc.total);
    end if;
    if fault is not null then
        perform warm.quarantine_event(p_auth, null, e, fault, 'TL035');
        v_state := 'quarantined';
    elsif exists (
        select from cold.fiscal_stamps as x
        where x.chain = (e.data->>'chain')::uuid and x.previous = coalesce(e.data->>'previous', '') and x.state <> 'quarantined')
        or exists (
        select from cold.fiscal_stamps as x
        where x.number = e.data->>'number' and x.store_id = p_auth.store_id and x.state <> 'quarantined'
            and not (is_sender and x.of_id = (e.data->>'of')::uuid))  -- a mend or an annulment
    then
        perform warm.find_conflict(p_auth, doc.session, 'number_twice', e.data->>'of', abs(doc.total), doc.currency);
        v_state := 'waits';
    end if;
    insert into cold.fiscal_stamps (event_id, store_id, chain, till_id, scheme, kind, of_id, number, previous, hash, at, state)
    values (
        e.event_id, p_auth.store_id, (e.data->>'chain')::uuid, e.till_id, e.data->>'scheme', e.data->>'kind', (e.data->>'of')::uuid,
        e.data->>'number', coalesce(e.data->>'previous', ''), e.data->>'hash', e.at, v_state);
    if v_state = 'to_send' then
        delete from till.fiscal_unstamped as u where u.store_id = p_auth.store_id and u.of_id = (e.data->>'of')::uuid;
    end if;
    return v_state <> 'to_send';
end $$;

-- The fault of a menu whose items a venue's tills cannot stamp by its law, as half a sentence; null for none. Each bears exactly
-- one tax, of a rate that the authority knows; the service charge bears the tax `p_charged`.
create or replace function till.menu_law_fault(p_menu jsonb, p_scheme text, p_law jsonb, p_charged text) returns text
language plpgsql stable as $$
begin
    return (
        select case when x.rate is null then format('%s needs one tax on each item, which is a rate, and %s has other ones', p_scheme, x.name)
            else format('%s has the rates %s, and %s bears %s', p_scheme,
                (select string_agg(r.rate, ', ' order by r.rate::numeric) from jsonb_array_elements_text(p_law->'rates') as r (rate)), x.name, x.rate) end
        from (
            select left(i.name, 80) as name, case when jsonb_array_length(t.taxes) = 1 then t.taxes->0->>'rate' end as rate
            from (
                select e->>'name' as name, e->>'tax' as tax from jsonb_array_elements(p_menu->'items') as e
                union all select 'the service charge', p_charged where p_charged <> ''
            ) as i cross join lateral (select coalesce(p_menu->'taxes'->i.tax, '[]') as taxes) as t
        ) as x
        where p_scheme is not null and (x.rate is null or p_law->>'scheme' = p_scheme and p_law->'rates' <> '[]' and not exists (
            select from jsonb_array_elements_text(p_law->'rates') as r (rate) where r.rate::numeric = x.rate::numeric))
        order by x.rate is not null limit 1);
end $$;

-- The fault of settings with which a venue's tills cannot stamp by its law, as half a sentence; null for none.
create or replace function till.law_fault(p_store uuid, p_settings jsonb) returns text
language plpgsql stable as $$
declare
    v_scheme constant text := p_settings->'fiscal'->>'scheme';
    of_menu constant text := till.menu_law_fault(
        (select m.body from till.settings as m where m.store_id = p_store and m.name = 'menu'), v_scheme,
        coalesce(p_settings->'fiscal_law', till.fiscal_law(p_store)), p_settings->'service_charge'->>'tax');
    lacking integer;
begin
    select t.id into lacking from till.tills as t
    where t.store_id = p_store and t.revoked_at is null and t.stations is null and v_scheme <> all (t.schemes) order by t.id limit 1;
    return case
        when v_scheme is null then null
        when p_settings->>'tax_rounding' is distinct from 'order'
            then format('%s needs taxes rounded by order: till admin settings set tax_rounding order', v_scheme)
        when of_menu is not null then of_menu
        when lacking is not null
            then format('the program of till %s does not know %s: upgrade it and open it, or revoke it', lacking, v_scheme)
        when coalesce(p_settings->>'address', '') = ''
            then format('%s needs the address of the venue: till admin settings set address', v_scheme)
    end;
end $$;

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

-- The fault of the form of a stamp, as a sentence; null for none. `p_law` is the law's data: what is no field of its records, or
-- not of the form of its field, neither the sender nor an export could write. Fields that mend or annul are the sender's own.
create or replace function warm.stamp_form_fault(e warm.incoming_event, p_law jsonb, p_is_sender boolean) returns text
language plpgsql stable as $$
declare
    fields constant jsonb := e.data->'fields';
    names jsonb := '{}';
    kind constant text := e.data->>'kind';
begin
    if e.texts ? 'names' then
        select cold.names_in(t.text) into names from warm.texts_of(e.event_id) as t where t.field = 'names';
    end if;
    return case
        when kind is distinct from p_law->>'annulment' and not fields ?& array(select jsonb_array_elements_text(p_law->'needed'))
            then 'The stamp lacks a field that each record of the law has.'
        when cold.has_strange_field(fields, case when p_is_sender then p_law->'paths' || (p_law->'mends') else p_law->'paths' end, p_law->'forms')
            then 'The stamp has a field that no record of the law has.'
        when names is null or cold.has_strange_field(names, p_law->'buyer', p_law->'forms') or names <> '{}' and not p_law->'naming' ? kind
            then 'The stamp names a buyer as no record of the law does.'
    end;
end $$;

-- True if fields have a path that is not listed, or a text that is not of its form. In the list, 0 is each number from 1 to 99.
create or replace function cold.has_strange_field(p_fields jsonb, p_paths jsonb, p_forms jsonb) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return (
        select coalesce(bool_or((f.value ~ (p_forms->>coalesce(
            p_paths->>f.key, p_paths->>regexp_replace(f.key, '\.[1-9][0-9]?\.', '.0.')))) is not true), false)
        from jsonb_each_text(p_fields) as f
    );
end $$;

-- True if the rows of a record are not those of a sale or refund: for each rate its tax, and its net as base. A refund's
-- shares are rounded each, so its nets may miss its total: so much may each base differ, and all of them add up. What no rate was
-- charged on is a row without a rate, which is there only if the sale has such an amount (`p_untaxed`).
create or replace function cold.are_other_rows(p_fields jsonb, p_rows jsonb, p_taxes jsonb, p_total numeric, p_untaxed boolean) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return (
        with kept as (
            select coalesce(max(x.amount) filter (where x.field = p_rows->>'rate'), 0) as rate,
                sum(x.amount) filter (where x.field = p_rows->>'base') as base,
                coalesce(sum(x.amount) filter (where x.field = p_rows->>'tax'), 0) as tax
            from (
                select split_part(f.key, '.', 2) as place, split_part(f.key, '.', 3) as field, cold.decimal_in(f.value) as amount
                from jsonb_each_text(p_fields) as f where f.key like (p_rows->>'path') || '.%'
            ) as x
            group by x.place
        ), own as (
            select k.rate, sum(k.base) as base, sum(k.tax) as tax, bool_and(k.base is not null) as is_whole from kept as k group by k.rate
        ), charged as (
            select round((t->>'rate')::numeric, 2) as rate, sum(coalesce((t->>'net')::numeric, 0)) as base, sum((t->>'tax')::numeric) as tax
            from jsonb_array_elements(p_taxes) as t where t->>'rate' is not null group by 1
        ), rest as (
            select p_total - coalesce(sum(c.base + c.tax), 0) as amount, count(*) as rates from charged as c
        )
        select coalesce(bool_or(case
                when c.rate is null then o.rate <> 0 or o.tax <> 0 or not o.is_whole or abs(o.base) > abs(r.amount) or not p_untaxed and r.rates > 0
                else (o.is_whole and o.tax = c.tax and abs(o.base - c.base) <= abs(r.amount)) is not true end), true)
            or sum(o.base + o.tax) is distinct from p_total
        from own as o full join charged as c on c.rate = o.rate cross join rest as r
    );
end $$;

-- True if a sale has an amount that no rate was charged on.
create or replace function cold.has_untaxed(p_taxes jsonb, p_total numeric) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return (
        select coalesce(sum(case when t->>'rate' is not null then coalesce((t->>'net')::numeric, 0) + (t->>'tax')::numeric end), 0) <> p_total
        from jsonb_array_elements(p_taxes) as t
    );
end $$;

-- The sale, given refund or invoice for a ticket that a stamp names: its number, tax, total, taxes, session and currency, and if
-- its sale has an untaxed amount, and if it is an invoice for a ticket; null for none. A sale that is quarantined, or the second number of another, stands right before its stamp in the journal.
create or replace function warm.stamped_by(p_store uuid, e warm.incoming_event, out number text, out tax numeric, out total numeric,
    out taxes jsonb, out untaxed boolean, out exchanged boolean, out session text, out currency text
) language plpgsql stable as $$
declare
    v_of constant uuid := (e.data->>'of')::uuid;
begin
    exchanged := false;
    select o.receipt, o.tax, o.total_amount, o.taxes, cold.has_untaxed(o.taxes, o.total_amount), o.session_id, o.currency
    into number, tax, total, taxes, untaxed, session, currency
    from cold.orders as o where o.order_id = v_of and o.store_id = p_store and o.till_id = e.till_id;
    if not found then
        select c.receipt, (c.data->>'tax')::numeric, (c.data->>'net')::numeric + (c.data->>'tax')::numeric, coalesce(c.data->'taxes', '[]'),
            cold.has_untaxed(o.taxes, o.total_amount), o.session_id, o.currency
        into number, tax, total, taxes, untaxed, session, currency
        from till.refund_claims as c join cold.orders as o on o.order_id = c.order_id
        where c.refund_id = v_of and c.store_id = p_store and c.till_id = e.till_id and c.state = 'approved';
    end if;
    if not found then
        select i.number, o.tax, o.total_amount, o.taxes, cold.has_untaxed(o.taxes, o.total_amount), o.session_id, o.currency
        into number, tax, total, taxes, untaxed, session, currency
        from till.invoice_claims as i join cold.orders as o on o.order_id = i.order_id
        where i.event_id = v_of and i.store_id = p_store and i.till_id = e.till_id;
        exchanged := found;
    end if;
    if not found then
        select x.data->>'receipt', cold.decimal_in(x.data->>'tax'), cold.decimal_in(x.data->>'total'), coalesce(x.data->'taxes', '[]'),
            cold.has_untaxed(coalesce(x.data->'taxes', '[]'), cold.decimal_in(x.data->>'total')), x.session_id, x.data->>'currency'
        into number, tax, total, taxes, untaxed, session, currency
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
-- compared: `same` those that are the same in each, such as the issuer, then the day, the tax and the total. The law's data, null
-- for none, has the kinds by the series of the number, and the rows of the rates.
create or replace function warm.stamp_fault(
    p_auth warm.auth_context, e warm.incoming_event, p_fiscal jsonb, p_law jsonb, p_zone text, p_doc record
) returns text
language plpgsql stable as $$
declare
    proof constant jsonb := p_fiscal->'proof';
    fields constant jsonb := e.data->'fields';
    series constant text := coalesce(substring(p_doc.number from '-([A-Z]*)[0-9]+$'), '');
begin
    return case
        when not exists (
            select from warm.journal_head as h
            where h.journal_id = (e.data->>'chain')::uuid and h.store_id = p_auth.store_id and h.till_id = e.till_id)
            then 'The stamp is in the chain of a journal that is not of its till.'
        when p_doc.number is null then 'The stamp names no sale or given refund of its till.'
        when not cold.is_own_number(e.till_id, 'F?R?', p_doc.number)
            or e.data->>'number' <> coalesce(p_fiscal->'settings'->>'prefix', '') || p_doc.number
            then 'The number of the stamp is not that of its sale or refund.'
        when p_law is not null and (p_law->'series'->series ? (e.data->>'kind')
            and p_doc.exchanged = (e.data->>'kind' = coalesce(p_law->>'exchange', ''))) is not true
            then 'The kind of the stamp is not one of the series of its number.'
        when not fields @> (proof->'same') then 'The stamp names another issuer than the venue.'
        when fields->>(proof->>'day') is distinct from to_char(e.at at time zone p_zone, proof->>'day_format')
            then 'The day of the stamp is not that of its sale or refund.'
        when cold.decimal_in(fields->>(proof->>'tax')) is distinct from p_doc.tax
            or cold.decimal_in(fields->>(proof->>'total')) is distinct from p_doc.total
            or p_law is not null and cold.are_other_rows(fields, p_law->'rows', p_doc.taxes, p_doc.total, p_doc.untaxed)
            then 'The amounts of the stamp are not those of its sale or refund.'
    end;
end $$;

-- The stamps on the papers of an order, of its sales and their refunds, without the names: [{"of", "scheme", "kind", "number",
-- "fields", "previous", "hash"}]. The first of each is on the paper; further ones mend or annul it. One that is not true has marks
-- that no other till could write.
create or replace function cold.stamps_of(p_store uuid, p_session text) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(x.stamp), '[]') from (
        select distinct on (s.of_id) cold.stamp_json(s) - '{event,journal,till,at,names}'::text[] as stamp
        from cold.orders as o
        cross join lateral (
            select o.order_id as id union all select c.refund_id from till.refund_claims as c where c.order_id = o.order_id
            union all select i.event_id from till.invoice_claims as i where i.store_id = p_store and i.order_id = o.order_id) as d
        join cold.fiscal_stamps as s on s.of_id = d.id and s.store_id = p_store and s.state <> 'quarantined'
        where o.session_id = p_session and o.store_id = p_store
        order by s.of_id, s.arrival
    ) as x
$$;

-- The number of records that the tax authority lacks, and the seconds that the oldest waits: [n, s].
create or replace function cold.fiscal_lacks(p_store uuid) returns json
language plpgsql stable as $$
begin
    return (
        select json_build_array(count(*), coalesce(greatest(extract(epoch from now() - min(s.at)), 0)::bigint, 0))
        from cold.fiscal_stamps as s where s.store_id = p_store and s.state = 'to_send' and not s.answered
    );
end $$;

-- Lists a stamp for the sender. One that is not true is quarantined. Of two with one number, or with one predecessor, the
-- first to arrive is sent; the other waits for a manager. What follows it in its chain goes on.
create or replace function warm.on_fiscal_stamped(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    venue constant jsonb := till.venue(p_auth.store_id);
    doc record;
    is_sender constant boolean := e.till_id = coalesce((venue->>'fiscal_sender')::integer, 0);
    law jsonb := till.fiscal_law(p_auth.store_id);
    fault text;
    v_state text := 'to_send';
begin
    if exists (select from cold.fiscal_stamps as x where x.store_id = p_auth.store_id and x.event_id = e.event_id) then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtext('cold.fiscal_stamps'), hashtext(p_auth.store_id || ' ' || e.till_id));
    doc := warm.stamped_by(p_auth.store_id, e);
    if law->>'scheme' is distinct from venue->'fiscal'->>'scheme' then
        law := null;  -- no program wrote the data of this law yet
    end if;
    fault := case
        when e.data->>'scheme' is distinct from venue->'fiscal'->>'scheme' then 'The stamp is not by the law that the venue has set.'
        when law is not null then warm.stamp_form_fault(e, law, is_sender) end;
    if fault is null and is_sender then
        fault := warm.sender_stamp_fault(p_auth, e, venue->'fiscal');
    elsif fault is null then
        fault := warm.stamp_fault(p_auth, e, venue->'fiscal', law, venue->>'timezone', doc);
    end if;
    if fault is not null then
        perform warm.quarantine_event(p_auth, null, e, fault, 'TL035');
        v_state := 'quarantined';
    elsif is_sender and not warm.is_sender_work(p_auth, e, venue->'fiscal') then  -- after a restore it may be honest
        perform warm.quarantine_event(p_auth, null, e, format(
            'The sender stamped %1$s, which was no work of it. If the record is right, send it: till admin invoices send %1$s.',
            e.data->>'number'), 'TL036');
        v_state := 'waits';
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
-- one tax, of a rate that the authority knows; the service charge bears the tax `p_charged`. Planned taxes count too.
create or replace function till.menu_law_fault(p_menu jsonb, p_scheme text, p_law jsonb, p_charged text) returns text
language plpgsql stable as $$
begin
    return (
        select case when x.rate is null then format('%s needs one tax on each item, which is a rate, and %s has other ones', p_scheme, x.name)
            else format('%s has the rates %s, and %s bears %s', p_scheme,
                (select string_agg(r.rate, ', ' order by r.rate::numeric) from jsonb_array_elements_text(p_law->'rates') as r (rate)), x.name, x.rate)
                || case when x.starts is null then ''
                    else format(' from %s: if that is the law, upgrade the program first, which knows its rates', left(x.starts, 10)) end end
        from (
            select left(i.name, 80) as name, i.starts, case when jsonb_array_length(t.taxes) = 1 then t.taxes->0->>'rate' end as rate
            from (
                select e->>'name' as name, e->>'tax' as tax, null as starts from jsonb_array_elements(p_menu->'items') as e
                union all select e->>'name', t.value->>'tax', null from jsonb_array_elements(p_menu->'items') as e,
                    jsonb_each(e->'by_type') as t where t.value ? 'tax'
                union all select e->>'name', r->>'tax', r->>'from' from jsonb_array_elements(p_menu->'items') as e,
                    jsonb_array_elements(e->'rates') as r
                union all select 'the service charge', r->>'tax', r->>'from' from jsonb_array_elements(p_menu->'charge_rates') as r
                union all select 'the service charge', p_charged, null where p_charged <> ''
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
    is_new boolean;
begin
    select t.id, t.seen_at is null into lacking, is_new from till.tills as t
    where t.store_id = p_store and t.revoked_at is null and t.stations is null and v_scheme <> all (t.schemes) order by t.id limit 1;
    return case
        when v_scheme is null then null
        when p_settings->>'tax_rounding' is distinct from 'order'
            then format('%s needs taxes rounded by order: till admin settings set tax_rounding order', v_scheme)
        when of_menu is not null then of_menu
        when is_new then format('till %s is not opened yet: open it once, or revoke it', lacking)
        when lacking is not null
            then format('the program of till %s does not know %s: upgrade it and open it, or revoke it', lacking, v_scheme)
        when coalesce(p_settings->>'address', '') = ''
            then format('%s needs the address of the venue: till admin settings set address', v_scheme)
    end;
end $$;

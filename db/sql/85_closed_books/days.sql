-- Stored sums of past days, for each view, so that a report over years reads a row for each day. A change of a past day
-- deletes its rows; until they are stored again the views are read. An upgrade that changes functions deletes all rows,
-- because their formulas may be others. It does so after the views were replaced: their locks keep the maintenance of
-- the program before from storing more.

-- The number of days after which all views of a day are stored.
create or replace function cold.longest_wait() returns integer
language sql immutable parallel safe as $$ select 7 $$;

-- The views whose days are stored, and the number of days after which a day is stored: the views of the reports, except
-- two that change later. Views that read the log wait longer, for tills that are offline.
create or replace function cold.rolled_views() returns table (view text, after integer)
language sql stable parallel safe as $$
    select c.relname::text, case
        when c.relname in ('taken_off_by_person', 'funnel_by_day', 'time_to_order_by_day') or c.relname ~ '_by_shift$' then cold.longest_wait() else 1 end
    from pg_class as c
    where c.relnamespace = 'cold'::regnamespace and c.relkind = 'v' and c.relname ~ '_by_|^(discount|comp)_acts$'
        and c.relname not in ('contested_by_day', 'feedback_by_order') and has_table_privilege('till_report', c.oid, 'SELECT')
$$;

-- Deletes the stored sums of a day, because its data has changed.
create or replace function cold.unroll(p_store uuid, p_day date) returns void
language plpgsql as $$
begin
    delete from cold.report_days where store_id = p_store and business_date = p_day;
end $$;

-- Deletes the stored sums by invoice of the days of a document's stamps, of its business day, and of a time at which it had one.
-- A day is stored when it has been over for a day.
create or replace function cold.unroll_invoice(p_store uuid, p_of uuid, p_at timestamptz default null) returns void
language plpgsql as $$
declare
    stamped constant timestamptz[] := array(
        select s.at from cold.fiscal_stamps as s
        where s.of_id = p_of and s.store_id = p_store and s.at < now() - interval '1 day') || p_at;
    days date[] := array(
        select o.business_date from cold.orders as o where o.order_id = p_of and o.business_date < current_date
        union all
        select r.business_date from cold.refunds as r where r.refund_id = p_of and r.business_date < current_date);
begin
    if cardinality(stamped) > 0 then
        days := days || array(
            select (x.at at time zone coalesce(till.venue(p_store)->>'timezone', 'UTC'))::date from unnest(stamped) as x (at) where x.at is not null);
    end if;
    if cardinality(days) > 0 then
        delete from cold.report_days as r
        where r.store_id = p_store and r.view = 'taxes_by_invoice' and r.business_date = any (days);
    end if;
end $$;

-- After a stamp is made, no longer sent, or sent after all.
create or replace function cold.unroll_stamped() returns trigger
language plpgsql as $$
begin
    if old is not null then
        perform cold.unroll_invoice(old.store_id, old.of_id, old.at);
    end if;
    if new is not null then
        perform cold.unroll_invoice(new.store_id, new.of_id, new.at);
    end if;
    return null;
end $$;

-- After the zone of a venue changes: the days of all stamps may be others, and so may the hours.
create or replace function cold.unroll_zone() returns trigger
language plpgsql as $$
begin
    delete from cold.report_days where store_id = new.store_id;
    return null;
end $$;

-- After a change of a row about the money of a day, or of a correction: its day comes first, then the days of the stamps of its
-- invoice.
create or replace function cold.unroll_changed() returns trigger
language plpgsql as $$
declare
    changed constant jsonb := to_jsonb(coalesce(new, old));
    store constant uuid := changed->>'store_id';
    days constant date[] := array(
        select coalesce((changed->>'business_date')::date, (
            select o.business_date from cold.orders as o where o.order_id = (changed->>'order_id')::uuid))
        union all
        select (s.at at time zone coalesce(till.venue(store)->>'timezone', 'UTC'))::date from cold.fiscal_stamps as s
        where s.of_id = coalesce(changed->>'refund_id', changed->>'order_id')::uuid and s.store_id = store);
begin
    delete from cold.report_days as r
    where r.store_id = store and r.business_date = any (days) and (r.business_date = days[1] or r.view = 'taxes_by_invoice');
    return null;
end $$;

-- After a person is renamed: reports use the current names.
create or replace function cold.unroll_people() returns trigger
language plpgsql as $$
begin
    delete from cold.report_days where store_id = new.store_id and view ~ '_(by_person|by_shift|acts)$';
    return null;
end $$;

-- After texts are erased: lists of single acts have their reasons.
create or replace function cold.unroll_texts(p_store uuid) returns void
language sql as $$
    delete from cold.report_days where store_id = p_store and view ~ '_(by_shift|acts)$'
$$;

-- After a payment of an earlier day arrives late, from a till that was offline.
create or replace function cold.unroll_late() returns trigger
language plpgsql as $$
begin
    perform cold.unroll(new.store_id, till.business_date(new.store_id, new."timestamp"));
    return null;
end $$;

-- After a fact of a shift arrives, such as a count of the next morning, or an old shift sells: the Z of one that the server closed
-- names what arrives later. The id of a shift contains the time of its opening.
create or replace function cold.unroll_shift() returns trigger
language plpgsql as $$
declare
    shift constant text := coalesce(to_jsonb(new)->>'shift_id', to_jsonb(new)->>'shift');
begin
    delete from cold.report_days
    where store_id = new.store_id and view ~ '_by_shift$' and business_date = till.business_date(new.store_id, to_timestamp(
        ('x' || left(replace(shift, '-', ''), 12))::bit(48)::bigint / 1000.0));
    return null;
end $$;

-- After the sums of a day are deleted: the mark is not beyond it. Its row is locked even if it is before that day, because the
-- maintenance may be about to move it.
create or replace function cold.set_mark_back() returns trigger
language plpgsql as $$
begin
    perform from cold.stored_before as b where b.store_id = old.store_id for no key update;
    update cold.stored_before as b set day = old.business_date where b.store_id = old.store_id and b.day > old.business_date;
    return null;
end $$;

do $$
begin
    delete from cold.stored_before;
    delete from cold.report_days;
    perform till.always_fire('cold.report_days', 'sets_mark_back', 'after delete', 'for each row execute function cold.set_mark_back()');
    perform till.always_fire('warm.session_events', 'unrolls', 'after insert',
        'for each row when (new.event_type in (''payment_approved'', ''payment_voided'')
            and new."timestamp" < now() - interval ''1 day'') execute function cold.unroll_late()');
    perform till.always_fire('warm.session_events', 'unrolls_shift', 'after insert',
        'for each row when (new.shift is not null and new.event_type in (''order_placed'', ''refund_approved'')
            and new.shift < (lpad(to_hex(((extract(epoch from now()) - 86400) * 1000)::bigint), 12, ''0'')
                || ''00000000000000000000'')::uuid) execute function cold.unroll_shift()');
    perform till.always_fire('till.shift_facts', 'unrolls', 'after insert', 'for each row execute function cold.unroll_shift()');
    perform till.always_fire(t, 'unrolls', 'after insert or update or delete', 'for each row execute function cold.unroll_changed()')
    from unnest('{cold.orders,cold.refunds,cold.tender_correction,cold.tip_correction,cold.contested_sales}'::regclass[]) as t;
    perform till.always_fire('cold.fiscal_stamps', 'unrolls', 'after insert or delete or update of store_id, of_id, at, state, arrival',
        'for each row execute function cold.unroll_stamped()');
    perform till.always_fire('till.settings', 'unrolls', 'after update of body',
        'for each row when (new.name = ''settings'' and new.body->>''timezone'' is distinct from old.body->>''timezone'')
            execute function cold.unroll_zone()');
    perform till.always_fire('till.users', 'unrolls', 'after update of name',
        'for each row when (new.name is distinct from old.name) execute function cold.unroll_people()');
end $$;

-- The past days of a store since one whose sums are not stored, with the view of each. Only of a day that has fewer rows than
-- views is each view looked up: days are counted in the order of their index. The views and the days are each read once, whatever
-- the planner thinks of their number: the catalogue grows by the tables of each month, and so does the calendar.
create or replace function cold.days_not_stored(p_store uuid, p_since date) returns table (view text, business_date date)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    today constant date := till.business_date(p_store, now());
begin
    return query
    with rolled as materialized (
        select * from cold.rolled_views()
    ), stored as materialized (
        select r.business_date, count(*) as views from cold.report_days as r
        where r.store_id = p_store and r.business_date >= p_since group by r.business_date
    ), days as materialized (
        select c.business_date from cold.calendar as c left join stored as s on s.business_date = c.business_date
        where c.store_id = p_store and c.business_date >= p_since and c.business_date < today
            and coalesce(s.views, 0) < (select count(*) from rolled as v where c.business_date < today - v.after)
    )
    select v.view, d.business_date
    from days as d cross join rolled as v
    where d.business_date < today - v.after and not exists (
        select from cold.report_days as r
        where r.store_id = p_store and r.view = v.view and r.business_date = d.business_date);
end $$;

-- The days to store the sums of, the newest first, up to a limit.
create or replace function cold.days_to_roll(p_store uuid, p_limit integer) returns table (view text, business_date date)
language plpgsql stable as $$
begin
    return query
    select d.view, d.business_date
    from cold.days_not_stored(p_store, coalesce((select b.day from cold.stored_before as b where b.store_id = p_store), '-infinity')) as d
    order by d.business_date desc, d.view limit p_limit;
end $$;

-- Moves the mark of a store to its first day whose sums are not stored. Its row is locked before the look, so that a deletion is
-- either seen or sets it back after. Once a day all days are looked at, whatever the mark says.
create or replace function cold.move_mark(p_store uuid) returns void
language plpgsql as $$
declare
    mark cold.stored_before;
    is_whole boolean;
begin
    insert into cold.stored_before values (p_store, '-infinity', '-infinity') on conflict do nothing;
    select * into mark from cold.stored_before as b where b.store_id = p_store for no key update;
    is_whole := mark.looked_at < now() - interval '1 day';
    update cold.stored_before as b
    set looked_at = case when is_whole then now() else b.looked_at end, day = coalesce(
        (select min(d.business_date) from cold.days_not_stored(p_store, case when is_whole then '-infinity' else mark.day end) as d),
        till.business_date(p_store, now()) - cold.longest_wait())
    where b.store_id = p_store;
end $$;

-- Stores the sums of a past day for a view.
create or replace function cold.roll_up_day(p_store uuid, p_view text, p_day date) returns void
language plpgsql as $$
begin
    execute format(
        'insert into cold.report_days (store_id, view, business_date, rows)
        select $1, $2, $3, coalesce(jsonb_agg(to_jsonb(v) - ''store_id''), ''[]'') from cold.%I as v
        where v.store_id = $1 and v.business_date = $3
        on conflict do nothing', p_view)
    using p_store, p_view, p_day;
end $$;

-- The check of closed shifts: each Z is added up again, once, by the upkeep. The Z stands, whatever comes out. One that
-- cannot be added up is a failed job, which a manager hears of.

-- The figures of sums that are not zero, by their path, such as `tenders CASH amount`.
create or replace function warm.figures_of(p_sums jsonb) returns table (path text, value text)
language plpgsql immutable as $$
begin
    return query
    with recursive x (path, value) as (
        select null::text, p_sums
        union all
        select concat_ws(' ', x.path, y.name), y.value
        from x cross join lateral (
            select e.key, e.value from jsonb_each(case jsonb_typeof(x.value) when 'object' then x.value end) as e
            where e.key <> all (array['tender', 'category', 'name', 'rate', 'kind', 'business_date'])
            union all
            select coalesce(a->>'tender', a->>'category', a->>'kind', a->>'business_date', concat_ws(' ', a->>'name', a->>'rate')), a
            from jsonb_array_elements(case jsonb_typeof(x.value) when 'array' then x.value end) as a
        ) as y (name, value)
    )
    select x.path, x.value #>> '{}' from x
    where jsonb_typeof(x.value) not in ('object', 'array') and x.value #>> '{}' !~ '^-?[0.]+$';
end $$;

-- The first difference between the sums of a Z and those of its records, as a sentence; null for none. Sales and tenders
-- come first.
create or replace function warm.difference_of_sums(p_number text, p_stated jsonb, p_found jsonb) returns text
language plpgsql immutable as $$
begin
    return (
        select format(
            'Z %s says %s; its records add up to %s (%s). The Z stands.',
            p_number, coalesce(s.value, '0'), coalesce(f.value, '0'), coalesce(s.path, f.path))
        from warm.figures_of(p_stated) as s full join warm.figures_of(p_found) as f on f.path = s.path
        where s.value is distinct from f.value
        order by array_position(array['sales', 'tenders'], split_part(coalesce(s.path, f.path), ' ', 1)), coalesce(s.path, f.path)
        limit 1);
end $$;

-- The shifts of a store that were closed since and not added up. Tills take turns: the oldest shift of each, the till that
-- waits longest first.
create or replace function warm.unchecked_shifts(p_store uuid) returns setof uuid
language plpgsql stable as $$
begin
    return query
    select s.shift_id
    from (
        select x.shift_id, x.till_id, row_number() over (partition by x.till_id order by x.shift_id) as place from till.shifts as x
        where x.store_id = p_store and x.closed is not null and x.checked_at is null
    ) as s
    left join lateral (
        select greatest(
            (select max(y.checked_at) from till.shifts as y where y.store_id = p_store and y.till_id = s.till_id),
            (select max(j.tried_at) from till.upkeep_jobs as j
            where j.store_id = p_store and j.kind = 'check' and j.till_id = s.till_id)) as last
    ) as t on s.place = 1
    order by s.place, t.last nulls first, s.shift_id;
end $$;

-- Adds up a closed shift, once. A difference waits for a manager. A till whose journal was lost may not know the balance of its
-- drawer; an earlier program did not know a later figure. Raises TL031 if a part of its records is missing or does not read.
create or replace function warm.check_shift(p_shift uuid) returns void
language plpgsql as $$
declare
    s till.shifts;
    z warm.session_events;
    stated jsonb;
    found_sums jsonb;
    words text;
begin
    select * into s from till.shifts as x where x.shift_id = p_shift and x.closed is not null and x.checked_at is null;
    if not found then
        return;
    end if;
    z := warm.event_by_id(s.store_id, s.closed);
    stated := z.event_data->'sums';
    found_sums := warm.shift_sums(s.shift_id);
    found_sums := found_sums - array(select f from unnest(warm.later_figures()) as f where not stated ? f);
    if found_sums is null then
        raise exception 'A part of its records is missing, or cannot be read.' using errcode = 'TL031';
    elsif (select o.journal_id <> z.journal_id from warm.opening_of_shift(s.shift_id) as o) then
        stated := stated - 'drawer';
        found_sums := found_sums - 'drawer';
    end if;
    words := warm.difference_of_sums(z.event_data->>'number', stated, found_sums);
    if words is not null then
        insert into warm.quarantine (store_id, event_id, journal_id, till_id, event_type, reason, sqlstate, body)
        values (s.store_id, z.event_id, z.journal_id, s.till_id, z.event_type, words, 'TL018', z.body)
        on conflict do nothing;
        perform till.tell_tills(s.store_id, 'sessions');
    end if;
    update till.shifts set checked_at = now() where shift_id = s.shift_id;
end $$;

-- Lets the upkeep try again a check that failed, because a record of its shift came.
create or replace function warm.check_again(p_store uuid, p_shift text) returns void
language plpgsql as $$
begin
    update till.upkeep_jobs set functions = 0 where store_id = p_store and kind = 'check' and key = p_shift;
end $$;

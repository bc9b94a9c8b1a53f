-- Reading of reports: rows of their views, summed up over business days.

-- The days of a span that are not among these.
create or replace function cold.days_without(p_kept date[], p_first date, p_last date) returns date[]
language sql immutable parallel safe as $$
    select array(
        select g.day::date from generate_series(p_first::timestamp, least(p_last, p_first + 36525)::timestamp, interval '1 day') as g (day)
        where g.day::date <> all (p_kept))
$$;

-- Reads several views of one moment, each as an array of rows. `p_asked` is {"currency", "from", "to", "parts": [{"view", "columns":
-- [[column, null or "sum" or "avg"], ...]}, ...]}: columns without a word tell the rows apart, sums are text. It reads what
-- `till_report` may read, and nothing else.
create or replace function till.report_v1(p_store uuid, p_asked jsonb) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    part jsonb;
    cells text;
    keys text;
    found jsonb;
    all_found jsonb := '[]';
    first constant date := (p_asked->>'from')::date;
    last constant date := (p_asked->>'to')::date;
    kept date[];
    source text;
begin
    for part in select x from jsonb_array_elements(p_asked->'parts') as x loop
        if has_table_privilege('till_report', format('cold.%I', part->>'view'), 'SELECT') is not true then
            raise exception 'There is no report of %.', part->>'view' using errcode = 'TL004';
        end if;
        select string_agg(format(
                case c.one->>1 when 'sum' then 'sum(v.%I)::text' when 'avg' then 'avg(v.%I)::text' else 'v.%I' end, c.one->>0),
                ', ' order by c.place),
            'group by ' || string_agg(format('v.%I', c.one->>0), ', ') filter (where c.one->>1 is null)
        into cells, keys
        from jsonb_array_elements(part->'columns') with ordinality as c (one, place);
        kept := array(
            select r.business_date from cold.report_days as r
            where r.store_id = p_store and r.view = part->>'view' and r.business_date between first and last);
        source := format('select v.* from cold.%I as v where v.store_id = $1 and v.business_date between $2 and $3',
            part->>'view');
        if cardinality(kept) > 0 then
            -- days that are kept, and the others by the view; a planner that knows them reads no more
            source := format(
                'select v.* from cold.report_days as r cross join lateral jsonb_populate_recordset(null::cold.%1$I, r.rows) as v
                where r.store_id = $1 and r.view = %1$L and r.business_date = any ($5)
                union all %2$s and v.business_date = any ($6)', part->>'view', source);
        end if;
        execute format(
            'select coalesce(jsonb_agg(x.cells), ''[]'') from (
                select jsonb_build_array(%s) as cells from (%s) as v where v.currency = $4 %s) as x',
            cells, source, keys)
        into found
        using p_store, first, last, p_asked->>'currency', kept, cold.days_without(kept, first, last);
        all_found := all_found || jsonb_build_array(found);
    end loop;
    return all_found;
end $$;

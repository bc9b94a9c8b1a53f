-- Reading of reports: rows of their views, summed up over business days.

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
        execute format(
            'select coalesce(jsonb_agg(x.cells), ''[]'') from (
                select jsonb_build_array(%s) as cells from cold.%I as v
                where v.store_id = $1 and v.business_date between $2 and $3 and v.currency = $4 %s) as x',
            cells, part->>'view', keys)
        into found
        using p_store, (p_asked->>'from')::date, (p_asked->>'to')::date, p_asked->>'currency';
        all_found := all_found || jsonb_build_array(found);
    end loop;
    return all_found;
end $$;

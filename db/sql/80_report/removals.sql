-- The pieces that an act took off, by what was keyed: of a void, of fewer pieces and of a cleared order. A till writes beside
-- each what it took off, and may write anything.

-- Each line that an act of an order took pieces off, with the name, the pieces and their amount at the price that the line
-- had then, negative for a return. It is read in one pass over the log of the order. A line that only moved, or was copied
-- late, is in the event that brought it; a line cut from another has that one's name and price.
create or replace function warm.removals_of(p_session text) returns table (
    event_id uuid, line_id text, item_name text, pieces bigint, amount numeric)
language plpgsql stable as $$
begin
    return query
    with recursive log as materialized (
        select e.event_id::text as id, e.event_type as type, e.event_data as data from warm.log_of(p_session) as e
    ), own as materialized (
        select * from log
        union all
        select b.body->>'id', b.body->>'type', b.body->'data'
        from log as l cross join lateral (
            select x::jsonb as body from jsonb_array_elements_text(l.data->'events') as x where l.type = 'lines_copied') as b
    ), gone as materialized (  -- taken back, or refused
        select o.data->>'event' as id from own as o where o.type = 'change_undone'
            and o.data->>'event' not in (select c.id from own as c where c.type = 'order_discarded')  -- only a resumption takes it back
        union
        select jsonb_array_elements_text(o.data->'events') from own as o where o.type = 'refused'
    ), origin as materialized (
        select distinct on (x.line) x.*
        from (
            select o.data->>'line_id' as line, o.id, '' as since, o.data as keyed, 0::numeric as taken from own as o where o.type = 'item_added'
            union all
            select m->>'line_id', o.id, o.id, m, (
                select coalesce(sum(t.value::numeric), 0)
                from (select * from jsonb_each_text(m->'taken_off') union all select * from jsonb_each_text(m->'cut_off')) as t)
            from own as o cross join lateral jsonb_array_elements(o.data->'lines') as m
            where o.type = 'lines_moved' and o.data ? 'from_session'
        ) as x order by x.line, x.id desc
    ), part (line, root, since, quantity, taken, keyed) as (
        select o.line, o.line, o.since, (o.keyed->>'quantity')::numeric, o.taken, o.keyed from origin as o
        union all
        select c.data->>'into', p.root, c.id, sign(p.quantity) * (c.data->>'quantity')::numeric, 0, p.keyed
        from part as p join own as c on c.type = 'line_cut' and c.data->>'line_id' = p.line
        where c.data->>'into' not in (select o.line from origin as o)
    ), step as materialized (
        select p.line, o.id, o.type,
            case o.type when 'quantity_changed' then (o.data->>'taken_off')::numeric when 'line_cut' then (o.data->>'quantity')::numeric end as taken,
            case o.type when 'price_overridden' then (o.data->>'price')::numeric end as price,
            case o.type when 'modifiers_set' then coalesce(o.data->'modifiers', '[]') end as modifiers,
            case o.type when 'line_type_set' then coalesce(o.data->>'order_type', '') end as order_type,
            case o.type when 'line_rated' then coalesce(o.data->'by_type', '[]') end as rates
        from own as o
        cross join lateral (
            select o.data->>'line_id' as name where o.type <> 'item_added'
            union
            select jsonb_array_elements_text(o.data->'line_ids') where o.type = 'order_discarded'
        ) as n
        join part as p on p.line = n.name and (o.id > p.since or o.type not in ('quantity_changed', 'line_cut', 'line_voided'))
            or p.root = n.name and p.root <> p.line and o.id < p.since and o.type not in ('quantity_changed', 'line_cut', 'line_voided', 'order_discarded')
        where o.type in ('quantity_changed', 'line_cut', 'line_voided', 'order_discarded', 'price_overridden', 'modifiers_set', 'line_type_set',
                'line_rated')
            and o.id not in (select g.id from gone as g where g.id is not null)
    ), counted as (  -- the newest value of each attribute stands in the rows of its number
        select s.*, coalesce(sum(s.taken) over before, 0) as taken_before,
            coalesce(bool_or(s.type = 'line_voided') over before, false) as is_void,
            count(s.price) over upto as prices, count(s.modifiers) over upto as choices, count(s.order_type) over upto as types,
            count(s.rates) over upto as rated
        from step as s
        window before as (partition by s.line order by s.id rows between unbounded preceding and 1 preceding),
            upto as (partition by s.line order by s.id)
    ), valued as (
        select c.*, max(c.price) over (partition by c.line, c.prices) as own_price,
            max(c.modifiers::text) over (partition by c.line, c.choices)::jsonb as own_modifiers,
            max(c.order_type) over (partition by c.line, c.types) as own_type,
            max(c.rates::text) over (partition by c.line, c.rated)::jsonb as own_rates
        from counted as c
    )
    select v.id::uuid, v.line, p.keyed->>'item_name', x.pieces::bigint, round(x.pieces * greatest(0, x.price) * x.measure, d.decimals)
    from valued as v join part as p on p.line = v.line
    cross join lateral (
        select case when v.is_void then 0 else sign(p.quantity) * least(
                case when v.type = 'quantity_changed' then v.taken else abs(p.quantity) end,
                greatest(0, abs(p.quantity) - p.taken - v.taken_before)) end as pieces,
            coalesce(v.own_price, (
                    select (r->>'price')::numeric from jsonb_array_elements(v.own_rates) as r
                    where r->>'order_type' = coalesce(nullif(v.own_type, ''), (
                        select t.data->>'order_type' from own as t
                        where t.type in ('order_opened', 'order_type_set') and t.id < v.id order by t.id desc limit 1))
                ), (p.keyed->>'unit_price')::numeric, (p.keyed->>'price')::numeric)
                + coalesce((
                    select sum((m->>'price')::numeric) from jsonb_array_elements(coalesce(v.own_modifiers, p.keyed->'modifiers')) as m), 0) as price,
            coalesce((p.keyed->>'measure')::numeric / 1000, 1) as measure
    ) as x
    cross join (select cold.decimals_of(s.currency) as decimals from warm.every_session as s where s.id = p_session) as d
    where v.type = any (warm.kinds_removing()) and x.pieces <> 0;
end $$;

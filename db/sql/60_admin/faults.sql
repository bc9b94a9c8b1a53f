-- Checks of values from the administration, by the same bounds as tills use (till.field_rules, generated from their
-- classes).

-- The fault of a value of a shape, as half a sentence; null for none. The value is also stored in events, so its texts
-- have the same maximum length, and its numbers are written as whole numbers.
create or replace function till.fault_of(p_shape text, p_value jsonb) returns text
language plpgsql stable as $$
begin
    if jsonb_typeof(p_value) is distinct from 'object' then
        return format('%s is not a set of names with values', left(coalesce(p_value::text, 'nothing'), 80));
    end if;
    return (
        select case
            when r.refusal is not null then r.refusal
            when r.field is null then format('there is no %s', left(v.key, 40))
            when v.key is null then format('%s is missing', r.field)
            else format('%s cannot be %s', v.key, left(v.value::text, 80)) end
        from jsonb_each(p_value) as v (key, value)
        full join (select x.* from till.field_rules() as x where x.shape = p_shape) as r on r.field = v.key
        where case
            when r.refusal is not null then (p_value @@ r.holds::jsonpath) is not true
            when v.key is null then r.needed
            else (v.value @@ r.holds::jsonpath) is not true or exists (
                select from jsonb_path_query(v.value, '$.** ? (@.type() == "number" || @.type() == "string")') as x (one)
                where case jsonb_typeof(one) when 'number' then one::text ~ '[^0-9-]' else length(one #>> '{}') > 250 end) end
        order by v.key, r.field limit 1
    );
end $$;

-- True if one of the amounts is smaller than the coin of a currency, so that no till could read it.
create or replace function till.is_too_fine(p_currency text, variadic p_amounts text[]) returns boolean
language sql immutable as $$
    select coalesce(bool_or(scale(a.amount::numeric) > cold.decimals_of(p_currency)), false)
    from unnest(p_amounts) as a (amount)
$$;

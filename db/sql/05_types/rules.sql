-- The bounds and values that tills and the database share. Generated from the classes in till/domain by
-- tools/generate.py (`make generate`). Do not edit it by hand; lint fails if it differs.

-- The rule of each field of a shape, as a jsonpath. A row without a field is the rule of the shape itself.
create or replace function till.field_rules() returns table (
    shape text, field text, needed boolean, holds text, refusal text
)
language sql immutable parallel safe as $$
    values
        ('settings', 'name', false, '$.type() == "string" && $ like_regex "^[^ \\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]*[^ \\x00-\\x1f\\x7f-\\x9f])?$" && $ like_regex "^.{0,80}$" flag "s"', null),
        ('settings', 'currency', false, '$.type() == "string" && $ like_regex "^[A-Z]{3}$"', null),
        ('settings', 'locale', false, '$.type() == "string" && $ like_regex "^[a-z]{2,3}(_[A-Z][A-Za-z]{3})?(_[A-Z]{2})?$"', null),
        ('settings', 'timezone', false, '$.type() == "string" && $ like_regex "^[^\\x00-\\x1f\\x7f-\\x9f]*$"', null),
        ('settings', 'business_day_ends', false, '$.type() == "string" && $ like_regex "^([01][0-9]|2[0-3]):[0-5][0-9]$"', null),
        ('settings', 'prices_include_tax', false, '$.type() == "boolean"', null),
        ('settings', 'tax_rounding', false, '$.type() == "string" && ($ == "line" || $ == "order")', null),
        ('settings', 'tax_rounding_direction', false, '$.type() == "string" && ($ == "down" || $ == "half_up" || $ == "up")', null),
        ('settings', 'tax_rounding_of', false, '$.type() == "string" && ($ == "each" || $ == "sum_of_rates")', null),
        ('settings', 'rounding', false, '(($.type() == "object" && !exists($.keyvalue() ? (@.key != "step" && @.key != "direction" && @.key != "nothing_up_to" && @.key != "of" && @.key != "never")) && $."step".type() == "string" && $."step" like_regex "^[0-9]{1,7}(\\.[0-9]{1,4})?$" && (!exists($."direction") || ($."direction".type() == "string" && ($."direction" == "down" || $."direction" == "half_down" || $."direction" == "half_up"))) && (!exists($."nothing_up_to") || ((($."nothing_up_to".type() == "string" && $."nothing_up_to" like_regex "^[0-9]{1,7}(\\.[0-9]{1,4})?$") || $."nothing_up_to".type() == "null"))) && (!exists($."of") || ($."of".type() == "string" && ($."of" == "bill" || $."of" == "cash"))) && (!exists($."never") || ($."never".type() == "array" && $."never".size() >= 0 && $."never".size() <= 100 && !($."never"[*].type() == "array") && !exists($."never"[*] ? (!exists(@ ? (@.type() == "string"))))))) || $.type() == "null")', null),
        ('settings', 'service_charge', false, '(($.type() == "object" && !exists($.keyvalue() ? (@.key != "percent" && @.key != "tax" && @.key != "order_types")) && $."percent".type() == "string" && $."percent" like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$" && (!exists($."tax") || $."tax".type() == "string") && (!exists($."order_types") || ($."order_types".type() == "array" && $."order_types".size() >= 0 && $."order_types".size() <= 20 && !($."order_types"[*].type() == "array") && !exists($."order_types"[*] ? (!exists(@ ? (@.type() == "string"))))))) || $.type() == "null")', null),
        ('settings', 'tax_number', false, '$.type() == "string" && $ like_regex "^[^\\x00-\\x1f\\x7f-\\x9f]*$"', null),
        ('settings', 'address', false, '$.type() == "string" && $ like_regex "^[^\\x00-\\x1f\\x7f-\\x9f]*$"', null),
        ('settings', 'receipt_heading', false, '$.type() == "string" && $ like_regex "^[^\\x00-\\x1f\\x7f-\\x9f]*$"', null),
        ('settings', 'receipt_footer', false, '$.type() == "string" && $ like_regex "^[^\\x00-\\x1f\\x7f-\\x9f]*$"', null),
        ('settings', 'hsn', false, '$.type() == "string" && $ like_regex "^[^\\x00-\\x1f\\x7f-\\x9f]*$"', null),
        ('settings', 'cashier_may', false, '$.type() == "string" && $ like_regex "^(all|(void_sent|discount|comp|staff_meal|price|sold_out|refund|give_back|tender|settle|take_over|set_aside|move_cash|no_sale|count_again|read_cash|close_shift|close_till)([ ,]+(void_sent|discount|comp|staff_meal|price|sold_out|refund|give_back|tender|settle|take_over|set_aside|move_cash|no_sale|count_again|read_cash|close_shift|close_till))*)?$"', null),
        ('settings', 'cashier_discount_percent', false, '$.type() == "string" && $ like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$"', null),
        ('settings', 'cashier_discount_amount', false, '$.type() == "string" && $ like_regex "^[0-9]{1,9}(\\.[0-9]{1,4})?$"', null),
        ('settings', 'cashier_cash', false, '$.type() == "string" && $ like_regex "^([0-9]{1,9}(\\.[0-9]{1,4})?)?$"', null),
        ('settings', 'manager_may', false, '$.type() == "string" && $ like_regex "^(all|(void_sent|discount|comp|staff_meal|price|sold_out|refund|give_back|tender|settle|take_over|set_aside|move_cash|no_sale|count_again|read_cash|close_shift|close_till)([ ,]+(void_sent|discount|comp|staff_meal|price|sold_out|refund|give_back|tender|settle|take_over|set_aside|move_cash|no_sale|count_again|read_cash|close_shift|close_till))*)?$"', null),
        ('settings', 'manager_discount_percent', false, '$.type() == "string" && $ like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$"', null),
        ('settings', 'manager_discount_amount', false, '$.type() == "string" && $ like_regex "^[0-9]{1,9}(\\.[0-9]{1,4})?$"', null),
        ('settings', 'staff_meal_percent', false, '$.type() == "string" && $ like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$"', null),
        ('settings', 'tab_minutes', false, '$.type() == "number" && $ >= 0 && $ <= 1440 && $.floor() == $', null),
        ('settings', 'tab_word', false, '$.type() == "string" && ($ == "tab" || $ == "table")', null),
        ('settings', 'receipts', false, '$.type() == "string" && ($ == "always" || $ == "key" || $ == "never")', null),
        ('settings', 'printers', false, '$.type() == "array" && $.size() >= 0 && $.size() <= 50 && !($[*].type() == "array") && !exists($[*] ? (!exists(@ ? (@.type() == "object" && !exists(@.keyvalue() ? (@.key != "name" && @.key != "address" && @.key != "columns" && @.key != "code_page" && @.key != "cutter" && @.key != "asks_status" && @.key != "answers_ids" && @.key != "receipts" && @.key != "drawer" && @.key != "dpi" && @.key != "codes")) && @."name".type() == "string" && @."name" like_regex "^[^ \\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]*[^ \\x00-\\x1f\\x7f-\\x9f])?$" && @."name" like_regex "^.{0,20}$" flag "s" && @."address".type() == "string" && @."address" like_regex "^(tcp://([A-Za-z0-9._-]{1,120}|\\[[0-9A-Fa-f:.]{2,45}\\])(:[1-9][0-9]{0,4})?|/[!-~]{1,120})$" && (!exists(@."columns") || (@."columns".type() == "number" && @."columns" >= 32 && @."columns" <= 64 && @."columns".floor() == @."columns")) && (!exists(@."code_page") || (@."code_page".type() == "string" && @."code_page" like_regex "^[a-z][a-z0-9_]{2,19}$")) && (!exists(@."cutter") || @."cutter".type() == "boolean") && (!exists(@."asks_status") || @."asks_status".type() == "boolean") && (!exists(@."answers_ids") || @."answers_ids".type() == "boolean") && (!exists(@."receipts") || (@."receipts".type() == "array" && @."receipts".size() >= 0 && @."receipts".size() <= 100 && !(@."receipts"[*].type() == "array") && !exists(@."receipts"[*] ? (!exists(@ ? (@.type() == "number" && @ >= 1 && @ <= 999 && @.floor() == @)))))) && (!exists(@."drawer") || (@."drawer".type() == "number" && @."drawer" >= 0 && @."drawer" <= 999 && @."drawer".floor() == @."drawer")) && (!exists(@."dpi") || (@."dpi".type() == "number" && @."dpi" >= 100 && @."dpi" <= 360 && @."dpi".floor() == @."dpi")) && (!exists(@."codes") || (@."codes".type() == "string" && (@."codes" == "drawn" || @."codes" == "own")))))))', null),
        ('settings', 'stations', false, '$.type() == "array" && $.size() >= 0 && $.size() <= 50 && !($[*].type() == "array") && !exists($[*] ? (!exists(@ ? (@.type() == "object" && !exists(@.keyvalue() ? (@.key != "name" && @.key != "categories" && @.key != "items" && @.key != "printer" && @.key != "later" && @.key != "screen")) && @."name".type() == "string" && @."name" like_regex "^[^ \\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]*[^ \\x00-\\x1f\\x7f-\\x9f])?$" && @."name" like_regex "^.{0,20}$" flag "s" && (!exists(@."categories") || (@."categories".type() == "array" && @."categories".size() >= 0 && @."categories".size() <= 200 && !(@."categories"[*].type() == "array") && !exists(@."categories"[*] ? (!exists(@ ? (@.type() == "string")))))) && (!exists(@."items") || (@."items".type() == "array" && @."items".size() >= 0 && @."items".size() <= 1000 && !(@."items"[*].type() == "array") && !exists(@."items"[*] ? (!exists(@ ? (@.type() == "string")))))) && (!exists(@."printer") || @."printer".type() == "string") && (!exists(@."later") || @."later".type() == "boolean") && (!exists(@."screen") || @."screen".type() == "boolean")))))', null),
        ('settings', 'hold_courses', false, '$.type() == "boolean"', null),
        ('settings', 'kitchen_minutes', false, '$.type() == "number" && $ >= 0 && $ <= 1440 && $.floor() == $', null),
        ('settings', 'call_numbers', false, '$.type() == "boolean"', null),
        ('settings', 'cooked', false, '$.type() == "object" && !exists($.keyvalue() ? (!exists(@ ? (@.key.type() == "string" && @.key like_regex "^[a-z][a-z0-9_]{0,62}$" && @.value.type() == "string" && (@.value == "opened" || @.value == "paid" || @.value == "submitted")))))', null),
        ('settings', 'trading_days', false, '$.type() == "object" && !exists($.keyvalue() ? (!exists(@ ? (@.key.type() == "string" && @.key like_regex "^[^ \\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]*[^ \\x00-\\x1f\\x7f-\\x9f])?$" && @.key like_regex "^.{0,80}$" flag "s" && @.value.type() == "string" && @.value like_regex "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"))))', null),
        ('settings', 'recorded_days', false, '$.type() == "object" && !exists($.keyvalue() ? (!exists(@ ? (@.key.type() == "string" && @.key like_regex "^[^ \\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]*[^ \\x00-\\x1f\\x7f-\\x9f])?$" && @.key like_regex "^.{0,80}$" flag "s" && @.value.type() == "string" && @.value like_regex "^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"))))', null),
        ('promotion', 'name', true, '$.type() == "string" && $ like_regex "^[^ \\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]*[^ \\x00-\\x1f\\x7f-\\x9f])?$" && $ like_regex "^.{0,80}$" flag "s"', null),
        ('promotion', 'items', false, '$.type() == "array" && $.size() >= 1 && $.size() <= 500 && !($[*].type() == "array") && !exists($[*] ? (!exists(@ ? (@.type() == "string" && @ != ""))))', null),
        ('promotion', 'categories', false, '$.type() == "array" && $.size() >= 1 && $.size() <= 500 && !($[*].type() == "array") && !exists($[*] ? (!exists(@ ? (@.type() == "string" && @ != ""))))', null),
        ('promotion', 'percent', false, '$.type() == "string" && $ like_regex "^([0-9]{1,2}(\\.[0-9]{1,4})?|100(\\.0{1,4})?)$"', null),
        ('promotion', 'amount', false, '$.type() == "string" && $ like_regex "^[0-9]{1,7}(\\.[0-9]{1,4})?$"', null),
        ('promotion', 'price', false, '$.type() == "string" && $ like_regex "^[0-9]{1,7}(\\.[0-9]{1,4})?$"', null),
        ('promotion', 'buy', false, '$.type() == "number" && $ >= 1 && $ <= 999 && $.floor() == $', null),
        ('promotion', 'get', false, '$.type() == "number" && $ >= 1 && $ <= 999 && $.floor() == $', null),
        ('promotion', 'pieces', false, '$.type() == "number" && $ >= 1 && $ <= 999 && $.floor() == $', null),
        ('promotion', 'set', false, '$.type() == "array" && $.size() >= 1 && $.size() <= 50 && !($[*].type() == "array") && !exists($[*] ? (!exists(@ ? (@.type() == "string" && @ != ""))))', null),
        ('promotion', 'hours', false, '$.type() == "array" && $.size() >= 1 && $.size() <= 500 && !($[*].type() == "array") && !exists($[*] ? (!exists(@ ? (@.type() == "object" && !exists(@.keyvalue() ? (@.key != "from" && @.key != "to" && @.key != "days")) && @."from".type() == "string" && @."from" like_regex "^([01][0-9]|2[0-3]):[0-5][0-9]$" && @."to".type() == "string" && @."to" like_regex "^([01][0-9]|2[0-3]):[0-5][0-9]$" && (!exists(@."days") || (@."days".type() == "array" && @."days".size() >= 1 && @."days".size() <= 7 && !(@."days"[*].type() == "array") && !exists(@."days"[*] ? (!exists(@ ? (@.type() == "number" && @ >= 1 && @ <= 7 && @.floor() == @))))))))))', null),
        ('promotion', 'starts', false, '$.type() == "string" && $ like_regex "^2([0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9](0[48]|[2468][048]|[13579][26])|[048]00)-02-29)$"', null),
        ('promotion', 'ends', false, '$.type() == "string" && $ like_regex "^2([0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9](0[48]|[2468][048]|[13579][26])|[048]00)-02-29)$"', null),
        ('promotion', 'by_hand', false, '$.type() == "boolean"', null),
        ('promotion', 'off', false, '$.type() == "boolean"', null),
        ('promotion', null, false, '((!exists($."amount") && !exists($."buy") && !exists($."by_hand") && !exists($."get") && exists($."percent") && !exists($."pieces") && !exists($."price") && !exists($."set")) || (exists($."amount") && !exists($."buy") && !exists($."by_hand") && !exists($."get") && !exists($."percent") && !exists($."pieces") && !exists($."price") && !exists($."set")) || (!exists($."amount") && !exists($."buy") && !exists($."by_hand") && !exists($."get") && !exists($."percent") && !exists($."pieces") && exists($."price") && !exists($."set")) || (!exists($."amount") && exists($."buy") && !exists($."by_hand") && exists($."get") && !exists($."percent") && !exists($."pieces") && !exists($."price") && !exists($."set")) || (!exists($."amount") && exists($."buy") && !exists($."by_hand") && exists($."get") && exists($."percent") && !exists($."pieces") && !exists($."price") && !exists($."set")) || (!exists($."amount") && !exists($."buy") && !exists($."by_hand") && !exists($."get") && !exists($."percent") && exists($."pieces") && exists($."price") && !exists($."set")) || (!exists($."amount") && !exists($."buy") && !exists($."by_hand") && !exists($."get") && !exists($."percent") && !exists($."pieces") && exists($."price") && exists($."set")) || (!exists($."amount") && !exists($."buy") && exists($."by_hand") && !exists($."get") && exists($."percent") && !exists($."pieces") && !exists($."price") && !exists($."set")) || (exists($."amount") && !exists($."buy") && exists($."by_hand") && !exists($."get") && !exists($."percent") && !exists($."pieces") && !exists($."price") && !exists($."set")))', 'it has one kind: percent, amount, price, buy with get, or pieces or a set with a price; by hand a percent or an amount'),
        ('daypart', 'name', false, '$.type() == "string" && $ like_regex "^[^ \\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]*[^ \\x00-\\x1f\\x7f-\\x9f])?$" && $ like_regex "^.{0,80}$" flag "s"', null),
        ('daypart', 'hours', false, '$.type() == "array" && $.size() >= 1 && $.size() <= 20 && !($[*].type() == "array") && !exists($[*] ? (!exists(@ ? (@.type() == "object" && !exists(@.keyvalue() ? (@.key != "from" && @.key != "to" && @.key != "days")) && @."from".type() == "string" && @."from" like_regex "^([01][0-9]|2[0-3]):[0-5][0-9]$" && @."to".type() == "string" && @."to" like_regex "^([01][0-9]|2[0-3]):[0-5][0-9]$" && (!exists(@."days") || (@."days".type() == "array" && @."days".size() >= 1 && @."days".size() <= 7 && !(@."days"[*].type() == "array") && !exists(@."days"[*] ? (!exists(@ ? (@.type() == "number" && @ >= 1 && @ <= 7 && @.floor() == @))))))))))', null),
        ('item', 'name', false, '$.type() == "string" && $ like_regex "^[^ \\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]*[^ \\x00-\\x1f\\x7f-\\x9f])?$" && $ like_regex "^.{0,80}$" flag "s"', null),
        ('item', 'price', false, '(($.type() == "string" && $ like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") || $.type() == "null")', null),
        ('item', 'prices', false, '$.type() == "array" && $.size() >= 0 && $.size() <= 100 && !($[*].type() == "array") && !exists($[*] ? (!exists(@ ? (@.type() == "object" && !exists(@.keyvalue() ? (@.key != "from" && @.key != "price")) && @."from".type() == "string" && @."from" like_regex "^2([0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9](0[48]|[2468][048]|[13579][26])|[048]00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z$" && ((@."price".type() == "string" && @."price" like_regex "^([0-9]{1,7}|10000000)(\\.[0-9]{1,4})?$") || @."price".type() == "null")))))', null),
        ('item', 'category', false, '$.type() == "string"', null),
        ('item', 'tax', false, '$.type() == "string"', null),
        ('item', 'taxes', false, '$.type() == "object" && !exists($.keyvalue() ? (!exists(@ ? (@.key.type() == "string" && @.key like_regex "^[^ \\x00-\\x1f\\x7f-\\x9f]([^\\x00-\\x1f\\x7f-\\x9f]*[^ \\x00-\\x1f\\x7f-\\x9f])?$" && @.key like_regex "^.{0,80}$" flag "s" && @.value.type() == "array" && @.value.size() >= 0 && @.value.size() <= 20 && !(@.value[*].type() == "array") && !exists(@.value[*] ? (!exists(@ ? (@.type() == "object" && !exists(@.keyvalue() ? (@.key != "name" && @.key != "rate" && @.key != "per_piece" && @.key != "included" && @.key != "affects_later" && @.key != "affected_by_earlier")) && @."name".type() == "string" && @."name" != "" && (!exists(@."rate") || (@."rate".type() == "string" && @."rate" like_regex "^[0-9]{1,3}(\\.[0-9]{1,4})?$")) && (!exists(@."per_piece") || (@."per_piece".type() == "string" && @."per_piece" like_regex "^[0-9]{1,7}(\\.[0-9]{1,4})?$")) && (!exists(@."included") || @."included".type() == "boolean") && (!exists(@."affects_later") || (@."affects_later".type() == "boolean" && @."affects_later" == true)) && (!exists(@."affected_by_earlier") || (@."affected_by_earlier".type() == "boolean" && @."affected_by_earlier" == false)) && ((!exists(@."per_piece") && exists(@."rate")) || (exists(@."per_piece") && !exists(@."rate")))))))))))', null),
        ('item', 'plu', false, '(($.type() == "number" && $ >= 1 && $ <= 99999 && $.floor() == $) || $.type() == "null")', null)
$$;

-- The decimals that ISO 4217 gives a currency.
create or replace function cold.decimals_of(p_currency text) returns integer
language sql immutable as $$
    select case
        when p_currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then 0
        when p_currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
        else 2
    end
$$;

-- True if a text is a valid name of a tender in a configuration.
create or replace function warm.is_tender(p_tender text) returns boolean
language sql immutable parallel safe as $$
    select coalesce(p_tender ~ '^[A-Z][A-Z0-9_]{0,19}$', false)
$$;

-- True if the database settles payments by a tender.
create or replace function warm.is_server_tender(p_tender text) returns boolean
language sql immutable parallel safe as $$
    select coalesce(p_tender in ('VOUCHER', 'ACCOUNT'), false)
$$;

-- True if the database settles any payment of a list.
create or replace function warm.has_server_tender(p_payments jsonb) returns boolean
language sql immutable parallel safe as $$
    select coalesce(p_payments @? '$[*].tender ? (@ == "VOUCHER" || @ == "ACCOUNT")', false)
$$;

-- The number of consecutive wrong PINs or passwords that locks a number, and the duration of the lock.
create or replace function till.tries() returns integer
language sql immutable parallel safe as $$ select 5 $$;

create or replace function till.locked_for() returns interval
language sql immutable parallel safe as $$ select interval '300 seconds' $$;

-- Values that functions of the database compute: each line is true (`test_values.py`). `@1` is an id, `hold(…)` and
-- `event(…)` are rows with these fields.

-- 10_chain
warm.is_temporary('08006')
warm.is_temporary('25P02')
warm.is_temporary('40001')
warm.is_temporary('42883')
warm.is_temporary('53100')
warm.is_temporary('55P03')
warm.is_temporary('57014')
warm.is_temporary('58030')
warm.is_temporary('XX000')
not warm.is_temporary('22P02')
not warm.is_temporary('23505')
not warm.is_temporary('TL001')
not warm.is_temporary('P0001')
warm.money_of('order_placed', '{"total": "9", "payments": [{"amount": "2.50"}, {"amount": "-1"}, {"amount": "x"}]}') = 1.50
warm.money_of('order_placed', '{"total": "9.00", "payments": []}') = 9.00
warm.money_of('order_placed', '{"total": "9.00", "payments": {"amount": "1"}}') = 9.00
warm.money_of('order_placed', '{"payments": 1}') is null
warm.money_of('payment_started', '{"amount": "5", "total": "6"}') = 5
warm.money_of('tip_corrected', '{"amount": "5", "returned": "2"}') = 2
warm.money_of('cash_moved', '{"amount": "1234567890123456"}') is null
warm.money_of('cash_moved', '{"amount": "123456789012345.123456"}') = 123456789012345.123456
warm.series_of(1) = ''
warm.series_of(2) = 'B'
warm.series_of(3) = 'C'
warm.series_of(26) = 'Z'
warm.series_of(27) = 'BA'
warm.series_of(28) = 'BB'
warm.series_of(703) = 'BBA'
warm.tick_of(null) = 0
warm.tick_of('ffffffff-ffff-4fff-bfff-ffffffffffff') = 0
warm.tick_of('00000000-0001-7002-8000-000000000000') = 4098
warm.as_uuid('x') is null
warm.as_uuid('@1')::text = '@1'
warm.as_uuid('00000000-0000-7000-8000-0000000000010') is null
warm.least_id('1970-01-01 00:00:00.001Z')::text = '00000000-0001-0000-0000-000000000000'
warm.is_event_id('00000000-0000-7000-8000-000000000000')
warm.is_event_id('e676ffff-0000-7fff-bfff-000000000000')
not warm.is_event_id('00000000-0000-6fff-8000-000000000000')
not warm.is_event_id('00000000-0000-8000-8000-000000000000')
not warm.is_event_id('00000000-0000-7000-7fff-000000000000')
not warm.is_event_id('00000000-0000-7000-c000-000000000000')
not warm.is_event_id('e6770000-0000-7000-8000-000000000000')
warm.is_event_id(null) is null
warm.floor_of(warm.least_id(now() + interval '23 hours')) is not null
warm.floor_of(warm.least_id(now() + interval '25 hours')) is null
warm.fault_of_texts((select jsonb_object_agg(n, '{}'::jsonb) from generate_series(1, warm.most_texts()) as n)) is null
warm.fault_of_texts((select jsonb_object_agg(n, '{}'::jsonb) from generate_series(1, warm.most_texts() + 1) as n)) = 'the record has too many texts'
warm.fault_of_texts(jsonb_build_object('note', jsonb_build_object('text', repeat('x', warm.longest_free())))) is null
warm.fault_of_texts(jsonb_build_object('note', jsonb_build_object('text', repeat('x', warm.longest_free() + 1)))) = 'a text of the record is too long'
warm.is_sealed_text(repeat('0', 32), 'not paid', warm.digest(repeat('0', 32) || 'not paid'))
not warm.is_sealed_text(repeat('0', 32) || 'not ', 'paid', warm.digest(repeat('0', 32) || 'not paid'))
not warm.is_sealed_text(repeat('0', 31), '0not paid', warm.digest(repeat('0', 32) || 'not paid'))
not warm.is_sealed_text(repeat('0', 31) || 'A', 'not paid', warm.digest(repeat('0', 31) || 'Anot paid'))
not warm.is_sealed_text(repeat('0', 32) || E'\n', 'not paid', warm.digest(repeat('0', 32) || E'\nnot paid'))
not warm.is_sealed_text(null, 'not paid', warm.digest('not paid'))
warm.fault_of_texts('[]') = 'the texts of the record cannot be read'
warm.fault_of_writer('item_added', 1, null, '@1', null) is null
warm.fault_of_writer('item_added', 1, 1, '@1', null) = 'only the database can write such a record'
warm.fault_of_writer('item_added', 0, 1, '@1', null) is null
warm.fault_of_writer('lines_copied', 1, null, '@1', null) = 'only the database can write such a record'
warm.fault_of_writer('lines_copied', 0, null, '@1', null) is null
warm.fault_of_writer('order_opened', 1, null, '@1', '@1') is null
warm.fault_of_writer('order_opened', 1, null, '@1', '@2') = 'the record makes a hold of an order and does not name itself'
warm.fault_of_writer('order_opened', 1, null, '@1', null) = 'the record makes a hold of an order and does not name itself'
warm.fault_of_shape('no_such_type', 1, 'order', '{}') = 'the record was made by a newer till'
warm.fault_of_shape('item_added', 999, 'order', '{}') = 'the record was made by a newer till'
warm.fault_of_shape('item_added', (select v from warm.event_types where type = 'item_added'), 'till', '{}') = 'the record is in a stream where it does not belong'
warm.fault_of_shape('item_added', (select v from warm.event_types where type = 'item_added'), null, '{}') = 'the record is in a stream where it does not belong'
warm.fault_of_shape('item_added', (select v - 1 from warm.event_types where type = 'item_added'), 'order', '{}') is null
warm.fault_of_shape('item_added', (select v - 1 from warm.event_types where type = 'item_added'), 'order', '1') = 'the data of the record is not that of item_added'
warm.fault_of_shape('item_voided_twice', 1, 'order', '{"line_id": 1}') = 'the record was made by a newer till'
warm.fault_of_shape('line_voided', (select v from warm.event_types where type = 'line_voided'), 'order', '{"b": 1, "a": 2}') = 'the record has fields that line_voided does not have: a, b'
warm.is_returned('order_granted', null, 1, '{}')
warm.is_returned('item_added', 1, 1, '{}')
warm.is_returned('item_added', null, 0, '{}')
not warm.is_returned('item_added', null, 1, '{}')
not warm.is_returned('order_opened', null, 0, '{"from_session": "x"}')
not warm.is_returned('lines_copied', null, 0, '{}')
warm.is_returned('payment_approved', null, 0, '{}')
(select (warm.count_written('{"1": [4999, 0]}', 1, array[event('{"seq": 7, "body": "xxxx", "texts": {}}')])).over) is null
(select (warm.count_written('{"1": [5000, 0]}', 1, array[event('{"seq": 7, "body": "xxxx", "texts": {}}')])).over) = '{7}'
(select (warm.count_written('{"1": [0, 7999996]}', 1, array[event('{"seq": 7, "body": "xxxx", "texts": {}}')])).over) is null
(select (warm.count_written('{"1": [0, 7999997]}', 1, array[event('{"seq": 7, "body": "xxxx", "texts": {}}')])).over) = '{7}'
(warm.count_written('{"1": [1, 4], "2": [9, 9]}', 1, array[event('{"seq": 7, "body": "xxxx", "texts": {"a": 1}}')])).written = '{"1": [2, 16], "2": [9, 9]}'

-- 20_order
warm.made_by('item_added', '{"line_id": "@1", "into": "@2", "payment_id": "@3"}')::text = '@1'
warm.made_by('line_cut', '{"line_id": "@1", "into": "@2", "payment_id": "@3"}')::text = '@2'
warm.made_by('payment_started', '{"line_id": "@1", "into": "@2", "payment_id": "@3"}')::text = '@3'
warm.made_by('payment_approved', '{"line_id": "@1", "into": "@2", "payment_id": "@3"}')::text = '@3'
warm.made_by('payment_voided', '{"line_id": "@1", "into": "@2", "payment_id": "@3"}')::text is null
(select array_agg(content_id::text || ' ' || comes order by 1) from warm.lines_moved_by('{"from_session": 1, "lines": [{"line_id": "@1"}]}')) = array['@1 true']
(select array_agg(content_id::text || ' ' || comes order by 1) from warm.lines_moved_by('{"to_session": 1, "line_ids": ["@1"]}')) = array['@1 false']
(select array_agg(content_id::text || ' ' || comes order by 1) from warm.lines_moved_by('{"from_session": 1, "line_ids": ["@1"]}')) = array['@1 true']
(select array_agg(content_id::text || ' ' || comes order by 1) from warm.lines_moved_by('{"to_session": 1, "lines": [{"line_id": "@1"}]}')) is null
warm.needs_hold('order_parked')
warm.needs_hold('payment_approved')
not warm.needs_hold('item_added')
warm.holder_by('order_granted', 0, '{"till": 2}') = 2
warm.holder_by('order_opened', 1, '{"till": 2}') = 1
warm.makes_later_hold(hold('{}'), event('{}'))
warm.makes_later_hold(hold('{"hold_id": "@1"}'), event('{"hold_id": "@2"}'))
not warm.makes_later_hold(hold('{"hold_id": "@2"}'), event('{"hold_id": "@1"}'))
not warm.makes_later_hold(hold('{"hold_id": "@1"}'), event('{"hold_id": "@1"}'))
(warm.apply_holding(hold('{"hold_till": 1, "refold": false, "refold_version": 1, "before_version": 3}'), event('{"event_type": "order_granted", "hold_id": "@2", "data": {"till": 2}}'))).refold
not (warm.apply_holding(hold('{"hold_till": 1, "refold": false, "refold_version": 1, "before_version": 3}'), event('{"event_type": "order_granted", "hold_id": "@2", "data": {"till": 1}}'))).refold
not (warm.apply_holding(hold('{"hold_till": 1, "refold": false, "refold_version": 1, "before_version": 3}'), event('{"event_type": "order_granted", "hold_id": "@2", "data": {"till": 0}}'))).refold
not (warm.apply_holding(hold('{"hold_till": 1, "refold": false, "refold_version": 1, "before_version": 0}'), event('{"event_type": "order_granted", "hold_id": "@2", "data": {"till": 2}}'))).refold
(warm.apply_holding(hold('{"hold_till": 1, "refold": false, "refold_version": 1, "before_version": 3}'), event('{"event_type": "order_granted", "hold_id": "@2", "data": {"till": 2}}'))).refold_version = 3
(warm.apply_holding(hold('{"hold_till": 1, "refold": false, "refold_version": 1, "before_version": 3}'), event('{"event_type": "order_granted", "hold_id": "@2", "data": {"till": 2}}'))).hold_till = 2
(warm.only_session(array(select event(e) from jsonb_array_elements('[{"session_id": "a"}, {"session_id": "a"}]') as e), '{}')).id = 'a'
(warm.only_session(array(select event(e) from jsonb_array_elements('[{"session_id": "a"}]') as e), '{"a": {}}')).id = 'a'
(warm.only_session(array(select event(e) from jsonb_array_elements('[{"session_id": "a"}, {"session_id": "b"}]') as e), '{}')).id is null
(warm.only_session(array(select event(e) from jsonb_array_elements('[{"session_id": "a"}]') as e), '{"b": {}}')).id is null
(warm.only_session(array(select event(e) from jsonb_array_elements('[{"session_id": "a"}, {}]') as e), '{}')).id is null
hot.line_total(3, hot.unit_price(10.00, 3)) = 10.00
hot.line_total(4, hot.unit_price(10.00, 4)) = 10.00
hot.line_total(7, hot.unit_price(0.01, 7)) = 0.01
hot.line_total(3, hot.unit_price(-10.00, 3)) = -10.00
hot.line_total(3, hot.unit_price(100, 3)) = 100
hot.line_total(2, hot.unit_price(7.500, 2)) = 7.500
hot.line_total(9, hot.unit_price(99.99, 9)) = 99.99
hot.unit_price(5.00, 0) = 5.00
hot.unit_price(10.00, 4)::text = '2.50'
hot.unit_price(10.00, 3)::text = '3.33333333'
hot.line_total(2, 1.2345)::text = '2.4690'
hot.line_total(3, 3.33333333)::text = '10.00'
warm.with_valid_base(hold('{"id": "no such", "version": 5, "last_event": "@1"}'), '{"base_version": 5}', '{"version": 5, "event": "@1"}')->>'base_version' = '5'
warm.with_valid_base(hold('{"id": "no such", "version": 5, "last_event": "@1"}'), '{"base_version": 5}', '{"version": 5, "event": "@2"}')->>'base_version' = '0'
warm.with_valid_base(hold('{"id": "no such", "version": 5, "last_event": "@1"}'), '{"base_version": 5}', '{"version": 4, "event": "@1"}')->>'base_version' = '0'
warm.with_valid_base(hold('{"id": "no such", "version": 5, "last_event": "@1"}'), '{"base_version": 6}', '{"version": 6, "event": "@1"}')->>'base_version' = '0'
warm.with_valid_base(hold('{"id": "no such", "version": 5, "last_event": "@1"}'), '{"base_version": 4}', '{"version": 4, "event": "@1"}')->>'base_version' = '0'
warm.with_valid_base(hold('{"id": "no such", "version": 5, "last_event": "@1"}'), '{"base_version": 0}', '{"version": 0, "event": "@2"}')->>'base_version' = '0'
warm.cart_of('{"lines": [{"item_id": "a", "item_name": "A", "quantity": 1, "subtotal": "2.00"}, {"item_id": "a", "item_name": "A", "quantity": 2, "subtotal": "4.00"}]}') = '[{"item_id": "a", "item_name": "A", "quantity": 3, "amount": 6.0}]'
warm.cart_of('{"lines": []}') = '[]'

-- 30_payment
cold.amount_text(1.005, 'INR') = '1.01'
cold.amount_text(null, 'INR') = '0.00'
cold.amount_text(1e15, 'INR') = '999999999999999.00'
cold.amount_text(-1e15, 'INR') = '-999999999999999.00'
cold.amount_text(1e15 - 1, 'INR') = '999999999999999.00'
cold.amount_text(1e15 - 2, 'INR') = '999999999999998.00'
cold.amount_text(-1e15 + 2, 'INR') = '-999999999999998.00'
not cold.is_about('00000000-0000-7000-8000-000000000000', '2026-03-01', '2026-03-04 23:59:59Z')
cold.is_about('00000000-0000-7000-8000-000000000000', '2026-03-02', '2026-03-04 23:59:59Z')
cold.is_about('00000000-0000-7000-8000-000000000000', '2026-03-04', '2026-03-04 23:59:59Z')
cold.is_about('00000000-0000-7000-8000-000000000000', '2026-03-05', '2026-03-04 23:59:59Z')
not cold.is_about('00000000-0000-7000-8000-000000000000', '2026-03-06', '2026-03-04 23:59:59Z')
cold.is_own_number(1, '', '1-000001')
cold.is_own_number(1, '', '1B-000001')
cold.is_own_number(1, '', '1X4F2A-000001')
not cold.is_own_number(1, '', '2-000001')
not cold.is_own_number(1, '', '11-000001')
not cold.is_own_number(11, '', '1-000001')
not cold.is_own_number(1, '', '1b-000001')
not cold.is_own_number(1, '', '1')
not cold.is_own_number(1, '', 'x1-1')
cold.is_own_number(1, '', '1-999999999')
not cold.is_own_number(1, '', '1-00001')
not cold.is_own_number(1, '', '1-0000000001')
cold.is_own_number(1, 'R', '1B-R000001')
array['', 'F', 'R', 'FR', '', 'F'] = array(select cold.series_of(n) from unnest(array['1-000001', '1X4F2A-F000001', '1-R000001', '1-FR000001', '1-Z000001', 'A/1-F000001/95']) as n)
cold.ends_of(warm.ends_among(array['1-000001', '1-F000009', '1-000007', '1-F000010'])) = '["1-000001", "1-000007", "1-F000009", "1-F000010"]'
warm.ends_among('{}') is null
cold.ends_of(null) = '[]'
cold.is_own_number(1, 'F?', '1-000001')
cold.is_own_number(1, 'F?', '1B-F000001')
not cold.is_own_number(1, 'F?', '1-FR000001')
cold.is_own_number(1, 'F?R', '1-FR000001')
cold.is_own_number(1, 'F?R', '1-R000001')
not cold.is_own_number(1, 'F?R', '1-RF000001')
not cold.is_own_number(1, 'R', '1B-000001')
not cold.is_own_number(1, '', '1-R000001')
cold.is_own_number(1, 'Z', '1-Z000001')
not cold.is_own_number(1, 'Z', '1-Zabc')
not cold.is_own_number(1, 'Z', E'1-Z000001\n')
not cold.is_own_number(1, 'Z', E'1-Z000001\n1-Z000002')
not cold.is_own_number(1, 'Z', '1-Z000001' || chr(8207))
cold.rounding_rule('{"step": "1"}') = '1.0000 half_up cash 0.0000'
cold.rounding_rule('{"step": 1, "direction": "down", "of": "all", "nothing_up_to": "0.5"}') = '1.0000 down all 0.5000'
cold.rounding_rule('{}') is null
cold.rounding_rule('null') is null
cold.rounding_rule('[]') is null
cold.refusal('TL002', '', 'else') = 'The order is already placed.'
cold.refusal('23505', 'orders_pkey', 'else') = 'The order is already placed.'
cold.refusal('23505', 'order_line_pkey', 'else') = 'The sale lists a line or a payment twice.'
cold.refusal('23505', 'order_payment_once', 'else') = 'The sale lists a line or a payment twice.'
cold.refusal('23514', 'order_payment_amount_check', 'else') = 'An amount of the sale is too large.'
cold.refusal('23514', 'order_payment_tip_check', 'else') = 'A tip is more than its payment.'
cold.refusal('22008', '', 'else') = 'The sale counts for a day that is in no calendar.'
cold.refusal('TL001', '', 'else') = 'else'
warm.is_manual_tender('CASH')
not warm.is_manual_tender('VOUCHER')
not warm.is_manual_tender('ACCOUNT')
not warm.is_manual_tender('no tender')
cold.taxes_summed('[{"net": 1, "taxes": [{"name": "GST", "rate": "5", "tax": 0.05}]}, {"net": 2, "taxes": [{"name": "GST", "rate": "5", "tax": 0.10}, {"name": "Cess", "rate": "1", "tax": 0.02}]}, {"net": 4}]') = '[{"name": "Cess", "rate": "1", "net": "2", "tax": "0.02"}, {"name": "GST", "rate": "5", "net": "3", "tax": "0.15"}]'
warm.history_of(hold('{"id": "no such", "status": "active", "hold_id": "@1", "last_move": "@1", "version": 1}')) is null
cold.check_order(hold('{"id": "no such", "currency": "JPY", "hold_till": 1}'), event('{"till_id": 1, "at": "2026-03-03T05:00:00Z", "body": "\"total\":\"80\"", "data": {"business_date": "2026-03-03", "receipt": "1-000001", "currency": "JPY", "rounding": "0", "payments": [], "lines": []}}'))::text = ''

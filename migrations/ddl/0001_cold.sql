-- Rows of the tables from the beginning, and the partition of the audit for records that fit no month.

insert into cold.order_type_table values (1, 'dine_in'), (2, 'take_away'), (3, 'delivery');
insert into cold.payment_method_table values (1, 'cash'), (2, 'card'), (3, 'upi');
insert into cold.order_source_type values (1, 'till'), (2, 'chatbot');

create table cold.order_audit_other partition of cold.order_audit default;

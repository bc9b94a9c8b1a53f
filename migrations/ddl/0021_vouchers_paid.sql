-- The tender that paid a voucher which an administrator issued; null if that was not said, or a till sells it.

alter table till.vouchers add column how text;

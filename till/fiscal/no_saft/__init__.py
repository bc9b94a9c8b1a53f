"""Norway: SAF-T Cash Register 1.00, by the tax administration's schema and code lists."""

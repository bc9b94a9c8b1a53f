"""Countries' laws of invoices: each is a module of `till.ports.fiscal.FiscalScheme`, found by an entry point."""

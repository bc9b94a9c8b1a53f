"""India: the tables of GSTR-1."""

"""Events: the envelope, the chain that it stands in, the classes of all types and the registry that holds them."""

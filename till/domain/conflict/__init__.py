"""Conflicts about money, in words. Only the server finds them; a person settles each."""

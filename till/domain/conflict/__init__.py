"""The texts of conflicts about money. The server finds conflicts; a person settles them."""

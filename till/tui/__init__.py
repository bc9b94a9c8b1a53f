"""The terminal interface, the only user of Textual: it draws views and passes on keys."""

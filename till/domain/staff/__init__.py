"""The staff: roles, rights, PINs, passwords and logins."""

"""The acts of administration, each declared once for the desk, the commands and the rights."""

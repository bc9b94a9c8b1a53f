"""The form that sets up a venue."""

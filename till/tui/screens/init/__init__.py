"""The form that makes a venue."""

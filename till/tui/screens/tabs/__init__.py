"""Tabs: save and recall."""

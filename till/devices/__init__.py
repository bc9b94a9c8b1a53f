"""Devices at a till: receipt printers on the network and behind a device file."""

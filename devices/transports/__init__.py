"""Wires: they move octets and know nothing of their meaning."""

"""A laboratory of bad bearers: one seeded model, on a virtual clock, in relays of real sockets, between two networks.

``python -m tests.lab`` measures on it how soon and how truly the console knows that a bearer is cut, beside the rules
of others, and runs three days of an incident on a virtual clock.
"""

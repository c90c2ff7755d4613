"""Map packages on this machine's disk: what is in them, where their tiles lie, and a thread that reads them.

Nothing here knows Qt, and nothing here or near it knows a network: what is not in a package is not there.
"""

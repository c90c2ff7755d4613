"""The journal of one incident: every record, raw, in one SQLite file that survives a power cut."""

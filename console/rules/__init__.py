"""Rules: pure functions over the engine's tables.  They run on what changed, and on everything at ticks."""

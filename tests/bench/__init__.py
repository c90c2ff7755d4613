"""Figures: how fast, late and large, beside an alternative in the same run.  No test asserts a time."""

"""The shape of the ground, and what it lets radio through.  Pure but for reading height files; heights in numpy arrays.

Unknown heights are NaN in arrays and ``None`` alone: never zero, never a guess.
"""

"""Selectors that are never listed: a "yes" for them would cut off help or brand the innocent."""

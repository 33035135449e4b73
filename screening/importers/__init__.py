"""Reads what curators hand in: list files row by row, and free text. Pure parsing, lazy.

Nothing is lost silently: whatever is not taken comes out as a `Rejection` that names its place.
"""

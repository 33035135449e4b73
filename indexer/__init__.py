"""Turns curated selectors into signed, keyed indexes; the only holder of token-key secrets."""

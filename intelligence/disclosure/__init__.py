"""Matches that came up the spool, and to whom what lies behind them was disclosed."""

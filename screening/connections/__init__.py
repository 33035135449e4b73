"""HTTP connections of every server here: bounded in bytes, time and number."""

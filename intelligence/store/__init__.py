"""The SQL database, and how what is secret in it is sealed."""

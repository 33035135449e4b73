"""What is asked of the journal of a host, once it is written."""

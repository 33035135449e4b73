"""Files that curators upload: read in a process without keys, looked through, and drafted."""

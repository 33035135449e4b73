"""The console's side of the spools: what is decided leaves in files, and what is told is heard."""

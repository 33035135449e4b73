"""The console: pages that work without a script, each of which shows what a role may see."""

"""The console in a folder, its keys in a file apart, and out of both again."""

"""The curated list: a file with sealed values, its revisions, and what each of them publishes."""

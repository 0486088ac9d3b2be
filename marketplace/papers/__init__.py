"""Papers: files with a controlled type, versions and a hash."""

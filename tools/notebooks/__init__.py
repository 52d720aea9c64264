"""The notebooks: built from one source, run, shown."""

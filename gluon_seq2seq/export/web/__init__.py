"""A page that translates without a server."""

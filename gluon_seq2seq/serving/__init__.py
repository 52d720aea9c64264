"""One process that holds models open: a page for people, a JSON API for programs."""

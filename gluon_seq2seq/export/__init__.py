"""Models for use without this package, or without MXNet."""

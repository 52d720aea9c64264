"""One archive with all that a laptop without a network needs: ``python -m tools.bundle``."""

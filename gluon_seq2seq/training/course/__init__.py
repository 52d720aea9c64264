"""How far a run is, and what one sees of it."""

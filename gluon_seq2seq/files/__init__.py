"""Files: written whole or not at all, read with suspicion where they may be another's."""

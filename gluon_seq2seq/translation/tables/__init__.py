"""Tables that are learned from sentence pairs: of unknown words, of likely ones."""

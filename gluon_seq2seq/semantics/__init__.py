"""MXNet's two kinds of arrays and semantics, and the one seam between them."""

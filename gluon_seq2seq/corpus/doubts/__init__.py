"""What was read may be no sentence pairs, or not those it should be: refused, mended, or said."""

from .doubts import Doubts

__all__ = ["Doubts"]

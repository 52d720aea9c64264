"""Rows of which several are the same, held once: what the hypotheses of a beam read of their
sentence (benchmarks/README.md, "What made it fast")."""

import numpy as np


class SharedRows:
    """``rows (S, ...)``, and of each of M rows which of them it is, ``of (M,)``; all unless given.

    ``shape`` is that of all M, ``take(places, axis=0)`` gives some of them, as an array does.
    """

    def __init__(self, rows, of=None):
        self.rows, self.of = rows, np.arange(len(rows)) if of is None else of
        self.shape = (len(self.of), *rows.shape[1:])
        self._places = None

    def take(self, places, axis):
        """The rows ``places``, whole numbers, in that order; ``axis`` is 0."""
        kept, of = np.unique(self.of[places], return_inverse=True)
        return SharedRows(self.rows if len(kept) == len(self.rows) else self.rows[kept], of)

    def dot(self, a, transposed):
        r""":math:`c_m = a_m B_{\text{of}(m)}`, one product for all m of a row: ``a (M, Q, K)`` with
        each row as a matrix B ``(K, J)``, or where ``transposed`` ``(J, K)``, -> ``(M, Q, J)``."""
        matrices = self.rows.swapaxes(1, 2) if transposed else self.rows  # (S, K, J)
        S, (most, places) = len(matrices), self._by_row()
        if places is None:
            return np.matmul(a, matrices)
        together = np.zeros((S * most, *a.shape[1:]), a.dtype)  # (S most, Q, K)
        together[places] = a
        found = np.matmul(together.reshape(S, -1, a.shape[2]), matrices)  # (S, most Q, J)
        return found.reshape(S * most, a.shape[1], -1)[places]

    def _by_row(self):
        """How many of the M are the same at most, and the place of each among S times as many; no
        places where each is a row of its own, in order."""
        if self._places is None:
            counts = np.bincount(self.of, minlength=len(self.rows))
            order, starts = np.argsort(self.of, kind="stable"), np.cumsum(counts) - counts
            within = np.empty_like(order)
            within[order] = np.arange(len(order)) - np.repeat(starts, counts)
            places = self.of * counts.max() + within
            each = np.array_equal(places, np.arange(len(self.rows)))
            self._places = counts.max(), None if each else places
        return self._places

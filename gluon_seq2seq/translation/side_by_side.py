"""A batch in parts, which threads search side by side, each with one thread for its products.

NumPy has several threads for a product only; what stands between products is much of a step of
search (benchmarks/README.md, "Batches in parts").
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from functools import lru_cache
from typing import Any, Callable, ContextManager, List, Sequence

from .. import runtime

LEAST = 16  # sentences of a part: products of fewer rows take longer than threads save
OF_THREADPOOLCTL = "KMP_DUPLICATE_LIB_OK"  # a variable that it sets when it is imported
SWITCH = 1e-4  # seconds that a thread keeps Python while another one waits; 5e-3 elsewhere


class OneThreadEach:
    """Within it a product of NumPy's takes one thread, and threads change soon. Both are settings
    of the whole process: who comes first sets them, who goes last sets them back."""

    def __init__(self) -> None:
        self.lock, self.within, self.back = threading.Lock(), 0, ExitStack()

    def __enter__(self) -> None:
        with self.lock:
            if not self.within:
                self.back.enter_context(_libraries().limit(limits=1, user_api="blas"))
                self.back.callback(sys.setswitchinterval, sys.getswitchinterval())
                sys.setswitchinterval(SWITCH)
            self.within += 1

    def __exit__(self, *_: Any) -> None:
        with self.lock:
            self.within -= 1
            if not self.within:
                self.back.close()


ONE_THREAD_EACH = OneThreadEach()


@lru_cache(maxsize=None)
def _libraries():
    own = OF_THREADPOOLCTL in os.environ
    from threadpoolctl import ThreadpoolController  # 50 ms, for nothing where sentences are few

    if not own:
        os.environ.pop(OF_THREADPOOLCTL, None)  # or all programs that are started would have it
    return ThreadpoolController()


def parts(sentences: int) -> int:
    """Of how many parts a batch of so many ``sentences`` is."""
    return max(1, min(runtime.threads(), sentences // LEAST))


def settings_for(sentences: int) -> ContextManager[None]:
    """What holds where so many ``sentences``, a batch or the first of several, are searched:
    :class:`OneThreadEach`, unless they are one part."""
    return ONE_THREAD_EACH if parts(sentences) > 1 else nullcontext()


def side_by_side(search: Callable[[Sequence[int]], List[Any]], batch: Sequence[int]) -> List[Any]:
    """What ``search(part)``, a list with an entry for each of a part of ``batch``, finds for all of
    it, :func:`parts` at a time."""
    count = parts(len(batch))
    if count == 1:
        return search(batch)
    found: List[Any] = [None] * len(batch)
    first, *others = (batch[i::count] for i in range(count))  # of like length, if batch is sorted
    with ThreadPoolExecutor(count - 1) as threads:  # glibc keeps what another thread has freed
        under_way = [threads.submit(search, share) for share in others]
        found[::count] = search(first)
        for i, some in enumerate(under_way, 1):
            found[i::count] = some.result()
    return found

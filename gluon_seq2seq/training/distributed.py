r"""Several workers train one model: each takes its share of every batch.

The gradient of :math:`\sum_n -\log P(y^{(n)} \mid x^{(n)})` is a sum over the sentences of a batch:
workers that add up the gradients of their shares take the step that one takes with all of it. They
are processes, one a machine or more, and MXNet's parameter server adds up (Li et al. 2014, "Scaling
Distributed Machine Learning with the Parameter Server"): each pushes its gradient to the servers
and pulls the sum, 4 bytes of each parameter there and 4 back. Several devices of one worker add
up theirs before.

MXNet reads who is who from the environment: ``DMLC_ROLE`` (worker, server or scheduler),
``DMLC_PS_ROOT_URI`` and ``DMLC_PS_ROOT_PORT`` (where the scheduler listens),
``DMLC_NUM_WORKER``, ``DMLC_NUM_SERVER``. ``gluon-seq2seq launch`` sets them on one machine.
"""

import atexit
import contextlib
import os
import sys
import threading

import mxnet as mx
from mxnet import nd
from mxnet.base import _LIB, check_call

from ..errors import Diverged, SystemProblem, UsageError
from .signals import Interrupted

KVSTORES = ("local", "device", "dist_sync", "dist_device_sync")
ENVIRONMENT = ("ROLE", "PS_ROOT_URI", "PS_ROOT_PORT", "NUM_WORKER", "NUM_SERVER")
# Where their keys begin, those of gradients at 0. MXNet multiplies keys by 9973 in 32 bits.
WEIGHTS, NUMBERS = 10_000, 20_000


def default_kvstore():
    """``"dist_sync"`` where the environment names a role, else ``"device"``."""
    return "dist_sync" if "DMLC_ROLE" in os.environ else "device"


class Workers:
    """All workers of this run, this one among them: number ``rank`` of ``count``.

    ``kvstore``: where gradients are added up. Of several devices: ``local``, on the CPU, or
    ``device``, on the devices; of several workers as well: ``dist_sync``, ``dist_device_sync``.
    All workers have to call the same methods in the same order. Where one waits for the others for
    more than ``timeout`` seconds, it says so and ends the process: MXNet would wait for ever.

    Raises :class:`UsageError` for another ``kvstore``, or one that the environment has no role for.
    """

    def __init__(self, kvstore="device", timeout=600):
        if kvstore not in KVSTORES:
            raise UsageError(f"unknown kvstore {kvstore!r}: use {', '.join(KVSTORES)}")
        missing = [f"DMLC_{name}" for name in ENVIRONMENT if f"DMLC_{name}" not in os.environ]
        if kvstore.startswith("dist") and missing:
            raise UsageError(
                f"kvstore {kvstore} needs {', '.join(missing)} in the environment: begin with "
                "gluon-seq2seq launch, or set them"
            )
        self.timeout, self._known = timeout, set()
        with self._waiting():
            self._kvstore = mx.kv.create(kvstore)
        if kvstore.startswith("dist"):
            atexit.register(self._leave)  # where there is no with
        self.rank, self.count = self._kvstore.rank, self._kvstore.num_workers

    def __enter__(self):
        return self

    def __exit__(self, _, problem, __):
        if problem:  # do not wait for the others, who may not know of it
            check_call(_LIB.MXKVStoreSetBarrierBeforeExit(self._kvstore.handle, 0))
        with self._waiting():
            self._leave()
        if self.rank and isinstance(problem, (Diverged, Interrupted)):
            raise SystemExit(problem.exit_code)  # the first worker says it

    def broadcast(self, parameters):
        """Give every worker the weights of the first."""
        if self.count > 1:
            with self._waiting():
                for key, parameter in enumerate(parameters, WEIGHTS):
                    self._kvstore.init(key, parameter.list_data()[0])
                    self._kvstore.pull(key, parameter.list_data())
                nd.waitall()

    def add(self, gradients, *numbers):
        """Add up ``gradients`` in place, for each parameter a list of arrays, one a device, and
        return the sums of ``numbers``, which are those of all devices of this worker."""
        if self.count > 1 or len(gradients[0]) > 1:
            self._exchange(range(len(gradients)), gradients)
        return self.sum(*numbers)

    def sum(self, *numbers):
        """The sum of each of ``numbers`` over the workers, in 32 bits where there are several."""
        if self.count == 1:
            return numbers
        array = nd.array(numbers)
        self._exchange([NUMBERS + len(numbers)], [[array]])
        return tuple(array.asnumpy().tolist())

    def _exchange(self, keys, arrays):
        with self._waiting():
            for key, own in zip(keys, arrays):
                if key not in self._known:
                    self._kvstore.init(key, own[0])
                    self._known.add(key)
            for key, own in zip(keys, arrays):  # the first are wanted first
                self._kvstore.push(key, own, priority=-key)
            for key, own in zip(keys, arrays):
                self._kvstore.pull(key, own, priority=-key)
            nd.waitall()

    def _leave(self):
        """Join MXNet's threads, which would else abort the process at its end.

        Not left to the last reference: a timer that has yet to see that it is cancelled, or a
        traceback, may hold one until then.
        """
        handle, self._kvstore.handle = self._kvstore.handle, None  # MXNet frees None again
        check_call(_LIB.MXKVStoreFree(handle))

    @contextlib.contextmanager
    def _waiting(self):
        timer = threading.Timer(self.timeout, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _give_up(self):
        sys.stderr.write(
            f"gluon-seq2seq: no answer from the other workers for {self.timeout:g} s: one ended or "
            "is out of reach; start all again, and resume where there is a checkpoint\n"
        )
        sys.stderr.flush()
        os._exit(SystemProblem.exit_code)  # the main thread waits within MXNet

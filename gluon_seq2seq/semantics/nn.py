"""Gluon's Blocks and parameters, as the package uses them: for callers of either kind of array.

A model is written with ``nd`` and ``F`` and knows nothing of :mod:`.kinds`: its Blocks inherit from
the :class:`HybridBlock` here, its layers are the :class:`Dense` and its like here. A Block of
another's inside one of ours gets NDArrays; one of ours inside another's takes what that has.
"""

from mxnet import gluon
from mxnet.base import MXNetError
from mxnet.gluon import nn as gluon_nn
from mxnet.util import np_shape

from . import kinds


class Parameter(gluon.Parameter):
    """A parameter that holds NDArrays, whoever made it, and shows them as the caller has arrays.

    ``data()`` and ``grad()`` are ndarrays under ``npx.set_np()``, of the same numbers;
    ``list_data()`` and ``list_grad()``, which trainers read, are NDArrays.
    """

    def data(self, ctx=None):
        return kinds.like(None, super().data(ctx))

    def grad(self, ctx=None):
        return kinds.like(None, super().grad(ctx))

    def set_data(self, data):
        with kinds.legacy():
            super().set_data(kinds.as_nd(data))

    def var(self):
        return kinds.like(None, super().var())

    def _init_impl(self, data, ctx_list):
        with kinds.legacy():
            super()._init_impl(kinds.as_nd(data), ctx_list)

    def _init_grad(self):
        with kinds.legacy():
            super()._init_grad()


class EitherKind:
    """What makes a Block of Gluon's one for callers of either kind: goes before it among bases."""

    def __call__(self, *args, **kwargs):
        return kinds.across(super().__call__, *args, **kwargs)

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if type(value) is gluon.Parameter:
            value.__class__ = Parameter

    def register_child(self, block, name=None):
        """Make ``block`` a child, called ``name``, and its parameters ones of this file."""
        super().register_child(block, name)
        for parameter in block.collect_params().values():
            if type(parameter) is gluon.Parameter:
                parameter.__class__ = Parameter

    def initialize(self, *args, **kwargs):
        """Gluon's, whatever the caller's semantics."""
        with kinds.legacy():
            super().initialize(*args, **kwargs)

    def save_parameters(self, *args, **kwargs):
        """Gluon's, in the format that both semantics read."""
        with kinds.legacy():
            super().save_parameters(*args, **kwargs)

    def load_parameters(self, *args, **kwargs):
        """Gluon's, of a file that was written under either semantics, whatever the caller's."""
        try:
            with kinds.legacy():
                super().load_parameters(*args, **kwargs)
        except MXNetError:  # a file of ndarrays is read under NumPy's shapes alone
            with kinds.legacy(), np_shape():
                super().load_parameters(*args, **kwargs)

    def export(self, *args, **kwargs):
        """Gluon's, of a graph that is drawn with symbols of ``mx.sym``."""
        with kinds.legacy():
            return super().export(*args, **kwargs)


class HybridBlock(EitherKind, gluon.HybridBlock):
    """Gluon's, for callers of either kind."""


class Dense(EitherKind, gluon_nn.Dense):
    """Gluon's, for callers of either kind."""


class Dropout(EitherKind, gluon_nn.Dropout):
    """Gluon's by MXNet's own generator, on a GPU too, where cuDNN's takes its seed from C's
    ``rand()`` (src/operator/nn/dropout-inl.h), which no seed reaches. On a CPU: Gluon's bits."""

    def hybrid_forward(self, F, x):
        if not self._rate:
            return F.identity(x)
        return F.Dropout(x, p=self._rate, axes=self._axes, name="fwd", cudnn_off=True)


class Embedding(EitherKind, gluon_nn.Embedding):
    """Gluon's, for callers of either kind."""


class HybridSequential(EitherKind, gluon_nn.HybridSequential):
    """Gluon's, for callers of either kind."""

"""The models of five papers, each of an encoder, a decoder and, in two of them, attention.

``book(src_vocab, tgt_vocab, 64, 128, tied=True)``: the arguments are the fields of
:class:`ModelSettings`, of :class:`LuongSettings` for ``luong2015``, their defaults those of
:data:`~.settings.PAPERS`.
"""

import copyreg
import math
from dataclasses import asdict
from functools import partial, wraps
from inspect import Parameter, Signature, cleandoc, signature
from typing import Any, Callable, Dict, Optional, Protocol

from mxnet import initializer, nd
from mxnet.base import MXNetError

from ..devices import devices
from ..errors import ModelError, SystemProblem, UsageError
from ..semantics.kinds import legacy
from ..settings import PAPERS, ModelSettings
from ..settings.fields import check_names, listed, parameters, with_changes
from ..text.vocabulary import Vocabulary, check_vocab
from .attention import SCORES, Additive
from .decoder import Decoder, LuongDecoder
from .encoder import Encoder, LastState, MaxState, MeanState
from .encoder_decoder import EncoderDecoder
from .output import MaxoutReadout, StateReadout
from .recurrent import RNNS

ARGUMENTS = """

Takes ``src_vocab`` and ``tgt_vocab``, the :class:`Vocabulary` of each side; ``device``: ``"auto"``,
``"cpu"``, ``"gpu"``, ``"gpu:1"``, or several, ``"gpu:0,gpu:1"``, or MXNet's contexts; and these, or
as ``settings`` a value that has them all, a :class:`{}`. Raises :class:`UsageError` for settings
out of range, :class:`SystemProblem` without the memory."""


NOWHERE: Any = object()
"""The device of a model whose parameters have a shape, and no numbers yet: :func:`placed`."""


class Model(Protocol):
    """A function that makes a model: ``src_vocab``, ``tgt_vocab``, fields of its settings."""

    __name__: str

    def __call__(
        self,
        src_vocab: Vocabulary,
        tgt_vocab: Vocabulary,
        *fields: Any,
        device: Any = "auto",
        settings: Optional[ModelSettings] = None,
        **changes: Any,
    ) -> EncoderDecoder: ...


def paper(sides: Callable[..., Any]) -> Model:
    """A model function of one that makes the two sides from settings and vocabularies.

    It takes the fields one by one, the paper's own where they are not given, or as ``settings``
    all of them; its model is initialised, hybridized, and can be made again from its recipe.
    """
    name = sides.__name__
    own = PAPERS[name]
    kind, vocabs = type(own), list(signature(sides).parameters.values())[1:]
    ends = [
        Parameter("device", Parameter.POSITIONAL_OR_KEYWORD, default="auto", annotation=Any),
        Parameter("settings", Parameter.KEYWORD_ONLY, default=None, annotation=Optional[kind]),
    ]
    known = [*vocabs, *parameters(own, Parameter.POSITIONAL_OR_KEYWORD), *ends]
    public = Signature(known, return_annotation=EncoderDecoder)

    @wraps(sides)
    def model(*values, **named):
        check_names(name, named, public.parameters)
        try:
            given = public.bind(*values, **named).arguments
        except TypeError as error:
            raise TypeError(f"{name}() {error}") from None
        src_vocab, tgt_vocab = given.pop("src_vocab"), given.pop("tgt_vocab")
        check_vocab(src_vocab, "src_vocab")
        check_vocab(tgt_vocab, "tgt_vocab")
        device, settings = given.pop("device", "auto"), given.pop("settings", None)
        settings = with_changes(name, settings, own, given)
        encoder, decoder = sides(settings, src_vocab, tgt_vocab)
        made = EncoderDecoder(encoder, decoder, src_vocab, tgt_vocab)
        made.settings, made.recipe = settings, {"name": name, **asdict(settings)}
        return made if device is NOWHERE else placed(made, device)

    doc = cleandoc(sides.__doc__ or "") + ARGUMENTS.format(kind.__name__)
    model.__doc__, model.__signature__ = listed(kind, doc), public  # type: ignore[attr-defined]
    return model


@legacy()
def placed(model, device, fill=None):
    """``model`` with parameters on ``device``, hybridized: what it is ``NOWHERE`` yet. Their
    numbers come from ``fill(contexts)``; None: they are first ones, drawn at random."""
    places, shapes = devices(device), [p.shape for p in model.collect_params().values()]
    if max(map(math.prod, shapes)) > LARGEST:
        raise UsageError(f"{model.recipe} needs arrays larger than MXNet has: use smaller sizes")
    fill = fill or partial(model.initialize, initializer.Xavier())
    try:
        fill(places)
    except MXNetError as error:
        if "alloc" not in str(error):
            raise
        raise SystemProblem(f"no memory for {model.recipe}: use smaller sizes") from None
    model.hybridize()
    return model


@paper
def book(settings, src_vocab, tgt_vocab):
    r"""The chapter's own model, initialised and hybridized.

    f and g are GRUs, q is the last state, c enters g and p at every step (d2l-zh 2018,
    "编码器—解码器 (seq2seq)"). Where the chapter is silent: :math:`h_0 = 0`, :math:`s_0 =
    \tanh(W_s c)`, p has one hidden layer (:class:`~.output.Readout`).

    Weights start as Xavier has it, but embeddings uniform in ±0.3 and the output layer in ±0.1:
    Xavier's range shrinks with the size of the vocabulary, and at 8,000 words training stalls.
    """
    encoder = _encoder(settings, src_vocab)
    return encoder, _decoder(Decoder, settings, tgt_vocab, encoder.output_size)


@paper
def cho2014(settings, src_vocab, tgt_vocab):
    r"""RNN Encoder–Decoder of Cho et al. 2014.

    Section 2.2: :math:`h_t = f(h_{t-1}, x_t)`, c of the last one, :math:`s_{t'} = f(s_{t'-1},
    y_{t'-1}, c)`, :math:`P = g(s_{t'}, y_{t'-1}, c)`; appendix A.1.2: :math:`s_0 = \tanh(V' c)`
    and maxout before the softmax. Departs in: c is :math:`h_T` itself, not :math:`\tanh(V h_T)`;
    the gated unit is MXNet's unless ``rnn="textbook-gru"``, which is eqs. 5 to 8; one output
    matrix, not two factors.
    """
    encoder = _encoder(settings, src_vocab)
    return encoder, _decoder(Decoder, settings, tgt_vocab, encoder.output_size, p=MaxoutReadout)


@paper
def sutskever2014(settings, src_vocab, tgt_vocab):
    r"""Sequence to Sequence Learning of Sutskever et al. 2014.

    Eq. 4: :math:`P(y_1, \ldots) = \prod P(y_{t'} \mid v, y_{<t'})` with v, here c, as the decoder's
    first state and nowhere else; LSTMs (section 2), the source reversed (section 3.3), softmax of
    the state alone. Departs in: one layer unless told otherwise, not 4, which minutes of training
    do not move; one :math:`\tanh(W_s c)` makes the first state and memory of every layer, which
    the paper copies from the encoder's layer by layer.
    """
    encoder = _encoder(settings, src_vocab)
    return encoder, _decoder(Decoder, settings, tgt_vocab, context_size=0, p=StateReadout)


@paper
def bahdanau2015(settings, src_vocab, tgt_vocab):
    r"""Jointly Learning to Align and Translate of Bahdanau et al. 2015.

    Section 3.1: :math:`s_{t'} = f(s_{t'-1}, y_{t'-1}, c_{t'})`, :math:`c_{t'} = \sum_t \alpha_{t't}
    h_t`, eqs. 5 and 6, :math:`a(s_{t'-1}, h_t)` of appendix A.1.2; section 3.2: both directions;
    maxout before the softmax. Departs in: p reads :math:`s_{t'}`, as eq. 4 and the chapter have
    it, not :math:`s_{t'-1}`, as appendix A.2.2 does; :math:`s_0 = \tanh(W_s c)` of both
    directions, not of the backward one alone; the gated unit is MXNet's unless
    ``rnn="textbook-gru"``.
    """
    encoder, size = _encoder(settings, src_vocab), settings.num_hiddens
    own = {"attention": Additive(size, encoder.output_size, size), "p": MaxoutReadout}
    return encoder, _decoder(Decoder, settings, tgt_vocab, encoder.output_size, **own)


@paper
def luong2015(settings, src_vocab, tgt_vocab):
    r"""Effective Approaches to Attention of Luong et al. 2015.

    Eqs. 5 to 8: :math:`s_{t'}` attends, :math:`\tilde s_{t'} = \tanh(W_c [c_{t'}; s_{t'}])` is what
    the output layer reads. ``score`` is a: ``dot scaled-dot general concat``
    (:data:`~.attention.SCORES`), or general within a window of ``window`` positions to either side:
    ``local-m``, ``local-p`` (section 3.2); ``input_feeding``: section 3.3. Departs in: the encoder
    reads both ways unless ``bidirectional=False``; one layer of GRU unless told otherwise, not 4 of
    LSTM; :math:`s_0 = \tanh(W_s c)`. Where a score needs s and h of one size, such as dot, each of
    both directions has ``num_hiddens / 2``.
    """
    kind, size = _known("score", settings.score, SCORES), settings.num_hiddens
    halves = settings.bidirectional and kind.same_size
    if halves and size % 2:
        raise UsageError(f"num_hiddens is {size}: needs an even number with this score")
    encoder = _encoder(settings, src_vocab, size // 2 if halves else size)
    attention = kind.between(size, encoder.output_size, settings.window)
    own = {"attention": attention, "input_feeding": settings.input_feeding}
    return encoder, _decoder(LuongDecoder, settings, tgt_vocab, encoder.output_size, **own)


MODELS: Dict[str, Model] = {
    model.__name__: model for model in (book, cho2014, sutskever2014, bahdanau2015, luong2015)
}


LARGEST = 2**31 - 2  # numbers in an array of MXNet 1.9
QS = {"last": LastState, "mean": lambda _: MeanState(), "max": lambda _: MaxState()}


def _encoder(settings, src_vocab, num_hiddens=None):
    return Encoder(
        len(src_vocab),
        settings.embed_size,
        num_hiddens or settings.num_hiddens,
        settings.num_layers,
        settings.bidirectional,
        settings.drop_prob,
        _known("q", settings.q, QS)(settings.bidirectional),
        _known("rnn", settings.rnn, RNNS),
        settings.reverse,
    )


def _decoder(kind, settings, tgt_vocab, context_size, **own):
    return kind(
        len(tgt_vocab),
        settings.embed_size,
        settings.num_hiddens,
        context_size,
        settings.num_layers,
        settings.drop_prob,
        g=_known("rnn", settings.rnn, RNNS),
        tied=settings.tied,
        **own,
    )


@legacy()
def _made_again(name, settings, vocabs, places, own, parameters, hybrid):
    """The model that :func:`_as_recipe` tells of; where its devices are not there, on what is."""
    try:
        devices(places)
    except SystemProblem:
        places = "auto"
    model = MODELS[name](*vocabs, settings=settings, device=places)
    model.origin, model.shortlist = own
    for label, parameter in model._collect_params_with_prefix().items():
        array, parameter.grad_req = parameters[label]
        parameter.cast(array.dtype)
        parameter.set_data(nd.array(array, dtype=array.dtype))
    model.hybridize(hybrid)
    return model


@legacy()
def _as_recipe(model):
    """A model as :mod:`copy` and :mod:`pickle` take it: its recipe and its parameters. Gluon's
    Blocks hold what neither can: compiled graphs and, here, a lock."""
    if model.recipe is None:
        raise ModelError(
            "only models of gluon_seq2seq.model.papers can be copied or pickled: use "
            "gluon_seq2seq.model.saved.save_parameters, and load them into another made by hand"
        )
    vocabs, places = (model.src_vocab, model.tgt_vocab), model.devices
    parameters = {
        label: (p.list_data()[0].asnumpy(), p.grad_req)
        for label, p in model._collect_params_with_prefix().items()
    }
    made_of, own = (model.recipe["name"], model.settings), (model.origin, model.shortlist)
    return _made_again, (*made_of, vocabs, places, own, parameters, model._active)


copyreg.pickle(EncoderDecoder, _as_recipe)


def _known(what, name, known):
    if name not in known:
        raise UsageError(f"unknown {what} {name!r}: use {', '.join(known)}")
    return known[name]

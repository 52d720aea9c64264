"""The models of five papers, each of an encoder, a decoder and, in two of them, attention."""

from mxnet import initializer
from mxnet.base import MXNetError

from ..errors import SystemProblem, UsageError
from ..runtime import devices
from .attention import SCORES, Additive
from .decoder import Decoder, LuongDecoder
from .encoder import Encoder, LastState, MaxState, MeanState
from .encoder_decoder import EncoderDecoder
from .output import MaxoutReadout, StateReadout
from .recurrent import RNNS


def book(
    src_vocab,
    tgt_vocab,
    embed_size=256,
    num_hiddens=256,
    num_layers=1,
    bidirectional=False,
    drop_prob=0.0,
    rnn="gru",
    q="last",
    reverse=False,
    tied=False,
    device="auto",
):
    r"""The chapter's own model, initialised and hybridized.

    f and g are GRUs, q is the last state, c enters g and p at every step (d2l-zh 2018,
    "编码器—解码器 (seq2seq)"). Where the chapter is silent: :math:`h_0 = 0`, :math:`s_0 =
    \tanh(W_s c)`, p has one hidden layer (:class:`~.output.Readout`).

    All models take:

    - ``src_vocab``, ``tgt_vocab``: the :class:`Vocabulary` of each side;
    - ``embed_size``, ``num_hiddens``: how many numbers a word vector and a state have, on both
      sides;
    - ``num_layers``: recurrent layers of each side;
    - ``bidirectional``: whether the encoder reads both ways;
    - ``drop_prob``: dropout of word vectors, between layers and in p, from 0 to less than 1;
    - ``rnn``: f and g, ``gru lstm tanh textbook-gru`` (:data:`~.recurrent.RNNS`);
    - ``q``: the pooling of states into c, ``last mean max`` (:data:`QS`);
    - ``reverse``: whether the encoder reads the words from last to first;
    - ``tied``: whether the matrix of the output layer is the target embedding (weight tying);
    - ``device``: ``"auto"``, ``"cpu"``, ``"gpu"``, ``"gpu:1"``, or several, ``"gpu:0,gpu:1"``.

    Weights start as Xavier has it, but embeddings uniform in ±0.3 and the output layer in ±0.1:
    Xavier's range shrinks with the size of the vocabulary, and at 8,000 words training stalls.
    Raises :class:`UsageError` for settings out of range, :class:`SystemProblem` without the memory.
    """
    settings = locals()
    encoder = _encoder(settings)
    return _ready("book", settings, encoder, _decoder(Decoder, settings, encoder.output_size))


def cho2014(
    src_vocab,
    tgt_vocab,
    embed_size=256,
    num_hiddens=256,
    num_layers=1,
    bidirectional=False,
    drop_prob=0.0,
    rnn="gru",
    q="last",
    reverse=False,
    tied=False,
    device="auto",
):
    r"""RNN Encoder–Decoder of Cho et al. 2014.

    Section 2.2: :math:`h_t = f(h_{t-1}, x_t)`, c of the last one, :math:`s_{t'} = f(s_{t'-1},
    y_{t'-1}, c)`, :math:`P = g(s_{t'}, y_{t'-1}, c)`; appendix A.1.2: :math:`s_0 = \tanh(V' c)`
    and maxout before the softmax. Departs in: c is :math:`h_T` itself, not :math:`\tanh(V h_T)`;
    the gated unit is MXNet's unless ``rnn="textbook-gru"``, which is eqs. 5 to 8; one output
    matrix, not two factors.

    As of :func:`book`: ``src_vocab tgt_vocab embed_size num_hiddens num_layers bidirectional
    drop_prob rnn q reverse tied device``, and what is raised, :class:`UsageError` and
    :class:`SystemProblem`.
    """
    settings = locals()
    encoder = _encoder(settings)
    decoder = _decoder(Decoder, settings, encoder.output_size, p=MaxoutReadout)
    return _ready("cho2014", settings, encoder, decoder)


def sutskever2014(
    src_vocab,
    tgt_vocab,
    embed_size=256,
    num_hiddens=256,
    num_layers=1,
    bidirectional=False,
    drop_prob=0.0,
    rnn="lstm",
    q="last",
    reverse=True,
    tied=False,
    device="auto",
):
    r"""Sequence to Sequence Learning of Sutskever et al. 2014.

    Eq. 4: :math:`P(y_1, \ldots) = \prod P(y_{t'} \mid v, y_{<t'})` with v, here c, as the decoder's
    first state and nowhere else; LSTMs (section 2), the source reversed (section 3.3), softmax of
    the state alone. Departs in: one layer unless told otherwise, not 4, which minutes of training
    do not move; one :math:`\tanh(W_s c)` makes the first state and memory of every layer, which
    the paper copies from the encoder's layer by layer.

    As of :func:`book`: ``src_vocab tgt_vocab embed_size num_hiddens num_layers bidirectional
    drop_prob rnn q reverse tied device``, and what is raised, :class:`UsageError` and
    :class:`SystemProblem`.
    """
    settings = locals()
    encoder = _encoder(settings)
    decoder = _decoder(Decoder, settings, context_size=0, p=StateReadout)
    return _ready("sutskever2014", settings, encoder, decoder)


def bahdanau2015(
    src_vocab,
    tgt_vocab,
    embed_size=256,
    num_hiddens=256,
    num_layers=1,
    bidirectional=True,
    drop_prob=0.0,
    rnn="gru",
    q="last",
    reverse=False,
    tied=False,
    device="auto",
):
    r"""Jointly Learning to Align and Translate of Bahdanau et al. 2015.

    Section 3.1: :math:`s_{t'} = f(s_{t'-1}, y_{t'-1}, c_{t'})`, :math:`c_{t'} = \sum_t \alpha_{t't}
    h_t`, eqs. 5 and 6, :math:`a(s_{t'-1}, h_t)` of appendix A.1.2; section 3.2: both directions;
    maxout before the softmax. Departs in: p reads :math:`s_{t'}`, as eq. 4 and the chapter have
    it, not :math:`s_{t'-1}`, as appendix A.2.2 does; :math:`s_0 = \tanh(W_s c)` of both
    directions, not of the backward one alone; the gated unit is MXNet's unless
    ``rnn="textbook-gru"``.

    As of :func:`book`: ``src_vocab tgt_vocab embed_size num_hiddens num_layers bidirectional
    drop_prob rnn q reverse tied device``, and what is raised, :class:`UsageError` and
    :class:`SystemProblem`.
    """
    settings = locals()
    encoder = _encoder(settings)
    attention = Additive(num_hiddens, encoder.output_size, num_hiddens)
    decoder = _decoder(Decoder, settings, encoder.output_size, attention=attention, p=MaxoutReadout)
    return _ready("bahdanau2015", settings, encoder, decoder)


def luong2015(
    src_vocab,
    tgt_vocab,
    embed_size=256,
    num_hiddens=256,
    num_layers=1,
    bidirectional=True,
    drop_prob=0.0,
    rnn="gru",
    q="last",
    reverse=False,
    tied=False,
    score="general",
    input_feeding=False,
    window=10,
    device="auto",
):
    r"""Effective Approaches to Attention of Luong et al. 2015.

    Eqs. 5 to 8: :math:`s_{t'}` attends, :math:`\tilde s_{t'} = \tanh(W_c [c_{t'}; s_{t'}])` is what
    the output layer reads. ``score`` is a: ``dot scaled-dot general concat``
    (:data:`~.attention.SCORES`), or general within a window of ``window`` positions to either side:
    ``local-m``, ``local-p`` (section 3.2); ``input_feeding``: section 3.3. Departs in: the encoder
    reads both ways unless ``bidirectional=False``; one layer of GRU unless told otherwise, not 4 of
    LSTM; :math:`s_0 = \tanh(W_s c)`. Where a score needs s and h of one size, such as dot, each of
    both directions has ``num_hiddens / 2``.

    As of :func:`book`: ``src_vocab tgt_vocab embed_size num_hiddens num_layers bidirectional
    drop_prob rnn q reverse tied device``, and what is raised, :class:`UsageError` and
    :class:`SystemProblem`.
    """
    settings = locals()
    _check_sizes(settings, "window")
    kind = _known("score", score, SCORES)
    halves = bidirectional and kind.same_size
    if halves and num_hiddens % 2:
        raise UsageError(f"num_hiddens is {num_hiddens}: needs an even number with this score")
    encoder = _encoder(settings, num_hiddens // 2 if halves else num_hiddens)
    decoder = _decoder(
        LuongDecoder,
        settings,
        encoder.output_size,
        attention=kind.between(num_hiddens, encoder.output_size, window),
        input_feeding=input_feeding,
    )
    return _ready("luong2015", settings, encoder, decoder)


MODELS = {
    model.__name__: model for model in (book, cho2014, sutskever2014, bahdanau2015, luong2015)
}


NOWHERE = object()
"""The device of a model whose parameters have a shape, and no numbers yet: :func:`placed`."""

QS = {"last": LastState, "mean": lambda _: MeanState(), "max": lambda _: MaxState()}


def _encoder(settings, num_hiddens=None):
    _check_sizes(settings, "embed_size", "num_hiddens", "num_layers")
    both = settings["bidirectional"]
    return Encoder(
        len(settings["src_vocab"]),
        settings["embed_size"],
        num_hiddens or settings["num_hiddens"],
        settings["num_layers"],
        both,
        settings["drop_prob"],
        _known("q", settings["q"], QS)(both),
        _known("rnn", settings["rnn"], RNNS),
        settings["reverse"],
    )


def _decoder(kind, settings, context_size, **own):
    return kind(
        len(settings["tgt_vocab"]),
        settings["embed_size"],
        settings["num_hiddens"],
        context_size,
        settings["num_layers"],
        settings["drop_prob"],
        g=_known("rnn", settings["rnn"], RNNS),
        tied=settings["tied"],
        **own,
    )


def _ready(name, settings, encoder, decoder):
    """The two sides as a model that computes, and that can be made again from its recipe."""
    recipe = {"name": name, **settings}
    src_vocab, tgt_vocab, device = (recipe.pop(k) for k in ("src_vocab", "tgt_vocab", "device"))
    model = EncoderDecoder(encoder, decoder, src_vocab, tgt_vocab)
    model.recipe = recipe
    return model if device is NOWHERE else placed(model, device)


def placed(model, device):
    """``model`` with first parameters on ``device``, hybridized: what it is ``NOWHERE`` yet."""
    try:
        model.initialize(initializer.Xavier(), ctx=devices(device))
    except MXNetError:
        raise SystemProblem(f"no memory for {model.recipe}: use smaller sizes") from None
    model.hybridize()
    return model


def _check_sizes(settings, *names):
    if not 0 <= settings["drop_prob"] < 1:
        raise UsageError(f"drop_prob is {settings['drop_prob']}: use 0 or more and less than 1")
    for name in names:
        if not isinstance(settings[name], int) or settings[name] < 1:
            raise UsageError(f"{name} is {settings[name]}: use a whole number of 1 or more")


def _known(what, name, known):
    if name not in known:
        raise UsageError(f"unknown {what} {name!r}: use {', '.join(known)}")
    return known[name]

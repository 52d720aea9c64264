r"""Teacher forcing, and less of it: what the decoder reads as :math:`y_{t'-1}` in training.

With teacher forcing the decoder reads the reference, in search its own words, mistakes included.
Scheduled sampling (Bengio et al. 2015) lets it read some of its own words in training, too.
"""

from mxnet import nd

from ..semantics.kinds import either


@either
def mixed_inputs(model, X, valid_length, Y_prev, teacher_forcing):
    """``Y_prev (N, T')`` with some words, ``<bos>`` aside, replaced by the model's own.

    Each word stays the reference's with probability ``teacher_forcing``; else it is the one that
    ``model`` finds most probable after the words before it, which may be its own. Nothing is
    differentiated here: the choice of a word has no gradient.
    """
    h, _, c = model.encoder(X, valid_length)
    state = model.bridge(c)
    columns = [Y_prev[:, :1]]  # (N, 1) each
    for t in range(1, Y_prev.shape[1]):
        logits, state, _ = model.decoder(columns[-1], state, h, c, valid_length)
        own = logits.argmax(axis=2).astype(Y_prev.dtype)
        teacher = nd.random.uniform(shape=own.shape, ctx=own.context) < teacher_forcing
        columns.append(nd.where(teacher, Y_prev[:, t : t + 1], own))
    return nd.concat(*columns, dim=1)

"""Code of the package as the notebooks show it: what it says of itself in their language."""

import inspect
import re

# Docstrings and comments of what the notebooks print, by the English.
CHINESE = {
    "the step before is not a part of this one": "上一步不属于这一步",
    "of the sum": "对总和而言",
    r"The gradient of :math:`-\log P` of ``batch`` in the parameters of ``model``; returns "
    r":math:`-\log P`, ``(1,)`` in nats. Both are sums over the sentences, and estimates where "
    r"``sampled``, a :class:`~.sampled_softmax.SampledSoftmax`, gives the logits.": (
        r"``batch`` 的 :math:`-\log P` 对 ``model`` 参数的梯度；"
        r"返回 :math:`-\log P`，``(1,)``，单位奈特。两者都对句子求和；"
        r"由 ``sampled``（:class:`~.sampled_softmax.SampledSoftmax`）给出 logits 时是估计值。"
    ),
    r"The divisor :math:`\max(n, \lVert g \rVert / \text{clip})`: the norm is ``clip`` at most.": (
        r"除数 :math:`\max(n, \lVert g \rVert / \text{clip})`：范数至多为 ``clip``。"
    ),
    "A product with ones, not a broadcast, and Activation, not F.tanh: benchmarks/README.md,": (
        "与全 1 数组相乘而不用广播，用 Activation 而不用 F.tanh：见 benchmarks/README.md 的"
    ),
    '"What made it fast".': "“What made it fast”。",
    "The same with attention before g, to ``h (N, T, D)``: a loop over t', in the graph.": (
        "同上，但在 g 之前对 ``h (N, T, D)`` 做注意力：计算图中对 t' 的循环。"
    ),
    "All steps with one ``c (N, D)``: ``s (N, T', H)``, state, ``c (N, T', D)`` and alpha.": (
        "所有时间步共用一个 ``c (N, D)``：得到 ``s (N, T', H)``、状态、``c (N, T', D)`` 和 alpha。"
    ),
    "``mask (N, 1, T)``: the source's own positions.": "``mask (N, 1, T)``：源序列自己的位置。",
    "its step 1 is each sentence's last token": "它的第 1 步是每个句子的最后一个词元",
    r"zero over padding.": "填充处为 0。",
    "softmax of ``e (N, T', T)`` over the positions where ``mask`` is 1, and 0 elsewhere.": (
        "在 ``mask`` 为 1 的位置上对 ``e (N, T', T)`` 做 softmax，其余位置为 0。"
    ),
}


def code_of(function, lang):
    """The code of ``function``, as Python finds it, its texts in ``lang``, ``"en"`` or ``"zh"``."""
    code = inspect.getsource(function)
    for english, chinese in CHINESE.items() if lang == "zh" else ():
        anywhere = r"\s+".join(map(re.escape, english.split()))  # however its lines are broken
        code = re.sub(anywhere, lambda _, chinese=chinese: chinese, code)
    return code

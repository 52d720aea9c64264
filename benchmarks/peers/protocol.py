"""What the workers of this folder share: their data, and requests in, answers out.

Requests are JSON objects, one a line, on stdin; so are the answers, on stdout. ``do`` names the
action, the other keys are its arguments; ``{"do": "quit"}`` ends the worker without an answer.
"""

import json
import os
import sys
import traceback

import numpy as np


def serve(prepare):
    """Answer requests with the actions, a dict of functions, that ``prepare()`` returns.

    An action that fails, or that there is not, is answered with ``{"error": ...}``. What else
    would be printed on stdout goes to stderr.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    actions = prepare()
    for line in sys.stdin:
        request = json.loads(line)
        name = request.pop("do")
        if name == "quit":
            return
        try:
            if name not in actions:
                raise ValueError(f"no action {name!r}: this worker has {', '.join(actions)}")
            answer = actions[name](**request)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


def sentences(prepared, name):
    """``name`` (``src tgt test_src``) of an open PREPARED.npz: a list of int32 arrays of ids.

    Each ends with ``<eos>``; ``<pad> <bos> <eos> <unk>`` are 0 1 2 3.
    """
    return np.split(prepared[name], prepared[f"{name}_offsets"][1:-1])

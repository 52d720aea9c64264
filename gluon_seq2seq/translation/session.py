"""A graph of ONNX as a function, on onnxruntime, which loads nothing but that graph."""

import re
from pathlib import Path
from typing import Dict, List, Sequence

import numpy as np

from ..errors import ModelError, SystemProblem

ANEW = "export the model anew"
# The key of the entry by which ONNX names a file that has a tensor's numbers, and before it its
# length, 8, in a byte or, with zeros after it, in several.
ELSEWHERE = re.compile(rb"location(?<=[\x00\x08]location)")


class Graph:
    """The graph in the file ``path``, its bytes ``content``, as a function.

    Raises :class:`ModelError` where they are no graph, or one that would read other files,
    :class:`SystemProblem` where onnxruntime is not installed, or memory too small."""

    def __init__(self, path: Path, content: bytes, threads: int = 1) -> None:
        if ELSEWHERE.search(content):
            raise ModelError(f"{path}: would read another file, which no export does; {ANEW}")
        try:
            import onnxruntime
        except ModuleNotFoundError as error:
            raise SystemProblem(
                f"{error.name} is not installed, which exported models need: "
                "pip install 'gluon-seq2seq[onnx]'"
            ) from None
        self.path = path
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.load_model_format", "ONNX")
        options.log_severity_level = 4  # what goes wrong is raised
        try:
            self.session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's own have no other base
            problem = f"{path}: no graph for onnxruntime"
            raise _blamed(error, problem, "end other programs") from None
        self.inputs = [one.name for one in self.session.get_inputs()]
        self.outputs = {one.name: one.shape for one in self.session.get_outputs()}

    def __call__(self, wanted: Sequence[str], inputs: Dict[str, np.ndarray]) -> List[np.ndarray]:
        """The outputs that are ``wanted``, by name, of ``inputs``.

        Raises :class:`SystemProblem` where memory is too small, :class:`ModelError` where it cannot
        be computed."""
        try:
            return self.session.run(wanted, inputs)
        except Exception as error:
            smaller = "use a smaller batch_size or beam_size"
            raise _blamed(error, f"{self.path}: cannot be computed", smaller) from None


def _blamed(error, problem, remedy):
    """What to raise for ``error`` of onnxruntime's: where memory is too small, the ``remedy``, else
    the ``problem``."""
    reason = " ".join(str(error).split())
    if "alloc" in reason:  # std::bad_alloc, too
        return SystemProblem(f"onnxruntime is out of memory: {remedy}")
    return ModelError(f"{problem}: {reason[:200]}; {ANEW}")

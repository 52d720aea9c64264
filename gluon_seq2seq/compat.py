"""MXNet 1.9.1 on today's NumPy and Python: its files, and no others, see the names they know.

MXNet was last released for NumPy 1.23 and Python 3.8. It takes from NumPy what 1.24 to 2.4
removed, from Python ``distutils``, gone since 3.12, and it hands parameters to its native code as
text, where NumPy 2 writes the tuple ``(n, 3)`` as ``(np.int64(2), 3)``. A finder for ``mxnet``
alone gives MXNet's files an ``import`` of their own. NumPy itself stays as it is, for everybody.
MXNet's import takes long besides: what it hardly uses is put off, here and in ``operators.py``.
MXNet for NVIDIA GPUs finds the libraries of PyPI's packages, too (``gpu.py``).

:func:`activate` puts the finder in place; :func:`install` makes every Python of an environment do
so at its start, so that a bare ``import mxnet`` works there too. This file imports nothing of the
package but these two, and them and NumPy only once MXNet is wanted.

Source: NumPy's release notes 1.24, 1.25, 2.0 and 2.4 (expired deprecations); PEP 632 (distutils).
"""

import builtins
import os
import sys
from functools import lru_cache
from importlib import import_module
from importlib.machinery import PathFinder, SourceFileLoader
from types import ModuleType, SimpleNamespace

PTH = "gluon-seq2seq-mxnet.pth"
WRITERS = {"mxnet._ctypes.ndarray", "mxnet._ctypes.symbol", "mxnet.io.io", "mxnet.symbol.symbol"}
"""The files of MXNet that write parameters as text."""
LATER = {"numpy.testing", "onnx", "requests", "scipy.sparse", "scipy.stats"}
"""What takes MXNet's files long to import, and they hardly use."""


def activate():
    """Let MXNet be imported on today's NumPy and Python; once is enough, before that import.

    What an import that failed left behind is forgotten, so that the next begins afresh. The finder
    of another copy of this file, where :func:`install` has put one there, gives way before that.
    """
    others = [finder for finder in sys.meta_path if hasattr(finder, "mends_mxnet")]
    loaded = "mxnet" in sys.modules
    if Finder in map(type, others) or (others and loaded):
        return
    sys.meta_path[:] = [Finder(), *(finder for finder in sys.meta_path if finder not in others)]
    if not loaded:
        for name in [name for name in sys.modules if name.startswith("mxnet.")]:
            del sys.modules[name]


class Finder:
    """Finds ``mxnet`` and what is in it, where Python itself would, and loads it with a Loader."""

    mends_mxnet = True

    @staticmethod
    def find_spec(name, path=None, target=None):
        """The module spec of ``name``, or None for what is not MXNet's (importlib's protocol)."""
        if name != "mxnet" and not name.startswith("mxnet."):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


class Loader(SourceFileLoader):
    """Runs a file of MXNet with the ``import``, and the ``str`` where needed, of 2022."""

    def get_code(self, fullname):
        """The compiled file, which has its docstrings under ``python -OO``, too: MXNet joins them
        when it is imported (importlib's protocol)."""
        if sys.flags.optimize < 2:
            return super().get_code(fullname)
        return compile(self.get_data(self.path), self.path, "exec", dont_inherit=True, optimize=1)

    def exec_module(self, module):
        """Execute the module in a namespace that sees the removed names (importlib's protocol)."""
        if module.__name__ == "mxnet":
            _load_libraries(self.path)
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": _import}
        if module.__name__ in WRITERS and _numpy_version() >= (2, 0):
            vars(module)["str"] = PlainText
        super().exec_module(module)
        if module.__name__ == "mxnet.base":
            for name in "_init_op_module", "_init_np_op_module":
                setattr(module, name, _beside("operators").lazily(getattr(module, name)))


def mended():
    """What has to be mended here, in words: a tuple of strings, empty where nothing has to be."""
    found = []
    if _numpy_version() >= (1, 24):
        found.append(f"names that NumPy {sys.modules['numpy'].__version__} lacks")
    if _numpy_version() >= (2, 0):
        found.append("how NumPy 2 writes numbers in tuples")
    if sys.version_info >= (3, 12):
        found.append("distutils")
    return tuple(found)


def _numpy_version():
    """``(2, 5)`` for NumPy 2.5.1."""
    import numpy

    return tuple(int(part) for part in numpy.__version__.split(".")[:2])


def _load_libraries(path):
    """What MXNet for GPUs is linked to, where its ``__init__.py``, at ``path``, is that one."""
    gpu = _beside("gpu")
    if gpu.cuda_of(os.path.dirname(os.path.dirname(path))):
        gpu.load_libraries()


# --- what MXNet's files import ----------------------------------------------------------------


def _import(name, globals=None, locals=None, fromlist=(), level=0):
    """``import`` as MXNet's files use it: their NumPy is :class:`OldNumPy`."""
    top = name.partition(".")[0]
    if level == 0 and top == "distutils":
        return _distutils
    if level == 0 and top in _LATER:
        wanted = {f"{name}.{part}" for part in fromlist or ()} or {name}
        if wanted <= LATER and not wanted & sys.modules.keys() and _is_there(top):
            return _LATER[top]
    module = builtins.__import__(name, globals, locals, fromlist, level)
    if level and fromlist and "*" in fromlist:
        return _beside("operators").star(module, globals["__name__"])
    is_numpy = level == 0 and module is sys.modules.get("numpy")
    return _old_numpy() if is_numpy and _numpy_version() >= (1, 24) else module


@lru_cache(maxsize=None)
def _is_there(package):
    """Whether a package can be imported, asked once: MXNet imports onnx at 172 places."""
    return PathFinder.find_spec(package) is not None


@lru_cache(maxsize=None)
def _beside(name):
    """The file ``name`` beside this one, which has no package where a start line loads it."""
    if __package__:
        return import_module(f".{name}", __package__)
    path = os.path.join(os.path.dirname(activate.__code__.co_filename), f"{name}.py")
    module = ModuleType(f"mxnet_{name}")
    SourceFileLoader(module.__name__, path).exec_module(module)
    return module


class Later(ModuleType):
    """A module that is imported when something of it is first used."""

    def __getattr__(self, name):
        if name.startswith("__") and name != "__version__":  # what Python asks of any module
            raise AttributeError(name)
        return getattr(builtins.__import__(self.__name__, fromlist=[name]), name)


class Sparse(Later):
    """``scipy.sparse``, of whose matrices there is none before something has imported it:
    ``mx.nd.array`` asks of everything that it is given whether it is one."""

    @property
    def csr(self):
        loaded = self.__name__ in sys.modules
        return self.__getattr__("csr") if loaded else SimpleNamespace(csr_matrix=())


_LATER = {
    "numpy": SimpleNamespace(testing=Later("numpy.testing")),
    "onnx": Later("onnx"),
    "requests": Later("requests"),
    "scipy": SimpleNamespace(sparse=Sparse("scipy.sparse"), stats=Later("scipy.stats")),
}


class OldNumPy(ModuleType):
    """NumPy with those names of 1.23 that MXNet uses; all others are NumPy's own."""

    def __getattr__(self, name):
        return getattr(sys.modules["numpy"], name)


@lru_cache(maxsize=None)
def _old_numpy():
    """The :class:`OldNumPy` that all of MXNet's files share."""
    view = OldNumPy("numpy")
    vars(view).update(_removed_names(sys.modules["numpy"]))
    return view


def _removed_names(np):
    """The names that MXNet takes from NumPy and ``np`` lacks, with the values they had.

    Renamed functions are functions of their own, since MXNet keys a table by them.
    """

    import warnings

    def renamed(new):
        return lambda *args, **kwargs: getattr(np, new)(*args, **kwargs)

    def financial(name):
        def removed(*args, **kwargs):
            raise RuntimeError(f"numpy.{name} was removed: use numpy_financial.{name} (NEP 32)")

        return removed

    names = {"PZERO": 0.0, "NZERO": -0.0, "PINF": np.inf, "NINF": -np.inf}
    names.update(Inf=np.inf, NAN=np.nan, NaN=np.nan)
    for old, new in {
        "alltrue": "all",
        "product": "prod",
        "round_": "round",
        "sometrue": "any",
        "trapz": "trapezoid",
    }.items():
        names[old] = renamed(new)
    names["in1d"] = lambda ar1, *args, **kwargs: np.isin(np.ravel(ar1), *args, **kwargs)
    names["msort"] = lambda a: np.sort(a, axis=0)
    names["compat"] = SimpleNamespace(basestring=str)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {name: value for name, value in names.items() if not hasattr(np, name)}
    if hasattr(np.lib, "array_utils"):  # NumPy 2, where core is private
        numeric = SimpleNamespace(normalize_axis_tuple=np.lib.array_utils.normalize_axis_tuple)
        names["core"] = SimpleNamespace(numeric=numeric)
    for old in ("mirr", "npv", "pmt", "ppmt", "pv", "rate"):
        names[old] = financial(old)  # NumPy 1.24 has them still, and warns of each
    return {**names, "bool": bool}  # NumPy 2 has the name again, for a type of its own


class Version(tuple):
    """What MXNet compares NumPy's version with: the numbers at the start of ``"1.17.0rc1"``."""

    def __new__(cls, text):
        numbers = []
        for part in text.split("."):
            if not part.isdigit():
                break
            numbers.append(int(part))
        return super().__new__(cls, numbers)


_distutils = SimpleNamespace(LooseVersion=Version, StrictVersion=Version)


# --- what MXNet's files write -----------------------------------------------------------------


class _TextType(type):
    def __instancecheck__(cls, value):
        return isinstance(value, str)


class PlainText(str, metaclass=_TextType):  # type: ignore[misc, unused-ignore]
    """``str`` for parameters: NumPy's numbers within tuples and lists as plain ones.

    ``PlainText((np.int64(2), 3))`` is ``"(2, 3)"`` under NumPy 1 and 2, a ``str``.
    """

    def __new__(cls, *args):
        if len(args) == 1 and isinstance(args[0], (tuple, list)):
            return _plain(args[0])
        return str(*args)


def _plain(value):
    """``repr(value)`` as NumPy 1 gave it."""
    if type(value) in (tuple, list):
        inside = ", ".join(map(_plain, value))
        if type(value) is list:
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    np = sys.modules["numpy"]
    return str(value) if isinstance(value, (np.number, np.bool_)) else repr(value)


# --- every Python of an environment -----------------------------------------------------------


def installed():
    """Whether this environment's Python activates this file at its start."""
    return any(os.path.isfile(os.path.join(folder, PTH)) for folder in _site_folders())


def _site_folders():
    """The folders whose .pth files Python reads: the environment's and the user's."""
    import site
    import sysconfig

    return [sysconfig.get_paths()["purelib"], site.getusersitepackages()]


def install(folder=None):
    """Activate this file at every start of this environment's Python; returns the file written.

    ``folder`` is its site-packages; where None, the user's own if this package is there (``pip
    install --user``), else the environment's. Raises OSError where it cannot be written.
    ``python -m gluon_seq2seq.compat`` does the same.
    """
    environment, user = _site_folders()
    here = os.path.abspath(__file__)
    beside = os.path.dirname(os.path.dirname(here))
    folder = folder or (user if beside == os.path.abspath(user) else environment)
    target = os.path.join(folder, PTH)
    line = (
        f"import os, sys, importlib.machinery as i; p = {here!a}; m = type(sys)('mxnet_compat'); "
        "os.path.isfile(p) and (i.SourceFileLoader(m.__name__, p).exec_module(m), m.activate())"
    )
    with open(target, "w", encoding="utf-8") as f:
        f.write(line + "\n")
    return target


if __name__ == "__main__":
    print(install())

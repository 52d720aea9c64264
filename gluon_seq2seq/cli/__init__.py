"""The command line: gluon-seq2seq and its commands, one a file."""

import ast
import inspect
import os
import re
import sys
import warnings
from contextlib import contextmanager
from importlib import import_module

import click

from .. import __version__, runtime
from ..errors import Seq2SeqError, SystemProblem, telling_what_to_install
from ..training.memory_check import SMALLER
from ..training.signals import Interrupted
from .common.streams import complain, give_up_stdout, lasting_streams
from .common.words import EXIT_CODES, in_options, options_of

HALL = os.path.dirname(runtime.__file__)
INTERRUPTED = 130
OUT_OF_MEMORY = "alloc|create a primitive|temporarily unavailable|out of memory"
OF_MXNET = {
    OUT_OF_MEMORY: "MXNet is out of memory{smaller}",
    "no kernel image": "this MXNet has no code for this GPU: use --device cpu",
    "NVRTC Compilation failed": "NVRTC is older than this GPU: set MXNET_USE_FUSION=0, or type "
    "python -m gluon_seq2seq.wheels --gpu",
    "driver version is insufficient|forward compatibility": "the NVIDIA driver is older than this "
    "MXNet's CUDA: install a newer one, or use --device cpu",
    r"\b(CUDA|cuDNN|CUDNN|cuBLAS|CUBLAS|NCCL|NVML)\b[^\n]*": "MXNet fails on the GPU ({said}): "
    "does nvidia-smi work? --device cpu needs none",
}
"""What MXNet's errors say that are the machine's fault, and the line for it."""


@contextmanager
def short_warnings():
    """Show the package's own warnings as one line, as its errors are."""
    with warnings.catch_warnings():
        before = warnings.showwarning

        def show(message, category, filename, *rest, **named):
            if category is RuntimeWarning and os.path.dirname(filename) == HALL:
                complain(str(message))
            else:
                before(message, category, filename, *rest, **named)

        warnings.showwarning = show
        yield


@lasting_streams()
@short_warnings()
def main():
    """Run the command line; turn every expected failure into one line and its exit code."""
    message, hint = None, "; gluon-seq2seq doctor checks this machine"
    try:
        with telling_what_to_install():
            code = cli.main(prog_name="gluon-seq2seq", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        message, code = error.format_message(), error.exit_code
        hint = f"; see {error.ctx.command_path} --help" if error.ctx else ""
    except Seq2SeqError as error:
        message, code, hint = in_options(str(error), _options()), error.exit_code, ""
    except (click.Abort, KeyboardInterrupt):
        message, code, hint = "interrupted; what was saved before is whole", INTERRUPTED, ""
    except AttributeError as error:
        if "mxnet" in sys.modules:
            raise
        message, code = f"MXNet does not start: {error}", SystemProblem.exit_code
    except (ImportError, OSError) as error:  # a package or library missing, a full disk
        message, code = error, SystemProblem.exit_code
        give_up_stdout()
    except MemoryError:
        message, code = f"out of memory{_smaller()}", SystemProblem.exit_code
    except Exception as error:
        line = _fault_of_the_machine(error)
        if line is None:
            raise
        complain(line)
        os._exit(SystemProblem.exit_code)  # its own end would fail once more, with a traceback
    if message is not None:
        complain(f"{message}{hint}")
    sys.exit(code or 0)


def _options():
    """The options of the command that is run, by the names of Python's arguments."""
    return options_of(cli, sys.argv[1:])


def _fault_of_the_machine(error):
    """The line for an error of MXNet's that is the machine's fault, or None for any other."""
    if type(error).__name__ == "MXNetError":
        for pattern, line in OF_MXNET.items():
            found = re.search(pattern, str(error))
            if found:
                return line.format(smaller=_smaller(), said=found[0])
    return None


def _smaller():
    """What a command that is out of memory could be given."""
    options = _options()
    names = [options[name] for name in SMALLER if name in options]
    return f": use a smaller {' or '.join(names)}" if names else ""


class Commands(click.Group):
    """Commands whose Interrupted reaches :func:`main` as it is: click would take it for Ctrl-C."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except Interrupted as error:
            ended = Seq2SeqError(str(error))
            ended.exit_code = error.exit_code
            raise ended from None


@click.group(
    cls=Commands,
    epilog=EXIT_CODES,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(version=__version__, prog_name="gluon-seq2seq")
@click.pass_context
def cli(ctx):
    """Train a translator as the encoder-decoder chapter describes it, and use it.

    \b
    Start here:
      gluon-seq2seq demo
      echo "They are watching." | gluon-seq2seq translate --model runs/demo
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


class OnDemand(dict):
    """Names of commands -> files below this one, each loaded when its command is first asked for:
    ``--version`` needs none of them."""

    def __getitem__(self, name):
        command = super().__getitem__(name)
        if isinstance(command, str):
            command = self[name] = import_module(command, __name__).command
            if sys.flags.optimize > 1:
                restore_help(command)
        return command

    def get(self, name, default=None):
        return self[name] if name in self.keys() else default

    def items(self):
        return [(name, self[name]) for name in self]

    def values(self):
        return [self[name] for name in self]


def restore_help(command):
    """Give ``command`` and those below it their help, the docstrings that ``python -OO`` drops."""
    command.help = help_of(command)
    for below in getattr(command, "commands", {}).values():
        restore_help(below)


def help_of(command):
    """The docstring of the function of ``command``, read from its file."""
    function = inspect.unwrap(command.callback)
    source = inspect.getsource(sys.modules[function.__module__])
    for node in compile(source, "", "exec", ast.PyCF_ONLY_AST, optimize=0).body:
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            return ast.get_docstring(node)


HERE = ["data", "demo", "doctor", "evaluate", "grade", "launch"]
HERE += ["plot", "score", "serve", "train", "translate"]
DERIVED = "export", "phrases", "shortlist"
cli.commands = OnDemand(
    {**{name: f".{name}" for name in HERE}, **{name: f".derived.{name}" for name in DERIVED}}
)
if sys.flags.optimize > 1:
    cli.help = help_of(cli)

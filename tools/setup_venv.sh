#!/bin/sh
# Makes the virtual environment that `make demo`, `make test` … run in.
#
#   sh tools/setup_venv.sh [EXTRAS]        EXTRAS as in setup.cfg, e.g. test,lint
#   VENV    where to put it                (default .venv)
#   PYTHON  the interpreter to make it of  (default: the newest of 3.8-3.14)
#   GPU     1: MXNet for NVIDIA GPUs, 0: for CPUs  (default: what is there, else 0)
#
# $VENV/ready is written last. It says for which files, place, extras and GPU the environment was
# made: when it fits, there is nothing to do. A folder without it was left half made.
set -u
cd "$(dirname "$0")/.." || exit 1

VENV=${VENV:-.venv}
PYTHON=${PYTHON:-}
EXTRAS=${1:-}
GPU=${GPU:-}
INPUTS="setup.cfg pyproject.toml constraints.txt tools/setup_venv.sh gluon_seq2seq/compat.py gluon_seq2seq/wheels.py"

say() { printf '%s\n' "$*" >&2; }
die() { say "gluon-seq2seq: $*"; exit 1; }

case "$GPU" in '' | 0 | 1) ;; *) die "GPU=$GPU will not do: GPU=1 or GPU=0." ;; esac

# --- is there anything to do? ---------------------------------------------------------------

# shellcheck disable=SC2086  # INPUTS is a list
key="$(cat $INPUTS | cksum) $(pwd)"

is_ready() {
    [ -f "$VENV/ready" ] || return 1
    { read -r made_for && read -r made_extras && read -r made_gpu; } <"$VENV/ready"
    [ "$made_for" = "$key" ] || return 1
    [ "${GPU:-$made_gpu}" = "$made_gpu" ] || return 1
    for extra in $(echo "$EXTRAS" | tr , ' '); do
        case ",$made_extras," in *",$extra,"*) ;; *) return 1 ;; esac
    done
    "$VENV/bin/python" -c "$same_python" "$PYTHON" 2>/dev/null
}

# The environment's own Python starts, and is of the version that PYTHON= asks for (if it does).
same_python='
import subprocess, sys
ask = [sys.argv[1], "-c", "import sys; print(sys.version_info[:2])"]
if sys.argv[1] and subprocess.check_output(ask, text=True).strip() != str(sys.version_info[:2]):
    sys.exit(1)
'

is_ready && exit 0

# --- one set-up at a time -------------------------------------------------------------------

# The lock is a link "to" the number of the process that holds it: made in one step.
LOCK="$VENV.lock"
mkdir -p "$(dirname "$VENV")" 2>/dev/null
tries=0
until ln -s $$ "$LOCK" 2>/dev/null; do
    if holder=$(readlink "$LOCK"); then
        if ! kill -0 "$holder" 2>/dev/null; then
            rm -f "$LOCK"
        elif [ $((tries += 1)) -eq 1 ]; then
            say "Waiting for another set-up, process $holder (if there is none: rm $LOCK) …"
        fi
    elif [ $((tries += 1)) -gt 3 ]; then
        die "cannot write $LOCK: is the folder read-only?"
    fi
    sleep 1
done
trap 'rm -f "$LOCK"' EXIT
trap 'exit 130' HUP INT TERM
is_ready && exit 0

# --- find a Python --------------------------------------------------------------------------

# Every candidate is run: a name on the PATH may be an empty shim, too old or too new, and
# Debian's python3 comes without venv.
fits='
import sys
if not (3, 8) <= sys.version_info[:2] <= (3, 14):
    sys.exit("it is Python %d.%d" % sys.version_info[:2])
import ensurepip, venv
'

asked=$PYTHON  # what is there stays, whichever would be found
find_python() {
    for candidate in python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python3.8 \
        python3 python; do
        if "$candidate" -c "$fits" >/dev/null 2>&1; then
            PYTHON=$candidate
            return 0
        fi
    done
    return 1
}

if [ -n "$PYTHON" ]; then
    why=$("$PYTHON" -c "$fits" 2>&1) ||
        die "PYTHON=$PYTHON will not do: Python 3.8-3.14 with venv is needed ($(
            printf '%s' "$why" | tail -n 1))."
elif ! find_python && ! command -v uv >/dev/null 2>&1; then
    die "no Python 3.8-3.14 with venv found. Install one (Debian, Ubuntu, WSL:" \
        "sudo apt-get install python3-venv python3-dev; macOS: brew install python@3.13) or," \
        "on any system, uv, which fetches its own (https://docs.astral.sh/uv). Then run make again."
fi

# --- MXNet for CPUs or GPUs -----------------------------------------------------------------

has_gpu_build() { ls -d "$VENV"/lib/python3*/site-packages/mxnet-*+cu*.dist-info >/dev/null 2>&1; }

if [ -z "$GPU" ]; then
    if has_gpu_build; then GPU=1; else GPU=0; fi
fi
if [ "$GPU" = 1 ]; then kind=--gpu mxnet=1.9.1+cu117.np2; else kind=--cpu mxnet=1.9.1+np2; fi

# --- make the environment -------------------------------------------------------------------

if [ -f "$VENV/ready" ] && "$VENV/bin/python" -c "$same_python" "$asked" 2>/dev/null &&
    [ "$(sed 's/^[0-9]* [0-9]* //;q' "$VENV/ready")" = "$(pwd)" ] &&
    { [ "$GPU" = 1 ] || ! has_gpu_build; }; then
    say "Bringing $VENV up to date …"
    EXTRAS=$(echo "$EXTRAS,$(sed -n 2p "$VENV/ready")" | tr , '\n' | sed '/^$/d' | sort -u | paste -s -d , -)
else
    if [ -e "$VENV/pyvenv.cfg" ]; then
        say "$VENV is unfinished, or was made for another Python, place or MXNet: making it afresh."
        rm -rf "$VENV"
    fi
    if [ -n "$PYTHON" ]; then
        say "Making $VENV with $("$PYTHON" --version 2>&1) …"
        "$PYTHON" -m venv "$VENV"
    else
        say "Making $VENV with uv, for want of a Python 3.8-3.14 …"
        uv --quiet venv --python 3.13 --seed --allow-existing "$VENV"
    fi || die "could not make $VENV (see above). Check network and disk, then run make again."
fi
rm -f "$VENV/ready"
python="$(cd "$VENV/bin" && pwd)/python"

# --- install --------------------------------------------------------------------------------

# The constraints hold for the packages and for what builds them (gluonnlp compiles Cython);
# pip looks for the latter under one name up to 25.2, under the other since. Paths are kept
# relative because pip splits these variables at spaces.
export PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt
export PIP_USE_PEP517=1 PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export PYTHONWARNINGS=ignore  # setuptools would explain at length what an editable install is

pip_install() {
    "$python" gluon_seq2seq/installing.py install "$@" ||
        die "installing failed (see above). Check the network and the disk, then run make again."
}

"$python" -c '
import platform, sys
where = (sys.platform, platform.machine())
sys.exit(where not in {("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "x86_64")})
' || die "MXNet 1.9.1 exists for Linux (x86_64, aarch64) and Intel macOS only. On an Apple chip" \
    "use a Linux container, on Windows use WSL: see README.md."
[ "$GPU" = 0 ] || [ "$(uname -sm)" = "Linux x86_64" ] ||
    die "MXNet for NVIDIA GPUs exists for Linux on x86_64 only: leave GPU=1 out."

[ -f "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] ||
    die "Python.h is missing, gluonnlp needs it to compile. Install it (Debian, Ubuntu, WSL:" \
        "sudo apt-get install python3-dev) and run make again."

has_compiler() {
    for cc in ${CC:+"$CC"} cc gcc clang; do
        # shellcheck disable=SC2086  # CC may hold options
        if echo 'int main(void) { return 0; }' | $cc -x c -o "$VENV/conftest" - 2>/dev/null; then
            rm -f "$VENV/conftest"
            export CC="$cc"
            return 0
        fi
    done
    return 1
}

if [ "$GPU" = 1 ] && ! has_gpu_build; then
    say "MXNet for NVIDIA GPUs and NVIDIA's libraries: 2.4 GB to download, 4 GB in $VENV" \
        "(GPU=0 goes back to CPUs). It takes some minutes."
fi
if ! has_compiler; then
    say "No C compiler here: downloading the one in the PyPI package ziglang …"
    pip_install ziglang
    # -I: pip hides the environment's packages from a build through PYTHONPATH
    # shellcheck disable=SC2089,SC2090  # setuptools reads the quotes
    CC="'$python' -I -m ziglang cc" && export CC
    # Debian's Python would hand the linker options that zig's does not know.
    if [ "$(uname -s)" = Linux ]; then export LDSHARED="$CC -shared"; fi
fi
# MXNet and d2l say of themselves that they need packages of 2022: their wheels are written anew.
relaxed=$("$python" -c '
from importlib.metadata import version
print(version("mxnet"), version("d2l"))' 2>/dev/null)
if [ "$relaxed" != "$mxnet 1.0.3+np2" ]; then
    say "Downloading MXNet and d2l …"
    "$python" gluon_seq2seq/wheels.py $kind "$VENV/wheels" >/dev/null ||
        die "MXNet could not be fetched (see above). Check the network, then run make again."
fi
say "Downloading what they need${EXTRAS:+ ($EXTRAS)} …"
mkdir -p "$VENV/wheels"  # pip would warn of a folder that is not there
pip_install --find-links "$VENV/wheels" --editable ".${EXTRAS:+[$EXTRAS]}" "mxnet==$mxnet" d2l==1.0.3+np2
rm -rf "$VENV/wheels"
"$python" gluon_seq2seq/compat.py >/dev/null || die "cannot write to $VENV: is the folder read-only?"

say "Starting MXNet once …"
why=$("$python" -W ignore -c 'import mxnet' 2>&1) ||
    die "MXNet is installed but does not start: $(printf '%s' "$why" | tail -n 1)" \
        "(Debian, Ubuntu, WSL: sudo apt-get install libgomp1 libquadmath0, then run make again.)"

printf '%s\n' "$key" "$EXTRAS" "$GPU" >"$VENV/ready"
say "Ready: $VENV has $(du -sm "$VENV" | cut -f 1) MB."

#!/bin/sh
# Sets up what lies beside it, once and without a network, and starts it.
#
#   sh start.sh demo [OPTION…]    train a model, translate with it
#   sh start.sh lab  [OPTION…]    the notebooks in JupyterLab (NOTEBOOKS=zh: in Chinese)
#   sh start.sh page [OPTION…]    a page to type sentences on
#
#   PYTHON  the interpreter                   (default: one that fits, of those on the PATH)
#   VENV    where to set it up                (default: .venv beside this file)
#
# It needs the Python that the wheels are for, not its venv package, no compiler and no pip.
set -u
umask 022
unset PYTHONPATH PYTHONHOME
case ${VENV:-/} in /*) ;; *) VENV=$(pwd)/$VENV ;; esac
case ${PYTHON:-/} in /*) ;; */*) PYTHON=$(pwd)/$PYTHON ;; esac
cd "$(dirname "$0")" || exit 5

say() { printf '%s\n' "$*" >&2; }
die() { say "gluon-seq2seq: $*"; exit 5; }

command=${1:-}
case "$command" in
    demo | lab | page) shift ;;
    *)
        say "gluon-seq2seq: sh start.sh demo, sh start.sh lab, or sh start.sh page (see README.txt)"
        exit 2 ;;
esac
notebooks=${NOTEBOOKS:-en}
[ "$command" != lab ] || [ -d "notebooks/$notebooks" ] || {
    say "gluon-seq2seq: NOTEBOOKS=$notebooks will not do: en or zh."
    exit 2
}

# --- what the wheels are for ----------------------------------------------------------------

{ read -r version system machine glibc packages megabytes jupyter <made-for; } 2>/dev/null ||
    die "made-for is missing: unpack the whole archive again."
[ "$command" != lab ] || [ "$jupyter" = jupyter ] ||
    die "this bundle was made without Jupyter (LIGHT=1): lab needs one that was made with it."
[ "$(uname -sm)" = "$system $machine" ] ||
    die "this bundle is for $system on $machine, and here is $(uname -sm)." \
        "make bundle, typed on a machine like this one, makes one for it."

VENV=${VENV:-$(pwd)/.venv}
python=$VENV/bin/python
key="$(cat made-for start.sh | cksum) $(pwd)"
is_ready() { [ "$(cat "$VENV/ready" 2>/dev/null)" = "$key" ] && "$python" -c '' 2>/dev/null; }

# --- set it up ------------------------------------------------------------------------------

# Says in a line why a Python will not do.
fits='
import platform, sys
name, libc = platform.libc_ver()
numbers = lambda text: [int(part) for part in text.split(".")]
if "%d.%d" % sys.version_info[:2] != sys.argv[1]:
    sys.exit("is Python %d.%d" % sys.version_info[:2])
if sys.argv[2] != "-" and (name != "glibc" or numbers(libc) < numbers(sys.argv[2])):
    sys.exit("runs on %s, too old" % (" ".join([name, libc]).strip() or "another C library"))
import venv
'

set_up() {
    found=''
    set -- "python$version" python3 python
    [ -z "${PYTHON:-}" ] || set -- "$PYTHON"
    for candidate; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        if why=$("$candidate" -c "$fits" "$version" "$glibc" 2>&1); then
            found=$candidate
            break
        fi
        others="${others:+$others, }$candidate $(printf '%s' "$why" | tail -n 1)"
    done
    [ -n "$found" ] ||
        die "this bundle is for Python $version$(
            [ "$glibc" = - ] || printf ' with glibc %s or newer' "$glibc"), and here" \
            "${others:-is no ${PYTHON:-Python}}. Install Python $version, name it" \
            "(PYTHON=/path/to/python$version), or ask for a bundle made for yours" \
            "(make bundle PYTHON=…)."

    if [ -e "$VENV/pyvenv.cfg" ]; then
        say "$VENV is unfinished, or of another bundle or place: making it afresh."
        rm -rf "$VENV"
    fi
    say "Making $VENV with $("$found" --version 2>&1): $packages packages, $megabytes MB on the disk …"
    "$found" -m venv --without-pip "$VENV" ||
        die "cannot make $VENV (see above). It takes a disk that can be written and knows links:" \
            "copy this folder from the stick, or name another place, VENV=/path."
    failed="installing failed (see above). It takes $megabytes MB of free disk in $VENV."
    # pip runs from its wheel, and -I lets it install itself, which it takes to be there.
    PYTHONPATH=$(echo wheels/pip-*.whl) "$python" installing.py install --isolated -I --no-index \
        --no-deps --no-compile --no-warn-script-location --disable-pip-version-check wheels/*.whl ||
        die "$failed"
    # MXNet looks beside itself for what the system lacks.
    for library in lib/*.so.*; do
        [ -e "$library" ] || continue
        "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "${library#lib/}" 2>/dev/null ||
            cp "$library" "$VENV/lib/python$version/site-packages/mxnet/" || die "$failed"
    done
    "$python" -W ignore -m gluon_seq2seq.compat >/dev/null || die "$failed"
    why=$("$python" -W ignore -c 'import mxnet' 2>&1) ||
        die "MXNet is installed but does not start: $(printf '%s' "$why" | tail -n 1)"
    printf '%s\n' "$key" >"$VENV/ready" || die "$failed"
    say "Ready. From now on it starts at once."
}

# The lock is a link "to" the number of the process that holds it: made in one step.
if ! is_ready; then
    LOCK=$VENV.lock
    if holder=$(readlink "$LOCK") && ! kill -0 "$holder" 2>/dev/null; then rm -f "$LOCK"; fi
    ln -s $$ "$LOCK" 2>/dev/null ||
        die "cannot begin in $VENV: $(
            if [ -n "$holder" ]; then echo "another set-up, process $holder, is at work; try later."
            else echo "copy this folder to a disk that can be written, or name another place, VENV=/path."
            fi)"
    trap 'rm -f "$LOCK"' EXIT
    trap 'exit 130' HUP INT TERM
    is_ready || set_up
    rm -f "$LOCK"
    trap - EXIT HUP INT TERM
fi

# Tatoeba's sentences, for notebook 12, where somebody has put them here.
if [ -f fra-eng.zip ]; then export FRA_ENG="${FRA_ENG:-$(pwd)/fra-eng.zip}"; fi

# --- start ----------------------------------------------------------------------------------

case "$command" in
    demo) exec "$python" -m gluon_seq2seq demo "$@" ;;
    page) exec "$python" -m gluon_seq2seq serve "$@" ;;
esac
sh tools/copy_notebooks.sh "$notebooks" "my-notebooks/$notebooks" || exit 5
if [ "$(id -u)" = 0 ]; then set -- --allow-root "$@"; fi
exec "$python" -m jupyter lab "$@" "my-notebooks/$notebooks/00_setup.ipynb"

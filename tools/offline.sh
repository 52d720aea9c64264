#!/bin/sh
# Tries what `make bundle` wrote where there is no network: demo, notebook 2, JupyterLab, the page.
#
#   sudo unshare --net sh tools/offline.sh ARCHIVE         on this system, with PYTHON or its own
#   sudo -E tools/bare.sh --bundle ARCHIVE trixie          on a bare Debian, as a user with nothing
#
# All of it, a HOME included, is in a temporary folder ($TMPDIR, /var/tmp; 1.5 GB).
set -eu

die() { printf 'offline.sh: %s\n' "$*" >&2; exit 1; }
failed=
fails() { printf 'offline.sh: %s\n' "$*" >&2; failed=yes; }

[ -f "${1:-}" ] || die "which archive? sh tools/offline.sh dist/….tar.gz"
archive=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
if [ "$(id -u)" = 0 ] && command -v ip >/dev/null; then ip link set lo up; fi

work=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
cd "$work"
mkdir home
export HOME="$work/home"

tar xf "$archive"
cd gluon_seq2seq-*/
du -sh .

# --- demo -----------------------------------------------------------------------------------

sh start.sh demo >"$work/demo" || die "the demo failed: $(cat "$work/demo")"
cat "$work/demo"
grep -q '^They are watching. -> Ils regardent.$' "$work/demo" || fails "the demo is wrong."
du -sh .venv
.venv/bin/python -c '
import socket, sys
try:
    socket.create_connection(("1.1.1.1", 53), timeout=3)
except OSError as why:
    print("No network:", why)
else:
    sys.exit("offline.sh: there is a network here; begin with unshare --net")'

# --- notebook 2, JupyterLab -----------------------------------------------------------------

ask() {  # URL TEXT [JSON]: until the answer to a request has TEXT
    .venv/bin/python -c '
import sys, time, urllib.request
url, text, data = (sys.argv[1:] + [None])[:3]
headers = {"Content-Type": "application/json"}
for _ in range(120):
    try:
        request = urllib.request.Request(url, data and data.encode(), headers)
        answer = urllib.request.urlopen(request, timeout=30).read().decode()
        break
    except OSError as error:
        answer = str(error)
        time.sleep(1)
print(url, len(answer), "characters")
sys.exit(0 if text in answer else answer)' "$@"
}

.venv/bin/python -m jupyter nbconvert --to notebook --execute --stdout --log-level ERROR \
    notebooks/en/02_encoder.ipynb >"$work/02.ipynb" || fails "notebook 2 failed."
grep -q '"image/png"' "$work/02.ipynb" || fails "notebook 2 has no picture."
echo "Notebook 2 runs: $(grep -c '"output_type"' "$work/02.ipynb") outputs"

sh start.sh lab --no-browser --port 8899 --IdentityProvider.token=offline >"$work/lab" 2>&1 &
server=$!
ask 'http://127.0.0.1:8899/lab?token=offline' JupyterLab || fails "no JupyterLab: $(cat "$work/lab")"
kill "$server"
wait "$server" || true

# --- the page -------------------------------------------------------------------------------

sh start.sh page --no-browser --port 8867 >"$work/page" 2>&1 &
server=$!
ask http://127.0.0.1:8867/ '<title>' || fails "no page: $(cat "$work/page")"
ask http://127.0.0.1:8867/api/translate 'Ils regardent.' '{"sentences": ["They are watching."]}' ||
    fails "the page does not translate."
kill "$server"
wait "$server" || true
server=
[ -z "$failed" ] || die "not all is well, see above."
echo 'All is well without a network: demo, notebook 2, JupyterLab, the page'

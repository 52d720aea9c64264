#!/bin/sh
# What the image and a JupyterHub start for a student.
#
#   tools/hub/start.sh [COMMAND | OPTION…]
#
# Without COMMAND it is the single-user server of the JupyterHub that asks for one, else JupyterLab
# on port 8888, with a token; OPTIONs are for these. The notebooks are copied to ~/my-notebooks
# first; what is there already stays as it is.
#   VENV    where the environment is  (default: .venv of this checkout)
set -eu
checkout=$(cd "$(dirname "$0")/../.." && pwd)
PATH=${VENV:-$checkout/.venv}/bin:$PATH
export PATH
for language in en zh; do
    sh "$checkout/tools/copy_notebooks.sh" $language "$HOME/my-notebooks/$language" || {
        echo "gluon-seq2seq: user $(id -u) cannot write to $HOME: give the folder to this user." >&2
        exit 5
    }
done
cd "$HOME"
case ${1:--} in
    -*)
        if [ -n "${JUPYTERHUB_API_TOKEN:-}" ]; then
            set -- jupyterhub-singleuser "$@"
        else
            set -- jupyter lab --ip=0.0.0.0 --no-browser "$@"
        fi ;;
esac
exec "$@"

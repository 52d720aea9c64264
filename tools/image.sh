#!/usr/bin/env bash
# Runs the steps of Dockerfile where there is no Docker: in a bare Debian, made as bare.sh makes it.
#
#   sudo -E tools/image.sh [OPTION…]
#
#   --build-arg NAME=VALUE   as docker build takes it
#   --cache DIR, --mirror URL  as in bare.sh
#
# In place of python:3.13-slim, which is Debian trixie with a Python 3.13 of its own, stands trixie
# with Debian's Python 3.13. What git does not ignore is copied, as it stands. In the end, without
# a network, the image's user starts what `docker run` would: JupyterLab answers on its port, refuses
# whoever has no token, runs notebook 2, and what is in the home is not overwritten.
set -euo pipefail
umask 022

die() { printf 'image.sh: %s\n' "$*" >&2; exit 1; }

cache='' mirror=http://deb.debian.org/debian build_args=()
while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || die "$1 needs a value, or is no option (--build-arg, --cache and --mirror are)."
    case $1 in
        --build-arg) build_args+=("$2") ;;
        --cache) cache=$2 ;;
        --mirror) mirror=$2 ;;
        *) die "$1 is no option (--build-arg, --cache and --mirror are)." ;;
    esac
    shift 2
done
[ "$(id -u)" = 0 ] || die "needs root, to make a system of its own: sudo -E tools/image.sh"

suite=trixie
# shellcheck source=tools/debian.sh
. "$(dirname "$0")/debian.sh"

# --- the steps ------------------------------------------------------------------------------

user=0 folder=/ entrypoint='' vars=(PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)

of_user() { awk -F: -v user="$user" -v n="$1" '$1 == user || $3 == user { print $n }' "$root/etc/passwd"; }

in_image() {  # COMMAND…, as USER, WORKDIR and ENV say
    # shellcheck disable=SC2016  # for the shell in there
    in_root setpriv --reuid "$(of_user 3)" --regid "$(of_user 4)" --init-groups \
        env HOME="$(of_user 6)" "${vars[@]}" sh -c 'cd "$1"; shift; exec "$@"' sh "$folder" "$@"
}

expand() { env -i "${vars[@]}" sh -c "printf %s \"$1\""; }

argument() {  # NAME[=DEFAULT]: what --build-arg says, or the default
    local given
    for given in "${build_args[@]}"; do
        if [ "${given%%=*}" = "${1%%=*}" ]; then
            printf %s "$given"
            return
        fi
    done
    case $1 in *=*) printf %s "$1" ;; *) printf '%s=' "$1" ;; esac
}

step() {  # INSTRUCTION ARGUMENTS
    local start=$SECONDS rest=$2 owner
    printf '\n%s %s\n' "$1" "$rest"
    case $1 in
        FROM)
            [ "$rest" = python:3.13-slim ] || die "FROM $rest: only python:3.13-slim is known here."
            in_root sh -c 'apt-get -qq update && apt-get -qq install --no-install-recommends \
                ca-certificates python3 python3-dev python3-venv >/dev/null'
            in_root python3 --version | grep -F 'Python 3.13.' || die "trixie's Python is not 3.13." ;;
        ARG) vars+=("$(argument "$rest")") ;;
        ENV) vars+=("$(expand "$rest")") ;;
        USER)
            user=$(expand "$rest")
            [ -n "$(of_user 3)" ] || die "USER $user: no such user." ;;
        WORKDIR)
            folder=$(expand "$rest")
            mkdir -p "$root$folder" ;;
        COPY)
            [[ $rest =~ ^--chown=([^ ]+)\ \.\ \.$ ]] || die "COPY $rest: only '--chown=USER . .' is known."
            owner=$(expand "${BASH_REMATCH[1]}")
            git -C "$here" ls-files -z --cached --others --exclude-standard |
                tar -C "$here" --null --files-from - --owner="+$owner" --group="+$owner" -c |
                tar --same-owner -xp -C "$root$folder" ;;
        RUN) in_image sh -c "$rest" >"$work/log" 2>&1 || { cat "$work/log" >&2; die "failed: RUN $rest"; } ;;
        ENTRYPOINT)
            [[ $rest =~ ^\[\"([^\"]+)\"\]$ ]] || die "ENTRYPOINT $rest: only [\"PROGRAM\"] is known."
            entrypoint=${BASH_REMATCH[1]} ;;
        EXPOSE) [ "$rest" = 8888 ] || die "EXPOSE $rest: the port is 8888." ;;
        *) die "$1 is no instruction that is known here." ;;
    esac
    printf '(%d s)\n' $((SECONDS - start))
}

# Comments, then the ends of lines that go on.
while read -r instruction rest <&3; do
    if [ -n "$instruction" ]; then step "$instruction" "$rest"; fi
done 3< <(sed '/^#/d' "$here/Dockerfile" | sed -e ':more' -e '/\\$/{N;s/\\\n *//;b more' -e '}')
[ -n "$entrypoint" ] || die "Dockerfile has no ENTRYPOINT."

# --- what has come of it --------------------------------------------------------------------

du -sh --one-file-system "$root"
cut=("${off_line[@]}")
echo "user $(of_user 1): jupyterhub-singleuser $(in_image jupyterhub-singleuser --version)"
checkout=${entrypoint%/tools/*}
printf '\ndocker run %s\n' "$entrypoint"
in_image env PYTHONPATH="$checkout" python -m tools.hub.alone "$entrypoint" ||
    die "what docker run starts does not do what it should (see above)."
echo "The steps of Dockerfile make an image that runs alone."

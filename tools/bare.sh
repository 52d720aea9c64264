#!/usr/bin/env bash
# Tries README's commands where nothing is set up: on a bare Debian, as an ordinary user.
#
#   sudo -E tools/bare.sh [OPTION…] SUITE [TARGET…]
#
#   SUITE            bookworm (Python 3.11), trixie (3.13) or forky (3.14)
#   TARGET           what to make                      (default: demo test)
#   --no-compiler    keep gcc and clang off the system, whoever asks for them
#   --with PACKAGES  Debian packages that README does not name, e.g. --with gcc
#   --bundle ARCHIVE try what `make bundle` wrote in place of README's commands, by tools/offline.sh,
#                    with nothing but Python installed and the network cut off
#   --cache DIR      keep the bare system in DIR/SUITE, or use the one there
#   --mirror URL     of Debian                         (default: http://deb.debian.org/debian)
#
# Debian is installed in a temporary folder ($TMPDIR, /var/tmp; some 3 GB), with the packages that
# README names. What is committed is cloned and made there. The settings of pip and proxies in the
# environment hold there, too. Every command runs in namespaces of its own: mounts and processes
# end with it, however it ends.
set -euo pipefail
umask 022

die() { printf 'bare.sh: %s\n' "$*" >&2; exit 1; }

compiler=any more='' cache='' bundle='' mirror=http://deb.debian.org/debian words=()
while [ $# -gt 0 ]; do
    case $1 in
        --no-compiler) compiler=none ;;
        --with | --cache | --mirror | --bundle)
            [ $# -gt 1 ] || die "$1 needs a value."
            case $1 in
                --with) more=$2 ;; --cache) cache=$2 ;; --mirror) mirror=$2 ;; --bundle) bundle=$2 ;;
            esac
            shift ;;
        -*) die "$1 is no option (--no-compiler, --with, --bundle, --cache and --mirror are)." ;;
        *) words+=("$1") ;;
    esac
    shift
done
[ ${#words[@]} -gt 0 ] || die "which Debian? tools/bare.sh bookworm (or trixie, forky)"
suite=${words[0]}
targets=("${words[@]:1}")
[ ${#targets[@]} -gt 0 ] || targets=(demo test)

[ -z "$bundle" ] || [ -f "$bundle" ] || die "there is no $bundle: make bundle writes one."
[ "$(id -u)" = 0 ] || die "needs root, to make a system of its own: sudo -E tools/bare.sh $suite"

# shellcheck source=tools/debian.sh
. "$(dirname "$0")/debian.sh"

as_root() { in_root sh -c "$1"; }
as_user() {
    in_root su --login --whitelist-environment="$(IFS=, && echo "${names[*]}")" --command "$1" reader
}

try() {  # WHO COMMAND: prints the command, then how long it took
    local start=$SECONDS status=0
    printf '\n%s %s\n' "$([ "$1" = as_root ] && echo '#' || echo '$')" "$2"
    "$@" || status=$?
    printf '(%d s)\n' $((SECONDS - start))
    return $status
}

# --- a bundle, without a network ------------------------------------------------------------

if [ -n "$bundle" ]; then
    try as_root "apt-get -qq update && apt-get -qq install python3${more:+ $more} >/dev/null"
    as_root 'useradd --create-home --shell /bin/bash reader'
    cp "$bundle" "$here/tools/offline.sh" "$root/srv/"
    as_user 'python3 --version'
    cut=("${off_line[@]}")
    try as_user "sh /srv/offline.sh /srv/$(basename "$bundle")" || die "on $suite the bundle failed."
    exit
fi

# --- README's packages, README's commands ---------------------------------------------------

git clone --quiet --bare --single-branch --no-hardlinks "$here" "$root/srv/gluon_seq2seq.git"
readme=$(git -C "$here" show HEAD:README.md)
named() { sed -n "s/.*$1\`.*/\\1/p" <<<"$readme" | head -n 1; }
packages=$(named 'sudo apt-get install \([^`]*\)')
[ -n "$packages" ] || die "README.md names no Debian packages any more: where is its apt-get install?"
# shellcheck disable=SC2016  # a backtick of Markdown
if [ "$(uname -m)" = x86_64 ]; then packages+=" $(named 'on x86_64 `\([^`]*\)')"; fi
packages+=" git ca-certificates${more:+ $more}"
[ $compiler = any ] || packages+=' gcc- clang-'

try as_root "apt-get -qq update"
try as_root "apt-get -qq install $packages >/dev/null"
as_root 'useradd --create-home --shell /bin/bash reader && chown -R reader /srv/gluon_seq2seq.git'
cc=$(as_user 'command -v cc || command -v gcc || command -v clang' || echo none)
echo "$(as_user 'python3 --version'), C compiler: $cc"

try as_user 'git clone /srv/gluon_seq2seq.git'
failed=()
for target in "${targets[@]}"; do
    try as_user "cd gluon_seq2seq && make $target" || failed+=("$target")
    as_user 'cd gluon_seq2seq && if [ -d .venv ]; then du -sh .venv; fi'
done
[ ${#failed[@]} -eq 0 ] || die "on $suite these failed: ${failed[*]}"
echo "On $suite all is well: ${targets[*]}"

# shellcheck shell=bash disable=SC2034,SC2154
# A bare Debian in $root, and commands in it. bare.sh and image.sh read this file, once they know
#
#   suite    bookworm, trixie or forky
#   cache    keep the bare system in $cache/$suite, or use the one there  ('': do not)
#   mirror   of Debian
#
# It sets root, names and settings (how pip and proxies are set in the environment) and in_root,
# whose commands have the network, unless cut=("${off_line[@]}") leaves them loopback alone.

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
root=$work/root
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

# --- a bare Debian --------------------------------------------------------------------------

make_root() {  # FOLDER
    command -v debootstrap >/dev/null || die "debootstrap is missing: apt-get install debootstrap"
    local scripts=${DEBOOTSTRAP_DIR:-/usr/share/debootstrap}/scripts script=
    [ -e "$scripts/$suite" ] || script=$scripts/sid  # a suite newer than debootstrap
    echo "# debootstrap --variant=minbase $suite"
    # shellcheck disable=SC2086  # no script is no argument
    unshare --mount debootstrap --variant=minbase "$suite" "$1" "$mirror" $script >"$work/log" ||
        die "no Debian $suite from $mirror: $(tail -n 1 "$work/log")"
}

if [ -z "$cache" ]; then
    make_root "$root"
else
    if [ ! -d "$cache/$suite" ]; then
        rm -rf --one-file-system "$cache/$suite.new"  # of a run that was ended
        make_root "$cache/$suite.new"
        mv "$cache/$suite.new" "$cache/$suite"
    fi
    cp -a "$cache/$suite" "$root"
fi

# What an installer, or a container's engine, writes into the system.
cp /etc/resolv.conf "$root/etc/resolv.conf"
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s\n' "$(uname -n)" >"$root/etc/hosts"
echo "deb $mirror $suite main" >"$root/etc/apt/sources.list"
echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/bare"  # a snapshot will do

# --- how this machine reaches the package index ---------------------------------------------

names=() settings=()
for name in PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_DEFAULT_TIMEOUT PIP_CERT \
    SSL_CERT_FILE {http,https,no}_proxy {HTTP,HTTPS,NO}_PROXY; do
    value=${!name:-}
    [ -n "$value" ] || continue
    case $name in
        *_CERT*)
            cp "$value" "$root/etc/$name.pem"
            value=/etc/$name.pem ;;
    esac
    names+=("$name")
    settings+=("$name=$value")
done

# --- commands in it -------------------------------------------------------------------------

off_line=(unshare --net sh -c 'ip link set lo up && exec "$@"' sh)
cut=()

# The shell stays, as process 1, and takes in the processes that are left by their parents.
in_root() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "${settings[@]}" \
        "${cut[@]}" unshare --mount --pid --fork --kill-child --root="$root" --mount-proc sh -euc '
            mount -t sysfs -o ro sysfs /sys
            mount -t tmpfs tmpfs /dev/shm
            mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts
            "$@"
            exit' sh "$@"
}

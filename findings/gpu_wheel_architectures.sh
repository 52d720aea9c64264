#!/bin/sh
# mxnet-cu117 1.9.1, the last MXNet for NVIDIA GPUs: its kernels are machine code for sm_50, 60, 70,
# 80 and 86, and there is no PTX, from which a driver could make code for a later GPU. Machine code
# runs on GPUs of its major version, of the same minor or a later one: up to Ada, 8.9, but not on
# Hopper (9.0) and Blackwell (10.0, 12.0), whatever the driver.
#
# Read from .nv_fatbin of libmxnet.so, where nvcc puts them: regions, each with a header (magic
# 0xBA55ED50, header size, size) and entries (kind 1: PTX, 2: machine code; sizes; architecture).
# Downloads 0.5 GB and needs 1.5 GB in $TMPDIR; no GPU.
set -eu

python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --platform manylinux2014_x86_64 --dest "$folder" mxnet-cu117==1.9.1
cat >"$folder/show.py" <<'PYTHON'
import glob
import struct
import sys
import zipfile
from collections import Counter

(wheel,) = glob.glob(sys.argv[1] + "/*.whl")
with zipfile.ZipFile(wheel) as archive:
    path = archive.extract("mxnet/libmxnet.so", sys.argv[1])
with open(path, "rb") as f:

    def read(at, size):
        f.seek(at)
        return f.read(size)

    # ELF: the table of sections, then the one that holds their names
    (table,) = struct.unpack("<Q", read(40, 8))
    size, count, names_in = struct.unpack("<3H", read(58, 6))
    sections = [struct.unpack("<IIQQQQ", read(table + i * size, 40)) for i in range(count)]
    names = read(*sections[names_in][4:])
    kept = {names[s[0] :].split(b"\0", 1)[0]: s[4:] for s in sections}
    place, length = kept[b".nv_fatbin"]
    found, at, end = Counter(), place, place + length
    while at < end:
        magic, _, header, size = struct.unpack("<IHHQ", read(at, 16))
        if magic != 0xBA55ED50:  # regions begin at multiples of 8
            assert magic == 0, hex(magic)
            at += 8
            continue
        entry, last = at + header, at + header + size
        while entry < last:
            kind, _, header, size = struct.unpack("<HHIQ", read(entry, 16))
            (architecture,) = struct.unpack("<I", read(entry + 28, 4))
            found[{1: "PTX", 2: "machine code"}[kind], architecture] += 1
            entry += header + size
        at = last
print(wheel.rsplit("/", 1)[1], f".nv_fatbin of {length / 2**20:.0f} MB")
for (kind, architecture), times in sorted(found.items()):
    print(f"  {kind} for sm_{architecture}: {times} times")
expected = {("machine code", architecture) for architecture in (50, 60, 70, 80, 86)}
sys.exit(0 if set(found) == expected else "as expected no longer")
PYTHON
"$python" "$folder/show.py" "$folder"
echo "Seen: machine code for 5.0 to 8.6, and no PTX at all."

#!/bin/sh
# Copies the notebooks of LANGUAGE (en, zh) to FOLDER, but for those that FOLDER has already.
#
#   sh tools/copy_notebooks.sh LANGUAGE FOLDER
set -eu
source=$(cd "$(dirname "$0")/../notebooks" && pwd)/$1
[ -d "$source" ] || { echo "copy_notebooks.sh: no language '$1': en or zh" >&2; exit 2; }
mkdir -p "$2"
for notebook in "$source"/*.ipynb; do
    copy=$2/${notebook##*/}
    [ -e "$copy" ] && continue
    cp "$notebook" "$copy.new"  # a copy that is broken off is none
    mv "$copy.new" "$copy"
done

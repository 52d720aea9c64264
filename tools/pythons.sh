#!/bin/sh
# Prints the Pythons of this machine that the project works with, a line each: version and path,
# the oldest first. They are on the PATH, or pyenv's.
fits='
import sys
if (3, 8) <= sys.version_info[:2] <= (3, 14):
    import ensurepip, venv
    print("%d.%d" % sys.version_info[:2], sys.executable)
'
for minor in 8 9 10 11 12 13 14; do
    for candidate in "python3.$minor" "${PYENV_ROOT:-$HOME/.pyenv}/versions/3.$minor".*/bin/python \
        python3 python; do
        found=$("$candidate" -c "$fits" 2>/dev/null)
        if [ "${found%% *}" = "3.$minor" ]; then
            printf '%s\n' "$found"
            break
        fi
    done
done

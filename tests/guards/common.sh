# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the guards share: the source tree, the build, the list of files, a verdict.
# A guard prints one line for each fault and ends with status 1 if there is any.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
top=$PWD
# shellcheck disable=SC2034
build=${AVCSEC_BUILD:-$top/build}
faults=0

fault() {
    printf '%s\n' "$*"
    faults=$((faults + 1))
}

verdict() {
    [ "$faults" = 0 ] || { printf '%s: %d faults\n' "$(basename "$0")" "$faults"; exit 1; }
}

# Files of the project, NUL between them; of a release tarball, whatever is there.
tracked() {
    if [ -e .git ]; then
        git -c safe.directory='*' ls-files -z -- "$@"
    else
        find "${@:-.}" -type f -not -path '*/build*/*' -not -path '*/autom4te.cache/*' -print0
    fi
}

#!/bin/sh
# Sets up what is missing, then runs the tests of the R package.
#
#   sh tools/test.sh             all
#   sh tools/test.sh effects     those of files whose name matches
#
# Compares with the newest metafor, clubSandwich and metadat, which it installs into a
# library of their own. Where they cannot be had, the tests that need them are skipped;
# with CI=true that is a failure.
#
# METAVIVO_SHARED   the folder of shared data sets (default: ../shared, if it exists)
# METAVIVO_COUNTS   a file to which the counts are written: passed, failed, skipped
set -eu
need="test"
# shellcheck source=tools/setup.sh
. "$(dirname "$0")/setup.sh"

if [ -z "${METAVIVO_SHARED:-}" ] && [ -d "$root/../shared" ]; then
  METAVIVO_SHARED=$(cd "$root/../shared" && pwd)
fi
export METAVIVO_SHARED="${METAVIVO_SHARED:-}" NOT_CRAN=true
export METAVIVO_SOURCE="$root"

say "the packages to compare with"
Rscript "$root/tools/install.R" newest "$METAVIVO_ORACLES" metadat metafor clubSandwich
export R_LIBS="$METAVIVO_ORACLES:$R_LIBS"

say "tests"
# In a copy, for a run writes snapshots; the rest of the source is where tests look for it.
mkdir -p "$work/source/tests"
for part in "$root"/*; do
  [ "$part" = "$root/tests" ] || ln -s "$part" "$work/source/"
done
cp -R "$root/tests/testthat" "$work/source/tests/"
Rscript "$root/tools/test.R" "$work/source/tests/testthat" "$root/tests/testthat" "$@"

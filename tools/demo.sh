#!/bin/sh
# Sets up what is missing, then runs a first whole analysis: tables and pictures go to
# demo-output/.
#
#   sh tools/demo.sh
set -eu
need="demo"
# shellcheck source=tools/setup.sh
. "$(dirname "$0")/setup.sh"

cd "$root"
Rscript tools/demo.R "$@"

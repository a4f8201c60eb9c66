#!/bin/sh
# Sets up what is missing and installs metavivo into a library outside the tree.
#
#   sh tools/setup.sh
#
# As root on Debian or Ubuntu it installs R and its built packages with apt-get.
# Elsewhere it uses the R that is there, and installs missing R packages from R's own
# repository into that library; it needs no root.
#
# METAVIVO_LIB      the library (default: below XDG_CACHE_HOME or ~/.cache)
# METAVIVO_ORACLES  the library of the packages that the tests compare with
#
# demo.sh, test.sh and .ci/run read this file (". tools/setup.sh") with `need` set to
# "demo", "test" or "check"; then they have $root, $work (a scratch folder that is
# removed at the end), say(), stop(), and R_LIBS.
set -eu

need=${need:-run}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

say() { echo "==> $*"; }

stop() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# Runs a command quietly; its output is shown only when it fails.
quietly() {
  "$@" >"$work/log" 2>&1 </dev/null || {
    tail -n 40 "$work/log" >&2
    return 1
  }
}

# The packages of Debian: all that the demo needs, then what tests and checks add.
debian_packages() {
  echo r-base-core r-base-dev r-cran-cli r-cran-generics r-cran-ggplot2 r-cran-rlang
  [ "$need" = run ] || echo r-cran-metadat
  case $need in test | check)
    echo r-cran-testthat r-cran-dplyr r-cran-tibble r-cran-withr r-cran-vdiffr
    echo r-cran-svglite r-cran-knitr r-cran-rmarkdown pandoc r-cran-matrix
    echo r-cran-emmeans
    # what the newest metafor and clubSandwich are built on
    echo r-cran-nlme r-cran-numderiv r-cran-digest r-cran-mathjaxr r-cran-pbapply
    echo r-cran-sandwich r-cran-lifecycle
    ;;
  esac
  [ "$need" != check ] || echo r-cran-lintr clang-format r-mathlib pkg-config gcc git
}

# The same for other systems, by R's own repository. metavivo's imports come on top.
r_packages() {
  [ "$need" = run ] || echo metadat
  case $need in test | check)
    echo testthat dplyr tibble withr vdiffr svglite knitr rmarkdown Matrix emmeans
    ;;
  esac
  [ "$need" != check ] || echo lintr
}

# An R that is not Debian's own has no use for Debian's packages.
uses_apt() {
  [ -f /etc/debian_version ] && [ "$(id -u)" -eq 0 ] || return 1
  case $(command -v R || true) in '' | /usr/bin/R) command -v apt-get >/dev/null ;;
    *) return 1 ;;
  esac
}

is_missing() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" != installed ]
}

# What this release of Debian or Ubuntu does not have is left to R's repository.
apt_setup() {
  export DEBIAN_FRONTEND=noninteractive
  wanted=
  for package in $(debian_packages); do
    if is_missing "$package"; then wanted="$wanted $package"; fi
  done
  [ -n "$wanted" ] || return 0
  say "apt-get install$wanted"
  quietly apt-get update -q || say "apt-get update failed; going on with the old lists"
  known=
  for package in $wanted; do
    if apt-cache show "$package" >/dev/null 2>&1; then known="$known $package"; fi
  done
  [ -n "$known" ] || return 0
  # shellcheck disable=SC2086  # one word a package
  quietly apt-get install -q -y --no-install-recommends $known || stop "apt-get failed"
}

find_r() {
  if uses_apt; then apt_setup; fi
  command -v Rscript >/dev/null || stop "R is not installed. Install R 4.1 or later," \
    "or run this as root on Debian or Ubuntu."
}

# Without a language R reads and writes ASCII only.
find_locale() {
  [ -z "${LC_ALL:-}${LC_CTYPE:-}${LANG:-}" ] || return 0
  if locale -a 2>/dev/null | grep -qi '^C\.utf-*8$'; then export LC_ALL=C.UTF-8; fi
}

# One library for each version of R and each copy of the source.
find_libraries() {
  cache=${XDG_CACHE_HOME:-${HOME:-${TMPDIR:-/tmp}}/.cache}/metavivo
  # shellcheck disable=SC2016  # R's dollar
  version=$(Rscript --vanilla -e 'cat(paste0(R.version$platform, "-", getRversion()))')
  copy=$(printf %s "$root" | cksum | cut -d ' ' -f 1)
  METAVIVO_LIB=${METAVIVO_LIB:-$cache/$version/$copy}
  METAVIVO_ORACLES=${METAVIVO_ORACLES:-$cache/$version/oracles}
  mkdir -p "$METAVIVO_LIB" "$METAVIVO_ORACLES"
  METAVIVO_LIB=$(cd "$METAVIVO_LIB" && pwd)
  METAVIVO_ORACLES=$(cd "$METAVIVO_ORACLES" && pwd)
  R_LIBS=$METAVIVO_LIB${R_LIBS:+:$R_LIBS}
  export METAVIVO_LIB METAVIVO_ORACLES R_LIBS
}

# From a built package, so that nothing is compiled in the tree.
install_metavivo() {
  say "installing metavivo into $METAVIVO_LIB"
  mkdir "$work/build"
  cd "$work/build"
  quietly R CMD build --no-build-vignettes --no-manual "$root" ||
    stop "R CMD build failed"
  quietly R CMD INSTALL --preclean --library="$METAVIVO_LIB" metavivo_*.tar.gz ||
    stop "metavivo was not installed. It needs a C compiler (macOS: xcode-select" \
      "--install; Windows: Rtools)."
  cd "$root"
}

find_r
find_locale
find_libraries
# shellcheck disable=SC2046  # one word a package
Rscript "$root/tools/install.R" missing "$METAVIVO_LIB" "$root/DESCRIPTION" \
  $(r_packages) || stop "packages that metavivo needs are missing"
install_metavivo

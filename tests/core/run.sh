#!/bin/sh
# Builds src/core as a plain C library with the sanitizers, and tests it.
#
#   sh tests/core/run.sh              the tests, then the fuzz targets
#   sh tests/core/run.sh tests        only the tests
#   sh tests/core/run.sh fuzz tau2    only the fuzz target fuzz_tau2.c
#   sh tests/core/run.sh libfuzzer    the fuzz targets by clang's libFuzzer
#
# CC chooses the compiler, FUZZ_RUNS and FUZZ_SEED the inputs. A fuzz target that is slow
# says how many inputs it is run on, in a line "fuzz-runs: 5000". Needs stand-alone Rmath
# (Debian: r-mathlib). Builds in a directory of its own outside the tree.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
core=$(cd "$here/../../src/core" && pwd)
what=${1:-all}
only=${2:-}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
trap 'exit 130' INT TERM

strict="-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Werror"
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
if [ "$what" = libfuzzer ]; then
  CC=${CC:-clang}
  sanitize="$sanitize -fsanitize=fuzzer-no-link"
fi
CC=${CC:-gcc}
flags="$strict $sanitize -O1 -g -DMV_STANDALONE"
libs=$(pkg-config --libs libRmath 2>/dev/null || echo "-lRmath -lm")
if ls "$core"/lapack.h >/dev/null 2>&1; then libs="-llapack -lblas $libs"; fi
# The driver of the fuzz targets keeps an input that kills one; so every end is an abort.
export ASAN_OPTIONS="abort_on_error=1:detect_leaks=1"
export UBSAN_OPTIONS="abort_on_error=1:print_stacktrace=1"

stop() {
  echo "run.sh: $1" >&2
  exit 2
}

# compile <source> <object>
compile() {
  # shellcheck disable=SC2086  # the flags are words
  "$CC" $flags -I"$core" -I"$here" -I"$build" -c "$1" -o "$2"
}

# link <program> <object ...>
link() {
  program=$1
  shift
  # shellcheck disable=SC2086
  "$CC" $sanitize "$@" "$build"/core/*.o $libs -o "$program"
}

build_core() {
  mkdir "$build/core"
  for source in "$core"/*.c; do
    compile "$source" "$build/core/$(basename "$source" .c).o"
  done
  compile "$here/check.c" "$build/core/check.o"
}

# The stems of the files <prefix>_*.c; the driver is none.
stems() {
  for source in "$here/$1"_*.c; do
    stem=$(basename "$source" .c)
    stem=${stem#"$1"_}
    [ "$stem" = driver ] || [ ! -f "$source" ] || echo "$stem"
  done
}

# A program that died before its last line has failed once.
run_tests() {
  stems test | sed 's/.*/TEST(&)/' >"$build/tests.inc"
  mkdir "$build/test"
  for stem in $(stems test); do
    compile "$here/test_$stem.c" "$build/test/$stem.o"
  done
  compile "$here/main.c" "$build/test/main.o"
  link "$build/tests" "$build"/test/*.o
  "$build/tests" >"$build/tests.log" 2>&1 || true
  grep -vE '^[0-9]+ passed, [0-9]+ failed$' "$build/tests.log" || true
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$build/tests.log" || true)
  line=${line:-0 passed, 1 failed}
  echo "tests of the core: $line"
  passed=$((passed + ${line%% *}))
  line=${line#*, }
  failed=$((failed + ${line%% *}))
}

# How many inputs a target is run on.
fuzz_runs() {
  own=$(sed -n 's/.*fuzz-runs: *\([0-9][0-9]*\).*/\1/p' "$here/fuzz_$1.c" | head -n 1)
  echo "${FUZZ_RUNS:-${own:-20000}}"
}

corpus_files() {
  for file in "$here/corpus/$1"/*; do [ ! -f "$file" ] || echo "$file"; done
}

run_driver() {
  compile "$here/fuzz_driver.c" "$build/fuzz_driver.o"
  link "$build/fuzz_$1" "$build/fuzz_$1.o" "$build/fuzz_driver.o"
  old_ifs=$IFS
  IFS='
'
  set -f
  # shellcheck disable=SC2046  # one file a line
  set -- "$1" $(corpus_files "$1")
  set +f
  IFS=$old_ifs
  stem=$1
  shift
  "$build/fuzz_$stem" "$(fuzz_runs "$stem")" "${FUZZ_SEED:-1}" "$@"
}

run_libfuzzer() {
  # shellcheck disable=SC2086
  "$CC" -fsanitize=fuzzer,address,undefined "$build/fuzz_$1.o" "$build"/core/*.o \
    $libs -o "$build/fuzz_$1"
  mkdir -p "$build/corpus_$1"
  corpus_files "$1" | while read -r file; do cp "$file" "$build/corpus_$1/"; done
  "$build/fuzz_$1" -runs="$(fuzz_runs "$1")" -seed="${FUZZ_SEED:-1}" -max_len=4096 \
    -verbosity=0 "$build/corpus_$1"
}

# Every target is one check.
run_fuzz() {
  [ -z "$only" ] || [ -f "$here/fuzz_$only.c" ] || stop "there is no fuzz_$only.c"
  for stem in $(stems fuzz); do
    [ -z "$only" ] || [ "$only" = "$stem" ] || continue
    compile "$here/fuzz_$stem.c" "$build/fuzz_$stem.o"
    if "$1" "$stem"; then
      echo "fuzz_$stem: $(fuzz_runs "$stem") inputs"
      passed=$((passed + 1))
    else
      echo "fuzz_$stem failed"
      failed=$((failed + 1))
    fi
  done
}

passed=0
failed=0
build_core
case $what in
  tests) run_tests ;;
  fuzz) run_fuzz run_driver ;;
  libfuzzer) run_fuzz run_libfuzzer ;;
  all)
    run_tests
    run_fuzz run_driver
    ;;
  *) stop "tests, fuzz, libfuzzer or all, not '$what'" ;;
esac
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

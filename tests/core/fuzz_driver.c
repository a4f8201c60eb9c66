/* Runs a fuzz target without libFuzzer: first the files named, then `runs` inputs whose
 * bytes depend on nothing but (seed, run).
 *
 *   fuzz_<stem> <runs> <seed> [file ...]
 *
 * An input that kills the target is written to crash-<seed>-<run> in the directory
 * where it runs; give it as a file to see it again, and keep it in corpus/<stem>/. */
#include <signal.h>

#include "fuzz_bytes.h"

enum { MAX_SIZE = 4096 };

static uint8_t bytes[MAX_SIZE];
static size_t bytes_size;
static char crash_name[64] = "crash";

/* splitmix64's finaliser: a bijection that mixes a counter well. */
static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/* Sizes are log-uniform: short inputs reach the edge cases, long ones the loops. */
static void fill(uint64_t seed, uint64_t run) {
  const uint64_t key = mix(mix(seed) ^ run);
  const size_t top = (size_t)1 << (key % 13);
  bytes_size = (size_t)(mix(key) % (top + 1));
  for (size_t i = 0; i < bytes_size; i++) bytes[i] = (uint8_t)(mix(key + 1 + i) >> 56);
}

static void keep_input(int signal_number) {
  FILE *file = fopen(crash_name, "wb");
  if (file) {
    fwrite(bytes, 1, bytes_size, file);
    fclose(file);
    fprintf(stderr, "the input is in %s\n", crash_name);
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

/* A copy on the heap of exactly this size, so that ASan sees a read past its end. */
static void run_one(void) {
  uint8_t *copy = malloc(bytes_size ? bytes_size : 1);
  if (!copy) exit(EXIT_FAILURE);
  memcpy(copy, bytes, bytes_size);
  LLVMFuzzerTestOneInput(copy, bytes_size);
  free(copy);
}

static void run_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(EXIT_FAILURE);
  }
  bytes_size = fread(bytes, 1, MAX_SIZE, file);
  fclose(file);
  run_one();
}

int main(int argc, char **argv) {
  if (argc < 3) return EXIT_FAILURE;
  const uint64_t runs = strtoull(argv[1], NULL, 10);
  const uint64_t seed = strtoull(argv[2], NULL, 10);
  signal(SIGABRT, keep_input);
  for (int i = 3; i < argc; i++) run_file(argv[i]);
  for (uint64_t run = 0; run < runs; run++) {
    snprintf(crash_name, sizeof crash_name, "crash-%llu-%llu", (unsigned long long)seed,
             (unsigned long long)run);
    fill(seed, run);
    run_one();
  }
  return EXIT_SUCCESS;
}

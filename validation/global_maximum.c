/* Is the maximum that the core finds the global one? 100,000 random sets each for REML
 * and ML (rank-deficient ones drawn anew): k 3 to 10, variances log-uniform over a ratio
 * drawn up to 10^6, half of them with moderators (p up to k - 1), y normal or with
 * heavier tails. Each estimate is held against a log-spaced grid of 2,000 values of tau2
 * and 0, every peak of which is refined by the golden section, on a likelihood made
 * another way (tests/core/spectrum.h).
 *
 *   gcc -std=c11 -O2 -DMV_STANDALONE -Isrc/core -Itests/core -o global_maximum \
 *     validation/global_maximum.c tests/core/check.c src/core/[a-z]*.c -lRmath -lm
 *   ./global_maximum 100000 2000 > validation/global_maximum.md
 *
 * Ends with status 1 if one set is below its grid. */
#include <stdio.h>
#include <stdlib.h>

#include "pooling.h"
#include "spectrum.h"

enum { MOST_EVALUATED = 20001, MOST_MAXIMA = 8 };

typedef struct {
  int sets, skipped, failed, below, uncounted;
  int maxima[MOST_MAXIMA], maxima_p1[MOST_MAXIMA];
  int evaluations[MOST_EVALUATED];
  double deficit; /* the largest of (grid - found) / (1 + |grid|) */
} tally;

static void compare(const random_set *set, int restricted, const mv_search *search,
                    int points, tally *to) {
  spectrum of;
  spectrum_of(set, restricted, &of);
  const grid_maximum grid = spectrum_grid(&of, points);
  const double found = spectrum_log_lik(&of, search->tau2);
  const double deficit = (grid.log_lik - found) / (1 + fabs(grid.log_lik));
  const int maxima = search->maxima < MOST_MAXIMA ? search->maxima : MOST_MAXIMA - 1;
  to->sets++;
  to->maxima[maxima]++;
  to->maxima_p1[maxima] += set->p == 1;
  to->evaluations[search->evaluations]++;
  to->below += deficit > 1e-9;
  to->uncounted += grid.maxima > search->maxima;
  to->deficit = fmax(to->deficit, deficit);
}

static void one_set(random_source *from, int run, int restricted, int points, tally *to) {
  random_set set;
  pooling at;
  mv_search search;
  const int k = random_int(from, 3, 10), p = run % 2 ? 1 : random_int(from, 1, k - 1);
  random_set_draw(from, k, p, 1e6, &set);
  mv_status status = pooling_open_set(&at, &set);
  if (status == MV_RANK_DEFICIENT) {
    to->skipped++;
  } else {
    status = pooling_search(&at, restricted ? "REML" : "ML", &search);
    if (status == MV_OK) compare(&set, restricted, &search, points, to);
    to->failed += status != MV_OK;
  }
  pooling_close(&at);
}

static int quantile(const tally *of, double share) {
  double sum = 0;
  for (int i = 0; i < MOST_EVALUATED; i++) {
    sum += of->evaluations[i];
    if (sum >= share * of->sets) return i;
  }
  return MOST_EVALUATED;
}

static void report(const char *method, const tally *of) {
  double sum = 0;
  for (int i = 0; i < MOST_EVALUATED; i++) sum += (double)i * of->evaluations[i];
  printf("| %s | %d | %d | %d | %d | %.1e | %d |", method, of->sets, of->skipped,
         of->failed, of->below, of->deficit, of->uncounted);
  for (int i = 1; i < 4; i++) printf(" %d (%d) |", of->maxima[i], of->maxima_p1[i]);
  printf(" %.1f | %d | %d | %d |\n", sum / of->sets, quantile(of, 0.5),
         quantile(of, 0.999), quantile(of, 1));
}

int main(int argc, char **argv) {
  if (argc < 3) return EXIT_FAILURE;
  const int runs = atoi(argv[1]), points = atoi(argv[2]);
  int wrong = 0;
  printf("# The global maximum of the likelihood\n\n");
  printf(
      "Written by `validation/global_maximum.c %d %d`; see there. `below`: sets whose "
      "likelihood\nis below the refined grid's by more than 1e-9 of it; `uncounted`: "
      "sets where the grid shows\nmore maxima than were counted; `1 max` and so on: "
      "sets by their number of maxima (in brackets\nthose without moderators).\n\n",
      runs, points);
  printf(
      "| method | sets | rank-deficient | failed | below | worst deficit | uncounted "
      "| 1 max | 2 max | 3 max | evaluations, mean | median | 99.9 %% | most |\n");
  printf("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (int restricted = 1; restricted >= 0; restricted--) {
    static tally count;
    random_source from = {20240601};
    count = (tally){.deficit = -INFINITY};
    for (int run = 0; count.sets + count.failed < runs; run++) {
      one_set(&from, run, restricted, points, &count);
    }
    report(restricted ? "REML" : "ML", &count);
    wrong += count.failed + count.below + count.uncounted;
  }
  return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

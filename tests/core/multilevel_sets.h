/* Random multilevel problems: nested and crossed intercepts, every structure, slopes, a
 * known matrix; V diagonal or with covariances. And the slow, obvious form: M, P and
 * derivatives as whole matrices. */
#ifndef MULTILEVEL_SETS_H
#define MULTILEVEL_SETS_H

#include <math.h>
#include <string.h>

#include "check.h"
#include "linalg.h"
#include "multilevel.h"
#include "random_sets.h"

enum { ML_ROWS = 36, ML_COLUMNS = 3, ML_PARTS = 5, ML_LEVELS = 4, ML_PARAMETERS = 40 };

typedef struct {
  double y[ML_ROWS], v[ML_ROWS], x[ML_ROWS * ML_COLUMNS];
  int outer[ML_PARTS][ML_ROWS], inner[ML_PARTS][ML_ROWS];
  double slope[ML_PARTS][ML_ROWS * ML_LEVELS];
  double position[ML_LEVELS], known[ML_LEVELS * ML_LEVELS];
  int first[ML_ROWS], second[ML_ROWS];
  double value[ML_ROWS];
  mv_part parts[ML_PARTS];
  mv_problem problem;
  double working[ML_PARAMETERS];
} ml_set;

/* Groups of a part: 0 study of 6 rows, 1 experiment of 2 in it, 2 each row its own, 3
 * crossed with the studies, 4 one for all. */
static inline void ml_group(ml_set *set, int part, int how) {
  for (int i = 0; i < ML_ROWS; i++) {
    const int of[] = {i / 6, i / 2, i, i % 4, 0};
    set->outer[part][i] = 1 + of[how];
  }
  const int groups[] = {ML_ROWS / 6, ML_ROWS / 2, ML_ROWS, 4, 1};
  set->parts[part].groups = groups[how];
}

static inline void ml_add_part(ml_set *set, const char *structure, int how) {
  const int at = (int)set->problem.part_count++;
  mv_part *part = &set->parts[at];
  *part = (mv_part){.outer = set->outer[at]};
  part->shape.structure = mv_structure_find(structure);
  part->shape.levels = 1;
  ml_group(set, at, how);
  const int slopes = structure[0] == 'G', plain = strcmp(structure, "INTERCEPT") == 0;
  if (!plain) part->shape.levels = slopes ? 2 : ML_LEVELS;
  if (slopes) {
    part->slope = set->slope[at];
  } else if (!plain) {
    part->inner = set->inner[at];
  }
  part->shape.position = set->position;
  if (strcmp(structure, "CS") == 0 || strcmp(structure, "HCS") == 0) {
    part->shape.position = NULL;
  }
  part->shape.known = set->known;
  part->first =
      at ? set->parts[at - 1].first + mv_shape_parameters(&set->parts[at - 1].shape) : 0;
}

static inline void ml_fill(ml_set *set, random_source *state, int covariances) {
  for (int i = 0; i < ML_ROWS; i++) {
    set->y[i] = random_normal(state);
    set->v[i] = 0.2 + random_uniform(state);
    for (int j = 0; j < ML_COLUMNS; j++) {
      set->x[i * ML_COLUMNS + j] = j ? random_normal(state) : 1;
    }
    for (int part = 0; part < ML_PARTS; part++) {
      set->inner[part][i] = 1 + (int)(random_uniform(state) * ML_LEVELS) % ML_LEVELS;
      set->slope[part][i * 2] = 1;
      set->slope[part][i * 2 + 1] = random_normal(state);
    }
  }
  for (int i = 0; i < ML_LEVELS; i++) {
    set->position[i] = i;
    for (int j = 0; j < ML_LEVELS; j++)
      set->known[i * ML_LEVELS + j] = pow(.6, fabs((double)(i - j)));
  }
  double r[ML_COLUMNS * ML_COLUMNS];
  int aliased[ML_COLUMNS];
  mv_orthonormalise(ML_ROWS, ML_COLUMNS, set->x, r, aliased);
  int pairs = 0;
  for (int i = 0; covariances && i < ML_ROWS; i++) {
    if (i % 3 == 2) continue; /* sets of three rows */
    set->first[pairs] = i + 1;
    set->second[pairs] = i;
    set->value[pairs++] = 0.3 * sqrt(set->v[i] * set->v[i + 1]);
  }
  set->problem.k = ML_ROWS;
  set->problem.p = ML_COLUMNS;
  set->problem.y = set->y;
  set->problem.v = set->v;
  set->problem.x = set->x;
  set->problem.parts = set->parts;
  set->problem.pairs =
      (mv_pairs){ML_ROWS, pairs, set->v, set->first, set->second, set->value};
  for (ptrdiff_t j = 0; j < set->problem.part_count; j++) {
    mv_shape_start(&set->parts[j].shape, 0.3 + random_uniform(state), 0.7,
                   set->working + set->parts[j].first);
  }
  for (ptrdiff_t i = 0; i < mv_problem_parameters(&set->problem); i++) {
    if (set->working[i] == 0) set->working[i] = 0.2;
  }
}

/* The groups of a part become the levels of another, which has one group, in another
 * order: a guest (part.h). After the filling. */
static inline void ml_make_guest(ml_set *set, int guest, int host) {
  for (int i = 0; i < ML_ROWS; i++) {
    set->outer[guest][i] = 1 + ML_LEVELS - set->inner[host][i];
  }
  set->parts[guest].groups = ML_LEVELS;
}

/* ---- the model opened on memory of exactly its size ---- */

typedef struct {
  mv_arena plan, numbers, space;
  mv_blocks blocks;
  mv_multilevel model;
  mv_multilevel_work work;
  mv_point point;
} ml_open_model;

static inline mv_status ml_open(const ml_set *set, int restricted, ml_open_model *at) {
  at->plan = at->numbers = at->space = (mv_arena){NULL, 0};
  mv_blocks_layout(&at->plan, &set->problem, &at->blocks);
  at->plan = check_carve(at->plan);
  mv_blocks_layout(&at->plan, &set->problem, &at->blocks);
  mv_status status = mv_blocks_plan(&set->problem, &at->blocks);
  if (status != MV_OK) return status;
  mv_blocks_numbers_layout(&at->numbers, &at->blocks);
  at->numbers = check_carve(at->numbers);
  mv_blocks_numbers_layout(&at->numbers, &at->blocks);
  status = mv_blocks_fill(&at->blocks);
  if (status != MV_OK) return status;
  const ptrdiff_t m = mv_problem_parameters(&set->problem);
  mv_clump *clump;
  for (int run = 0; run < 2; run++) {
    mv_multilevel_layout(&at->space, &at->blocks, &at->work, &clump);
    mv_point_layout(&at->space, ML_COLUMNS, m, &at->point);
    if (run == 0) at->space = check_carve(at->space);
  }
  at->model = mv_multilevel_of(&at->blocks, restricted, clump);
  memcpy(at->point.working, set->working, sizeof(double) * (size_t)m);
  return MV_OK;
}

static inline void ml_close(ml_open_model *at) {
  check_free(&at->plan);
  check_free(&at->numbers);
  check_free(&at->space);
}

/* ---- whole matrices ---- */

typedef double ml_matrix[ML_ROWS][ML_ROWS];

static inline double ml_z(const mv_part *part, int i, int level) {
  if (part->slope) return part->slope[i * part->shape.levels + level];
  return part->inner ? part->inner[i] - 1 == level : level == 0;
}

/* Z G Z' of one part, with G or its derivative by one parameter (-1: G). */
static inline void ml_add_part_covariance(const mv_part *part, const double *working,
                                          ptrdiff_t parameter, ml_matrix m) {
  const mv_structure *of = part->shape.structure;
  const int levels = (int)part->shape.levels;
  for (int i = 0; i < ML_ROWS; i++) {
    for (int j = 0; j < ML_ROWS; j++) {
      if (part->outer[i] != part->outer[j]) continue;
      for (int a = 0; a < levels; a++) {
        for (int b = 0; b < levels; b++) {
          const double z = ml_z(part, i, a) * ml_z(part, j, b);
          if (z == 0) continue;
          m[i][j] +=
              z * (parameter < 0 ? of->entry(&part->shape, working, a, b)
                                 : of->slope(&part->shape, working, parameter, a, b));
        }
      }
    }
  }
}

static inline void ml_covariance(const ml_set *set, ml_matrix m) {
  memset(m, 0, sizeof(ml_matrix));
  for (int i = 0; i < ML_ROWS; i++) m[i][i] = set->v[i];
  for (ptrdiff_t p = 0; p < set->problem.pairs.pairs; p++) {
    m[set->first[p]][set->second[p]] = m[set->second[p]][set->first[p]] = set->value[p];
  }
  for (ptrdiff_t j = 0; j < set->problem.part_count; j++) {
    ml_add_part_covariance(&set->parts[j], set->working + set->parts[j].first, -1, m);
  }
}

#endif

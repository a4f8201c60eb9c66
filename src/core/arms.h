/* The groups of animals of a row, what is known of each, and how a row is taken from a
 * table of columns and checked. Tables differ in kind: means, counts, rates, survival,
 * correlations. A kind is a row of the list in arms.c. */
#ifndef MV_ARMS_H
#define MV_ARMS_H

#include <stddef.h>

#include "reason.h"

/* Treated, control, sham. A factorial has the group with both treatments as treated, that
 * with neither as control, and those with one in MV_A and MV_B. */
enum { MV_T, MV_C, MV_S, MV_B, MV_ARMS, MV_A = MV_S };

/* What can be known of one group; a kind fills its own fields only. */
enum mv_field {
  MV_N,        /* animals */
  MV_MEAN,     /* of the outcome, or of its log */
  MV_SD,       /* of the same */
  MV_EVENTS,   /* animals with the event; events counted; deaths */
  MV_EXPOSURE, /* animal-time at risk */
  MV_MEDIAN,   /* median survival */
  MV_LOG_SE,   /* standard error of its log */
  MV_FIELDS
};
typedef struct {
  double n, mean, sd, events, exposure, median, log_se;
} mv_arm;

/* What a row says beside its arms. */
enum mv_extra {
  MV_R,          /* the correlation of two readings, or the correlation itself */
  MV_ADDED,      /* to each cell of a table of counts; NaN: the row is left out */
  MV_SHAPE,      /* of the Weibull distribution of survival; see mv_median_source */
  MV_MAXIMUM,    /* the largest value that the outcome can have */
  MV_LOGS,       /* 1: means and SDs are of logs */
  MV_ZERO_SCALE, /* 0: the outcome's zero is no true zero */
  MV_EXTRAS
};
typedef struct {
  mv_arm arm[MV_ARMS];
  double extra[MV_EXTRAS];
} mv_row;

/* Columns of `rows` values; NULL where the measure does not need them. */
typedef struct {
  ptrdiff_t rows;
  const double *field[MV_ARMS][MV_FIELDS];
  const double *extra[MV_EXTRAS];
} mv_arm_table;

typedef struct {
  const char *name;
  unsigned needs, may; /* fields, as bits: needed, and used where they are given */
  unsigned extras;     /* that are read where they are given, as bits */
  /* Fills the first `arms` arms: MV_FINE, or why they cannot be used. Of the first
   * `spread` arms n and SD are needed. */
  mv_reason (*take)(const mv_arm_table *table, ptrdiff_t at, int arms, int spread,
                    mv_row *row);
  /* The sample size behind an arm: by it a derivative's square is divided to give a
   * variance. */
  double (*size)(const mv_row *row, int arm);
} mv_kind;

extern const mv_kind mv_kind_means, mv_kind_counts, mv_kind_rates, mv_kind_survival,
    mv_kind_correlation;

/* What the variance of a median comes from. The shape of a row says it: above 0, the
 * deaths, by a Weibull distribution of that shape (or the interval of a median whose
 * deaths are not given); missing, the interval; 0, only the animals, as a weight. */
typedef enum { MV_BY_DEATHS, MV_BY_INTERVAL, MV_BY_ANIMALS } mv_median_source;
mv_median_source mv_median_source_of(const mv_row *row, int arm);

/* All columns of a table in one row of slots: the fields of each arm, then the extras. */
enum { MV_SLOTS = MV_ARMS * MV_FIELDS + MV_EXTRAS };

const char *mv_field_name(int field); /* as in the names of R's columns */
const char *mv_extra_name(int extra);

/* One row, checked: all extras, and the arms by the kind. */
mv_reason mv_take_row(const mv_arm_table *table, const mv_kind *kind, ptrdiff_t at,
                      int arms, int spread, mv_row *row);

#endif

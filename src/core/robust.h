/* Cluster-robust covariance of the coefficients of a linear model, and the degrees of
 * freedom of its tests.
 *
 * The model is y = X beta + e with working covariance M, block diagonal over m clusters,
 * and beta is estimated with weights M^-1. In cluster j let L L' = M_jj, t = L^-1 X,
 * u = L^-1 (y - X beta) and Q = L'L. With X written so that the t of all clusters are
 * orthonormal (X turn, where turn is p x p), the bread is the identity and the residuals
 * have the covariance M - X X'. Then
 *
 *   V = turn (sum_j s_j s_j') turn',   s_j = t' B^{+1/2} Q u,   B = Q (I - t t') Q
 *
 * for CR2, whose expectation is exactly the model's covariance of beta (Bell & McCaffrey
 * 2002, Surv Methodol 28:169; Pustejovsky & Tipton 2018, J Bus Econ Stat 36:672: their
 * A_j = D' B^{+1/2} D with D = L'), and s_j = t'u for the others, V times a factor.
 *
 * Use: lay out, fill `x`, `e`, `start` and `variance` or `block`; prepare; then a pass
 * over the clusters for each of the results below. */
#ifndef MV_ROBUST_H
#define MV_ROBUST_H

#include <stddef.h>

#include "arena.h"
#include "status.h"

typedef enum { MV_CR0, MV_CR1, MV_CR1P, MV_CR2, MV_CR_COUNT } mv_robust_type;

const char *mv_robust_name(mv_robust_type type);

/* What V is multiplied with: 1, m / (m - 1), m / (m - p), 1. */
double mv_robust_factor(mv_robust_type type, ptrdiff_t m, ptrdiff_t p);

typedef struct {
  ptrdiff_t k, p, m;
  int dense;              /* whether M has blocks */
  ptrdiff_t largest;      /* rows of the largest cluster */
  const ptrdiff_t *start; /* m + 1: cluster j has the rows start[j] to start[j + 1] - 1 */
  double *x;              /* k rows of p: X, then t */
  double *e;              /* k residuals, then u */
  double *variance;       /* k, M where it is diagonal; NULL with blocks */
  double *block;          /* the M_jj, row by row one after another, then their L */
  ptrdiff_t *offset;      /* m, where each block begins */
  double *turn, *r;       /* p x p; r is the inverse of turn */
  int *aliased;           /* p */
} mv_robust;

/* What a cluster contributes, filled by mv_robust_cluster(); and its work space. */
typedef struct {
  double *score; /* p: s_j */
  double *reach; /* p x p: E_j = X'G, so that s_j moves by -E_j' d when beta moves by d */
  double *spread; /* p x p: N_j, the covariance of s_j under the working model */
  double *plain;  /* p: t'u */
  double *gram;   /* p x p: t't */
  double *b, *q, *values, *work, *rows;
} mv_robust_piece;

/* `start` lies in the caller's memory. blocks: the sum of the squared sizes of clusters,
 * 0 where M is diagonal. */
mv_robust mv_robust_layout(mv_arena *arena, ptrdiff_t k, ptrdiff_t p, ptrdiff_t m,
                           const ptrdiff_t *start, ptrdiff_t blocks);
mv_robust_piece mv_robust_piece_layout(mv_arena *arena, const mv_robust *problem);

/* MV_NOT_POSITIVE where a variance or block is not positive, MV_RANK_DEFICIENT where a
 * column is aliased. */
mv_status mv_robust_prepare(mv_robust *problem);

mv_status mv_robust_cluster(const mv_robust *problem, mv_robust_type type, ptrdiff_t j,
                            mv_robust_piece *piece);

/* The covariance, and the moments under the working model of its value for `contrasts`
 * single contrasts. All p x p in the turned coordinates. */
typedef struct {
  ptrdiff_t contrasts;
  double *meat;     /* sum s_j s_j' */
  double *expected; /* sum N_j, the expectation of meat under the working model */
  double *alone;    /* sum (t't)^2: c'alone c is c'c where one cluster decides c */
  double *contrast; /* contrasts x p, in the turned coordinates */
  double *prefix;   /* contrasts x p x p */
  double *trace, *square, *z; /* tr P, tr P^2 of each contrast; p */
} mv_robust_sums;

mv_robust_sums mv_robust_sums_layout(mv_arena *arena, ptrdiff_t p, ptrdiff_t contrasts);
void mv_robust_sums_start(ptrdiff_t p, mv_robust_sums *sums);
void mv_robust_sums_add(ptrdiff_t p, const mv_robust_piece *piece, mv_robust_sums *sums);

/* Of each contrast: its robust variance, the degrees of freedom of that, the share of the
 * model's variance that the robust one has on average under the model, and what is told
 * of it by others than one cluster: 0 where one alone decides. */
typedef struct {
  double *variance, *df, *share, *told;
} mv_contrast_values;

void mv_robust_tell(ptrdiff_t p, double factor, const mv_robust_sums *sums,
                    const mv_contrast_values *to);

/* c (rows x p) becomes c turn: contrasts of beta in the turned coordinates. */
void mv_robust_turn(const mv_robust *problem, ptrdiff_t rows, double *c);

/* a (p x p) becomes factor * turn a turn'; space is p x p. */
void mv_robust_unturn(const mv_robust *problem, double factor, double *a, double *space);

/* q contrasts of the coefficients that are tested together. */
typedef struct {
  ptrdiff_t q;
  double *contrast; /* q x p: of beta; after start() turned, and orthonormal */
  double *value;    /* q: of the contrasts of beta; afterwards of those */
  double *space, *r;
  int *aliased;
} mv_contrasts;

mv_contrasts mv_contrasts_layout(mv_arena *arena, ptrdiff_t p, ptrdiff_t q);

/* What they span is all that a test depends on, and orthonormal ones lose no digits where
 * a year stands beside its square. MV_NOT_POSITIVE where they are not independent. */
mv_status mv_contrasts_start(const mv_robust *problem, mv_contrasts *set);

/* The joint test of q contrasts (HTZ of Pustejovsky & Tipton 2018, section 3.2). */
typedef struct {
  ptrdiff_t q;
  double *contrast; /* q x p, scaled to an expected V of 1 */
  double *prefix;   /* qp x qp */
  double *z, *own;  /* q x p, q x q */
  double *root;     /* q x q */
  double variance;  /* the total variance of V so scaled */
} mv_robust_joint;

mv_robust_joint mv_robust_joint_layout(mv_arena *arena, ptrdiff_t p, ptrdiff_t q);

/* `set` has been started and `sums` have all clusters. MV_NOT_POSITIVE where a
 * combination of the contrasts is decided by one cluster alone, or has no variance. */
mv_status mv_robust_joint_start(ptrdiff_t p, const mv_robust_sums *sums,
                                const mv_contrasts *set, mv_robust_joint *joint);
void mv_robust_joint_add(ptrdiff_t p, const mv_robust_piece *piece,
                         mv_robust_joint *joint);

/* eta: the degrees of freedom of the Wishart distribution whose total variance is that of
 * V. */
double mv_robust_joint_df(const mv_robust_joint *joint);

/* The Wald statistic value'(C meat C')^-1 value; c (q) and v (q x q) are space. */
mv_status mv_robust_wald(ptrdiff_t p, const mv_contrasts *set, const double *meat,
                         double *c, double *v, double *wald);

#endif

#include <math.h>

#include "linalg.h"
#include "matrix.h"
#include "robust.h"

mv_contrasts mv_contrasts_layout(mv_arena *arena, ptrdiff_t p, ptrdiff_t q) {
  mv_contrasts set = {.q = q};
  set.contrast = mv_arena_doubles(arena, q * p);
  set.value = mv_arena_doubles(arena, q);
  set.space = mv_arena_doubles(arena, q * p);
  set.r = mv_arena_doubles(arena, q * q);
  set.aliased = mv_arena_ints(arena, q);
  return set;
}

/* C' = Q r: Q' are the new contrasts, whose values z solve r'z = C beta. */
mv_status mv_contrasts_start(const mv_robust *problem, mv_contrasts *set) {
  const ptrdiff_t p = problem->p, q = set->q;
  if (q > p) return MV_NOT_POSITIVE;
  mv_robust_turn(problem, q, set->contrast);
  for (ptrdiff_t s = 0; s < q; s++) {
    for (ptrdiff_t a = 0; a < p; a++) set->space[a * q + s] = set->contrast[s * p + a];
  }
  for (ptrdiff_t i = 0; i < q * q; i++) set->r[i] = 0;
  if (mv_orthonormalise(p, q, set->space, set->r, set->aliased) != MV_OK) {
    return MV_NOT_POSITIVE;
  }
  for (ptrdiff_t s = 0; s < q; s++) {
    for (ptrdiff_t t = 0; t < s; t++) set->value[s] -= set->r[t * q + s] * set->value[t];
    set->value[s] /= set->r[s * q + s];
    for (ptrdiff_t a = 0; a < p; a++) set->contrast[s * p + a] = set->space[a * q + s];
  }
  return MV_OK;
}

mv_robust_joint mv_robust_joint_layout(mv_arena *arena, ptrdiff_t p, ptrdiff_t q) {
  mv_robust_joint joint = {.q = q};
  joint.contrast = mv_arena_doubles(arena, q * p);
  joint.prefix = mv_arena_doubles(arena, q * p * q * p);
  joint.z = mv_arena_doubles(arena, q * p);
  joint.own = mv_arena_doubles(arena, q * q);
  joint.root = mv_arena_doubles(arena, q * q);
  return joint;
}

/* to = c a', c and to q x p */
static void times_transposed(ptrdiff_t q, ptrdiff_t p, const double *c, const double *a,
                             double *to) {
  for (ptrdiff_t s = 0; s < q; s++) {
    for (ptrdiff_t i = 0; i < p; i++) {
      to[s * p + i] = mv_dot(p, c + s * p, a + i * p);
    }
  }
}

/* own = c a c', q x q */
static void sandwich(ptrdiff_t q, ptrdiff_t p, const double *c, const double *a,
                     double *own) {
  for (ptrdiff_t s = 0; s < q; s++) {
    for (ptrdiff_t t = 0; t < q; t++) {
      own[s * q + t] = mv_bilinear(p, c + s * p, a, c + t * p);
    }
  }
}

/* What other clusters say of a contrast, of at most 1, below which it is rounding. */
static const double least_share = 1e-8;

/* Whether each combination of orthonormal contrasts c has c'(1 - alone) c above 0. */
static mv_status told_by_several(ptrdiff_t p, const double *alone, const double *c,
                                 mv_robust_joint *joint) {
  const ptrdiff_t q = joint->q;
  sandwich(q, p, c, alone, joint->root);
  for (ptrdiff_t i = 0; i < q * q; i++) {
    joint->root[i] = (double)(i % (q + 1) == 0) - joint->root[i];
  }
  const mv_status status = mv_cholesky(q, joint->root, joint->root);
  for (ptrdiff_t s = 0; s < q && status == MV_OK; s++) {
    const double pivot = joint->root[s * q + s];
    if (pivot * pivot < least_share) return MV_NOT_POSITIVE;
  }
  return status;
}

/* With K K' = C E(V) C' the contrasts become K^-1 C, whose V is expected to be 1. Any
 * root serves: the total variance does not change when D is rotated. */
mv_status mv_robust_joint_start(ptrdiff_t p, const mv_robust_sums *sums,
                                const mv_contrasts *set, mv_robust_joint *joint) {
  const ptrdiff_t q = joint->q;
  double *c = joint->contrast;
  for (ptrdiff_t i = 0; i < q * p; i++) c[i] = set->contrast[i];
  mv_status status = told_by_several(p, sums->alone, c, joint);
  if (status != MV_OK) return status;
  sandwich(q, p, c, sums->expected, joint->root);
  status = mv_cholesky(q, joint->root, joint->root);
  if (status != MV_OK) return status;
  mv_forward_all(q, p, joint->root, c);
  for (ptrdiff_t i = 0; i < q * p * q * p; i++) joint->prefix[i] = 0;
  joint->variance = 0;
  return MV_OK;
}

/* (tr R)^2 + tr R^2 for R = C N_j C', the pair of the cluster with itself. */
static double own_variance(ptrdiff_t q, const double *own) {
  double trace = 0, square = 0;
  for (ptrdiff_t s = 0; s < q; s++) {
    trace += own[s * q + s];
    for (ptrdiff_t t = 0; t < q; t++) square += own[s * q + t] * own[t * q + s];
  }
  return trace * trace + square;
}

/* The same summed over the pairs with earlier clusters, R = -Z_j Z_l', from the sum S of
 * their vec(Z) vec(Z)': S is then one cluster longer. */
static double pair_variance(ptrdiff_t q, ptrdiff_t p, const double *z, double *prefix) {
  const ptrdiff_t side = q * p;
  double trace = 0, square = 0;
  for (ptrdiff_t s = 0; s < q; s++) {
    for (ptrdiff_t a = 0; a < p; a++) {
      for (ptrdiff_t t = 0; t < q; t++) {
        for (ptrdiff_t b = 0; b < p; b++) {
          const double zz = z[s * p + a] * z[t * p + b];
          trace += zz * prefix[(s * p + a) * side + t * p + b];
          square += zz * prefix[(t * p + a) * side + s * p + b];
        }
      }
    }
  }
  for (ptrdiff_t i = 0; i < side; i++) mv_add_row(side, z[i], z, prefix + i * side);
  return trace + square;
}

/* D = sum_j H_j'e_j e_j'H_j, H_j = G_j C': the variances of its q x q elements sum to
 * sum_jl (tr R_jl)^2 + tr R_jl^2, R_jl = H_j' cov(e_j, e_l) H_l, as e is normal. */
void mv_robust_joint_add(ptrdiff_t p, const mv_robust_piece *piece,
                         mv_robust_joint *joint) {
  const ptrdiff_t q = joint->q;
  sandwich(q, p, joint->contrast, piece->spread, joint->own);
  joint->variance += own_variance(q, joint->own);
  times_transposed(q, p, joint->contrast, piece->reach, joint->z);
  joint->variance += 2 * pair_variance(q, p, joint->z, joint->prefix);
}

/* The variances of the elements of Wishart(eta, 1 / eta) sum to q (q + 1) / eta. */
double mv_robust_joint_df(const mv_robust_joint *joint) {
  const double q = (double)joint->q;
  return q * (q + 1) / joint->variance;
}

mv_status mv_robust_wald(ptrdiff_t p, const mv_contrasts *set, const double *meat,
                         double *c, double *v, double *wald) {
  const ptrdiff_t q = set->q;
  sandwich(q, p, set->contrast, meat, v);
  *wald = 0;
  const mv_status status = mv_cholesky(q, v, v);
  if (status != MV_OK) return status;
  for (ptrdiff_t s = 0; s < q; s++) c[s] = set->value[s];
  mv_forward(q, v, c);
  *wald = mv_dot(q, c, c);
  return MV_OK;
}

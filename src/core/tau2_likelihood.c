#include <float.h>
#include <math.h>

#include "tau2.h"

/* Maximum likelihood and restricted maximum likelihood, the global maximum.
 *
 * The score is  s(t)  = (f(t) - r(t)) / 2,   f = y'P^2 y,  r = tr P (REML), tr W (ML),
 * its slope     s'(t) = r2(t) / 2 - f2(t),   f2 = y'P^3 y, r2 = tr P^2, tr W^2.
 * (Harville 1977, JASA 72:320.) All four decrease in t: with A'VA = U diag(l) U', A an
 * orthonormal basis of the complement of X and u = U'A'y, they are sums of u_i^2 and 1
 * over powers of l_i + t. So on an interval [a, b]
 *
 *   f(b) - r(a) <= 2 s <= f(a) - r(b),   r2(b) / 2 - f2(a) <= s' <= r2(a) / 2 - f2(b),
 *
 * and an interval on which the first excludes 0 holds no stationary point, one on which
 * the second does holds at most one. Nor does one hold any where s is of one sign at both
 * ends and, within the bounds m < 0 < M of its slope, cannot reach 0 between them: from
 * a it is above s(a) + m (t - a), from b above s(b) - M (b - t), lines that cross at
 *
 *   (M s(a) - m s(b) + m M (b - a)) / (M - m),
 *
 * which decides quickly near points where two or three stationary points nearly meet.
 * Intervals of neither kind are halved. What is left is every local maximum, proved; the
 * best of them is the answer. The usual way, Newton from one start, can end in the wrong
 * maximum or cycle.
 *
 * Beyond max u_i^2 the score is negative; the residual sum of squares of the least
 * squares fit is sum u_i^2, hence a bound. Twice that is one which rounding cannot harm
 * (k = p + 1 and tiny variances: the maximum lies at u^2 itself). */

/* An interval narrower than this share of v + tau2 is not halved again: two stationary
 * points so close differ in likelihood by less than rounding. */
static const double narrowest = 1e-5;

/* A Newton step of this share of v + tau2 is the last one: the next would be of its
 * square, far below rounding. */
static const double last_step = 1e-9;

/* Two maxima whose log-likelihoods differ by less are a tie; the larger tau2 wins. */
static const double tie = 1e-10;

enum { MOST_STEPS = 200, MOST_EVALUATIONS = 20000 };

typedef struct {
  double (*log_lik)(const mv_model *, const mv_sums *);
  int restricted;
} likelihood;

/* A rise2 below the normal numbers has lost its digits, and the bounds with it. */
static int is_usable(const mv_node *at) {
  return isfinite(at->fall) && isfinite(at->fall2) && isfinite(at->rise2) &&
         at->rise2 >= DBL_MIN;
}

static double score(const mv_node *at) { return 0.5 * (at->fall - at->rise); }

static double slope(const mv_node *at) { return 0.5 * at->rise2 - at->fall2; }

static double scale_at(const mv_model *model, double tau2) {
  return model->v[model->pivot] + tau2;
}

static mv_status node_at(const mv_model *model, mv_model_work *work, const likelihood *of,
                         double tau2, mv_search *search, mv_node *node) {
  mv_sums sums;
  const mv_status status = mv_sums_at(model, tau2, work, &sums);
  if (status != MV_OK) return status;
  search->evaluations++;
  node->tau2 = tau2;
  node->fall = sums.ypp;
  node->fall2 = sums.yppp;
  node->rise = of->restricted ? sums.tr_p : sums.tr_w;
  node->rise2 = of->restricted ? sums.tr_pp : sums.tr_ww;
  return is_usable(node) ? MV_OK : MV_NOT_FINITE;
}

/* Counts a local maximum and keeps the better one. */
static mv_status offer(const mv_model *model, mv_model_work *work, const likelihood *of,
                       double tau2, mv_search *search) {
  mv_sums sums;
  const mv_status status = mv_sums_at(model, tau2, work, &sums);
  if (status != MV_OK) return status;
  search->evaluations++;
  const double found = of->log_lik(model, &sums), gain = found - search->log_lik;
  if (!isfinite(found)) return MV_NOT_FINITE;
  search->maxima++;
  if (gain > tie || (gain > -tie && tau2 > search->tau2)) {
    search->tau2 = tau2;
    search->log_lik = found;
  }
  return MV_OK;
}

static void push(mv_search *search, const mv_node *left, const mv_node *right, int single,
                 int steps) {
  search->bracket[search->open++] = (mv_bracket){*left, *right, single, steps};
}

static mv_status begin(const mv_model *model, mv_model_work *work, const likelihood *of,
                       mv_search *search) {
  const double bound = 2 * mv_least_squares_rss(model, work);
  if (!isfinite(bound)) return MV_NOT_FINITE;
  if (model->v[model->pivot] == 0) {
    search->lower = 1e-12 * bound; /* at 0 the weight would be infinite */
    if (search->lower == 0) return MV_DEGENERATE;
  }
  mv_node left, right;
  mv_status status = node_at(model, work, of, search->lower, search, &left);
  if (status == MV_OK) status = node_at(model, work, of, bound, search, &right);
  if (status != MV_OK) return status;
  push(search, &left, &right, 0, 0);
  if (score(&left) > 0) return MV_MORE;
  status = offer(model, work, of, search->lower, search);
  return status == MV_OK ? MV_MORE : status;
}

/* Between the ends on the scale of log(v + tau2), where the score has its shape. */
static double middle(const mv_model *model, double a, double b) {
  const double v = model->v[model->pivot];
  const double mid = sqrt(v + a) * sqrt(v + b) - v;
  return mid > a && mid < b ? mid : 0.5 * (a + b);
}

/* A Newton step from the end where the score is nearer 0, or, where that leaves the
 * bracket or the bracket shrinks too slowly, its middle. */
static double inside(const mv_model *model, const mv_bracket *in, double *step) {
  const mv_node *from =
      fabs(score(&in->left)) < fabs(score(&in->right)) ? &in->left : &in->right;
  const double next = from->tau2 - score(from) / slope(from);
  if (next >= in->left.tau2 && next <= in->right.tau2 && in->steps % 4 != 3) {
    *step = fabs(next - from->tau2);
    return next;
  }
  *step = INFINITY;
  return middle(model, in->left.tau2, in->right.tau2);
}

static mv_status refine(const mv_model *model, mv_model_work *work, const likelihood *of,
                        mv_bracket in, mv_search *search) {
  double step;
  const double next = inside(model, &in, &step);
  const double scale = scale_at(model, next);
  const int narrow = in.right.tau2 - in.left.tau2 <= 4 * DBL_EPSILON * scale;
  if (step <= last_step * scale || narrow || in.steps >= MOST_STEPS) {
    return offer(model, work, of, next, search);
  }
  mv_node at;
  const mv_status status = node_at(model, work, of, next, search, &at);
  if (status != MV_OK) return status;
  if (score(&at) > 0) {
    push(search, &at, &in.right, 1, in.steps + 1);
  } else {
    push(search, &in.left, &at, 1, in.steps + 1);
  }
  return MV_OK;
}

static mv_status halve(const mv_model *model, mv_model_work *work, const likelihood *of,
                       mv_bracket in, mv_search *search) {
  mv_node at;
  const double mid = middle(model, in.left.tau2, in.right.tau2);
  const mv_status status = node_at(model, work, of, mid, search, &at);
  if (status != MV_OK) return status;
  push(search, &at, &in.right, 0, 0);
  push(search, &in.left, &at, 0, 0);
  return MV_OK;
}

/* No stationary point between a and b, by the bounds above; `low` and `high` those of
 * the slope, of either sign. */
static int excludes(const mv_node *a, const mv_node *b, double low, double high) {
  if (a->fall < b->rise || b->fall > a->rise) return 1;
  const double at_a = score(a), at_b = score(b), wide = b->tau2 - a->tau2;
  if (at_a > 0 && at_b > 0) return high * at_a - low * at_b + low * high * wide > 0;
  if (at_a < 0 && at_b < 0) return high * at_b - low * at_a - low * high * wide < 0;
  return 0;
}

static mv_status look_into(const mv_model *model, mv_model_work *work,
                           const likelihood *of, mv_bracket in, mv_search *search) {
  const mv_node *a = &in.left, *b = &in.right;
  if (in.single) return refine(model, work, of, in, search);
  const double low = 0.5 * b->rise2 - a->fall2, high = 0.5 * a->rise2 - b->fall2;
  const int monotone = low > 0 || high < 0;
  if (excludes(a, b, low, high)) return MV_OK;
  const int narrow = b->tau2 - a->tau2 <= narrowest * scale_at(model, b->tau2);
  if (!monotone && !narrow) return halve(model, work, of, in, search);
  if (score(a) > 0 && score(b) <= 0) {
    in.single = 1;
    return refine(model, work, of, in, search);
  }
  return MV_OK;
}

/* Every likelihood has a maximum at `lower` or beyond; where none was seen, rounding was
 * larger than the bounds. A search that looked below every variance and found the best
 * maximum at its first point has none inside: a zero variance decides alone. */
static mv_status finish(const mv_search *search) {
  if (search->maxima == 0) return MV_NOT_FINITE;
  return search->lower > 0 && search->tau2 == search->lower ? MV_DEGENERATE : MV_OK;
}

static mv_status step(const mv_model *model, mv_model_work *work, const likelihood *of,
                      mv_search *search) {
  if (search->evaluations == 0) return begin(model, work, of, search);
  if (search->open == 0) return finish(search);
  if (search->open >= MV_BRACKETS - 2 || search->evaluations > MOST_EVALUATIONS) {
    return MV_NOT_CONVERGED;
  }
  const mv_bracket in = search->bracket[--search->open];
  const mv_status status = look_into(model, work, of, in, search);
  return status == MV_OK ? MV_MORE : status;
}

mv_status mv_step_ml(const mv_model *model, mv_model_work *work, mv_search *search) {
  static const likelihood ml = {mv_log_lik_ml, 0};
  return step(model, work, &ml, search);
}

mv_status mv_step_reml(const mv_model *model, mv_model_work *work, mv_search *search) {
  static const likelihood reml = {mv_log_lik_reml, 1};
  return step(model, work, &reml, search);
}

/* The expected information is tr W^2 / 2 and tr P^2 / 2 (Viechtbauer 2005, J Educ
 * Behav Stat 30:261, eqs 16 and 17 for the mean model). */
double mv_se_ml(const mv_model *model, const mv_sums *at, const mv_sums *zero) {
  (void)model, (void)zero;
  return sqrt(2 / at->tr_ww);
}

double mv_se_reml(const mv_model *model, const mv_sums *at, const mv_sums *zero) {
  (void)model, (void)zero;
  return sqrt(2 / at->tr_pp);
}

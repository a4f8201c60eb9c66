/* Two treatments, each alone, both and neither: the main effect of each and their
 * interaction. Gurevitch, Morrison & Hedges 2000, Am Nat 155:435; ratios: Morris et al.
 * 2007, Ecology 88:1021.
 *
 * A main effect is half the sum of the two effects that the treatment has, with the other
 * and without it; the interaction is their difference. */
#include <math.h>

#include "effect_parts.h"

static const double first[MV_ARMS] = {
    [MV_T] = 0.5, [MV_C] = -0.5, [MV_A] = 0.5, [MV_B] = -0.5};
static const double second[MV_ARMS] = {
    [MV_T] = 0.5, [MV_C] = -0.5, [MV_A] = -0.5, [MV_B] = 0.5};
static const double interaction[MV_ARMS] = {
    [MV_T] = 1, [MV_C] = 1, [MV_A] = -1, [MV_B] = -1};

static double contrast(const mv_row *row, const double *weight) {
  double sum = 0;
  for (int a = 0; a < MV_ARMS; a++) sum += weight[a] * row->arm[a].mean;
  return sum;
}

/* ---- differences of means ---- */

static mv_reason difference(const mv_row *row, const double *weight, mv_effect *e) {
  e->y = e->crude = contrast(row, weight);
  for (int a = 0; a < MV_ARMS; a++) e->by_mean[a] = weight[a] * row->arm[a].sd;
  return MV_FINE;
}

static mv_reason md_a(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  return difference(row, first, e);
}

static mv_reason md_b(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  return difference(row, second, e);
}

static mv_reason md_ab(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  return difference(row, interaction, e);
}

/* ---- the same over the SD pooled from four arms, q = sum n - 4 ---- */

static mv_reason standardised(const mv_row *row, const double *weight,
                              mv_context *context, mv_effect *e) {
  for (int a = 0; a < MV_ARMS; a++) e->by_mean[a] = weight[a];
  return mv_standardise(row, contrast(row, weight), MV_ALL_FOUR, context, e);
}

static mv_reason smd_a(const mv_row *row, mv_context *context, mv_effect *e) {
  return standardised(row, first, context, e);
}

static mv_reason smd_b(const mv_row *row, mv_context *context, mv_effect *e) {
  return standardised(row, second, context, e);
}

static mv_reason smd_ab(const mv_row *row, mv_context *context, mv_effect *e) {
  return standardised(row, interaction, context, e);
}

/* ---- log ratios ---- */

static int means_positive(const mv_row *row) {
  int positive = 1;
  for (int a = 0; a < MV_ARMS; a++) positive &= row->arm[a].mean > 0;
  return positive;
}

/* Lajeunesse 2015, eq. 8: the log of a mean, or of a sum of means, lies too low by half
 * its squared CV. */
static void correct(const mv_row *row, const double *weight, mv_effect *e) {
  for (int a = 0; a < MV_ARMS; a++) {
    e->y += copysign(mv_square(e->by_mean[a]) / row->arm[a].n, weight[a]) / 2;
  }
}

/* The mean response with the treatment over that without: log(sum m_1 / sum m_0). */
static mv_reason main_ratio(const mv_row *row, const double *weight, mv_context *context,
                            mv_effect *e) {
  if (row->extra[MV_LOGS] == 1) return difference(row, weight, e);
  if (!means_positive(row)) return MV_MEAN_NOT_POSITIVE;
  double with = 0, without = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    *(weight[a] > 0 ? &with : &without) += row->arm[a].mean;
  }
  e->y = e->crude = log(with / without);
  for (int a = 0; a < MV_ARMS; a++) {
    const double sd = row->arm[a].sd;
    e->by_mean[a] = weight[a] > 0 ? sd / with : -sd / without;
  }
  if (context->correct) correct(row, weight, e);
  return MV_FINE;
}

static mv_reason rom_a(const mv_row *row, mv_context *context, mv_effect *e) {
  return main_ratio(row, first, context, e);
}

static mv_reason rom_b(const mv_row *row, mv_context *context, mv_effect *e) {
  return main_ratio(row, second, context, e);
}

/* The ratio of the two ratios. */
static mv_reason rom_ab(const mv_row *row, mv_context *context, mv_effect *e) {
  if (row->extra[MV_LOGS] == 1) return difference(row, interaction, e);
  if (!means_positive(row)) return MV_MEAN_NOT_POSITIVE;
  const mv_arm *arm = row->arm;
  e->y = e->crude =
      log(arm[MV_T].mean / arm[MV_B].mean) - log(arm[MV_A].mean / arm[MV_C].mean);
  for (int a = 0; a < MV_ARMS; a++) {
    e->by_mean[a] = interaction[a] * arm[a].sd / arm[a].mean;
  }
  if (context->correct) correct(row, interaction, e);
  return MV_FINE;
}

static mv_reason ratio_doubt(const mv_row *row, int worse) {
  (void)worse;
  return mv_doubt_means(row, MV_ARMS);
}

enum { RATIO = MV_RATIO | MV_TAKES_LOGS };

static const mv_measure measures[] = {
    {"MD_A", &mv_kind_means, 4, "raw", md_a, NULL, NULL, MV_TAKES_LOGS, 0},
    {"MD_B", &mv_kind_means, 4, "raw", md_b, NULL, NULL, MV_TAKES_LOGS, 0},
    {"MD_AB", &mv_kind_means, 4, "raw", md_ab, NULL, NULL, MV_TAKES_LOGS, 0},
    {"SMD_A", &mv_kind_means, 4, "sd", smd_a, NULL, NULL, MV_TAKES_LOGS, 0},
    {"SMD_B", &mv_kind_means, 4, "sd", smd_b, NULL, NULL, MV_TAKES_LOGS, 0},
    {"SMD_AB", &mv_kind_means, 4, "sd", smd_ab, NULL, NULL, MV_TAKES_LOGS, 0},
    {"ROM_A", &mv_kind_means, 4, "log", rom_a, ratio_doubt, NULL, RATIO, 0},
    {"ROM_B", &mv_kind_means, 4, "log", rom_b, ratio_doubt, NULL, RATIO, 0},
    {"ROM_AB", &mv_kind_means, 4, "log", rom_ab, ratio_doubt, NULL, RATIO, 0},
};

static const mv_form forms[] = {
    {"MD_A", "LS", 4, mv_delta, NULL},
    {"MD_B", "LS", 4, mv_delta, NULL},
    {"MD_AB", "LS", 4, mv_delta, NULL},
    {"SMD_A", "LS", 4, mv_smd_ls, NULL},
    {"SMD_A", "LS2", 4, mv_smd_ls2, NULL},
    {"SMD_A", "UB", 4, mv_smd_ub, NULL},
    {"SMD_A", "AV", 4, mv_smd_av, mv_smd_gather},
    {"SMD_B", "LS", 4, mv_smd_ls, NULL},
    {"SMD_B", "LS2", 4, mv_smd_ls2, NULL},
    {"SMD_B", "UB", 4, mv_smd_ub, NULL},
    {"SMD_B", "AV", 4, mv_smd_av, mv_smd_gather},
    {"SMD_AB", "LS", 4, mv_smd_ls, NULL},
    {"SMD_AB", "LS2", 4, mv_smd_ls2, NULL},
    {"SMD_AB", "UB", 4, mv_smd_ub, NULL},
    {"SMD_AB", "AV", 4, mv_smd_av, mv_smd_gather},
    {"ROM_A", "LS", 4, mv_delta, NULL},
    {"ROM_B", "LS", 4, mv_delta, NULL},
    {"ROM_AB", "LS", 4, mv_delta, NULL},
};

const mv_family mv_factorial = {measures, sizeof measures / sizeof *measures, forms,
                                sizeof forms / sizeof *forms};

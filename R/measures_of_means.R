#' Effect measures of means and standard deviations
#'
#' What [effect_sizes()] computes from the number of animals, mean and standard deviation
#' of groups: the estimate, the forms of its sampling variance (`variance =`, the first is
#' the default), and how far each form is from the truth in groups of ten.
#'
#' n, m and s are a group's animals, mean and SD; t is the treated group, c the control;
#' W = 1/n_t + 1/n_c, N = n_t + n_c, CV = s/m. J(q) is Hedges' exact correction with q
#' degrees of freedom. `correct = FALSE` leaves out J and every other correction for small
#' samples. g is the corrected, d the uncorrected estimate.
#'
#' @section Two groups, differences:
#' * MD: m_t - m_c. `"LS"` s_t^2/n_t + s_c^2/n_c; `"HO"` with the pooled SD.
#' * SMD: J(N - 2) (m_t - m_c) over the pooled SD. `"LS"` W + g^2/(2N); `"LS2"` J^2 (W +
#'   d^2/(2N)); `"LS3"` W + g^2/(2(N - 3.94)), from N = 5 on; `"UB"` unbiased (Hedges
#'   1983); `"AV"` as LS with the mean g of the outcome; `"H0"` for a true effect of zero.
#' * SMDH: J(N - 2) (m_t - m_c)/s, s^2 = (s_t^2 + s_c^2)/2 (Bonett 2008). `"LS"` g^2
#'   (s_t^4/(n_t - 1) + s_c^4/(n_c - 1))/(8 s^4) + (s_t^2/(n_t - 1) + s_c^2/(n_c -
#'   1))/s^2; `"LS2"` with n in place of n - 1; `"LS3"` with n only in the second part.
#' * SMD1: J(n_c - 1) (m_t - m_c)/s_c (Glass). The forms of SMD, with n_c in place of N:
#'   `"LS"` W + g^2/(2 n_c).
#' * SMD1H: the same estimate for groups with unequal SDs. `"LS"` s_t^2/(s_c^2 (n_t - 1))
#'   + 1/(n_c - 1) + g^2/(2(n_c - 1)).
#'
#' SMD, SMDH need four animals in all, SMD1 and SMD1H three controls, corrected or not: an
#' SD with one degree of freedom standardises nothing.
#'
#' @section Two groups, ratios:
#' * ROM: log(m_t/m_c), plus (CV_t^2/n_t - CV_c^2/n_c)/2 (Lajeunesse 2015). `"LS"`
#'   CV_t^2/n_t + CV_c^2/n_c; `"LS2"` second order; `"AV"`, `"AVHO"` with the mean CV of
#'   the outcome; `"HO"` with the pooled SD.
#' * VR: log(s_t/s_c) + 1/(2(n_t - 1)) - 1/(2(n_c - 1)). `"LS"` 1/(2(n_t - 1)) + 1/(2(n_c
#'   - 1)); `"LS2"` adds 1/(2(n - 1)^2) of each group.
#' * CVR: VR minus ROM, each corrected. `"LS"` the sum of their variances; `"LS2"` of
#'   their second-order variances.
#'
#' Two animals and an SD above zero are needed in each group for VR and CVR. Ratios of
#' means need an outcome with a true zero.
#'
#' @section Percent of what is possible:
#' * NMD: 100 (m_c - m_t)/(m_c - m_s), with a sham group s. `"delta"` lets all three means
#'   vary; `"vesterinen"` takes the disease effect as known; `"AV"` is delta at the
#'   average effect of the outcome.
#' * MPE: 100 (m_t - m_c)/(maximum - m_c), the percent of the maximal possible effect; the
#'   column `maximum` is known exactly. `"delta"` and `"AV"` as for NMD. A control at the
#'   maximum gives no effect, one that cannot be told from it an effect out of the pool.
#'
#' @section Two readings of the same animals:
#' The treated group is the second reading, the control the first. The column `r` is the
#' correlation of the readings: it is never invented. s_d^2 = s_t^2 + s_c^2 - 2 r s_t s_c.
#' * MC: m_t - m_c. `"LS"` s_d^2/n.
#' * SMCC: J(n - 1) (m_t - m_c)/s_d. `"LS"` 1/n + g^2/(2n); `"LS2"` J^2 (1/n + d^2/(2n)).
#' * SMCR: J(n - 1) (m_t - m_c)/s_c. `"LS"` 2(1 - r)/n + g^2/(2n); `"LS2"` J^2 (2(1 - r)/n
#'   + d^2/(2n)).
#' * SMCRH: the same for readings with unequal SDs. `"LS"` s_d^2/(s_c^2 (n - 1)) +
#'   g^2/(2(n - 1)); `"LS2"` with n in place of n - 1.
#' * ROMC: as ROM. `"LS"` (CV_t^2 + CV_c^2 - 2 r CV_t CV_c)/n; `"LS2"` second order.
#'
#' @section Two treatments, both, each alone, neither:
#' The groups are t (both), a (the first alone), b (the second alone) and c (neither).
#' `_A` and `_B` are the main effects, `_AB` the interaction.
#' * MD_A: ((m_t - m_b) + (m_a - m_c))/2; MD_B: ((m_t - m_a) + (m_b - m_c))/2; MD_AB:
#'   (m_t - m_b) - (m_a - m_c). `"LS"` the sum of s^2/n, a quarter of it for main effects.
#' * SMD_A, SMD_B, SMD_AB: the same over the SD pooled from four groups, J(sum n - 4).
#'   `"LS"` (sum 1/n)/4 + g^2/(2 sum n), for the interaction sum 1/n + g^2/(2 sum n);
#'   `"LS2"`, `"UB"`, `"AV"` as for SMD.
#' * ROM_A: log((m_t + m_a)/(m_b + m_c)); ROM_B: log((m_t + m_b)/(m_a + m_c)); ROM_AB:
#'   log(m_t/m_b) - log(m_a/m_c). `"LS"` by the delta method.
#'
#' @section One group:
#' * MN: the mean. `"LS"` s^2/n; `"HO"` with the SD pooled over the outcome.
#' * MNLN: log m. `"LS"` CV^2/n.
#' * SDLN: log s + 1/(2(n - 1)). `"LS"` 1/(2(n - 1)).
#' * CVLN: log(s/m) + 1/(2(n - 1)). `"LS"` 1/(2(n - 1)) + CV^2/n.
#'
#' @section Means and SDs of logs:
#' Where the column `log_scale` is TRUE, means and SDs are of natural logs. ROM is then
#' the log ratio of the geometric means, m_t - m_c with variance s_t^2/n_t + s_c^2/n_c,
#' without correction; ROMC, MNLN and the factorial ratios likewise (a main effect is the
#' mean of its two log ratios). Differences and VR take logs as they stand. CVR, CVLN, NMD
#' and MPE have no meaning there and are refused.
#'
#' @section Conventions of other software:
#' The name of a software as `variance` takes its form and its correction. It is recorded
#' in the column `convention` and printed.
#' * `"revman"` (Review Manager 5): MD LS; SMD LS3 with J = 1 - 3/(4N - 9).
#' * `"cma"` (Comprehensive Meta-Analysis): MD HO; SMD LS2 with the same J; ROM HO without
#'   correction.
#' * `"metafor"`: its defaults, the first forms here; those of counts, rates and
#'   correlations too, but for RD, IRD and PETO, whose cells metafor changes (see
#'   [zero_cells()], also for shared controls).
#' * `"camarades"` (Vesterinen 2014): MD LS; SMD LS3 with the same J as Review Manager;
#'   NMD vesterinen. Its controls are divided: `shared_control = "split"`.
#'
#' With 6 and 6 animals and g = 2 the variance of SMD is 0.500 (LS), 0.451 (cma), 0.575
#' (UB), 0.582 (revman).
#'
#' @section How far the variances are from the truth:
#' By simulation of normal animals, ten a group, the mean of the variance lies above (+)
#' or below (-) the variance of the estimate by
#' * MD, MN, MNLN, factorial MD and ROM: within 2 %. ROM: LS +1 and +5 % (CV 20 and 40
#'   %), LS2 +1 and +6 %, AV and AVHO -5 and -3 %; HO +60 % where the means differ twofold
#'   and the CVs are equal.
#' * SMD: UB and LS3 within 1 %; LS -3 % at an effect of 1 SD, -8 % at 2; LS2 -9 to -13 %;
#'   AV -5 and -11 %, the price of a variance that does not follow the effect; H0 -13 and
#'   -38 %, since the effect is not zero. Factorial SMD: UB within 1 %, LS -5 % or less,
#'   AV -7 %, LS2 -8 %.
#' * SMDH: LS3 within 1 % (-4 % where one SD is double); LS +4 to +10 %; LS2 -1 to -7 %.
#' * SMD1: UB within 1 %; LS -8 % at 1 SD, -17 % at 2; LS2 -17 to -23 %; LS3 +1 to +12 %;
#'   AV -13 and -22 %; H0 -25 and -58 %. SMD1H: +23 % at 0, +13 % at 1, -1 % at 2 SD.
#' * VR: LS -11 %, LS2 -1 %. CVR: LS -10 and -5 % (CV 20 and 40 %), LS2 -1 and +3 %. SDLN:
#'   -11 %. CVLN: -10 and -8 %.
#' * NMD: delta +1 % at a disease effect of 4 SD, +7 % at 2; AV within 1 %; vesterinen +33
#'   %. MPE: within 1 %.
#' * Two readings, with the correlation of the same animals: MC within 1 %; ROMC LS +1 and
#'   +4 %, LS2 +2 and +6 % (CV 20 and 40 %). SMCC: LS -12 % at 1 SD and r = 0.5, -24 % at
#'   2 SD and r = 0.8; LS2 -17 to -26 %. SMCR: LS -10 and -23 %, LS2 -14 to -25 %. SMCRH:
#'   LS +31 % at 0, +12 % at 1 SD, -12 % at 2 SD and r = 0.8; LS2 +18, +1 and -21 %. With
#'   a correlation that is assumed, and right: MC +4 %, SMCC +18 %, SMCR -12 %, SMCRH
#'   +8 %.
#'
#' At six a group the errors are about twice as large; `validation/variances.md` in the
#' sources has all numbers.
#'
#' @source Becker 1988, Br J Math Stat Psychol 41:257. Bonett 2008, Psychol Methods 13:99.
#'   Borenstein and others 2009, Introduction to Meta-Analysis. Gibbons, Hedeker and Davis
#'   1993, J Educ Stat 18:271. Gurevitch, Morrison and Hedges 2000, Am Nat 155:435. Hedges
#'   1981, J Educ Stat 6:107; 1983, Psychol Bull 93:388. Lajeunesse 2011, Ecology 92:2049;
#'   2015, Ecology 96:2056. Morris and others 2007, Ecology 88:1021. Nakagawa and others
#'   2015, Methods Ecol Evol 6:143; 2023, Ecol Lett 26:232. Senior, Viechtbauer and
#'   Nakagawa 2020, Res Synth Methods 11:553. Vesterinen and others 2014, J Neurosci
#'   Methods 221:92.
#' @seealso [effect_sizes()], [vcov.mv_effects()]
#' @examples
#' groups <- data.frame(
#'   study = c("Chen 2011", "Li 2015"),
#'   n_t = c(8, 10), mean_t = c(62, 48), sd_t = c(12, 10),
#'   n_c = c(8, 10), mean_c = c(100, 96), sd_c = c(15, 14)
#' )
#' pairs <- as_comparisons(groups,
#'   error_t = sd_t, error_c = sd_c, error_type = "sd"
#' )
#' effect_sizes(pairs, "CVR", "LS2")
#' effect_sizes(pairs, "SMD", "revman")
#' @name measures_of_means
NULL

# The help of pool_effects() on models with random parts.

#' @rdname pool_effects
#' @name pool_effects
#' @section Random parts:
#' With `random` the model is
#' \deqn{y = X\beta + \sum_j Z_j u_j + e, \quad u_j \sim N(0, G_j), \quad e \sim N(0, V)}
#' with V known (Jackson, Riley and White 2011): the variances `vi` and the covariances of
#' effects that share animals, which come from the rows themselves as in
#' [vcov()][vcov.mv_effects] (or from the matrix that was brought by `as_effects(V = )`).
#' A table with no more than `yi` and `vi` has a diagonal V. It must be positive definite.
#'
#' `random` is a one-sided formula with a bar, or a list of them, over columns of the
#' table. The name `.row` stands for each row by itself.
#'
#' * `~ 1 | study / .row`: three levels. True effects differ between studies, and between
#'   the rows of one study (Konstantopoulos 2011; Van den Noortgate and others 2013).
#'   Leave `.row` out and all rows of a study have one true effect, which is seldom so.
#' * `~ 1 | study / experiment / .row`: four levels, and so on. `study / experiment` is
#'   the experiments within studies, so experiment 1 of two studies is two experiments.
#' * `list(~ 1 | study / .row, ~ 1 | strain)`: strains crossed with studies.
#' * `~ outcome | study`: effects of one study, one for each outcome, with the covariance
#'   matrix that `struct` names.
#' * `~ 1 + dose | study` with `struct = "GEN"`: the slope of dose differs between
#'   studies.
#'
#' The structures of `inner | outer`, with m levels of `inner`, and their parameters in
#' the order of `fit$components`:
#'
#' | `struct` | covariance of levels a and b | parameters |
#' |---|---|---|
#' | `"CS"` | \eqn{\sigma^2 \rho} | one variance, one correlation |
#' | `"HCS"` | \eqn{\sigma_a \sigma_b \rho} | m variances, one correlation |
#' | `"UN"` | \eqn{\sigma_a \sigma_b \rho_{ab}} | m variances, m(m - 1)/2 correlations |
#' | `"ID"` | 0 | one variance |
#' | `"DIAG"` | 0 | m variances |
#' | `"AR"` | \eqn{\sigma^2 \rho^{|a - b|}}, by order | one variance, one correlation |
#' | `"HAR"` | \eqn{\sigma_a \sigma_b \rho^{|a - b|}} | m variances, one correlation |
#' | `"CAR"` | \eqn{\sigma^2 \rho^{|t_a - t_b|}}, by time | as AR |
#' | `"GEN"` | as UN, of slopes | m variances, m(m - 1)/2 correlations |
#' | `"GDIAG"` | 0, of slopes | m variances |
#'
#' Correlations of CS and HCS are at least -1/(m - 1), below which m levels have no
#' covariance matrix (`metafor::rma.mv()` lets them fall to -1), of CAR at least 0. A
#' correlation of UN for two levels that no group has together is an error, since the data
#' say nothing of it (`rma.mv()` sets it to 0): take another structure. AR and HAR take
#' numbers, or a factor with its levels in order; CAR takes times as numbers, and its
#' correlation is that of readings one unit of time apart. Give them in a unit of which
#' neighbours are about 1 apart: at 300 and more that is an error, and below 1 the search
#' can fail.
#'
#' Names of parameters are `var(study)`, `var(study/experiment)`, `var(study/.row)`,
#' `var(outcome | study)` and `cor(outcome | study)` (one for all levels),
#' `var(outcome=pain | study)` and `cor(outcome=pain, outcome=plaque | study)` (one for
#' each), `var((Intercept) | study)`, `var(dose | study)` and
#' `cor((Intercept), dose | study)`. `fix` and `tie` take them: `fix = c("var(study)" =
#' 0.1)`, `tie = list(c("var(study)", "var(strain)"))`.
#'
#' `R` has known correlations of the levels of a factor that is a random intercept by
#' itself: kinship of strains, the phylogeny of species (Nakagawa and Santos 2012). A
#' matrix is scaled to correlations first. For what kinship does not explain, add a
#' second column with the same levels as a random intercept without a matrix.
#'
#' @section The maximum of the likelihood:
#' Rows that share nothing (studies, as a rule) are blocks. In each, the known part of the
#' covariance is diagonalised once; random effects are eliminated block by block, and
#' those that cross blocks over all of them. No matrix of all rows is made, and the cost
#' grows with the number of rows (`vignette("design")`). More than 1,000 levels that are
#' crossed with the others are an error.
#'
#' The search is Newton's, with the observed information, or the expected one far from
#' the end, inside the bounds of the parameters. The likelihood can have several maxima,
#' and there is no proof that one is the highest, as for a single tau2. So the search
#' starts several times: from a moment estimate shared by all parts, from all of it in
#' each part alone, from correlations near both their ends, and for uncorrelated slopes
#' over a column far from 0 from far larger variances; then from the best end so far,
#' with each correlation turned elsewhere and each standard deviation lowered. Beyond
#' 50,000 rows the first of the former that leads to an end serves. The best end is the
#' answer: `n_maxima` of the fit says how many different ones were found. A variance or
#' correlation at the edge of what it can be is marked in `fit$components` (`boundary`).
#' Parameters that the data cannot tell apart, and a search that does not end, are
#' errors.
#'
#' @section Few studies:
#' `"satterthwaite"` gives each coefficient the degrees of freedom
#' \eqn{2 V^2 / \mathrm{Var}(V)}, V its estimated variance, by the delta method from the
#' expected information of the variance parameters (Giesbrecht and Burns 1985). Components
#' estimated as 0 stay in the information. There are never more degrees of freedom than
#' the data have pieces to say of the coefficient, less coefficients: a group (study)
#' inside which its column does not vary is one piece, of one inside which it varies each
#' row; subtracted are the coefficients that as few pieces decide (the levels of Pinheiro
#' and Bates 2000). So the mean and a moderator of studies have studies less such
#' coefficients at most, a moderator that varies inside all studies k - p. Several
#' coefficients together are tested by F, with the denominator of Fai and Cornelius
#' (1996).
#'
#' `"containment"` takes the smallest number of groups inside which a coefficient's
#' column does not vary, less the coefficients; `"t"` k - p, which is too many where
#' effects share studies; `"z"` none. For a wrong or doubtful random part see [robust()]
#' (Pustejovsky and Tipton 2018), which corrects the standard errors of any fit.
#'
#' @section Errors with random parts: Classed: `mv_error_formula`, `mv_error_column`,
#'   `mv_error_struct`, `mv_error_R`, `mv_error_fix`, `mv_error_tie`, `mv_error_rho` (an
#'   argument that cannot be read, or is not what it must be), `mv_error_type` (a column
#'   of the wrong kind), `mv_error_time_unit` (times of CAR that are too far apart),
#'   `mv_error_definite` (V is not positive definite, by study and rows),
#'   `mv_error_random_missing` (a row without a group), `mv_error_random_levels` (one
#'   level, or more parameters than levels to tell them), `mv_error_random_same` (two
#'   parts that cannot be told apart), `mv_error_random_flat` (the likelihood does not
#'   depend on a combination of parameters), `mv_error_not_converged`. A warning of class
#'   `mv_warning_random_shared` says that an experiment or a group of animals has its name
#'   in several studies, one of `mv_warning_random_steps` that the steps of AR are uneven,
#'   one of `mv_warning_random_far` that slopes of GDIAG are over a column far from 0.
#' @references
#' Fai AHT, Cornelius PL (1996). Approximate F-tests of multiple degree of freedom
#' hypotheses in generalized least squares analyses of unbalanced split-plot experiments.
#' *J Stat Comput Simul* 54:363-378.
#'
#' Giesbrecht FG, Burns JC (1985). Two-stage analysis based on a mixed model: large-sample
#' asymptotic theory and small-sample simulation results. *Biometrics* 41:477-486.
#'
#' Jackson D, Riley R, White IR (2011). Multivariate meta-analysis: potential and promise.
#' *Stat Med* 30:2481-2498.
#'
#' Konstantopoulos S (2011). Fixed effects and variance components estimation in
#' three-level meta-analysis. *Res Synth Methods* 2:61-76.
#'
#' Nakagawa S, Santos ESA (2012). Methodological issues and advances in biological
#' meta-analysis. *Evol Ecol* 26:1253-1274.
#'
#' Pinheiro JC, Bates DM (2000). *Mixed-Effects Models in S and S-PLUS*. New York,
#' Springer.
#'
#' Pustejovsky JE, Tipton E (2018). Small-sample methods for cluster-robust variance
#' estimation and hypothesis testing in fixed effects models. *J Bus Econ Stat*
#' 36:672-683.
#'
#' Van den Noortgate W, Lopez-Lopez JA, Marin-Martinez F, Sanchez-Meca J (2013).
#' Three-level meta-analysis of dependent effect sizes. *Behav Res Methods* 45:576-594.
NULL

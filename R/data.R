# The tables of data/, made by data-raw/make.R. They are documented by name, not as
# objects, so that roxygen2 needs no loaded package.

#' Percent ranges that a review reports for mesenchymal stem cells
#'
#' The effect ranges that a review states for mesenchymal stem cells (MSC) and their
#' exosomes in animal models, as a news report gives them: claims to be checked with
#' [reported_range()], not results to rely on.
#'
#' The last row claims that function is restored and gives no figure, so its bounds and
#' its `greater_is_worse` are `NA`. No figure is claimed for estradiol or the number of
#' follicles.
#'
#' @format A data frame with 5 rows, one a claim, and 9 columns:
#' \describe{
#'   \item{disease}{character, the disease that was modelled.}
#'   \item{models}{character, the animal models named.}
#'   \item{intervention}{character, what was given.}
#'   \item{outcome}{character, what was read; the first four are named as in
#'     [msc_simulated].}
#'   \item{greater_is_worse}{logical, `TRUE` where a greater value is the worse one;
#'     `NA` where several outcomes are named together.}
#'   \item{change}{character, `"reduction"` or `"increase"`; in the last row the words of
#'     the report, `"restored; no figure given"`.}
#'   \item{lower_percent, upper_percent}{double, the bounds of the claimed change, in
#'     percent and without a sign; equal where one figure is claimed, `NA` where none is.}
#'   \item{source}{character, where the claim was printed.}
#' }
#' @source A review of over 150 publications, Tohoku Medical Megabank Organization, Stem
#'   Cell Research & Therapy 2025, as reported by iLive, 9 August 2025.
#' @examples
#' reported_ranges[c("outcome", "change", "lower_percent", "upper_percent")]
#' @docType data
#' @name reported_ranges
#' @usage reported_ranges
#' @keywords datasets
NULL

#' Single percent changes that a study reports
#'
#' Percent changes that one study of mesenchymal stem cells (MSC) states in its abstract.
#' They come without a number of animals and without an error, so they cannot be pooled;
#' they serve to compare with a pooled effect.
#'
#' @format A data frame with 4 rows, one a reported change, and 6 columns:
#' \describe{
#'   \item{disease, model}{character, the disease and the animal model.}
#'   \item{intervention}{character, what was given.}
#'   \item{outcome}{character, what was read.}
#'   \item{percent}{double, change against the untreated control, in percent; negative is
#'     a reduction.}
#'   \item{source}{character, where it was printed.}
#' }
#' @source Frodermann and others 2015, Scientific Reports 5:15559, abstract.
#' @examples
#' reported_effects[c("outcome", "percent")]
#' @docType data
#' @name reported_effects
#' @usage reported_effects
#' @keywords datasets
NULL

#' Published pooled effects of stem cells in animal models
#'
#' Results of published meta-analyses of stem cells, and of the vesicles they release, in
#' animal models: the pooled estimate, its interval and what else was printed.
#'
#' A ratio (`measure` `"RR"`) lies in the middle of its interval on the log scale only.
#' The rows are not independent: several come from one meta-analysis, and
#' meta-analyses of one question may share studies, so they are not to be pooled with
#' one another.
#'
#' @format A data frame with 33 rows, one a pooled result, and 11 columns:
#' \describe{
#'   \item{disease}{character, the disease that was modelled.}
#'   \item{intervention}{character, what was given.}
#'   \item{outcome}{character, what was read.}
#'   \item{measure}{character: `"SMD"`, standardised mean difference, in standard
#'     deviations; `"MD"`, mean difference in the unit of the outcome; `"MD (percentage
#'     points)"`; `"RR"`, ratio of risks.}
#'   \item{k}{integer, number of comparisons pooled; `NA` where it was not printed.}
#'   \item{animals}{integer, number of animals, in places of the whole meta-analysis;
#'     `NA` where it was not printed.}
#'   \item{estimate}{double, the pooled effect, in the unit of `measure`.}
#'   \item{ci_lower, ci_upper}{double, its 95 % confidence interval; `NA` where it was not
#'     printed.}
#'   \item{i2}{double, I2 in percent; `NA` where it was not printed.}
#'   \item{source}{character, where it was printed.}
#' }
#' @source Named in each row.
#' @examples
#' subset(published_pooled, outcome == "estradiol",
#'   c("intervention", "estimate", "ci_lower", "ci_upper"))
#' @docType data
#' @name published_pooled
#' @usage published_pooled
#' @keywords datasets
NULL

#' Published subgroup results in ovarian insufficiency
#'
#' Standardised mean differences of estradiol, follicle-stimulating hormone (FSH) and
#' anti-Mullerian hormone (AMH) after mesenchymal stem cells (MSC) or their vesicles in
#' animal models of ovarian insufficiency, by species, induction, cell donor, cell type,
#' dose and route.
#'
#' @section A check of the pooling:
#' The 30 comparisons of estradiol after MSC are divided in six ways (`subgroup` other
#' than `"all"`; for species leave out the level `"Mice and Rats"`, which adds up two
#' others). A fixed-effect pool of the levels of each division, with standard errors from
#' the width of the fixed interval, must give the printed total, 1.38 (1.16 to 1.60), and
#' does within 0.01.
#'
#' @section What is printed oddly:
#' The values are those printed, slips included:
#'
#' * FSH after vesicles of iPSC-MSCs, -2.44 (-5.54 to -2.17), is not the middle of its
#'   interval.
#' * Two intravenous rows after vesicles, AMH and estradiol, are the same to the last
#'   digit, 2.70 (1.90 to 3.49), with 6 and 10 comparisons.
#' * Estradiol after vesicles into the peritoneum has an I2 of 0 % and an interval of
#'   -1.98 to 9.16 from 3 comparisons.
#' * For vesicles the numbers of comparisons by cell type add up to one more than those by
#'   route, for each outcome, though the animals are equally many.
#'
#' @format A data frame with 60 rows, one a level of a subgroup, and 14 columns:
#' \describe{
#'   \item{intervention}{character, `"MSC"` or `"MSC-derived extracellular vesicles"`.}
#'   \item{outcome}{character, `"estradiol"`, `"FSH"` or `"AMH"`.}
#'   \item{subgroup}{character, by what the comparisons are divided; `"all"` is the
#'     total.}
#'   \item{level}{character, the level of the subgroup.}
#'   \item{k}{integer, number of comparisons.}
#'   \item{animals}{integer, number of animals.}
#'   \item{random, random_lower, random_upper}{double, pooled SMD of the random-effects
#'     model and its 95 % confidence interval, in standard deviations.}
#'   \item{fixed, fixed_lower, fixed_upper}{double, the same of the fixed-effect model;
#'     `NA` for vesicles, where it was not printed.}
#'   \item{i2}{double, I2 in percent; `NA` where it was not printed.}
#'   \item{source}{character, where it was printed.}
#' }
#' @source Rows of MSC: Frontiers in Endocrinology 2023;14:1165574, Table 2. Rows of
#'   vesicles: Journal of Ovarian Research 2024, \doi{10.1186/s13048-024-01513-1}, Table
#'   3.
#' @examples
#' subset(published_subgroups,
#'   intervention == "MSC" & outcome == "estradiol" & subgroup == "cell type",
#'   c("level", "k", "fixed", "fixed_lower", "fixed_upper"))
#' @docType data
#' @name published_subgroups
#' @usage published_subgroups
#' @keywords datasets
NULL

#' Efficacy of 16 interventions in animal models of stroke
#'
#' Efficacy of 16 interventions, in percent, as one table of a study of publication bias
#' gives it: the pooled efficacy, signs of small-study effects, and the efficacy
#' after trim and fill.
#'
#' @section What is printed oddly:
#' Over all 1,359 experiments the paper prints 31.3 (29.7 to 32.8), adjusted 23.8 (22.2 to
#' 25.5). The 16 rows cannot give these: a fixed-effect pool of them is 31.50 (30.14 to
#' 32.86), one by REML with a normal interval 32.21 (28.29 to 36.14). The estimate of
#' piracetam, 29.6 (16.1 to 44.4), is 0.65 below the middle of its interval; every other
#' is in the middle as far as one decimal can tell.
#'
#' @format A data frame with 16 rows, one an intervention, and 10 columns:
#' \describe{
#'   \item{intervention}{character, what was given.}
#'   \item{estimate}{double, pooled efficacy, in percent; positive is benefit.}
#'   \item{ci_lower, ci_upper}{double, its 95 % confidence interval, in percent.}
#'   \item{egger_bias}{logical, whether Egger regression suggests bias.}
#'   \item{trimfill_bias}{logical, whether trim and fill suggests missing experiments.}
#'   \item{missing_percent}{double, experiments that trim and fill adds, in percent.}
#'   \item{adjusted, adjusted_lower, adjusted_upper}{double, efficacy after trim and fill
#'     and its 95 % confidence interval, in percent; `NA` where nothing was added.}
#' }
#' @source Sena, van der Worp, Bath, Howells and Macleod 2010, PLoS Biology 8(3):e1000344,
#'   Table 2, \doi{10.1371/journal.pbio.1000344}.
#' @examples
#' stroke_efficacy[c("intervention", "estimate", "ci_lower", "ci_upper")]
#' @docType data
#' @name stroke_efficacy
#' @usage stroke_efficacy
#' @keywords datasets
NULL

#' Simulated cohorts: stem cells and exosomes in four diseases
#'
#' Simulated data, not evidence. No animal was treated, and no number in this table comes
#' from a paper: the groups were drawn at random from the true effects below, which were
#' chosen so that an analysis gives different verdicts. It shows what metavivo does with a
#' table of cohorts, and whether it finds a known truth. Every study is called
#' `"Simulated 01"` and so on, and every row has `simulated = TRUE`.
#'
#' The table has the shape of a real extraction: one row is one group of animals, one
#' outcome and one time; mesenchymal stem cells (MSC) and exosomes are compared with one
#' control in the same experiment; some studies have a healthy sham group or a second
#' experiment; some report a standard deviation and some a standard error; the same
#' animals are read at several times and for two outcomes. Its columns carry the names of
#' the arguments of [cohorts()], so `cohorts(msc_simulated)` needs no others. The first
#' four outcomes are named as in [reported_ranges]. That table claims no figure for
#' estradiol or the number of follicles.
#'
#' @section True effects:
#' The mean over studies of the true `log(m_t/m_c)`, as `100 (exp(mean) - 1)` percent,
#' the same at every time; tau is the standard deviation of the true `log(m_t/m_c)`.
#'
#' | outcome | MSC | exosome | tau | studies | claim in `reported_ranges` |
#' |:---|---:|---:|---:|---:|:---|
#' | amyloid-beta deposits | -52 % | -48 % | 0.20 | 16 | 40 to 60 % less: true |
#' | atherosclerotic plaque volume | -14 % | -10 % | 0.12 | 16 | 30 % less: false |
#' | bone mass | +26 % | +24 % | 0.10 | 16 | 25 to 35 % more: at its edge |
#' | bone strength | +12 % | +12 % | 0.35 | 12 | 25 to 35 % more: false, tau large |
#' | estradiol | +60 % | +50 % | 0.25 | 16 | no figure |
#' | follicle count | +45 % | +40 % | 0.20 | 12 | no figure |
#'
#' Of tau^2, 40 % is common to a study, 40 % to an outcome of a study, and 20 % is the
#' arm's own in its experiment. Animals of one group are log-normal with a coefficient of
#' variation between 0.10 (bone mass) and 0.30 (plaque). The logs of two readings of one
#' animal correlate by 0.6 at two times of one outcome and by 0.4 between two outcomes.
#'
#' One table shows no coverage: how often intervals and verdicts are right takes many
#' simulated tables.
#'
#' @format A data frame with 574 rows of 64 simulated studies, and 17 columns:
#' \describe{
#'   \item{study}{character, `"Simulated 01"` to `"Simulated 64"`.}
#'   \item{experiment}{character, `"1"`, or `"2"` for other animals of the same study.}
#'   \item{cohort}{character, the group of animals, unique in its study and experiment and
#'     the same at every time and outcome.}
#'   \item{role}{character, `"sham"` (healthy), `"control"` (diseased, untreated) or
#'     `"treated"`.}
#'   \item{treatment}{character, `"MSC"` or `"exosome"`; `NA` for sham and control.}
#'   \item{outcome}{character, what was read.}
#'   \item{time}{double, weeks after the first dose: 4, 8 or 12.}
#'   \item{n}{integer, number of animals, mostly 6 to 12, some 4 or 5.}
#'   \item{mean}{double, mean of the group, in `unit`, to four digits.}
#'   \item{error}{double, its standard deviation or standard error, in `unit`, to three
#'     digits.}
#'   \item{error_type}{character, `"sd"` or `"sem"`, the same within a study.}
#'   \item{greater_is_worse}{logical, `TRUE` for amyloid and plaque.}
#'   \item{unit}{character, unit of `mean` and `error`.}
#'   \item{disease}{character, as in [reported_ranges].}
#'   \item{species}{character, `"mouse"` or `"rat"`.}
#'   \item{dose}{character, dose of the treated groups, without effect here; `NA` for sham
#'     and control.}
#'   \item{simulated}{logical, always `TRUE`.}
#' }
#' @source Simulated by `data-raw/msc_simulated.R`, seed 1.
#' @examples
#' subset(msc_simulated, study == "Simulated 01" & time == 4,
#'   c("study", "cohort", "n", "mean", "error", "error_type"))
#' @docType data
#' @name msc_simulated
#' @usage msc_simulated
#' @keywords datasets
NULL

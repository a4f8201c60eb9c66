# The simulated table of cohorts. Nothing in it was measured: it serves to show and test
# an analysis whose true answer is known. This file only defines; make.R builds and saves.
#
# Model. The true log(m_t/m_c) of one arm of one outcome in one experiment is
#   theta = log(1 + percent/100) + tau * (sqrt(.4) a + sqrt(.4) b + sqrt(.2) c)
# with a common to the study, b to the study and outcome, c the arm's own:
# standard normal, so each theta has the SD tau. theta is the same at every time.
# One animal's reading is log-normal, so positive, with the true mean of its group:
#   z = sqrt(.4) animal + sqrt(.2) animal and outcome + sqrt(.4) reading
# so the logs of two readings of one animal correlate by .6 (two times of one outcome) or
# .4 (two outcomes). Mean, SD and SEM are those of the n simulated animals.

# One row an outcome. msc, exosome: the true mean effects in percent of the control;
# tau: SD of the true log ratio between studies. control: mean of the diseased, untreated
# group at week 4; growth: its change a week, as a share; sham: healthy over diseased;
# cv: of the animals of one group; terminal: read once, at the last time; skip: every
# skip-th study of the disease leaves the outcome out (0: none does).
msc_outcomes <- data.frame(
  disease = c("Alzheimer's disease", "atherosclerosis",
    rep(c("osteoporosis", "premature ovarian insufficiency"), each = 2)),
  outcome = c("amyloid-beta deposits", "atherosclerotic plaque volume", "bone mass",
    "bone strength", "estradiol", "follicle count"),
  unit = c("plaques/mm2", "mm3", "mg/cm2", "N", "pg/mL", "follicles/ovary"),
  greater_is_worse = rep(c(TRUE, FALSE), c(2, 4)),
  msc = c(-52, -14, 26, 12, 60, 45),
  exosome = c(-48, -10, 24, 12, 50, 40),
  tau = c(.2, .12, .1, .35, .25, .2),
  control = c(120, .45, 180, 70, 22, 40),
  growth = c(.05, .06, -.01, -.01, -.01, -.01),
  sham = c(.03, .08, 1.35, 1.4, 2.2, 2.5),
  cv = c(.25, .3, .1, .2, .25, .25),
  terminal = c(FALSE, FALSE, FALSE, TRUE, FALSE, TRUE),
  skip = c(0, 0, 0, 4, 0, 4)
)

msc_seed <- 1
studies_per_disease <- 16

# The same numbers on every machine, and the caller's random state as it was.
simulate_msc <- function(seed = msc_seed) {
  kind <- RNGkind()
  state <- get0(".Random.seed", globalenv(), inherits = FALSE)
  on.exit(restore_random(kind, state))
  RNGkind("Mersenne-Twister", "Inversion", "Rejection")
  set.seed(seed)
  groups <- design_groups(design_studies())
  readings <- true_means(design_readings(groups))
  seen <- do.call(rbind, lapply(split(readings, readings$group), read_animals))
  as_printed(seen[order(seen$reading), ])
}

restore_random <- function(kind, state) {
  do.call(RNGkind, as.list(kind))
  if (is.null(state)) {
    rm(".Random.seed", envir = globalenv())
  } else {
    assign(".Random.seed", state, envir = globalenv())
  }
}

# Patterns are fixed rather than drawn, so that every disease has every kind of study.
design_studies <- function() {
  diseases <- unique(msc_outcomes$disease)
  number <- rep(seq_len(studies_per_disease), length(diseases))
  disease <- rep(diseases, each = studies_per_disease)
  species <- c("mouse", "mouse", "rat", "rat")[match(disease, diseases)]
  species[species == "rat" & number %% 3 == 0] <- "mouse"
  data.frame(
    study = sprintf("Simulated %02d", seq_along(number)), disease, number, species,
    arms = rep_len(c("both", "MSC", "both", "exosome", "both"), length(number)),
    has_sham = !number %% 7 %in% c(2, 4),
    experiments = ifelse(number %% 8 == 5, 2, 1),
    weeks = rep_len(c("4,8", "4,8,12", "8", "4,12"), length(number)),
    error_type = rep_len(c("sem", "sd", "sem"), length(number))
  )
}

# One row a group of animals, which is a cohort: it keeps its n at every reading.
design_groups <- function(studies) {
  one_study <- function(i) {
    s <- studies[i, ]
    arms <- if (s$arms == "both") c("MSC", "exosome") else s$arms
    cohort <- c(if (s$has_sham) "sham", "control", arms)
    experiment <- rep(seq_len(s$experiments), each = length(cohort))
    cbind(s[rep(1, length(experiment)), ], experiment, cohort, row.names = NULL)
  }
  groups <- do.call(rbind, lapply(seq_len(nrow(studies)), one_study))
  groups$role <- ifelse(groups$cohort %in% c("sham", "control"), groups$cohort, "treated")
  groups$treatment <- ifelse(groups$role == "treated", groups$cohort, NA)
  groups$dose <- draw_doses(groups)
  groups$n <- sample(4:12, nrow(groups), TRUE, prob = rep(c(.03, .13), c(2, 7)))
  groups$group <- seq_len(nrow(groups))
  groups
}

draw_doses <- function(groups) {
  cells <- sample(c("1e5 cells", "1e6 cells", "5e6 cells"), nrow(groups), TRUE)
  protein <- sample(c("30 ug", "100 ug", "200 ug"), nrow(groups), TRUE)
  ifelse(groups$cohort == "MSC", cells, ifelse(groups$cohort == "exosome", protein, NA))
}

# One row a group, outcome and time.
design_readings <- function(groups) {
  x <- merge(groups, msc_outcomes, by = "disease")
  x <- x[x$skip == 0 | x$number %% pmax(x$skip, 1) != 0, ]
  weeks <- lapply(strsplit(x$weeks, ","), as.numeric)
  weeks[x$terminal] <- lapply(weeks[x$terminal], max)
  x <- x[rep(seq_len(nrow(x)), lengths(weeks)), ]
  x$time <- unlist(weeks)
  x <- x[order(x$group, match(x$outcome, msc_outcomes$outcome), x$time), ]
  x$reading <- seq_len(nrow(x))
  x
}

true_means <- function(x) {
  effect <- sqrt(.4) * normal_by(x$study) + sqrt(.4) * normal_by(x$study, x$outcome) +
    sqrt(.2) * normal_by(x$study, x$outcome, x$experiment, x$cohort)
  percent <- ifelse(x$cohort == "MSC", x$msc, x$exosome)
  log_ratio <- ifelse(x$role == "treated", log1p(percent / 100) + x$tau * effect,
    ifelse(x$role == "sham", log(x$sham), 0))
  level <- x$control * exp(.2 * normal_by(x$study, x$outcome))
  x$truth <- level * (1 + x$growth * (x$time - 4)) * exp(log_ratio)
  x
}

# One standard normal for each distinct combination of the keys.
normal_by <- function(...) {
  key <- paste(..., sep = "\r")
  stats::rnorm(length(unique(key)))[match(key, unique(key))]
}

read_animals <- function(x) {
  value <- animal_values(x, x$n[1])
  x$mean <- colMeans(value)
  x$sd <- apply(value, 2, stats::sd)
  x
}

# n animals by the readings of their group, a row of x each.
animal_values <- function(x, n) {
  draw <- function(columns) matrix(stats::rnorm(n * columns), n)
  outcome <- match(x$outcome, unique(x$outcome))
  z <- sqrt(.4) * as.vector(draw(1)) + sqrt(.2) * draw(max(outcome))[, outcome] +
    sqrt(.4) * draw(nrow(x))
  sigma <- sqrt(log1p(x$cv^2))
  exp(t(t(z) * sigma - sigma^2 / 2 + log(x$truth)))
}

# Rounded as a paper prints: four digits of a mean, three of an error.
as_printed <- function(x) {
  error <- ifelse(x$error_type == "sem", x$sd / sqrt(x$n), x$sd)
  data.frame(
    study = x$study, experiment = as.character(x$experiment), cohort = x$cohort,
    role = x$role, treatment = x$treatment, outcome = x$outcome, time = x$time,
    n = x$n, mean = signif(x$mean, 4), error = signif(error, 3),
    error_type = x$error_type, greater_is_worse = x$greater_is_worse, unit = x$unit,
    disease = x$disease, species = x$species, dose = x$dose, simulated = TRUE
  )
}

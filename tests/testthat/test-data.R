fixed_pool <- function(estimate, lower, upper) {
  w <- (2 * qnorm(.975) / (upper - lower))^2
  sum(w * estimate) / sum(w) + c(0, -1, 1) * qnorm(.975) / sqrt(sum(w))
}

facts <- list(
  reported_ranges = reported_ranges, reported_effects = reported_effects,
  published_pooled = published_pooled, published_subgroups = published_subgroups,
  stroke_efficacy = stroke_efficacy, msc_simulated = msc_simulated
)

# The source repository, where data-raw is; absent in the built package.
raw_file <- function(name) {
  path <- test_path("..", "..", "data-raw", name)
  skip_if_not(file.exists(path), "data-raw is not in the built package")
  path
}

test_that("every table is a plain data frame of ASCII text with default row names", {
  for (name in names(facts)) {
    x <- facts[[name]]
    expect_identical(class(x), "data.frame", info = name)
    expect_identical(attr(x, "row.names"), seq_len(nrow(x)), info = name)
    expect_false(any(grepl("[^ -~]", unlist(lapply(x, as.character)))), info = name)
    expect_true(all(vapply(x, is.atomic, NA)), info = name)
    expect_false(any(vapply(x, is.object, NA)), info = name)
  }
})

test_that("tables have the size and the columns that their help page says", {
  sizes <- vapply(facts, dim, integer(2))
  expect_identical(sizes[1, ], c(
    reported_ranges = 5L, reported_effects = 4L, published_pooled = 33L,
    published_subgroups = 60L, stroke_efficacy = 16L, msc_simulated = 574L
  ))
  expect_identical(unname(sizes[2, ]), c(9L, 6L, 11L, 14L, 10L, 17L))
})

test_that("every row of facts names its source", {
  for (x in facts[c("reported_ranges", "reported_effects", "published_pooled",
                    "published_subgroups")]) {
    expect_true(all(nchar(x$source) > 20))
  }
})

test_that("reported_ranges holds the printed claims", {
  expect_identical(reported_ranges$outcome[1:4], c(
    "amyloid-beta deposits", "atherosclerotic plaque volume", "bone mass", "bone strength"
  ))
  expect_identical(reported_ranges$lower_percent, c(40, 30, 25, 25, NA))
  expect_identical(reported_ranges$upper_percent, c(60, 30, 35, 35, NA))
  expect_identical(reported_ranges$greater_is_worse, c(TRUE, TRUE, FALSE, FALSE, NA))
  expect_identical(reported_ranges$change, c(
    "reduction", "reduction", "increase", "increase", "restored; no figure given"
  ))
  expect_match(reported_ranges$source, "as reported by iLive, 9 August 2025")
})

test_that("reported_effects holds the printed changes", {
  expect_identical(reported_effects$percent, c(-33, -33, -56, -77))
  expect_false(anyNA(reported_effects))
})

test_that("published_pooled holds the printed results, each within its interval", {
  x <- published_pooled
  deng <- x[1, c("estimate", "ci_lower", "ci_upper")]
  expect_identical(unlist(deng), c(estimate = -2.1, ci_lower = -2.96, ci_upper = -1.23))
  expect_identical(range(which(is.na(x$ci_lower))), c(19L, 20L))
  has <- !is.na(x$ci_lower)
  expect_true(all(x$ci_lower[has] < x$estimate[has] & x$estimate[has] < x$ci_upper[has]))
  required <- c("disease", "intervention", "outcome", "measure", "estimate", "source")
  expect_false(anyNA(x[required]))
  expect_setequal(x$measure, c("SMD", "MD", "MD (percentage points)", "RR"))
})

test_that("published_subgroups holds the printed total and its slips", {
  x <- published_subgroups
  required <- c("intervention", "outcome", "subgroup", "level", "k", "animals", "random",
                "random_lower", "random_upper", "source")
  expect_false(anyNA(x[required]))
  total <- x[x$outcome == "estradiol" & x$subgroup == "all", ]
  printed <- c(total$fixed, total$fixed_lower, total$fixed_upper)
  expect_identical(printed, c(1.38, 1.16, 1.6))

  middle <- (x$random_lower + x$random_upper) / 2
  expect_identical(x$level[abs(x$random - middle) > .02], "iPSC-MSCs")
  alike <- x[x$level == "Intravenous" & x$random == 2.7, ]
  expect_identical(alike$outcome, c("AMH", "estradiol"))
  expect_identical(alike$k, c(6L, 10L))
  odd <- x[x$level == "Intraperitoneal" & x$outcome == "estradiol", ]
  expect_identical(c(odd$i2, odd$random_lower, odd$random_upper), c(0, -1.98, 9.16))
})

test_that("comparisons of vesicles by cell type are one more than by route, as printed", {
  x <- published_subgroups[published_subgroups$intervention != "MSC", ]
  sums <- aggregate(cbind(k, animals) ~ outcome + subgroup, x, sum)
  sums <- merge(sums[sums$subgroup == "cell type", ], sums[sums$subgroup == "route", ],
                by = "outcome")
  expect_identical(sums$k.x, sums$k.y + 1L)
  expect_identical(sums$animals.x, sums$animals.y)
})

# Front Endocrinol 2023;14:1165574, Table 2: the printed total of estradiol.
test_that("six divisions of the 30 estradiol comparisons give the printed total", {
  x <- published_subgroups
  x <- x[x$intervention == "MSC" & x$outcome == "estradiol" & x$subgroup != "all" &
           x$level != "Mice and Rats", ]
  parts <- split(x, x$subgroup)
  expect_setequal(
    names(parts), c("species", "induction", "cell donor", "cell type", "dose", "route")
  )
  for (part in parts) {
    expect_identical(sum(part$k), 30L)
    expect_identical(sum(part$animals), 568L)
    pooled <- fixed_pool(part$fixed, part$fixed_lower, part$fixed_upper)
    expect_lt(max(abs(pooled - c(1.38, 1.16, 1.6))), .01)
  }
})

test_that("stroke_efficacy holds the printed table, which gives 31.50, not 31.3", {
  x <- stroke_efficacy
  expect_identical(x$estimate[c(1, 16)], c(26.7, 46.6))
  expect_false(anyNA(x[!startsWith(names(x), "adjusted")]))
  expect_identical(is.na(x$adjusted), !x$trimfill_bias)
  expect_identical(x$missing_percent == 0, !x$trimfill_bias)
  pooled <- fixed_pool(x$estimate, x$ci_lower, x$ci_upper)
  expect_identical(round(pooled, 2), c(31.5, 30.14, 32.86))
  middle <- (x$ci_lower + x$ci_upper) / 2
  expect_identical(
    x$intervention[abs(x$estimate - middle) > .06], "Piracetam and related compounds"
  )
})

test_that("msc_simulated says in every row that it is simulated", {
  expect_match(msc_simulated$study, "^Simulated [0-9]{2}$")
  expect_identical(unique(msc_simulated$study), sprintf("Simulated %02d", 1:64))
  expect_true(all(msc_simulated$simulated))
})

test_that("msc_simulated has its columns, types and words", {
  x <- msc_simulated
  expect_identical(vapply(x, typeof, ""), c(
    study = "character", experiment = "character", cohort = "character",
    role = "character", treatment = "character", outcome = "character", time = "double",
    n = "integer", mean = "double", error = "double", error_type = "character",
    greater_is_worse = "logical", unit = "character", disease = "character",
    species = "character", dose = "character", simulated = "logical"
  ))
  expect_false(anyNA(x[setdiff(names(x), c("treatment", "dose"))]))
  expect_identical(is.na(x$treatment), x$role != "treated")
  expect_identical(is.na(x$dose), x$role != "treated")
  expect_setequal(x$role, c("sham", "control", "treated"))
  expect_setequal(x$treatment, c("MSC", "exosome", NA))
  expect_setequal(x$error_type, c("sd", "sem"))
  expect_setequal(x$species, c("mouse", "rat"))
  expect_setequal(x$time, c(4, 8, 12))
  expect_setequal(x$disease, reported_ranges$disease)
  expect_true(all(x$mean > 0 & x$error > 0 & x$n >= 4 & x$n <= 12))
  expect_identical(x$mean, signif(x$mean, 4))
  expect_identical(x$error, signif(x$error, 3))
})

test_that("the outcomes of msc_simulated are those of reported_ranges", {
  outcomes <- unique(msc_simulated[c("disease", "outcome", "greater_is_worse")])
  expect_identical(outcomes$outcome[1:4], reported_ranges$outcome[1:4])
  expect_identical(outcomes$greater_is_worse[1:4], reported_ranges$greater_is_worse[1:4])
  expect_identical(outcomes$outcome[5:6], c("estradiol", "follicle count"))
  studies <- tapply(msc_simulated$study, msc_simulated$outcome, \(s) length(unique(s)))
  expect_identical(sort(as.vector(studies)), rep(c(12L, 16L), c(2, 4)))
})

test_that("a simulated cohort is one group of animals, and has one control", {
  x <- msc_simulated
  cohort <- interaction(x$study, x$experiment, x$cohort, drop = TRUE)
  expect_true(all(tapply(x$n, cohort, \(n) length(unique(n))) == 1))
  expect_false(anyDuplicated(data.frame(cohort, x$outcome, x$time)) > 0)
  expect_true(all(tapply(x$error_type, x$study, \(e) length(unique(e))) == 1))
  setting <- interaction(x$study, x$experiment, x$outcome, x$time, drop = TRUE)
  expect_true(all(tapply(x$role == "control", setting, sum) == 1))
  expect_setequal(tapply(x$role == "treated", setting, sum), 1:2)
  expect_setequal(tapply(x$role == "sham", setting, sum), 0:1)
})

# Mean of log(mean_t/mean_c) over times and experiments: one value a study.
study_effects <- function(outcome, treatment) {
  x <- msc_simulated[msc_simulated$outcome == outcome, ]
  key <- c("study", "experiment", "time")
  pairs <- merge(x[x$treatment %in% treatment, c(key, "mean")],
                 x[x$role == "control", c(key, "mean")], by = key)
  as.vector(tapply(log(pairs$mean.x / pairs$mean.y), pairs$study, mean))
}

truths <- data.frame(
  outcome = c("amyloid-beta deposits", "atherosclerotic plaque volume", "bone mass",
              "bone strength", "estradiol", "follicle count"),
  msc = c(-52, -14, 26, 12, 60, 45),
  exosome = c(-48, -10, 24, 12, 50, 40),
  tau = c(.2, .12, .1, .35, .25, .2)
)

test_that("the truth of each outcome and arm is within 3 standard errors", {
  for (i in seq_len(nrow(truths))) {
    for (arm in c("MSC", "exosome")) {
      y <- study_effects(truths$outcome[i], arm)
      true <- log1p(truths[[tolower(arm)]][i] / 100)
      z <- (mean(y) - true) / (sd(y) / sqrt(length(y)))
      expect_lt(abs(z), 3, label = paste(truths$outcome[i], arm))
    }
  }
})

# 20,000 animals, seed 1: the Monte Carlo error of a mean is .2 %, of a correlation .006.
test_that("simulated animals have the mean, spread and correlation that are said", {
  script <- new.env()
  sys.source(raw_file("msc_simulated.R"), script)
  skip_if_not_installed("withr")
  withr::local_seed(1)
  readings <- data.frame(
    outcome = c("estradiol", "estradiol", "follicle count"),
    truth = c(22, 30, 40), cv = .25
  )
  value <- script$animal_values(readings, 20000)
  expect_lt(max(abs(colMeans(value) / readings$truth - 1)), .007)
  expect_lt(max(abs(apply(value, 2, sd) / colMeans(value) / .25 - 1)), .03)
  r <- cor(log(value))[c(4, 7, 8)]
  expect_lt(max(abs(r - c(.6, .4, .4))), .02)
})

test_that("the truths here are those of the script", {
  script <- new.env()
  sys.source(raw_file("msc_simulated.R"), script)
  expect_equal(script$msc_outcomes[names(truths)], truths)
})

test_that("msc_simulated comes from its script, which leaves the random state alone", {
  script <- new.env()
  sys.source(raw_file("msc_simulated.R"), script)
  skip_if_not_installed("withr")
  withr::local_seed(1)
  before <- .Random.seed
  expect_identical(script$simulate_msc(), msc_simulated)
  expect_identical(RNGkind()[1:3], c("Mersenne-Twister", "Inversion", "Rejection"))
  expect_identical(.Random.seed, before)
})

test_that("the tables of facts are those of their csv files", {
  for (name in setdiff(names(facts), "msc_simulated")) {
    csv <- read.csv(raw_file(paste0(name, ".csv")), na.strings = "")
    expect_equal(facts[[name]][names(csv) != "source"], csv[names(csv) != "source"])
  }
})

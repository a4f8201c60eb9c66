deaths <- function(...) {
  data.frame(
    study = c("Chen 2011", "Chen 2011", "Li 2015", "Li 2015"),
    role = c("control", "treated"), n = c(8, 9, 6, 6), events = c(6, 2, 5, 0), ...
  )
}

rates <- function(...) {
  data.frame(
    study = "Chen 2011", role = c("control", "treated"), events = c(14, 5),
    exposure = c(120, 130), ...
  )
}

# The same with one value changed.
altered <- function(x, column, value, row = 2) {
  x[[column]][row] <- value
  x
}

lives <- function() {
  data.frame(
    study = c("Chen 2011", "Li 2015"), median_t = c("31", "NR"), median_c = c(20, 22),
    median_lower_t = c(25, 30), median_upper_t = c("40", "not reached"),
    median_lower_c = c(16, 18), median_upper_c = c(25, 27)
  )
}

means <- function(...) {
  data.frame(
    study = c("Chen 2011", "Chen 2011", "Li 2015", "Li 2015"),
    role = c("control", "treated"), n = 8, mean = c(40, 24, 51, 33),
    error = c(9, 8, 4, 5), error_type = "sd", ...
  )
}

test_that("counts alone, rates alone and survival alone are tables", {
  x <- cohorts(deaths())
  expect_identical(x$events, c(6, 2, 5, 0))
  expect_true(all(cohort_columns %in% names(x)))
  expect_identical(x$mean, rep(NA_real_, 4))
  pairs <- comparisons(x)
  expect_identical(pairs$events_t, c(2, 0))
  expect_identical(pairs$events_c, c(6, 5))
  expect_identical(pairs$n_t, c(9, 6))
  pairs <- comparisons(cohorts(rates()))
  expect_identical(pairs$exposure_t, 130)
  expect_identical(pairs$exposure_c, 120)
  x <- data.frame(
    study = "Chen 2011", role = c("control", "treated"), median = c(20, 31),
    events = c(8, 7)
  )
  pairs <- comparisons(cohorts(x))
  expect_identical(pairs$median_t, 31)
  expect_identical(pairs$events_c, 8)
})

test_that("the log SE of a median is that of its interval on the log scale", {
  x <- as_comparisons(lives())
  expect_equal(x$log_se_t[1], (log(40) - log(25)) / (2 * 1.959963984540054))
  expect_equal(x$log_se_c, (log(c(25, 27)) - log(c(16, 18))) / (2 * 1.959963984540054))
  # an interval of median * exp(-+ 1.96 se) gives that se back, in any unit
  se <- 0.17
  y <- transform(lives(),
    median_t = 10, median_lower_t = 10 * exp(-qnorm(0.975) * se),
    median_upper_t = 10 * exp(qnorm(0.975) * se)
  )
  expect_equal(as_comparisons(y)$log_se_t, c(se, se))
})

test_that("a median that was not reached is Inf, and its row has a reason", {
  x <- as_comparisons(lives())
  expect_identical(x$median_t, c(31, Inf))
  expect_identical(x$median_upper_t, c(40, Inf))
  expect_identical(x$log_se_t[2], NA_real_)
  expect_warning(y <- effect_sizes(x, "MSR"), "not reached", class = "mv_warning_rows")
  expect_equal(y$yi, c(log(31 / 20), NA))
  expect_identical(y$reason, c(NA, reason_words[["median_not_reached"]]))
  x <- transform(lives(), median_t = c(31, Inf))
  expect_identical(as_comparisons(x)$median_t, c(31, Inf))
  x <- transform(lives(), median_t = factor(c("31", " Not reached ")))
  expect_identical(as_comparisons(x)$median_t, c(31, Inf))
})

test_that("events may be more than animals only where they are counted over time", {
  expect_snapshot(error = TRUE, {
    cohorts(altered(deaths(), "events", 10))
    cohorts(altered(deaths(), "events", -1))
    cohorts(altered(rates(), "exposure", 0))
    as_comparisons(data.frame(
      study = "Chen 2011", n_t = 8, events_t = 9, n_c = 8, events_c = 3
    ))
  })
  expect_identical(cohorts(rates(n = c(8, 3)))$events, c(14, 5))
  x <- rates(n = c(8, 3))
  x$exposure[2] <- NA
  expect_error(cohorts(x), "number of animals", class = "mv_error_number")
})

test_that("0 of 0, and no animals, are errors; one animal is a row's reason", {
  expect_error(cohorts(altered(deaths(), c("n"), 0)), class = "mv_error_number")
  none <- altered(altered(deaths(), "n", 0), "events", 0)
  expect_error(cohorts(none), "`n` must be positive", class = "mv_error_number")
  one <- comparisons(cohorts(altered(means(), "n", 1, 1:2)))
  expect_warning(y <- effect_sizes(one, "SMD"), class = "mv_warning_rows")
  expect_identical(y$reason, c(reason_words[["too_few_animals"]], NA))
})

test_that("what a kind lacks is named", {
  expect_snapshot(error = TRUE, {
    cohorts(deaths()[-3])
    cohorts(rates()[-3])
    cohorts(deaths()[-(3:4)])
    cohorts(deaths(mean = 1))
    as_comparisons(lives()[1:2])
  })
})

test_that("one group may have means in one outcome and counts in another", {
  x <- means(outcome = "area", events = NA)
  x <- rbind(x, data.frame(
    deaths()[1:3],
    mean = NA, error = NA, error_type = NA, outcome = "death", events = deaths()$events
  ))
  pairs <- comparisons(cohorts(x))
  expect_identical(pairs$events_t, c(NA, NA, 2, 0))
  expect_snapshot({
    print(cohorts(x))
    print(pairs)
  })
  smd <- suppressWarnings(effect_sizes(pairs, "SMD"))
  expect_identical(is.na(smd$yi), c(FALSE, FALSE, TRUE, TRUE))
  rr <- suppressWarnings(effect_sizes(pairs, "RR"))
  expect_identical(is.na(rr$yi), c(TRUE, TRUE, FALSE, FALSE))
  both <- rbind(smd[1:2, ], rr[3:4, ])
  expect_identical(both$measure, c("SMD", "SMD", "RR", "RR"))
  expect_snapshot(print(both))
})

test_that("tables of different kinds bind, with missing columns filled", {
  smd <- effect_sizes(comparisons(cohorts(means())), "SMD")
  rr <- effect_sizes(comparisons(cohorts(deaths())), "RR")
  both <- rbind(smd, rr)
  expect_s3_class(both, "mv_effects")
  expect_identical(both$events_t, c(NA, NA, 2, 0))
  expect_identical(both$yi, c(smd$yi, rr$yi))
  expect_true(is.double(both$added))
})

test_that("an interval with its ends turned is an error that names the rows", {
  turned <- transform(lives(),
    median_lower_c = c(16, 27), median_upper_c = c(25, 18)
  )
  outside <- transform(lives(), median_t = c("50", "NR"))
  expect_snapshot(error = TRUE, {
    as_comparisons(turned)
    as_comparisons(outside)
  })
})

test_that("an SD and an SEM that disagree are an error, a rounded one is not", {
  x <- means(sem = c(3.2, 2.8, 1.4, 1.8))
  names(x)[5] <- "sd"
  expect_identical(cohorts(x, error = sd)$sd, c(9, 8, 4, 5))
  expect_equal(
    cohorts(x[-6], error = sem, error_type = "sem")$sd, c(3.2, 2.8, 1.4, 1.8) * sqrt(8)
  )
  swapped <- x
  swapped[3, c("sd", "sem")] <- x[3, c("sem", "sd")]
  expect_snapshot(error = TRUE, {
    cohorts(swapped, error = sd)
    cohorts(swapped[-6], error = sem, error_type = "sem")
  })
  expect_error(cohorts(swapped, error = sd), class = "mv_error_sd_sem")
  # no SD or no n, no disagreement
  swapped$n[3] <- NA
  expect_identical(cohorts(swapped, error = sd)$n[3], NA_real_)
  wide <- data.frame(
    study = "Chen 2011", n_t = 8, mean_t = 2, sd_t = 8, SEM_t = 8, n_c = 8, mean_c = 1,
    sd_c = 3
  )
  expect_error(
    as_comparisons(wide, error_t = sd_t, error_c = sd_c, error_type = "sd"),
    "sd_t and SEM_t disagree",
    class = "mv_error_sd_sem"
  )
})

test_that("animals lost before the reading are counted once a group", {
  x <- rbind(means(n_start = c(8, 10, 12, 9), outcome = "a"), means(
    n_start = c(9, 8, 12, 9), outcome = "b"
  ))
  pairs <- comparisons(cohorts(x))
  expect_identical(pairs$n_start_t, c(10, 9, 8, 9))
  expect_match(
    describe_attrition(pairs), "3 of 19 treated animals and 5 of 21 controls",
    fixed = TRUE
  )
  expect_match(
    describe_attrition(effect_sizes(pairs)), "3 of 19 treated animals",
    fixed = TRUE
  )
  expect_identical(describe_attrition(comparisons(cohorts(means()))), "")
  expect_identical(describe_attrition(comparisons(cohorts(means(n_start = 8)))), "")
  expect_snapshot(cohorts(means(n_start = 7)), error = TRUE)
})

test_that("what is declared of an outcome has one value, and holds for its rows", {
  x <- cohorts(means(ratio_scale = c(NA, FALSE, NA, "TRUE")))
  expect_identical(x$ratio_scale, c(FALSE, FALSE, TRUE, TRUE))
  expect_identical(comparisons(x)$ratio_scale, c(FALSE, TRUE))
  x <- cohorts(means(log_scale = c(TRUE, NA, NA, NA)))
  expect_identical(x$log_scale, c(TRUE, TRUE, FALSE, FALSE))
  x <- cohorts(means(maximum = c("60", NA, NA, 70)))
  expect_identical(comparisons(x)$maximum, c(60, 70))
  expect_snapshot(error = TRUE, {
    cohorts(means(ratio_scale = c(TRUE, FALSE, NA, TRUE)))
    cohorts(means(ratio_scale = "yes"))
    cohorts(means(log_scale = c(TRUE, FALSE)))
    cohorts(means(maximum = c(60, 70, 60, 60)))
    cohorts(means(maximum = 50))
    cohorts(means(maximum = Inf))
  })
  expect_identical(cohorts(means(maximum = 50, log_scale = TRUE))$maximum, rep(50, 4))
})

test_that("a ratio of an outcome without a true zero is no effect", {
  pairs <- comparisons(cohorts(means(ratio_scale = FALSE)))
  expect_warning(y <- effect_sizes(pairs, "ROM"), class = "mv_warning_rows")
  expect_identical(y$reason, rep(reason_words[["not_ratio_scale"]], 2))
  expect_silent(effect_sizes(pairs, "SMD"))
})

test_that("controls of equal counts are one control, which a message tells", {
  wide <- data.frame(
    study = "Chen 2011", n_t = c(8, 9, 8), events_t = c(1, 2, 0), n_c = 8,
    events_c = c(6, 6, 5)
  )
  expect_snapshot(x <- as_comparisons(wide))
  expect_identical(x$shared_c, c(2L, 2L, 1L))
  expect_silent(as_comparisons(cbind(wide, control = c("a", "a", "b"))))
  expect_error(
    as_comparisons(cbind(wide, control = "a")), "two values of events \\(6, 5\\)",
    class = "mv_error_shared"
  )
})

test_that("long and wide tables of counts and rates give the same comparisons", {
  long <- comparisons(cohorts(deaths(n_start = 10)))
  wide <- as_comparisons(data.frame(
    study = c("Chen 2011", "Li 2015"), n_t = c(9, 6), events_t = c(2, 0), n_c = c(8, 6),
    events_c = c(6, 5), n_start_t = 10, n_start_c = 10, treated = "treated",
    control = "control"
  ))
  same <- setdiff(names(wide), c("row_t", "row_c", "row_s"))
  expect_identical(long[same], wide[same], ignore_attr = TRUE)
  skip_if_not_installed("dplyr")
  expect_identical(cohorts(dplyr::as_tibble(deaths())), cohorts(deaths()))
  text <- deaths()
  text[] <- lapply(text, factor)
  expect_identical(cohorts(text), cohorts(deaths()))
})

test_that("a correlation outside -1 to 1 is an error", {
  wide <- data.frame(
    study = "Chen 2011", n_t = 8, mean_t = 2, error_t = 1, n_c = 8, mean_c = 1,
    error_c = 1, error_type = "sd", r = 0.5
  )
  expect_identical(as_comparisons(wide)$r, 0.5)
  expect_error(
    as_comparisons(transform(wide, r = 1.2)), "`r` must be from -1 to 1",
    class = "mv_error_number"
  )
})

test_that("a million rows of counts and means take seconds", {
  skip_on_cran()
  groups <- 1e6
  x <- data.frame(
    study = rep(seq_len(groups / 10), each = 10), experiment = rep(1:5, each = 2),
    role = c("control", "treated"), n = 8, mean = seq_len(groups) %% 97, error = 2,
    error_type = "sd", events = seq_len(groups) %% 8, n_start = 9, ratio_scale = TRUE
  )
  seconds <- system.time({
    pairs <- comparisons(cohorts(x))
    y <- effect_sizes(pairs, "RR")
  })[["user.self"]]
  expect_identical(nrow(y), 500000L)
  expect_lt(seconds, 20)
})

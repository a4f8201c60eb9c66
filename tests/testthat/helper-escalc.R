# Every form of a measure against metafor::escalc().

# Tables with all that measures of means need, small n and near and far means included.
# `many`: one outcome, so that averaged forms average over the rows as escalc() does.
random_means <- function(rows = 1000, seed = 1, smallest = 2) {
  withr::with_seed(seed, {
    n <- function() sample(smallest:15, rows, TRUE)
    mean <- function() exp(stats::runif(rows, -2, 5))
    sd <- function() exp(stats::runif(rows, -3, 3))
    pairs_of(n(), mean(), sd(), n(), mean(), sd(), n(), mean(), sd(),
      r = stats::runif(rows, -0.95, 0.95)
    )
  })
}

# What escalc() is given of a table: two groups, two readings of one, or one group.
escalc_columns <- function(pairs, measure, flags, arms) {
  t <- list(n = pairs$n_t, m = pairs$mean_t, sd = pairs$sd_t)
  c <- list(n = pairs$n_c, m = pairs$mean_c, sd = pairs$sd_c)
  if (arms == 1) return(list(ni = t$n, mi = t$m, sdi = t$sd))
  if (!"paired" %in% flags) {
    return(list(
      n1i = t$n, m1i = t$m, sd1i = t$sd, n2i = c$n, m2i = c$m, sd2i = c$sd
    ))
  }
  # its first SD is the one that standardises, whichever reading it is of
  first <- if (measure %in% c("SMCR", "SMCRH")) c$sd else t$sd
  second <- if (measure %in% c("SMCR", "SMCRH")) t$sd else c$sd
  list(
    ni = t$n, m1i = t$m, m2i = c$m, sd1i = first, sd2i = second, ri = pairs$r
  )
}

escalc_of <- function(pairs, measure, form, correct = TRUE) {
  known <- registry()
  row <- measure_row(known, match(measure, known$measures$name))
  columns <- escalc_columns(pairs, measure, row$flags, row$arms)
  rule <- list(measure = measure, vtype = form, correct = correct)
  found <- do.call("escalc", c(rule, columns), envir = asNamespace("metafor")) |>
    suppressWarnings()
  data.frame(yi = as.double(found$yi), vi = as.double(found$vi))
}

forms_of <- function(measure) {
  forms <- registry()$forms
  forms$name[forms$measure == measure]
}

# An estimate is as near as its own size, or its standard error where that is larger: a
# difference of two near means cancels. `refused`: rows where only ours has no variance.
expect_same_numbers <- function(ours, theirs, refused = FALSE, tolerance = 1e-12) {
  known <- !is.na(theirs$vi) & theirs$vi > 0 & !refused
  expect_identical(!is.na(ours$vi), known)
  size <- pmax(abs(theirs$yi), sqrt(theirs$vi))
  expect_lt(max(abs(ours$yi - theirs$yi)[known] / size[known]), tolerance)
  expect_lt(max(abs(ours$vi / theirs$vi - 1)[known]), tolerance)
}

expect_like_escalc <- function(measure, pairs = random_means(),
                               forms = forms_of(measure), corrections = c(TRUE, FALSE)) {
  skip_if_not_installed("metafor", "5.0.0")
  for (form in forms) {
    # Review Manager's form is given from 5 animals behind the SD on
    behind <- if (measure == "SMD1") pairs$n_c else pairs$n_t + pairs$n_c
    refused <- form == "LS3" & measure %in% c("SMD", "SMD1") & behind < 5
    # UB cancels where J is near 1, and theirs loses digits in lgamma()
    large <- max(pairs$n_t + pairs$n_c) > 100
    tolerance <- if (form == "UB" && large) 1e-11 else 1e-12
    for (correct in corrections) {
      ours <- suppressWarnings(sizes_of(pairs, measure, form, correct = correct))
      theirs <- escalc_of(pairs, measure, form, correct)
      expect_same_numbers(ours, theirs, refused, tolerance)
    }
  }
}

# A correlation makes two readings of a table, both with the n of the first.
as_readings <- function(pairs) {
  pairs$n_c <- pairs$n_t
  if (is.null(pairs[["r"]])) pairs$r <- 0.5
  pairs
}

# Real tables of two groups: rows whose means have logs and whose SDs have two degrees of
# freedom.
metadat_means <- function() {
  two <- c("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i")
  tables <- list(
    metadat::dat.normand1999[two], metadat::dat.curtis1998[two],
    metadat::dat.gibson2002[two],
    metadat::dat.furukawa2003[c("Ne", "Me", "Se", "Nc", "Mc", "Sc")]
  )
  lapply(tables, function(x) {
    x <- lapply(x, as.numeric) |> stats::setNames(two) |> as.data.frame()
    x <- x[which(x$n1i > 2 & x$n2i > 2 & x$m1i > 0 & x$m2i > 0 & x$sd1i * x$sd2i > 0), ]
    do.call(pairs_of, unname(as.list(x)))
  })
}

# The class mv_effects: what it survives, what is put right, and its print.

some <- function() {
  as_effects(data.frame(
    study = c("a", "b", "c"), yi = c(0.1, 0.5, 0.2), vi = c(0.04, 0.05, 0.06),
    dose = 1:3
  ))
}

told <- function(x, ...) utils::capture.output(print(x, ...))

test_that("rows and columns come and go, and the class stays while yi and vi do", {
  effects <- some()
  expect_s3_class(effects[2:3, ], "mv_effects")
  expect_s3_class(transform(effects, dose = dose * 2), "mv_effects")
  expect_s3_class(merge(effects, data.frame(study = c("a", "c"), lab = 1:2)),
    "mv_effects"
  )
  effects$lab <- "x"
  effects[["room"]] <- 2
  effects[1, "dose"] <- 9L
  expect_s3_class(effects, c("mv_effects", "data.frame"), exact = TRUE)
  expect_identical(effects$dose, c(9L, 2L, 3L))
  expect_identical(class(effects[c("study", "yi")]), "data.frame")
  names(effects)[names(effects) == "vi"] <- "variance_of_yi"
  expect_false(inherits(effects, "mv_effects"))
  expect_type(some()[, "yi"], "double")
})

test_that("a brought matrix goes with its rows in any order, and away with the class", {
  V <- matrix(0.01, 3, 3) + diag(c(0.03, 0.04, 0.05))
  effects <- as_effects(some(), V = V)
  expect_equal(unname(vcov(effects[c(3, 1), ])), V[c(3, 1), c(3, 1)])
  effects$dose <- NULL
  expect_equal(unname(vcov(effects)), V)
  merged <- merge(effects, data.frame(study = c("c", "a"), lab = 1:2))
  expect_equal(unname(vcov(merged)), V[c(1, 3), c(1, 3)])
  expect_null(attr(effects[c("study", "yi")], "V"))
})

test_that("what became a factor or text since is put right before it is used", {
  effects <- some()
  wanted <- pool_effects(effects)$beta
  odd <- effects
  odd$measure <- factor(odd$measure)
  odd$yi <- as.character(odd$yi)
  odd$vi <- structure(odd$vi, class = "numeric_version_of_mine")
  settled <- settle_effects(odd)
  expect_type(settled$measure, "character")
  expect_identical(settled$yi, effects$yi)
  expect_identical(unclass(settled$vi), effects$vi)
  odd$vi <- effects$vi
  expect_identical(pool_effects(odd)$beta, wanted)
  # nothing to do: the same table
  expect_identical(settle_effects(effects), effects)
})

test_that("what cannot be read as text or as a flag is an error with its rows", {
  effects <- some()
  effects$reason <- 1:3
  expect_error(settle_effects(effects), class = "mv_error_type")
  expect_error(settle_effects(effects), "must be text")
  effects$reason <- NA
  expect_identical(settle_effects(effects)$reason, rep(NA_character_, 3))
  effects$pooled <- c(TRUE, NA, TRUE)
  expect_error(settle_effects(effects), class = "mv_error_type")
  expect_error(settle_effects(effects), "row 2", fixed = TRUE)
  # a row without an effect need not say
  effects$yi[2] <- NA
  expect_no_error(settle_effects(effects))
  effects$pooled <- "yes"
  expect_error(settle_effects(effects), class = "mv_error_type")
})

test_that("the print counts effects, rows and studies", {
  effects <- some()
  expect_identical(describe_effects(effects), "3 effects of 3 studies")
  effects$yi[1] <- NA
  effects$study[3] <- "b"
  expect_identical(describe_effects(effects), "2 effects in 3 rows of 2 studies")
  effects$study <- NULL
  expect_identical(describe_effects(effects), "2 effects in 3 rows")
})

test_that("mixed measures, direction and shared controls are told", {
  pairs <- random_pairs(4)
  both <- rbind(effect_sizes(pairs, "SMD"), effect_sizes(pairs, "ROM"))
  text <- paste(told(both), collapse = " ")
  expect_match(text, "Mixed: SMD in 4 rows, ROM in 4 rows", fixed = TRUE)
  expect_identical(describe_mix(c("SMD", "SMD")), "")
  expect_match(describe_turns(effect_sizes(pairs, "SMD")),
    "as computed, treated minus control"
  )
  pairs$greater_is_worse <- TRUE
  better <- effect_sizes(pairs, "SMD", direction = "benefit")
  expect_match(describe_turns(better), "positive is a better outcome")
  expect_match(describe_turns(some()), "as brought")
  pairs$shared_c <- 2L
  pairs$cohort_c <- "vehicle"
  pairs$study <- rep(c("x", "y"), each = 2)
  for (how in c("covariance", "split", "ignore")) {
    effects <- suppressWarnings(effect_sizes(pairs, "MD", shared_control = how))
    said <- gsub("\\s+", " ", describe_animals_shared(effects))
    expect_match(said, sharing_words[[how]], fixed = TRUE)
  }
})

test_that("rows without an effect, left out and doubtful are told apart", {
  effects <- some()
  effects$reason <- c("no variance", "an outlier", "far")
  effects$vi[1] <- NA
  effects$pooled <- c(FALSE, FALSE, TRUE)
  expect_identical(strsplit(describe_out(effects), "\n")[[1]], c(
    "No effect: 1 (no variance)", "Out of the pooled value: 1 (an outlier)",
    "Doubtful: 1 (far)"
  ))
  expect_identical(describe_out(some()), "")
})

test_that("a table without rows, or edited beyond it, prints as a data frame", {
  expect_no_match(told(some()[0, ]), "mv_effects")
  odd <- some()
  odd$measure <- I(list(1, 2, 3))
  expect_no_error(text <- told(odd))
  expect_true(any(grepl("0.5", text, fixed = TRUE)))
  expect_true("... and 2 more rows" %in% told(some(), n = 1))
})

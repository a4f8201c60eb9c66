shared_pair <- function(measure = "SMD", ...) {
  pairs <- pairs_of(c(8, 10), c(12, 9), c(2, 3), 6, 8, 2.5, 7, 30, 2,
    study = "A", cohort_c = "c", cohort_s = "s", shared_c = 2L, shared_s = 2L,
    worse = FALSE
  )
  suppressWarnings(effect_sizes(pairs, measure, ...))
}
read_twice <- function(measure = "SMD", ...) {
  pairs <- pairs_of(8, c(12, 9), c(2, 3), 6, c(8, 7), c(2.5, 2), 7, 30, 2,
    study = "A", cohort_t = "t", cohort_c = "c", cohort_s = "s", outcome = c("a", "b"),
    worse = FALSE
  )
  suppressWarnings(effect_sizes(pairs, measure, ...))
}

# ---- truth: the closed forms ---------------------------------------------------------

test_that("two treated groups on one control have the covariances of the literature", {
  expect_equal(vcov(shared_pair("MD"))[1, 2], 2.5^2 / 6)
  expect_equal(vcov(shared_pair("ROM"))[1, 2], (2.5 / 8)^2 / 6)
  smd <- shared_pair("SMD")
  expect_equal(
    vcov(smd)[1, 2],
    1 / 6 + smd$yi[1] * smd$yi[2] * 5 / (2 * (14 - 2) * (16 - 2))
  )
  nmd <- shared_pair("NMD")
  r <- nmd$yi / 100
  expect_equal(
    vcov(nmd)[1, 2],
    100^2 * ((1 - r[1]) * (1 - r[2]) * 2.5^2 / 6 + r[1] * r[2] * 4 / 7) / 22^2
  )
})

test_that("the same animals read twice", {
  md <- vcov(read_twice("MD"), rho = 0.5)[1, 2]
  expect_equal(md, 0.5 * (2 * 3 / 8 + 2.5 * 2 / 6))
  smd <- read_twice()
  expect_equal(
    vcov(smd, rho = 0.5)[1, 2],
    0.5 * (1 / 8 + 1 / 6) + 0.25 * smd$yi[1] * smd$yi[2] / (2 * 12)
  )
  rom <- vcov(read_twice("ROM"), rho = 0.3)[1, 2]
  expect_equal(rom, 0.3 * (2 / 12 * 3 / 9 / 8 + 2.5 / 8 * 2 / 7 / 6))
})

test_that("a group may be the treated of one and the control of the other", {
  pairs <- pairs_of(8, c(5, 6), c(1, 2), 8, c(6, 8), c(2, 3),
    study = "A", cohort_t = c("x", "y"), cohort_c = c("y", "z")
  )
  expect_equal(vcov(effect_sizes(pairs, "MD"))[1, 2], -4 / 8)
})

test_that("uncorrected estimates have the covariance of d", {
  d <- shared_pair(correct = FALSE)
  expect_equal(vcov(d)[1, 2], 1 / 6 + d$yi[1] * d$yi[2] * 5 / (2 * 12 * 14))
})

# ---- property ------------------------------------------------------------------------

many <- function() {
  pairs <- random_pairs(60, sham = TRUE)
  pairs$study <- rep_len(paste("Study", 1:12), 60)
  turn <- (seq_len(60) - 1) %/% 12
  pairs$outcome <- c("a", "b")[1 + turn %% 2]
  pairs$cohort_c <- ifelse(turn == 3, pairs$cohort_c, "c")
  pairs$cohort_t <- ifelse(turn < 2, "t", pairs$cohort_t)
  for (column in c("n_c", "mean_c", "sd_c")) {
    key <- paste(pairs$study, pairs$cohort_c, pairs$outcome)
    pairs[[column]] <- pairs[[column]][match(key, key)]
  }
  suppressWarnings(effect_sizes(pairs))
}

# The slow, obvious version: two loops and the closed form for SMD.
slow_vcov <- function(es, rho) {
  V <- diag(es$vi)
  for (i in seq_len(nrow(es))) {
    for (j in seq_len(nrow(es))) {
      if (i == j || es$study[i] != es$study[j]) next
      same <- es$outcome[i] == es$outcome[j]
      r <- if (same) 1 else rho
      for (a in c("t", "c")) {
        id <- es[[paste0("cohort_", a)]]
        if (id[i] != id[j]) next
        n <- es[[paste0("n_", a)]]
        N <- es$n_t + es$n_c - 2
        V[i, j] <- V[i, j] + r / max(n[i], n[j]) +
          r^2 * es$yi[i] * es$yi[j] * (n[i] - 1) * (n[j] - 1) / (N[i] * N[j]) /
            (2 * (max(n[i], n[j]) - 1))
      }
    }
  }
  V
}

test_that("vcov() agrees with two loops, dense, sparse and by block", {
  es <- many()
  V <- vcov(es, rho = 0.4)
  expect_equal(V, slow_vcov(es, 0.4), tolerance = 1e-12)
  expect_identical(V, t(V))
  blocks <- vcov_blocks(es, rho = 0.4)
  expect_named(blocks, unique(es$study))
  for (block in blocks) {
    rows <- as.integer(rownames(block))
    expect_equal(unname(block), V[rows, rows])
  }
  skip_if_not_installed("Matrix")
  expect_equal(as.matrix(vcov(es, 0.4, form = "sparse")), V, ignore_attr = TRUE)
})

test_that("order, filter and bind move V with the rows, in base R", {
  es <- many()
  V <- vcov(es, rho = 0.4)
  order <- c(60:31, 1:20)
  expect_equal(vcov(es[order, ], rho = 0.4), V[order, order])
  expect_equal(vcov(subset(es, vi < 0.5), rho = 0.4), V[es$vi < 0.5, es$vi < 0.5])
  again <- rbind(es[31:60, ], es[1:30, ])
  expect_equal(vcov(again, rho = 0.4), V[c(31:60, 1:30), c(31:60, 1:30)])
  named <- data.frame(study = unique(es$study), year = 2000 + 1:12)
  joined <- merge(es, named, by = "study")
  expect_s3_class(joined, "mv_effects")
  at <- match(joined$comparison, es$comparison)
  expect_equal(vcov(joined, rho = 0.4), V[at, at])
  with <- transform(es, big = vi > 1)
  expect_equal(vcov(with, rho = 0.4), V)
})

test_that("order, filter, join and bind move V with the rows, in dplyr", {
  skip_if_not_installed("dplyr")
  es <- many()
  V <- vcov(es, rho = 0.4)
  sorted <- dplyr::arrange(es, vi)
  expect_s3_class(sorted, "mv_effects")
  expect_equal(vcov(sorted, rho = 0.4), V[order(es$vi), order(es$vi)])
  kept <- dplyr::filter(es, vi < 0.5)
  expect_equal(vcov(kept, rho = 0.4), V[es$vi < 0.5, es$vi < 0.5])
  named <- data.frame(study = unique(es$study), year = 2000 + 1:12)
  expect_equal(vcov(dplyr::left_join(es, named, by = "study"), rho = 0.4), V)
  bound <- dplyr::bind_rows(es[31:60, ], es[1:30, ])
  expect_equal(vcov(bound, rho = 0.4), V[c(31:60, 1:30), c(31:60, 1:30)])
  expect_false(inherits(dplyr::select(es, study, yi), "mv_effects"))
})

test_that("a turned row turns its covariances", {
  pairs <- many()
  turned <- pairs
  turned$sign[1] <- -1
  turned$yi[1] <- -turned$yi[1]
  V <- vcov(pairs, rho = 0.4)
  flip <- diag(c(-1, rep(1, 59)))
  expect_equal(vcov(turned, rho = 0.4), flip %*% V %*% flip)
})

test_that("a row that a join has doubled is the same number twice", {
  es <- shared_pair()
  expect_warning(V <- vcov(es[c(1, 1, 2), ]), "joined", class = "mv_warning_definite")
  expect_equal(V[1, 2], es$vi[1])
  expect_equal(V[1, 3], vcov(es)[1, 2])
})

test_that("split and ignored controls have no covariance, the same animals still do", {
  expect_equal(vcov(shared_pair(shared_control = "split"))[1, 2], 0)
  expect_equal(vcov(shared_pair(shared_control = "ignore"))[1, 2], 0)
  expect_gt(vcov(read_twice(shared_control = "split"), rho = 0.5)[1, 2], 0)
})

test_that("different measures of one study are covered by the one rule", {
  both <- rbind(shared_pair("MD")[1, ], shared_pair("ROM")[2, ])
  expect_equal(vcov(both)[1, 2], 2.5 * (2.5 / 8) / 6)
})

test_that("a row without an effect has NA, the others do not", {
  pairs <- pairs_of(8, c(1, NA, 3), 1, 8, 0, 1, study = c("A", "A", "B"), cohort_c = "c")
  V <- vcov(suppressWarnings(effect_sizes(pairs)))
  expect_true(all(is.na(V[2, 1:2])) && !anyNA(V[c(1, 3), c(1, 3)]) && V[2, 3] == 0)
})

# ---- words ---------------------------------------------------------------------------

test_that("what V needs and is not there is asked for", {
  es <- shared_pair()
  expect_snapshot(error = TRUE, {
    vcov(read_twice())
    vcov(read_twice(), rho = 2)
    vcov(es[setdiff(names(es), c("cohort_c", "n_t"))])
    vcov(es[setdiff(names(es), "computed_from")])
  })
  changed <- es
  changed$yi[2] <- 9
  expect_error(vcov(changed), "groups of animals give in input row 2",
    class = "mv_error_changed"
  )
  unknown <- es
  unknown$computed_from[1] <- NA
  expect_error(vcov(unknown), "came about", class = "mv_error_column")
})

test_that("beyond 5,000 rows only the sparse form", {
  es <- as_effects(yi = rep(1, 5001), vi = 1)
  expect_error(vcov(es), "sparse", class = "mv_error_too_large")
  skip_if_not_installed("Matrix")
  expect_equal(dim(vcov(es, form = "sparse")), c(5001, 5001))
})

# ---- a brought matrix ----------------------------------------------------------------

brought <- function(shift = 0) {
  V <- matrix(c(2, 1, 0, 1, 3, 0.5, 0, 0.5, 1), 3)
  as_effects(yi = 1:3 + shift, V = V, study = c("A", "A", "A"))
}

test_that("a brought matrix follows its rows", {
  es <- brought()
  V <- vcov(es)
  expect_equal(V, matrix(c(2, 1, 0, 1, 3, 0.5, 0, 0.5, 1), 3))
  expect_equal(vcov(es[3:1, ]), V[3:1, 3:1])
  es$dose <- 1:3
  es[["year"]] <- 2001
  expect_equal(vcov(es[es$dose > 1, ]), V[2:3, 2:3])
  expect_equal(vcov(merge(es, data.frame(study = "A", x = 1))), V)
})

test_that("tables with a matrix each bind into one", {
  other <- as_effects(yi = 4:5, V = matrix(c(1, 0.2, 0.2, 1), 2), study = "B")
  both <- rbind(brought(), other)
  V <- vcov(both)
  expect_equal(V[1:3, 1:3], vcov(brought()))
  expect_equal(V[4:5, 4:5], vcov(other))
  expect_true(all(V[1:3, 4:5] == 0))
  split <- brought()
  expect_equal(vcov(rbind(split[3, ], split[1:2, ])), vcov(split)[c(3, 1, 2), c(3, 1, 2)])
})

test_that("an unknown or repeated key is an error", {
  es <- brought()
  expect_error(vcov(es[c(1, 1), ]), "effect_id", class = "mv_error_matrix")
  es$effect_id[1] <- "7"
  expect_error(vcov(es), "effect_id", class = "mv_error_matrix")
  skip_if_not_installed("dplyr")
  bound <- dplyr::bind_rows(brought(), brought(3))
  expect_error(vcov(bound), "repeated or unknown", class = "mv_error_matrix")
  sorted <- dplyr::arrange(brought(), dplyr::desc(yi))
  expect_equal(vcov(sorted), vcov(brought())[3:1, 3:1])
})

test_that("nested effects have no covariance; within a study it is not known", {
  es <- as_effects(yi = 1:4, vi = 1, study = c("A", "A", "B", "B"), kind = c(1, 2, 1, 2))
  nested <- suppressMessages(nest_outcomes(es, by = study))
  expect_equal(vcov(nested), diag(nested$vi))
  expect_error(vcov(nest_outcomes(es, by = c(study, kind))), "by = study",
    class = "mv_error_nested"
  )
})

test_that("groups of one name with two sets of numbers are not taken for one", {
  wide <- function(mean) {
    as_comparisons(
      data.frame(
        study = "A", n_t = 8, mean_t = mean, error_t = 1, n_c = 8, mean_c = 5, error_c = 1
      ),
      error_type = "sd"
    )
  }
  effects <- effect_sizes(rbind(wide(3), wide(2)), "MD")
  expect_error(vcov(effects), "two sets of numbers", class = "mv_error_shared")
})

# The designs of multilevel_random.R.
#
#   plain  nested, crossed and structured parts
#   known  beside such parts one with a known correlation matrix, that of a random tree of
#          5 to 40 tips which are crossed with the studies; often with a part of the tips'
#          own, independent effects
#   held   plain ones with one or two parameters fixed, or some tied

# ---- plain ----------------------------------------------------------------------------

one_of <- function(x) x[[sample.int(length(x), 1)]]

# Rows of experiments in studies, with crossed factors and repeated readings.
random_rows <- function() {
  studies <- sample(4:25, 1)
  experiments <- sample(1:4, studies, TRUE, prob = c(4, 3, 2, 1))
  of_study <- rep(seq_len(studies), experiments)
  readings <- sample(1:5, length(of_study), TRUE, prob = c(3, 4, 3, 2, 1))
  of_row <- rep(seq_along(of_study), readings)
  of_row <- of_row[seq_len(min(length(of_row), 90))]
  k <- length(of_row)
  strains <- sample(3:9, 1)
  outcomes <- sample(2:4, 1)
  strain <- if (stats::runif(1) < 0.5) sample.int(strains, max(of_row), TRUE)[of_row] else
    sample.int(strains, k, TRUE)
  reading <- stats::ave(of_row, of_row, FUN = seq_along)
  data.frame(
    study = paste0("s", of_study[of_row]), experiment = paste0("e", of_row),
    strain = paste0("m", strain), outcome = letters[(reading - 1) %% outcomes + 1],
    reading = reading, week = c(1, 2, 4, 8, 16)[reading],
    dose = round(stats::runif(k, -1, 1), 2), species = sample(c("rat", "mouse"), k, TRUE)
  )
}

random_models <- list(
  list(random = ~ 1 | study / .row), list(random = ~ 1 | study / experiment),
  list(random = ~ 1 | study / experiment / .row), list(random = ~ 1 | .row),
  list(random = list(~ 1 | study / .row, ~ 1 | strain)),
  list(random = list(~ 1 | study / experiment / .row, ~ 1 | strain)),
  list(random = list(~ 1 | study, ~ 1 | strain, ~ 1 | species, ~ 1 | .row)),
  list(random = ~ 1 | study / strain / .row),
  list(random = list(~ 1 | study, ~ outcome | experiment)),
  list(random = ~ outcome | study), list(random = ~ outcome | experiment),
  list(random = list(~ outcome | study, ~ 1 | .row)),
  list(random = list(~ outcome | study, ~ 1 | strain)),
  list(random = list(~ outcome | study, ~ outcome | strain)),
  list(random = ~ reading | experiment, ordered = TRUE),
  list(random = list(~ 1 | study, ~ reading | experiment), ordered = TRUE),
  list(random = ~ week | experiment, timed = TRUE),
  list(random = list(~ 1 | study, ~ week | experiment), timed = TRUE),
  list(random = ~ 1 + dose | study, slopes = TRUE),
  list(random = list(~ 1 + dose | study, ~ 1 | .row), slopes = TRUE)
)

random_struct <- function(model) {
  formulas <- if (is.list(model$random)) model$random else list(model$random)
  bars <- sum(!vapply(formulas, ml_is_intercept, NA))
  if (bars == 0) return("CS")
  if (isTRUE(model$slopes)) return(sample(c("GEN", "GDIAG"), 1))
  if (isTRUE(model$timed)) return("CAR")
  if (isTRUE(model$ordered)) return(sample(c("AR", "HAR", "CS", "UN"), 1))
  sample(c("CS", "HCS", "UN", "ID", "DIAG"), bars, TRUE)
}

# NULL where two parts are the same or a level is seen too rarely for its parameters.
random_case <- function(seed) {
  data <- random_rows()
  model <- one_of(random_models)
  mods <- one_of(list(~1, ~1, ~dose, ~species, ~ dose + species, ~ 0 + outcome))
  case <- ml_case(paste("seed", seed), "", model$random, mods, random_struct(model),
                  sample(c("REML", "ML"), 1, prob = c(3, 1)))
  if (isTRUE(model$slopes)) case$theirs <- list(random = their_slopes(model$random))
  if (!can_be_told(case, data)) return(NULL)
  list(case = case, data = data)
}

their_slopes <- function(random) {
  if (is.list(random)) return(list(~ dose | study, ~ 1 | .row))
  ~ dose | study
}

can_be_told <- function(case, data) {
  X <- stats::model.matrix(case$mods, data)
  if (qr(X)$rank < ncol(X) || nrow(data) < ncol(X) + 6) return(FALSE)
  data$.row <- seq_len(nrow(data))
  formulas <- if (is.list(case$random)) case$random else list(case$random)
  groupings <- list()
  for (formula in formulas) {
    bar <- formula[[2]]
    columns <- all.vars(bar[[3]])
    for (depth in seq_along(columns)) {
      group <- as.integer(interaction(data[columns[seq_len(depth)]], drop = TRUE))
      groupings <- c(groupings, list(match(group, unique(group))))
      if (max(groupings[[length(groupings)]]) < 3) return(FALSE)
    }
    if (ml_is_intercept(formula)) next
    if (!pairs_seen(data, bar, case$struct)) return(FALSE)
    # by inner and outer level: a residual where there is one row in each
    level <- as.integer(interaction(data[all.vars(bar)], drop = TRUE))
    groupings <- c(groupings, list(match(level, unique(level))))
  }
  anyDuplicated(lapply(groupings, \(g) paste(g, collapse = " "))) == 0
}

# Each level in three groups, and pairs of levels together: for UN each pair in four.
pairs_seen <- function(data, bar, struct) {
  outer_of <- data[[all.vars(bar[[3]])]]
  if (any(struct %in% c("GEN", "GDIAG"))) {
    return(sum(tapply(data$dose, outer_of, \(x) length(unique(x)) > 1)) > 4)
  }
  seen <- table(outer_of, data[[all.vars(bar[[2]])]]) > 0
  together <- crossprod(seen)
  pairs <- together[lower.tri(together)]
  if (any(struct == "UN")) return(all(diag(together) >= 5) && all(pairs >= 4))
  all(diag(together) >= 3) && sum(pairs) >= 6
}

random_design <- function(seed, kind = "plain") {
  set.seed(seed)
  repeat {
    found <- if (kind == "known") known_case(seed) else random_case(seed)
    if (!is.null(found)) break
  }
  data <- found$data
  data$vi <- exp(stats::rnorm(nrow(data), -2, stats::runif(1, 0, 1.5)))
  table <- list(data = data, V = random_covariance(data))
  case <- if (kind == "held") held_case(found$case, table) else found$case
  table$data$yi <- random_estimates(case, table)
  list(case = case, table = table)
}

random_estimates <- function(case, table) {
  table$data$yi <- 0
  k <- nrow(table$data)
  model <- dense_model(case, table)
  theta <- random_theta(model, stats::median(table$data$vi))
  fixed <- model$space$fixed
  theta <- ifelse(is.na(fixed), theta, fixed)[model$space$twin]
  M <- marginal(model, theta)
  drop(model$X %*% stats::rnorm(ncol(model$X)) +
         t(chol(M + 1e-12 * diag(k))) %*% stats::rnorm(k))
}

random_covariance <- function(data) {
  if (stats::runif(1) < 0.5) return(NULL)
  cluster <- data[[sample(c("study", "experiment"), 1)]]
  rho <- stats::runif(1, 0.1, 0.8)
  V <- rho * outer(cluster, cluster, "==") * sqrt(outer(data$vi, data$vi))
  diag(V) <- data$vi
  V
}

# A quarter of the variances are 0, so that many maxima lie at a bound.
random_theta <- function(model, typical) {
  unlist(lapply(model$parts, \(part) {
    variance <- part$kind == "variance"
    n <- length(variance)
    value <- typical * stats::rchisq(n, 1) * one_of(c(0.3, 1, 3)) *
      (stats::runif(n) > 0.25)
    rho <- if (part$struct %in% c("UN", "GEN")) 0.2 else stats::runif(1, 0, 0.9)
    value[!variance] <- rho
    value
  }))
}

# ---- a known matrix --------------------------------------------------------------------

known_models <- list(
  list(random = list(~ 1 | study / .row, ~ 1 | tip)),
  list(random = list(~ 1 | study, ~ 1 | tip)),
  list(random = list(~ 1 | study / .row, ~ 1 | tip), twice = TRUE),
  list(random = list(~ 1 | study / experiment / .row, ~ 1 | tip), twice = TRUE),
  list(random = list(~ 1 | study, ~ 1 | strain, ~ 1 | tip, ~ 1 | .row)),
  list(random = list(~ outcome | study, ~ 1 | tip)),
  list(random = list(~ outcome | study, ~ 1 | tip, ~ 1 | .row), twice = TRUE),
  list(random = list(~ reading | experiment, ~ 1 | tip), ordered = TRUE)
)

# NULL as of random_case(). `twice`: the tips also have independent effects.
known_case <- function(seed) {
  data <- random_rows()
  tips <- paste0("t", seq_len(sample(5:40, 1)))
  of <- sample(c("study", "experiment", "reading"), 1)
  group <- if (of == "reading") seq_len(nrow(data)) else data[[of]]
  place <- match(group, unique(group))
  data$tip <- sample(tips, max(place), TRUE)[place]
  tree <- random_tree(tips)
  model <- one_of(known_models)
  mods <- one_of(list(~1, ~1, ~dose, ~species))
  struct <- random_struct(model)
  method <- sample(c("REML", "ML"), 1, prob = c(3, 1))
  case <- ml_case(paste("seed", seed), "", model$random, mods, struct, method)
  if (!can_be_told(case, data)) return(NULL)
  data$tip.tree <- data$tip
  if (isTRUE(model$twice)) case$random <- c(case$random, list(~ 1 | tip.tree))
  known <- stats::setNames(list(tree), if (isTRUE(model$twice)) "tip.tree" else "tip")
  case$R <- \() known
  case$theirs <- list(R = known)
  list(case = case, data = data)
}

# Correlations of tips: the share of the way from the root that two have in common, on the
# tree of average distances of random points.
random_tree <- function(tips) {
  points <- matrix(stats::rnorm(2 * length(tips)), length(tips))
  apart <- as.matrix(stats::cophenetic(stats::hclust(stats::dist(points), "average")))
  shared <- 1 - apart / (max(apart) * stats::runif(1, 1, 1.5))
  dimnames(shared) <- list(tips, tips)
  shared
}

# ---- fixed and tied --------------------------------------------------------------------

# Parameters of an unstructured matrix cannot be held. One stays free.
held_case <- function(case, table) {
  all <- parameters_of(case, table$data)
  rest <- all[all$can, ]
  if (stats::runif(1) < 0.6 && nrow(rest) > 1) {
    at <- rest[sample.int(nrow(rest), sample.int(min(2, nrow(rest) - 1), 1)), ]
    case$fix <- stats::setNames(held_values(at, stats::median(table$data$vi)), at$names)
    case$theirs <- c(case$theirs, their_fixed(all, case$fix))
    rest <- rest[!rest$names %in% at$names, ]
  }
  kinds <- names(which(table(rest$tied_with) > 1))
  if (length(kinds) && (is.null(case$fix) || stats::runif(1) < 0.3)) {
    names <- rest$names[rest$tied_with == sample(kinds, 1)]
    case$tie <- list(sample(names, 1 + sample.int(length(names) - 1, 1)))
  }
  case
}

# A variance of 0 leaves its correlation without meaning.
held_values <- function(at, typical) {
  share <- sample(c(0, 0.3, 1), nrow(at), TRUE)
  share[at$correlated] <- pmax(share[at$correlated], 0.3)
  rho <- sample(c(0, 0.3, 0.8), nrow(at), TRUE)
  ifelse(at$kind == "variance", typical * share, rho)
}

parameters_of <- function(case, data) {
  parts <- dense_parts(case, data)
  do.call(rbind, lapply(parts, \(part) {
    data.frame(
      names = part$names, kind = part$kind, struct = part$struct,
      part = part$names[1], can = !part$struct %in% c("UN", "GEN"),
      correlated = "correlation" %in% part$kind,
      # SDs are searched where each level has its own and there are correlations
      tied_with = paste(part$kind, part$kind == "variance" &
                          part$struct %in% c("HCS", "HAR"))
    )
  }))
}

# What is fixed as rma.mv() takes it: sigma2 of intercepts, tau2 and rho of the first
# structured part, gamma2 and phi of the second.
their_fixed <- function(all, fix) {
  value <- unname(fix[all$names])
  intercept <- all$struct == "INTERCEPT"
  out <- if (any(intercept)) list(sigma2 = value[intercept])
  parts <- unique(all$part[!intercept])
  words <- list(c("tau2", "rho"), c("gamma2", "phi"))
  for (j in seq_along(parts)) {
    for (kind in c("variance", "correlation")) {
      at <- all$part == parts[j] & all$kind == kind
      word <- words[[j]][match(kind, c("variance", "correlation"))]
      if (any(!is.na(value[at]))) out[[word]] <- value[at]
    }
  }
  out
}

# What the tables of helper-multilevel_tables.R are made with.

# A table of dependent effects: list(data, V), data with yi, vi and the columns of the
# model; V is NULL where the sampling errors are independent.
dependent <- function(data, V = NULL) {
  data <- as.data.frame(data)
  rownames(data) <- NULL
  data$yi <- as.numeric(data$yi)
  if (is.null(V)) return(list(data = data, V = NULL))
  V <- unname(as.matrix(V))
  data$vi <- diag(V)
  list(data = data, V = V)
}

metadat <- function(name, part = NULL) {
  found <- new.env()
  utils::data(list = paste0("dat.", name), package = "metadat", envir = found)
  data <- found[[paste0("dat.", name)]]
  if (is.null(part)) data else data[[part]]
}

# metafor::escalc() of a set; rows without an effect are left out.
with_effects <- function(data, ...) {
  call <- substitute(metafor::escalc(data = data, ...))
  found <- suppressWarnings(eval(call, list(data = data), parent.frame()))
  found <- as.data.frame(found)
  found[is.finite(found$yi) & is.finite(found$vi) & found$vi > 0, ]
}

keep_columns <- function(data, ...) data[c("yi", "vi", ...)]

# The correlations of species on a tree: the share of the path from the root that two have
# in common, a node's height being the number of its tips less one (Grafen 1989), as
# ape::vcv(ape::compute.brlen(tree), corr = TRUE).
tree_correlations <- function(tree) {
  tips <- length(tree$tip.label)
  nodes <- tips + tree$Nnode
  below <- matrix(FALSE, nodes, tips)
  below[cbind(seq_len(tips), seq_len(tips))] <- TRUE
  parent <- integer(nodes)
  parent[tree$edge[, 2]] <- tree$edge[, 1]
  for (tip in seq_len(tips)) {
    at <- parent[tip]
    while (at > 0) {
      below[at, tip] <- TRUE
      at <- parent[at]
    }
  }
  height <- (rowSums(below) - 1) / (tips - 1)
  shared <- matrix(0, tips, tips, dimnames = list(tree$tip.label, tree$tip.label))
  for (node in order(-height)) shared[below[node, ], below[node, ]] <- 1 - height[node]
  shared
}

# Restricted cubic spline: the columns after the first, each 0 beyond the knots but for a
# straight line (Harrell 2015, Regression Modeling Strategies, equation 2.25).
spline_columns <- function(x, share) {
  knot <- unname(stats::quantile(x, share))
  last <- length(knot)
  cubed <- \(at) pmax(x - at, 0)^3
  vapply(seq_len(last - 2), \(j) {
    span <- knot[last] - knot[last - 1]
    found <- cubed(knot[j]) - cubed(knot[last - 1]) * (knot[last] - knot[j]) / span +
      cubed(knot[last]) * (knot[last - 1] - knot[j]) / span
    found / (knot[last] - knot[1])^2
  }, x)
}

within_cluster <- function(data, cluster, obs, rho, ...) {
  metafor::vcalc(data$vi, cluster = data[[cluster]], obs = data[[obs]], rho = rho, ...)
}

# Arms of trials: log odds or log risks, with half an event added everywhere.
arms_of <- function(data, study, trt, events, n) {
  data <- data.frame(
    study = as.character(data[[study]]), trt = as.character(data[[trt]]),
    x = data[[events]], n = data[[n]]
  )
  data <- with_effects(data, measure = "PLO", xi = x, ni = n, add = 1 / 2, to = "all")
  dependent(keep_columns(data, "study", "trt"))
}

# The covariance of contrasts with one reference arm, by study.
contrast_matrix <- function(data, study, reference) {
  V <- outer(data[[study]], data[[study]], "==") * reference
  diag(V) <- data$vi
  V
}

# ---- what several of them share --------------------------------------------------------

long_bcg <- function(set) {
  data <- data.frame(
    study = rep(seq_len(nrow(set)), each = 2), group = c("exp", "con"),
    x = c(rbind(set$tpos, set$cpos)), m = c(rbind(set$tneg, set$cneg))
  )
  data <- with_effects(data, measure = "PLO", xi = x, mi = m)
  dependent(keep_columns(data, "study", "group"))
}

eyedness <- function() {
  with_effects(metadat("bourassa1996"), measure = "OR", ai = lh.le, bi = lh.re,
               ci = rh.le, di = rh.re, add = 1 / 2, to = "all")
}

related <- function(set, rtoz) {
  found <- metafor::rcalc(ri ~ var1 + var2 | study, ni = ni, data = set, rtoz = rtoz)
  data <- as.data.frame(found$dat)
  data$var1.var2 <- as.character(data$var1.var2)
  V <- as.matrix(found$V)
  data$vi <- diag(V)
  known <- !is.na(data$yi)
  known[known] <- rowSums(is.na(V[known, known])) == 0
  dependent(keep_columns(data, "study", "var1.var2")[known, ], V[known, known])
}

attendance <- function(criterion) {
  data <- with_effects(metadat("crede2010"), measure = "ZCOR", ri = ri, ni = ni)
  data <- data[data$criterion == criterion, ]
  dependent(keep_columns(data, "studyid", "sampleid", "year"))
}

# Survival at four times, the same patients; equations in the appendix of Trikalinos and
# Olkin (2012); matrices that are nearly singular are mended as on the set's help page.
glioma <- function(least) {
  set <- metadat("fine1993")
  alive <- \(arm, time) set[[paste0(arm, time, "i")]]
  part <- \(arm, n, i, j) n / (alive(arm, i) * (n - alive(arm, j)))
  blocks <- lapply(seq_len(nrow(set)), \(row) {
    V <- matrix(0, 4, 4)
    for (i in 1:4) {
      for (j in i:4) {
        value <- part("e", set$nei, i, j) + part("c", set$nci, i, j)
        V[i, j] <- V[j, i] <- value[row]
      }
    }
    V
  })
  logit <- \(arm, n, time) log(alive(arm, time) / (n - alive(arm, time)))
  yi <- vapply(1:4, \(t) logit("e", set$nei, t) - logit("c", set$nci, t), set$nei + 0)
  data <- data.frame(study = rep(set$study, each = 4), time = 1:4, yi = c(t(yi)),
                     vi = unlist(lapply(blocks, diag)))
  known <- is.finite(data$yi) & is.finite(data$vi)
  blocks <- lapply(seq_along(blocks), \(s) {
    keep <- known[data$study == s]
    if (!all(keep)) return(blocks[[s]][keep, keep])
    found <- eigen(blocks[[s]], symmetric = TRUE)
    if (all(found$values > least)) return(blocks[[s]])
    found$vectors %*% (t(found$vectors) * (found$values + least))
  })
  data <- data[known, ]
  data$year <- data$time / 2
  data$occasion <- letters[data$time]
  dependent(data, metafor::bldiag(blocks))
}

coaching <- function(hours) {
  data <- metadat("kalaian1996")
  data$loghrs <- log(data$hrs) - mean(log(data$hrs), na.rm = TRUE)
  V <- metafor::vcalc(vi, cluster = study, type = outcome, data = data, rho = 0.66)
  keep <- if (hours) !is.na(data$loghrs) else rep(TRUE, nrow(data))
  data$outcome <- as.character(data$outcome)
  data <- keep_columns(data, "study", "outcome", if (hours) "loghrs")
  dependent(data[keep, ], V[keep, keep])
}

# Two tasks of four difficulties: 0.4 within a task, 0.7 between tasks, 0.28 for both.
dependent_tasks <- function(difficulty) {
  data <- metadat("knapp2017")
  within <- split(data, data$study)
  data$task.diff <- unlist(lapply(within, \(x) {
    level <- as.integer(factor(x$difficulty))
    level[is.na(level)] <- 1
    paste0(as.integer(factor(x$task)), ".", level)
  }))
  R <- kronecker(matrix(c(1, 0.7, 0.7, 1), 2), 0.4 + 0.6 * diag(4))
  rownames(R) <- colnames(R) <- paste0(rep(1:2, each = 4), ".", 1:4)
  V <- metafor::vcalc(vi, cluster = study, grp1 = group1, grp2 = group2, w1 = n_sz,
                      w2 = n_hc, obs = task.diff, rho = R, data = data)
  keep <- if (difficulty) !is.na(data$difficulty) else rep(TRUE, nrow(data))
  data <- keep_columns(data, "study", "comp", if (difficulty) "difficulty")
  dependent(data[keep, ], V[keep, keep])
}

sizes_of_animals <- function(part) {
  set <- metadat("lim2014", part)
  data <- with_effects(set, measure = "ZCOR", ri = ri, ni = ni)
  data$species.phy <- data$species
  data$esid <- seq_len(nrow(data))
  dependent(keep_columns(data, "article", "esid", "species", "species.phy"))
}

wide_arms_of <- function(set, study, trt, suffix = "") {
  long <- lapply(1:3, \(a) data.frame(
    study = as.character(set[[study]]), trt = as.character(set[[paste0(trt, a)]]),
    yi = set[[paste0("y", a)]], vi = set[[paste0("sd", a)]]^2 / set[[paste0("n", a)]]
  ))
  long <- do.call(rbind, long)
  long[stats::complete.cases(long), ]
}

doses <- function(set) {
  data <- with_effects(set, measure = "PLO", xi = events, ni = total, add = 1 / 2,
                       to = "all")
  data$logdose <- log(data$dose) - mean(log(data$dose))
  dependent(keep_columns(data, "study", "logdose"))
}

# Slopes of which the data tell little: those of `rare` are seen in two studies only, and
# the best matrix of all four is singular, with no correlation at its bound.
rare_slopes <- function() {
  set.seed(5)
  study <- rep(1:15, each = 5)
  year <- rep(sample(1985:2020, 15), each = 5) + sample(-3:3, 75, TRUE)
  data <- data.frame(
    study = paste0("s", study), year = year - 2003, x2 = stats::rnorm(75),
    x3 = stats::rnorm(75), vi = stats::runif(75, .02, .1)
  )
  u <- matrix(stats::rnorm(60), 15) %*% diag(c(.3, .05, .2, .1))
  columns <- cbind(1, as.matrix(data[c("year", "x2", "x3")]))
  data$yi <- .3 + rowSums(u[study, ] * columns) + stats::rnorm(75, 0, sqrt(data$vi))
  data$rare <- ifelse(study <= 13, 1, stats::rnorm(75, 1))
  as_effects(data, yi = yi, vi = vi, study = study)
}

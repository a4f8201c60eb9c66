# Three studies of four rows, in an order in which no column is sorted.
twelve <- function(...) {
  data.frame(
    yi = seq_len(12) / 10, vi = 0.1,
    study = c("B", "B", "A", "A", "C", "C", "B", "B", "A", "A", "C", "C"),
    experiment = c("2", "2", "1", "1", "1", "1", "1", "1", "1", "2", "1", "2"),
    outcome = c("plaque", "pain", "pain", "plaque", "plaque", "pain", "pain", "plaque",
                "plaque", "pain", "pain", "plaque"),
    time = c(1, 2, 4, 1, 2, 4, 2, 1, 2, 4, 1, 4),
    strain = c("y", "x", "z", "y", "x", "z", "z", "y", "y", "x", "x", "z"),
    dose = c(1, 2, 4, 8, 1, 2, 4, 8, 16, 1, 2, 4),
    ...
  )
}

random_of <- function(random, struct = "CS", R = NULL, effects = twelve(), used = NULL,
                      ...) {
  read_random(random, struct, R, effects, used, quote(pool_effects()), ...)
}

parts_of <- function(...) random_of(...)$parts
names_of <- function(...) random_of(...)$parameters$parameter

# The same with a name of its own for each experiment.
apart <- function() {
  effects <- twelve()
  effects$experiment <- paste0(effects$study, effects$experiment)
  effects
}

# The covariance of the rows by one part, from its integers alone; `theta` in the order of
# its parameters.
covariance_of_part <- function(part, theta) {
  same <- outer(part$outer, part$outer, `==`)
  if (part$structure == "INTERCEPT") return(theta * same)
  m <- part$levels
  each <- switch(part$structure, "HCS" = , "UN" = , "DIAG" = , "HAR" = , "GEN" = ,
    "GDIAG" = m, 1
  )
  sd <- sqrt(rep_len(theta[seq_len(each)], m))
  rho <- theta[-seq_len(each)]
  distance <- abs(outer(part$position, part$position, `-`))
  correlation <- switch(part$structure,
    "CS" = , "HCS" = diag(1 - rho, m) + rho, "AR" = , "HAR" = , "CAR" = rho^distance,
    "KNOWN" = part$known, diag(m)
  )
  if (part$structure %in% c("UN", "GEN")) {
    correlation[lower.tri(correlation)] <- rho
    correlation[upper.tri(correlation)] <- t(correlation)[upper.tri(correlation)]
  }
  G <- correlation * outer(sd, sd)
  if (!is.null(part$slope)) return(same * (part$slope %*% G %*% t(part$slope)))
  same * G[part$inner, part$inner]
}

# What a printed multilevel fit warns of: parameters at a bound, few groups, few degrees
# of freedom, rows left out, what was assumed.

multilevel_caution_lines <- function(fit) {
  rows <- if (is.null(fit$used)) 0L else length(fit$effects$yi) - length(fit$used)
  cautions <- multilevel_cautions(fit)
  c(
    if (is_simulated(fit$effects, NULL)) "Simulated data, no evidence.",
    if (rows > 0) {
      sprintf("%s left out (column `reason` says why)", count_text(rows, "row"))
    },
    imputed_lines(fit), robust_lines(fit), if (length(cautions)) paste("!", cautions)
  )
}

multilevel_cautions <- function(fit) {
  groups <- cluster_count(fit)
  c(
    edge_text(fit),
    if (fit$n_maxima > 1) {
      sprintf("the likelihood has %d maxima; this is the highest", fit$n_maxima)
    },
    few_df_text(fit),
    if (groups < least_for_prediction) {
      sprintf(
        "only %s: intervals and prediction intervals are rough",
        count_text(groups, "independent group")
      )
    },
    assumed_text(fit), fit$notes
  )
}

# A t with so few has neither mean nor variance, and Satterthwaite's formula no meaning.
least_df <- 1

few_df_text <- function(fit) {
  few <- names(fit$df)[which(fit$df < least_df)]
  if (length(few) == 0 || !is.null(fit$robust)) return(NULL)
  of <- if (fit$p > 1) paste(" of", toString(few)) else ""
  paste0("fewer than 1 degree of freedom", of, ": interval and p say nothing")
}

edge_text <- function(fit) {
  found <- fit$components[fit$components$boundary, ]
  if (nrow(found) == 0) return(NULL)
  # 0, 1, -1 or a lowest correlation, which rounding may have moved
  value <- sprintf("%.3g", zapsmall(found$estimate, 6))
  sprintf("%s is %s, the edge of what it can be", found$parameter, value)
}

# Where covariances were made of the user's correlation.
assumed_text <- function(fit) {
  if (is.null(fit$rho) || length(fit$pairs$i) == 0) return(NULL)
  value <- if (is.numeric(fit$rho) && length(fit$rho) == 1) {
    paste("rho =", format(fit$rho, digits = 3))
  } else {
    "the rho of the call"
  }
  sprintf("readings of the same animals are assumed to correlate by %s", value)
}

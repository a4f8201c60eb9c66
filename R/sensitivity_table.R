# The table that rho_sensitivity() gives, and how it is printed.

sensitivity_rows <- function(fit, robust) {
  none <- rep(NA_real_, fit$p)
  of <- \(name) if (is.null(robust)) none else unname(robust[[name]])
  rows <- data.frame(
    term = names(fit$beta), estimate = fit$beta, se = fit$se, ci_lower = fit$ci_lower,
    ci_upper = fit$ci_upper, df = fit$df, p_value = fit$p_value,
    robust_se = of("se"), robust_df = of("df"), robust_lower = of("ci_lower"),
    robust_upper = of("ci_upper"), row.names = NULL
  )
  rows[names(fit$theta)] <- as.list(fit$theta)
  rows$loglik <- fit$loglik[[if (fit$method == "REML") "reml" else "ml"]]
  rows$status <- "ok"
  rows
}

failed_rows <- function(fit, status) {
  rows <- sensitivity_rows(fit, NULL)
  numbers <- setdiff(names(rows), c("term", "status"))
  rows[numbers] <- NA_real_
  rows$status <- status
  rows
}

new_sensitivity <- function(rows, fit, grid, clusters, type) {
  label <- names(grid)
  rho <- if (is_numbers(grid)) as.double(unlist(grid)) else label
  counts <- vapply(rows, nrow, 0L)
  table <- do.call(rbind, rows)
  table <- data.frame(rho = rep(rho, counts), table, check.names = FALSE)
  if (is.null(clusters$reason) && all(is.na(table$robust_se))) {
    clusters$reason <- "The clusters are not independent in the model."
  }
  structure(table,
    class = c("mv_sensitivity", "data.frame"), level = fit$level, test = fit$test,
    own = if (is_numbers(list(fit$rho))) fit$rho, type = type, cluster = clusters$name,
    reason = clusters$reason, simulated = is_simulated(fit$effects, NULL)
  )
}

# ---- print ---------------------------------------------------------------------------

sensitivity_columns <- c(
  "rho", "term", "estimate", "se", "ci_lower", "ci_upper", "df", "p_value", "robust_se",
  "robust_df", "robust_lower", "robust_upper", "loglik", "status"
)

sensitivity_components <- function(x) setdiff(names(x), sensitivity_columns)

# A table that lost columns is a plain data frame.
is_whole_sensitivity <- function(x) {
  all(sensitivity_columns %in% names(x)) && nrow(x) > 0
}

sensitivity_status <- c(
  indefinite = "V is not positive definite: these correlations cannot be.",
  singular = "V is singular: an effect follows from others.",
  unknown = "More than 5,000 effects are connected: V was not examined.",
  flat = "The data cannot tell all variance components."
)

#' @rdname rho_sensitivity
#' @export
print.mv_sensitivity <- function(x, digits = 3, ...) {
  if (!is_whole_sensitivity(x)) return(NextMethod())
  cat("Sensitivity to rho, the assumed correlation of sampling errors\n")
  for (term in unique(x$term)) {
    part <- x[x$term == term, ]
    cat("\n", term, "\n", sep = "")
    print(coefficient_table(part, digits), row.names = FALSE, right = TRUE)
  }
  cat("\nVariance components\n")
  print(sensitivity_table(x[x$term == x$term[1], ], digits), row.names = FALSE)
  notes <- sensitivity_notes(x)
  if (length(notes)) cat("", notes, sep = "\n")
  invisible(x)
}

coefficient_table <- function(part, digits) {
  out <- data.frame(
    rho = as.character(part$rho), estimate = number_text(part$estimate, digits),
    interval = interval_text(part$ci_lower, part$ci_upper, digits),
    df = number_text(part$df, 1), p = sub("^p (= )?", "", p_text(part$p_value))
  )
  if (!all(is.na(part$robust_se))) {
    out$robust <- interval_text(part$robust_lower, part$robust_upper, digits)
  }
  out[part$status != "ok", -1] <- ""
  if (any(part$status != "ok")) out$status <- part$status
  out
}

sensitivity_table <- function(part, digits) {
  components <- as.data.frame(part)[c(sensitivity_components(part), "loglik")]
  text <- lapply(components, \(x) ifelse(is.na(x), "", number_text(x, digits)))
  data.frame(rho = as.character(part$rho), text, check.names = FALSE)
}

sensitivity_notes <- function(x) {
  failed <- unique(setdiff(x$status, "ok"))
  told <- sensitivity_status[failed]
  words <- c(multilevel_sentences, status_sentences)
  told[is.na(told)] <- words[failed[is.na(told)]]
  reason <- attr(x, "reason")
  c(
    if (length(failed)) paste0("! ", failed, ": ", told),
    if (!is.null(reason)) paste("No robust interval:", reason),
    if (is.null(reason) && !is.null(attr(x, "cluster"))) {
      paste0("robust: ", attr(x, "type"), ", clusters are ", attr(x, "cluster"))
    },
    if (isTRUE(attr(x, "simulated"))) "Simulated data, no evidence."
  )
}

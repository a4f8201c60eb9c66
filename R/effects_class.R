# The class mv_effects: a data frame that keeps its class while it has yi and vi, and its
# brought covariance matrix (attribute V, by the key column effect_id) with it.

restore_effects <- function(out, template) {
  if (!is.data.frame(out)) return(out)
  keeps <- all(c("yi", "vi") %in% names(out))
  attr(out, "V") <- if (keeps) attr(template, "V", exact = TRUE)
  keep_class(out, template, "mv_effects", c("yi", "vi"))
}

#' @export
`[.mv_effects` <- function(x, ...) restore_effects(NextMethod(), x)

#' @export
`[<-.mv_effects` <- function(x, ..., value) restore_effects(NextMethod(), x)

#' @export
`[[<-.mv_effects` <- function(x, ..., value) restore_effects(NextMethod(), x)

#' @export
`$<-.mv_effects` <- function(x, name, value) restore_effects(NextMethod(), x)

#' @export
`names<-.mv_effects` <- function(x, value) restore_effects(NextMethod(), x)

#' @export
transform.mv_effects <- function(`_data`, ...) {
  restore_effects(NextMethod(), `_data`)
}

#' @export
merge.mv_effects <- function(x, y, ...) restore_effects(NextMethod(), x)

#' @exportS3Method dplyr::dplyr_reconstruct
dplyr_reconstruct.mv_effects <- function(data, template) restore_effects(data, template)

# The columns of ours in the types that the code expects, whatever was done to the table
# since: text that became a factor is text again, numbers are plain. Only columns that
# need it are written, for a large table would be copied.
settle_effects <- function(effects, call = rlang::caller_env()) {
  out <- unclass(effects)
  for (name in c("yi", "vi", "sign")) {
    x <- out[[name]]
    if (is.null(x)) next
    if (is.double(x) && !is.object(x) && is.null(dim(x))) next
    effects[[name]] <- as_numbers(x, name, out$study, call)
  }
  for (name in effect_text[effect_text %in% names(out)]) {
    if (is.character(out[[name]]) && is.null(dim(out[[name]]))) next
    effects[[name]] <- as_text(out[[name]], name, call)
  }
  check_labels(out, call)
  settle_pooled(effects, call)
}

effect_text <- c(
  "measure", "variance", "direction", "shared_control", "computed_from", "reason",
  "convention"
)

as_text <- function(x, name, call) {
  one <- !is.list(x) && length(dim(x)) < 2
  if (one && (is.factor(x) || all(is.na(x)))) return(as.character(x))
  stop_user(c("{.field {name}} must be text.", "x" = "It is {.obj_type_friendly {x}}."),
    "type",
    call = call
  )
}

settle_pooled <- function(effects, call) {
  pooled <- effects[["pooled"]]
  is_flag <- is.logical(pooled) && is.null(dim(pooled))
  if (is.null(pooled) || (is_flag && !anyNA(pooled))) return(effects)
  bad <- if (is_flag) {
    which(is.na(pooled) & !is.na(effects[["yi"]]) & !is.na(effects[["vi"]]))
  } else {
    seq_along(effects[["yi"]])
  }
  if (length(bad) == 0) return(effects)
  stop_user(c(
    "{.field pooled} must be TRUE or FALSE in each row with an effect.",
    "x" = "It is not in {name_rows(bad, effects[['study']])}."
  ), "type", call = call)
}

# ---- print ---------------------------------------------------------------------------

#' @export
print.mv_effects <- function(x, n = 6L, ...) {
  if (!all(c("yi", "vi") %in% names(x)) || nrow(x) == 0) return(NextMethod())
  n <- check_number(n, 0)
  print_or_plain(x, \(x) show_effects(x, n))
}

show_effects <- function(x, n) {
  for (name in intersect(effect_text, names(x))) x[[name]] <- as.character(x[[name]])
  cat("<mv_effects> ", describe_effects(x), "\n", describe_measures(x),
    describe_turns(x), describe_animals_shared(x), describe_attrition(x),
    describe_imputed(x), describe_added(x), describe_out(x), describe_columns(x), "\n",
    sep = ""
  )
  varies <- \(name) count_unique(x[[name]]) > 1
  shown <- c(
    "study", Filter(varies, c("experiment", "outcome", "time", "measure", "role")),
    "treatment", "cohort_t", "cohort_c", "n_t", "n_c", "yi", "vi", "fieller_lower",
    "fieller_upper", "k_nested",
    if (any(!is.na(x[["reason"]]))) "reason"
  )
  print_head(x, intersect(shown, names(x)), reserved_columns, n)
}

describe_effects <- function(x) {
  found <- sum(!is.na(x$yi) & !is.na(x$vi))
  of <- if (found < nrow(x)) paste(" in", count_text(nrow(x), "row"))
  studies <- if (!is.null(x[["study"]])) {
    paste(" of", count_text(count_unique(x[["study"]]), "study", "studies"))
  }
  paste0(count_text(found, "effect"), of, studies)
}

describe_measures <- function(x) {
  if (is.null(x[["measure"]])) return("")
  kinds <- unique(data.frame(
    measure = x$measure, variance = or_missing(x[["variance"]], nrow(x), NA),
    convention = or_missing(x[["convention"]], nrow(x), NA)
  ))
  form <- describe_form(kinds$measure, kinds$variance)
  form <- ifelse(is.na(form) | form == "given", "", paste0("; ", form))
  form <- paste0(form, describe_convention(as.character(kinds$convention)))
  text <- paste0(measure_label(kinds$measure), form)
  paste0(wrap_line("Measure: ", paste(text, collapse = " | ")), describe_mix(x$measure))
}

describe_mix <- function(measure) {
  rows <- table(factor(measure, unique(measure)))
  if (length(rows) < 2) return("")
  text <- paste(names(rows), "in", vapply(rows, count_text, "", "row"))
  wrap_line(
    "Mixed: ", toString(text), "; pool each by itself, they have no scale in common"
  )
}

direction_words <- c(
  raw = "as computed, treated minus control",
  benefit = "positive is a better outcome (by greater_is_worse)"
)

# Measures that point one way only.
one_way_words <- c(
  NMD = "positive is towards the sham", MPE = "positive is towards the maximum"
)

describe_turns <- function(x) {
  if (is.null(x[["direction"]]) || is.null(x[["measure"]])) return("")
  computed <- "n_t" %in% names(x) & x[["computed_from"]] %in% c("cohorts", "nested")
  words <- direction_words[x$direction]
  words[!computed] <- "as brought"
  known <- registry()$measures
  at <- match(x$measure, known$name)
  raw <- computed & x$direction %in% "raw"
  paired <- has_flag(known, "paired")[at] %in% TRUE
  words[raw & paired] <- "as computed, after minus before"
  words[raw & known$arms[at] %in% 4] <- "as computed, with minus without the treatment"
  words[raw & endsWith(x$measure, "_AB")] <-
    "as computed, one treatment's effect with minus without the other"
  words[computed & known$arms[at] %in% 1] <- NA
  one_way <- x$measure %in% names(one_way_words)
  words[one_way] <- one_way_words[x$measure[one_way]]
  words <- unique(words[!is.na(words)])
  if (length(words) == 0) return("")
  wrap_line("Direction: ", paste(words, collapse = " | "))
}

sharing_words <- c(
  covariance = "all animals used, covariance by vcov()",
  split = "n divided over the comparisons, in the variance",
  ignore = "ignored"
)

describe_animals_shared <- function(x) {
  if (is.null(x[["shared_c"]]) || is.null(x[["shared_control"]])) return("")
  several <- which(x[["shared_c"]] > 1 & x[["computed_from"]] %in% "cohorts")
  if (all(x[["computed_from"]] %in% "nested")) return("")
  if (length(several) == 0) return("Shared controls: none\n")
  how <- unique(sharing_words[x$shared_control[several]])
  wrap_line(
    "Shared controls: ", count_text(length(several), "effect"), "; ",
    paste(how[!is.na(how)], collapse = " | ")
  )
}

describe_out <- function(x) {
  count <- function(rows, what) {
    why <- table(x[["reason"]][rows])
    if (length(why) == 0) return("")
    wrap_line(what, paste0(why, " (", names(why), ")", collapse = ", "))
  }
  none <- is.na(x$yi) | is.na(x$vi)
  out <- !none & x[["pooled"]] %in% FALSE
  paste0(
    count(none, "No effect: "), count(out, "Out of the pooled value: "),
    count(!none & !out, "Doubtful: ")
  )
}

# What impute_sd() tells, and what the prints of tables and fits say of imputed SDs.

imputed_words <- c(
  cv = "mean CV of the outcome", sd = "pooled SD of the outcome",
  multiple = "multiple imputation"
)

# Rows with an imputed SD that counts: an effect of two arms does not use its sham's, one
# of events none at all.
imputed_rows <- function(x) {
  x <- unclass(x)
  marked <- lapply(names(arm_words), \(arm) {
    which(x[[paste0("imputed_", arm)]] %in% TRUE)
  })
  rows <- sort(unique(unlist(marked)))
  if (length(rows) == 0 || is.null(x[["measure"]])) return(rows)
  known <- registry()$measures
  measure <- match(x[["measure"]][rows], known$name)
  takes_sd <- vapply(known$needs, \(needs) "sd" %in% needs, NA)
  arms <- known$arms[measure]
  counts <- rows %in% marked[[1]] | (arms > 1 & rows %in% marked[[2]]) |
    (arms == 3 & rows %in% marked[[3]])
  rows[is.na(measure) | (takes_sd[measure] & counts)]
}

# What tells of spread cannot be had of an SD that was made from other groups' spread.
spread_measures <- c("VR", "CVR", "SDLN", "CVLN")

keep_out_imputed <- function(effects) {
  if (!effects$measure[1] %in% spread_measures) return(effects)
  rows <- imputed_rows(effects)
  rows <- rows[!is.na(effects$yi[rows])]
  if (length(rows) == 0) return(effects)
  effects$pooled[rows] <- FALSE
  bare <- rows[is.na(effects$reason[rows])]
  effects$reason[bare] <- "an SD was imputed, and the measure compares SDs"
  warn_user(c(
    "{length(rows)} effect{?s} {?is/are} kept, but out of the pooled value:
     {name_effects(effects, rows)}.",
    "i" = "{.val {effects$measure[1]}} compares SDs, and theirs were imputed."
  ), "rows")
  effects
}

# "3 rows (mean CV of the outcome)"; NULL where nothing was imputed.
imputed_text <- function(x, one = "row") {
  rows <- imputed_rows(x)
  if (length(rows) == 0) return(NULL)
  by <- unique(unlist(strsplit(as.character(x[["imputed_by"]][rows]), " and ")))
  by <- by[!is.na(by)]
  words <- ifelse(by %in% names(imputed_words), imputed_words[by], by)
  paste0(
    count_text(length(rows), one), if (length(by)) paste0(" (", toString(words), ")")
  )
}

# A line for the print of a table.
describe_imputed <- function(x) {
  text <- imputed_text(x)
  left <- table(x[["not_imputed"]])
  left <- if (length(left)) {
    paste0("missing in ", paste0(left, " (", names(left), ")", collapse = ", "))
  }
  if (length(c(text, left)) == 0) return("")
  wrap_line("Imputed SD: ", paste(c(text, left), collapse = "; "))
}

imputed_columns <- c("imputed_t", "imputed_c", "imputed_s", "imputed_by")

# After nesting, a row is marked where any of its parts was.
nested_marks <- function(effects, group, used, groups) {
  marks <- intersect(paste0("imputed_", names(arm_words)), names(effects))
  columns <- lapply(unclass(effects)[marks], \(mark) {
    sum_by(as.double(mark[used] %in% TRUE), group[used], groups) > 0
  })
  if (length(marks) == 0 || is.null(effects[["imputed_by"]])) return(columns)
  parts <- strsplit(as.character(effects[["imputed_by"]][used]), " and ", fixed = TRUE)
  by <- unique(data.frame(
    group = rep.int(group[used], lengths(parts)), by = unlist(parts)
  ))
  by <- by[!is.na(by$by), ]
  columns$imputed_by <- rep_len(NA_character_, groups)
  joined <- vapply(split(by$by, by$group), paste, "", collapse = " and ")
  columns$imputed_by[as.integer(names(joined))] <- joined
  columns
}

# ---- messages ------------------------------------------------------------------------

# How a message names a set: "infarct (mm3), control".
set_names <- function(sets) {
  unit <- ifelse(is.na(sets$unit), "", paste0(" (", sets$unit, ")"))
  paste0(ifelse(is.na(sets$outcome), "", paste0(sets$outcome, unit, ", ")), sets$arm)
}

most_sets <- 6L

tell_imputed <- function(table, groups, filled, sets, method, seed) {
  if (length(filled) == 0) return(invisible())
  rows <- cells_of(groups, filled)$row
  used <- sort(unique(groups$set[filled]))
  value <- switch(method,
    cv = paste("mean CV", number_text(sets$value[used]), "of "),
    sd = paste("pooled SD", number_text(sets$value[used]), "of "),
    multiple = "drawn from "
  )
  lines <- paste0(
    set_names(sets[used, ]), ": ", value,
    vapply(sets$known[used], count_text, "", one = "group")
  )
  more <- length(lines) - most_sets
  lines <- utils::head(lines, most_sets)
  if (more > 0) lines <- c(lines, paste("and", more, "more."))
  lines <- escape_braces(lines)
  zero <- sum(groups$zero & groups$set %in% used)
  tell_user(c(
    "i" = "{length(filled)} missing SD{?s} imputed, in {name_effects(table, rows)}.",
    stats::setNames(lines, rep("*", length(lines))),
    "i" = if (zero) "{zero} group{?s} with an SD of 0 tell{?s/} nothing and {?is/are} not
      counted.",
    "i" = if (length(seed)) "Seed {seed}."
  ), "imputed")
}

warn_not_imputed <- function(comparisons, groups, sets, method) {
  left <- which(!is.na(groups$why))
  if (length(left) == 0) return(invisible())
  where <- \(these) name_effects(comparisons, cells_of(groups, these)$row)
  no_cv <- if (method == "sd") integer() else left[!is.na(groups$no_cv[left])]
  low <- split(no_cv, as.character(groups$no_cv[no_cv]))
  few <- split(setdiff(left, no_cv), groups$set[setdiff(left, no_cv)])
  shown <- utils::head(few, most_sets)
  at <- as.integer(names(shown))
  bullets <- c(
    if (length(low)) paste0(capital(names(low)), ": ", vapply(low, where, ""), "."),
    if (length(shown)) {
      paste0(
        set_names(sets[at, ]), ": ", vapply(sets$known[at], count_text, "", "group"),
        " with an SD, ", least_known[[method]], " are needed; ",
        vapply(shown, where, ""), "."
      )
    },
    if (length(few) > most_sets) paste("And", length(few) - most_sets, "more.")
  )
  bullets <- escape_braces(bullets)
  warn_user(c(
    "{length(left)} SD{?s} stay{?s/} missing.",
    stats::setNames(bullets, rep("!", length(bullets)))
  ), "not_imputed")
}

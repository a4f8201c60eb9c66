# The claims of reported_range(): arguments to a list with one claim each, and the checks
# that need the words of the user.

range_changes <- c("reduction", "increase", "recovery")

# ---- fits ----------------------------------------------------------------------------

is_failed <- function(fit) is.null(fit) || inherits(fit, c("try-error", "condition"))

failure_text <- function(fit) {
  condition <- if (inherits(fit, "try-error")) attr(fit, "condition") else fit
  if (is.null(condition)) return("there is no fit")
  text <- cli::ansi_strip(conditionMessage(condition))
  first <- strsplit(text, "\n", fixed = TRUE)[[1]][1]
  paste("the fit failed:", sub("[.]$", "", first))
}

range_fits <- function(fit, call = rlang::caller_env()) {
  if (inherits(fit, "mv_fit")) return(list(fit))
  if (!is.null(fit) && is_failed(fit)) return(list(fit))
  if (!is.list(fit) || is.object(fit)) {
    check_class(fit, "mv_fit", "pool_effects", "fit", call)
  }
  wrong <- which(!vapply(fit, \(x) inherits(x, "mv_fit") || is_failed(x), NA))
  if (length(wrong) > 0) {
    stop_user(c(
      "{.arg fit} must be an {.cls mv_fit} of {.fn pool_effects}, or a list of them.",
      "x" = "Number {wrong[1]} is {.obj_type_friendly {fit[[wrong[1]]]}}."
    ), "class", call = call)
  }
  fit
}

# ---- claims --------------------------------------------------------------------------

# A named list, one claim each: fit, lower, upper, change, margin, single.
range_claims <- function(fits, lower, upper, change, margin, call = rlang::caller_env()) {
  words <- list(
    fit = fits, lower = claim_numbers(lower, "lower", call),
    upper = claim_numbers(upper, "upper", call), change = claim_words(change, call),
    margin = claim_margin(margin, call)
  )
  count <- check_claim_lengths(words, call)
  names <- fit_names(fits, count)
  words <- lapply(words, rep_len, count)
  check_bounds(words, names, call)
  check_changes(words, names, call)
  words$single <- !is.na(words$lower) & words$lower == words$upper
  claims <- lapply(seq_len(count), \(i) lapply(words, \(x) x[[i]]))
  stats::setNames(claims, names)
}

is_figureless <- function(claim) is.na(claim$lower)

# A fit's name, else its outcome where it has one, else a number.
fit_names <- function(fits, count) {
  names <- if (is.null(names(fits))) rep("", length(fits)) else names(fits)
  own <- vapply(fits, \(fit) {
    outcome <- if (is_failed(fit)) NULL else unique(fit_column(fit, "outcome"))
    if (length(outcome) == 1) as.character(outcome) else NA_character_
  }, "")
  names <- rep_len(ifelse(is.na(names) | names == "", own, names), count)
  ifelse(is.na(names), paste("claim", seq_len(count)), names)
}

# "bone mass (species = rat)" where there are moderators, or levels with a variance each.
claim_names <- function(name, fit, newdata, levels) {
  if (is_failed(fit)) return(name)
  if (is_intercept_only(fit) && (is.null(newdata) || !has_slopes(fit))) {
    return(if (is.character(levels) && any(grepl(" = ", levels, fixed = TRUE))) {
      sprintf("%s (%s)", name, levels)
    } else {
      name
    })
  }
  if (is.null(newdata)) return(name)
  used <- intersect(c(all.vars(fit$mods), variance_columns(fit)), names(newdata))
  values <- lapply(used, \(column) paste(column, "=", format_value(newdata[[column]])))
  sprintf("%s (%s)", name, do.call(paste, c(values, sep = ", ")))
}

format_value <- function(x) if (is.numeric(x)) sprintf("%.4g", x) else as.character(x)

# ---- arguments -----------------------------------------------------------------------

claim_numbers <- function(x, arg, call) {
  if (is.numeric(x) || (is.logical(x) && all(is.na(x)))) {
    x <- as.double(x)
    if (any(is.infinite(x))) {
      stop_user("{.arg {arg}} must be finite.", "bounds", call = call)
    }
    return(x)
  }
  found <- if (is.character(x) || is.factor(x)) {
    "It is {.val {as.character(x)[1]}}."
  } else {
    "It is {.obj_type_friendly {x}}."
  }
  stop_user(c(
    "{.arg {arg}} must be numbers, in percent.",
    "x" = found,
    "i" = "Write 40-60 % as {.code lower = 40, upper = 60}."
  ), "bounds", call = call)
}

claim_words <- function(change, call) {
  if (is.character(change) || is.factor(change) || all(is.na(change))) {
    return(as.character(change))
  }
  stop_user(c(
    "{.arg change} must be text.",
    "i" = "Say {.or {.val {range_changes}}}."
  ), "change", call = call)
}

claim_margin <- function(margin, call) {
  if (is.numeric(margin) && length(margin) > 0 && all(is.finite(margin) & margin >= 0)) {
    return(as.double(margin))
  }
  stop_user("{.arg margin} must be percentage points, 0 or more.", "bounds", call = call)
}

check_claim_lengths <- function(words, call) {
  sizes <- lengths(words)
  count <- max(sizes)
  wrong <- sizes != 1 & (sizes != count | sizes == 0)
  if (!any(wrong) && count > 0) return(count)
  shown <- paste0(names(sizes), " ", sizes, collapse = ", ")
  stop_user(c(
    "Each argument must have one value a claim, or one for all claims.",
    "x" = "The lengths are: {shown}."
  ), "length", call = call)
}

# " in claim 2 (bone mass)", or nothing where there is one claim only.
in_claim <- function(i, names) {
  if (length(names) == 1) return("")
  label <- paste("claim", i[1])
  if (names[i[1]] != label) label <- paste0(label, " (", names[i[1]], ")")
  paste0(" in ", label)
}

check_bounds <- function(words, names, call) {
  lower <- words$lower
  upper <- words$upper
  stop_at <- function(bad, what, hint = NULL) {
    if (!any(bad)) return(invisible())
    i <- which(bad)[1]
    ends <- paste("lower", lower[i], "and upper", upper[i])
    stop_user(
      c(paste0(what, "{in_claim(i, names)}."), "x" = "It has {ends}.", "i" = hint),
      "bounds",
      call = call
    )
  }
  stop_at(is.na(lower) != is.na(upper), "One bound is missing",
    "For one figure give it twice; where no figure is claimed, NA twice."
  )
  none <- is.na(lower)
  stop_at(!none & (lower < 0 | upper < 0), "A bound is negative",
    "Bounds have no sign: {.arg change} says which way."
  )
  stop_at(!none & lower > upper, "The lower bound is above the upper one")
  stop_at(
    !none & upper > 100 & words$change %in% "reduction",
    "A reduction cannot be more than 100 %"
  )
}

check_changes <- function(words, names, call) {
  bad <- which(!is.na(words$lower) & !words$change %in% range_changes)
  if (length(bad) == 0) return(invisible())
  found <- words$change[bad[1]]
  hint <- if (!is.na(found)) change_hint(found)
  stop_user(c(
    "{.arg change} must be {.or {.val {range_changes}}}.",
    "x" = "It is {.val {found}}{in_claim(bad, names)}.",
    "i" = if (length(hint)) "{hint}"
  ), "change", call = call)
}

# By spelling alone "decrease" is nearest to "increase".
change_hint <- function(word) {
  fall <- grepl("^(decr|decl|redu|lower|less|fall|drop|loss)", word, ignore.case = TRUE)
  if (fall) "Did you mean \"reduction\"?" else did_you_mean(word, range_changes)
}

check_newdata <- function(fits, newdata, call = rlang::caller_env()) {
  moderated <- vapply(fits, \(fit) !is_failed(fit) && !is_intercept_only(fit), NA)
  if (any(moderated) && is.null(newdata)) {
    stop_user(c(
      "{.arg newdata} is missing: the fit has moderators, so there is no one mean.",
      "i" = "Give a data frame with {.val {all.vars(fits[[which(moderated)[1]]]$mods)}};
             each row gets a verdict."
    ), "newdata", call = call)
  }
  if (is.null(newdata)) return(tell_slopes(fits))
  if (!is.data.frame(newdata) || nrow(newdata) == 0) {
    stop_user("{.arg newdata} must be a data frame with a row or more.", "newdata",
      call = call
    )
  }
  sloped <- vapply(fits, \(fit) !is_failed(fit) && has_slopes(fit), NA)
  if (any(moderated | sloped)) return(invisible())
  stop_user("{.arg newdata} is given, but the fit has no moderators.", "newdata",
    call = call
  )
}

has_slopes <- function(fit) {
  is_multilevel(fit) && any(vapply(fit$parts, \(part) is_slopes(part$structure), NA))
}

# The variance of a new effect depends on the slopes' columns.
tell_slopes <- function(fits) {
  sloped <- Filter(\(fit) !is_failed(fit) && has_slopes(fit), fits)
  if (length(sloped) == 0) return(invisible())
  columns <- variance_columns(sloped[[1]])
  tell_user(c(
    "The prediction interval and the chance of a new effect inside the claim are NA: they
     depend on {.val {columns}}.",
    "i" = "Give a data frame with {cli::qty(columns)}{?this column/these columns} as
           {.arg newdata}; each row gets a verdict."
  ), "slopes")
}

# ---- whether the fit has the percent that is claimed ---------------------------------

check_range_scale <- function(fit, measure, claim, name, call) {
  if (!has_percent(measure)) {
    stop_user(c(
      "A claim in percent needs effects measured as {.val ROM} or {.val NMD}.",
      "x" = "Those of {.val {name}} are {.val {measure}}."
    ), "percent", call = call)
  }
  if (is.na(fit_sign(fit))) {
    stop_user(c(
      "The effects of {.val {name}} have no percent: some were turned so that positive is
       better, others not.",
      "i" = "Use {.code direction = \"raw\"}, or pool each direction by itself."
    ), "percent", call = call)
  }
  if (is_figureless(claim)) return(invisible())
  if (measure == "ROM" && claim$change == "recovery") {
    stop_user(c(
      "A recovery is a share of the disease effect, which {.val ROM} does not know.",
      "x" = "The effects of {.val {name}} are {.val ROM}.",
      "i" = "Use {.code effect_sizes(measure = \"NMD\")}."
    ), "change", call = call)
  }
  if (measure == "NMD" && claim$change != "recovery") {
    check_zero_sham(fit, claim, name, call)
  }
}

# NMD is the percent change of the control mean only where the sham mean is 0.
check_zero_sham <- function(fit, claim, name, call) {
  sham <- fit_column(fit, "mean_s")
  if (!is.null(sham) && all(sham %in% 0)) return(invisible())
  stop_user(c(
    "{.val NMD} is a percent {claim$change} only where the sham mean is 0 in every row.",
    "x" = "That is not so for {.val {name}}.",
    "i" = "Claim a {.val recovery}, or use {.code effect_sizes(measure = \"ROM\")}."
  ), "change", call = call)
}

#' The effect measures there are
#'
#' Lists every measure that [effect_sizes()] computes, and those that [as_effects()] takes
#' as they were reported: what it needs, its variance forms, its scale and the way back
#' from it, and where it is from.
#'
#' @return A data frame of class `mv_measures`, one row a measure: `name`; `label`;
#'   `kind`, what it is computed from (`"means"`, `"counts"`, `"rates"`, `"survival"`,
#'   `"correlation"`, or `"estimate"`: it is brought); `groups`, how many groups of
#'   animals a row has (1: a table made by [cohorts()]; 2: treated and control; 3: and
#'   sham; 4: a factorial); `paired`, TRUE where both readings are of the same animals;
#'   `needs`, the columns it reads, in one text; `variance`, the names of its variance
#'   forms, the default first; `scale`; `back`, from an effect `y` to what readers know;
#'   `source`. Its print shows all of it; rows may be selected before, by their
#'   names too, as in the example.
#' @seealso [effect_sizes()]; `vignette("effect-sizes")`, from whatever a paper reports
#'   to effects.
#' @examples
#' all <- effect_measures()
#' all[all$kind == "counts", ]
#' all[c("SMD", "ROM"), ]
#' @export
effect_measures <- function() {
  out <- rbind(computed_measures(), brought_measures())
  out$back <- unname(back_words[out$scale])
  out$back[is.na(out$back)] <- "as it is"
  word <- \(what) vapply(out$name, \(name) word_for(name, what), "", USE.NAMES = FALSE)
  out$label <- word("label")
  out$source <- word("source")
  out <- out[c(
    "name", "label", "kind", "groups", "paired", "needs", "variance", "scale", "back",
    "source"
  )]
  rownames(out) <- out$name
  class(out) <- c("mv_measures", "data.frame")
  out
}

computed_measures <- function() {
  known <- registry()
  row <- known$measures
  rows <- lapply(seq_along(row$name), \(at) measure_row(known, at))
  forms <- split(known$forms$name, factor(known$forms$measure, row$name))
  data.frame(
    name = row$name, kind = row$kind, groups = row$arms,
    paired = has_flag(row, "paired"),
    needs = vapply(rows, needs_text, ""),
    variance = vapply(forms, toString, "", USE.NAMES = FALSE), scale = row$scale
  )
}

# Measures with words that the core does not compute.
brought_measures <- function() {
  name <- setdiff(names(measure_words), registry()$measures$name)
  scale <- ifelse(name == "logHR", "log", "given")
  data.frame(
    name = name, kind = rep_len("estimate", length(name)), groups = NA_integer_,
    paired = FALSE, needs = "yi with vi, sei or an interval", variance = "given", scale
  )
}

needs_text <- function(measure) {
  may <- of_arms(measure$may, names_of_arms(measure$arms)$column)
  also <- if (length(measure$may)) paste0("; where given ", toString(may))
  paste0(toString(needed_columns(measure)), also)
}

# What is said of a measure, or its name where nothing is.
word_for <- function(name, what) {
  words <- measure_words[[name]]
  if (is.null(words)) name else words[[what]]
}

# From the scale on which effects are pooled to what a reader knows.
back_words <- c(
  raw = "as it is, in the unit of the outcome",
  sd = "as it is, in SDs of the outcome",
  log = "exp(y)",
  percent = "as it is, in percent",
  difference = "as it is",
  arcsine_difference = "none on its own",
  root_difference = "none on its own",
  proportion = "as it is",
  logit = "plogis(y)",
  arcsine = "sin(y)^2",
  freeman_tukey = "(1 - sign(cos(2y)) sqrt(1 - (sin(2y) + (sin(2y) - 1/sin(2y))/n)^2))/2",
  rate = "as it is",
  root = "y^2",
  freeman_tukey_rate = "(1/t - 8y^2 + 16ty^4)/(16ty^2)",
  correlation = "as it is",
  z = "tanh(y)"
)

#' @export
print.mv_measures <- function(x, ...) {
  needed <- c("name", "label", "kind", "needs", "variance", "scale", "back", "source")
  # A row of a name that there is not, as data frames give it, has nothing to show.
  if (!all(needed %in% names(x)) || nrow(x) == 0 || anyNA(x$name)) return(NextMethod())
  cat("<mv_measures> ", count_text(nrow(x), "effect measure"), "\n", sep = "")
  needs <- paste(x$kind, x$groups, x$needs)
  for (rows in split(seq_len(nrow(x)), factor(needs, unique(needs)))) {
    first <- rows[1]
    cat("\n", wrap_line(describe_needs(x, first), ": ", x$needs[first]), sep = "")
    cat(vapply(rows, \(at) describe_measure(x, at), ""), sep = "")
  }
  invisible(x)
}

group_words <- c(
  "one group", "treated and control", "treated, control and sham",
  "both treatments, neither, and each alone"
)

describe_needs <- function(x, at) {
  if (x$kind[at] == "estimate") return("Estimates as reported, by as_effects()")
  groups <- group_words[x$groups[at]]
  if (isTRUE(x$paired[at])) groups <- "two readings of one group"
  paste0(capital(kind_words[[x$kind[at]]]), " of ", groups)
}

# Three lines: the name, how it is computed and read, where it is from.
describe_measure <- function(x, at) {
  back <- if (x$back[at] == "as it is") "" else paste0(", back by ", x$back[at])
  if (startsWith(x$back[at], "as it is,")) back <- substring(x$back[at], 9)
  if (startsWith(x$back[at], "none")) back <- paste0(", back: ", x$back[at])
  lines <- c(
    x$label[at],
    paste0("variance ", x$variance[at], "; scale ", x$scale[at], back), x$source[at]
  )
  width <- min(getOption("width"), 100)
  text <- unlist(lapply(lines, strwrap, width = width - 10, exdent = 2))
  name <- sprintf("  %-7s ", x$name[at])
  lead <- c(name, rep(strrep(" ", nchar(name)), length(text) - 1))
  paste0(paste0(lead, text, collapse = "\n"), "\n")
}

#' @export
`[.mv_measures` <- function(x, ...) {
  out <- NextMethod()
  if (is.data.frame(out) && !all(names(x) %in% names(out))) class(out) <- "data.frame"
  out
}

# ---- the help page's table -----------------------------------------------------------

# Labels of the rows, and every text that stands in a line of a forest plot.

# The study, plus as few further columns as make each row's label its own (within its
# group, whose heading tells it apart already).
label_rows <- function(effects, label = NULL, group = NULL) {
  if (!is.null(label)) return(replace(plain_text(label), is.na(label), "(no label)"))
  study <- plain_text(effects[["study"]])
  if (length(study) == 0 || all(is.na(study))) {
    return(paste("Row", seq_len(nrow(effects))))
  }
  study[is.na(study)] <- "(no study)"
  parts <- label_parts(effects)
  chosen <- choose_parts(list(study), parts, group)
  # below its study's heading a row need not name it again
  headed <- length(chosen) > 0 && identical(plain_text(group), study)
  label <- do.call(paste, c(if (!headed) list(study), parts[chosen], sep = ", "))
  label <- trim_label(label)
  ifelse(nzchar(label), label, study)
}

# Text that a device can draw: what is not in its declared encoding is most likely latin1.
plain_text <- function(x) {
  text <- as.character(x)
  bad <- !validEnc(text) | Encoding(text) == "bytes"
  text[bad] <- iconv(text[bad], "latin1", "UTF-8", sub = "?")
  text
}

label_parts <- function(effects) {
  columns <- intersect(c("treatment", "outcome", "time", "experiment"), names(effects))
  parts <- lapply(columns, function(name) {
    value <- plain_text(effects[[name]])
    bare <- grepl("^[0-9.]+$", value)
    value[bare] <- paste(name, value[bare])
    replace(value, is.na(value), "")
  })
  names(parts) <- columns
  parts[vapply(parts, function(x) length(unique(x)) > 1, NA)]
}

trim_label <- function(label) gsub("(, )+$", "", gsub("(, ){2,}", ", ", label))

# The smallest set of columns with the most distinct rows; columns named first win.
choose_parts <- function(study, parts, group) {
  base <- c(study, if (!is.null(group)) list(as.character(group)))
  distinct <- function(set) {
    length(unique(do.call(paste, c(base, parts[set], sep = "\r"))))
  }
  sets <- lapply(seq_along(parts), function(size) {
    utils::combn(names(parts), size, simplify = FALSE)
  })
  sets <- c(list(character()), unlist(sets, recursive = FALSE))
  sets[[which.max(vapply(sets, distinct, 0L))]]
}

# Formats numbers, all in the unit of the axis, with its number of decimals.
write_lines <- function(lines, axis) {
  shown <- lapply(lines[c("estimate", "lower", "upper")], show_effect, axis)
  decimals <- axis$decimals
  text <- lapply(shown, print_number, decimals)
  prediction <- lines$kind == "prediction"
  lines$text_estimate <- ifelse(prediction, "", text$estimate)
  lines$text_lower <- text$lower
  lines$text_upper <- text$upper
  lines$text_effect <- trimws(paste(
    lines$text_estimate, print_interval(text$lower, text$upper)
  ))
  lines$text_weight <- ifelse(is.na(lines$weight), "", sprintf("%.1f", lines$weight))
  for (arm in c("n_t", "n_c")) {
    lines[[paste0("text_", arm)]] <- ifelse(
      is.na(lines[[arm]]), "",
      format(lines[[arm]], trim = TRUE, digits = 4, nsmall = 0, decimal.mark = ".")
    )
  }
  lines
}

# Sentences for below the diamond: heterogeneity, the model, what to know of it.
fit_words <- function(source, axis) {
  fit <- source$fit
  if (is.null(fit)) return(NULL)
  if (is_multilevel(fit)) return(multilevel_words(fit))
  text <- heterogeneity_text(fit)
  if (!grepl("^heterogeneity", text)) text <- paste("heterogeneity:", text)
  if (!is_intercept_only(fit)) text <- paste("residual", text)
  c(capital(text), moderator_text(fit), model_line(fit), wide_text(fit, axis))
}

multilevel_words <- function(fit) {
  c(
    paste0("Heterogeneity: ", component_text(fit)), heterogeneity_text(fit),
    moderator_text(fit), model_line(fit)
  )
}

moderator_text <- function(fit) {
  if (is_intercept_only(fit) || is.na(fit$QM)) return(NULL)
  df <- vapply(fit$QM_df, format, "", digits = 4, trim = TRUE)
  test <- if (is.infinite(fit$QM_df[2])) paste0("QM(", df[1]) else
    paste0("F(", df[1], ", ", df[2])
  mods <- paste(deparse(fit$mods), collapse = " ")
  paste0("Moderators ", mods, ": ", test, ") = ", number_text(fit$QM), ", ",
    p_text(fit$QM_p)
  )
}

# The prediction interval anew where the first one cannot be relied on.
wide_text <- function(fit, axis) {
  if (!is_intercept_only(fit)) return(NULL)
  found <- stats::predict(fit, level = axis$level)[1, ]
  ends <- show_effect(c(found$pi_lower_wide, found$pi_upper_wide), axis)
  if (!all(is.finite(ends))) return(NULL)
  ends <- print_number(ends, axis$decimals)
  paste("Prediction interval at tau2's upper limit:", print_interval(ends[1], ends[2]))
}

# Below the axis: what a reader must know to read the picture right.
forest_captions <- function(lines, axis, source) {
  clipped <- any(lines$clip_lower | lines$clip_upper | lines$outside)
  c(
    if (is_simulated(source$effects, lines$label)) simulated_mark,
    if (!is.null(axis$band)) band_text(axis),
    if (any(lines$hollow)) hollow_text(lines),
    star_text(source$effects),
    if (has_mixed_n(source$effects)) "Empty n: several groups of different size.",
    if (clipped) "Arrow: the interval goes on beyond the axis.",
    fit_cautions(source$fit)
  )
}

# Every row with an imputed SD is marked.
star_imputed <- function(label, effects) {
  rows <- imputed_rows(effects)
  replace(label, rows, paste(label[rows], "*"))
}

star_text <- function(effects) {
  text <- imputed_text(effects)
  if (!is.null(text)) paste0("* SD imputed: ", text, ".")
}

# Nesting leaves n empty where the groups that became one effect differ in size.
has_mixed_n <- function(effects) {
  nested <- effects[["computed_from"]] %in% "nested"
  any(nested & !is.na(effects$yi) & (is.na(effects[["n_t"]]) | is.na(effects[["n_c"]])))
}

band_text <- function(axis) {
  ends <- format(axis$band_shown, trim = TRUE, digits = 6, decimal.mark = ".")
  unit <- if (axis$scale == "percent") " %" else ""
  paste0("Shaded: reported range, ", ends[1], " to ", ends[2], unit, ".")
}

hollow_text <- function(lines) {
  reason <- unique(lines$note[lines$hollow & !is.na(lines$note)])
  more <- if (length(reason) > 2) {
    " (for several reasons, see the effects table)"
  } else if (length(reason) > 0) {
    paste0(" (", paste(reason, collapse = "; "), ")")
  }
  paste0("Hollow: kept out of the pooled effect", more, ".")
}

fit_cautions <- function(fit) {
  if (is.null(fit)) return(NULL)
  ignored <- if (fit$dependent > 0) {
    several <- count_text(fit$dependent, "study", "studies")
    paste(several, "with several effects, pooled as if these were independent.")
  }
  if (is_multilevel(fit)) return(caution_sentences(multilevel_cautions(fit)))
  c(ignored, fit$notes)
}

# The name of a parameter stays as it is.
caution_sentences <- function(text) {
  if (length(text) == 0) return(NULL)
  sentence <- paste0(ifelse(grepl("^[a-z]+\\(", text), text, capital(text)), ".")
  sub("\\.\\.$", ".", sentence)
}

simulated_mark <- "Simulated data"

# Simulated data are marked whatever the caller's labels say.
is_simulated <- function(effects, label) {
  studies <- c(as.character(effects[["study"]]), label)
  any(grepl("^Simulated ", studies)) || any(effects[["simulated"]] %in% TRUE)
}

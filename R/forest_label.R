# Labels of the rows, and every text that stands in a line of a forest plot.

# The study, plus as few further columns as make each row's label its own (within its
# group, whose heading tells it apart already).
label_rows <- function(effects, label = NULL, group = NULL) {
  if (!is.null(label)) return(replace(as.character(label), is.na(label), "(no label)"))
  study <- as.character(effects[["study"]])
  if (length(study) == 0 || all(is.na(study))) return(paste("Row", seq_len(nrow(effects))))
  study[is.na(study)] <- "(no study)"
  parts <- label_parts(effects)
  chosen <- choose_parts(list(study), parts, group)
  do.call(paste, c(list(study), parts[chosen], sep = ", ")) |> trim_label()
}

label_parts <- function(effects) {
  columns <- intersect(c("treatment", "outcome", "time", "experiment"), names(effects))
  parts <- lapply(columns, function(name) {
    value <- as.character(effects[[name]])
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
  sets <- unlist(lapply(0:length(parts), function(size) {
    if (size == 0) list(character()) else utils::combn(names(parts), size, simplify = FALSE)
  }), recursive = FALSE)
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
      is.na(lines[[arm]]), "", format(lines[[arm]], trim = TRUE, digits = 4, nsmall = 0)
    )
  }
  lines
}

# Sentences for below the diamond: heterogeneity, the method, what to know of it.
fit_words <- function(source) {
  if (is.null(source$fit)) return(NULL)
  c(
    heterogeneity_text(source$fit), moderator_text(source$fit),
    method_text(source$fit)
  )
}

heterogeneity_text <- function(fit) {
  table <- heterogeneity(fit)
  row <- function(term) table[match(term, table$term), ]
  name <- if (is_intercept_only(fit)) "Heterogeneity: " else "Residual heterogeneity: "
  q <- row("Q")
  if (!isTRUE(q$df > 0)) return(paste0(name, "not estimable (one study)"))
  parts <- c(
    if (!is.na(fit$tau2)) paste("tau2 =", signif(fit$tau2, 3)),
    i2_text(row("I2")),
    paste0("Q(", q$df, ") = ", sprintf("%.1f", q$estimate)), print_p(q$p_value)
  )
  paste0(name, paste(parts, collapse = ", "))
}

i2_text <- function(i2) {
  if (is.na(i2$estimate)) return(NULL)
  text <- paste0("I2 = ", sprintf("%.0f", i2$estimate), " %")
  if (is.na(i2$ci_lower)) return(text)
  paste0(text, sprintf(" [%.0f, %.0f]", i2$ci_lower, i2$ci_upper))
}

moderator_text <- function(fit) {
  if (is_intercept_only(fit)) return(NULL)
  df <- fit$QM_df
  test <- if (length(df) > 1 && is.finite(df[2])) {
    sprintf("F(%.0f, %.0f) = %.2f", df[1], df[2], fit$QM)
  } else {
    sprintf("Q(%.0f) = %.2f", df[1], fit$QM)
  }
  mods <- paste(deparse(fit$mods), collapse = " ")
  paste0("Moderators (", mods, "): ", test, ", ", print_p(fit$QM_p))
}

method_text <- function(fit) {
  test <- switch(fit$test,
    z = "normal test",
    t = paste0("t(", fit$df, ")"),
    knha = paste0("Knapp-Hartung, t(", fit$df, ")"),
    adhoc = paste0("Knapp-Hartung (ad hoc), t(", fit$df, ")")
  )
  name <- if (fit$method == "EE") "Equal effects" else fit$method
  ignored <- if (isTRUE(fit$dependent > 0)) {
    paste0("; rows of ", fit$dependent, " ", if (fit$dependent == 1) "study" else
      "studies", " taken as independent")
  }
  paste0(name, ", ", test, ", ", percent_level(fit$level), " intervals", ignored)
}

# Below the axis: what a reader must know to read the picture right.
captions <- function(lines, axis, source) {
  clipped <- any(lines$clip_lower | lines$clip_upper | lines$outside)
  c(
    if (is_simulated(source$effects, lines$label)) "Simulated data",
    if (!is.null(axis$band)) band_text(axis),
    if (any(lines$hollow)) hollow_text(lines),
    if (clipped) "Arrow: the interval goes on beyond the axis."
  )
}

band_text <- function(axis) {
  ends <- format(axis$band_shown, trim = TRUE, digits = 6)
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
  paste0("Hollow: not in the pooled effect", more, ".")
}

# Simulated data are marked whatever the caller's labels say.
is_simulated <- function(effects, label) {
  studies <- c(as.character(effects[["study"]]), label)
  any(grepl("^Simulated ", studies)) || any(effects[["simulated"]] %in% TRUE)
}

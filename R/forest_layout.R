# What a forest plot shows, as a table: one row for each line of the picture, with its
# place, its texts and its numbers. Drawing (forest_draw.R) only follows it.
#
# Columns: kind ("title", "header", "subgroup", "study", "pooled", "prediction",
# "heterogeneity", "caption"), row (of the effects table), group, label, n_t, n_c, weight,
# estimate, lower, upper (axis units: log for ROM), x_lower, x_upper (cut at the
# limits), clip_lower, clip_upper, outside (the estimate itself is beyond), size (of the
# square, mm), hollow (not pooled), note, text_* (what is written), y (line units, 0 is
# the axis), height, stripe. The axis, the text columns and the rest of the page are
# in attr(, "page").

forest_layout <- function(x, band = NULL, scale = "auto", order = "input", group = NULL,
                          label = NULL, level = NULL, xlim = NULL, title = NULL,
                          label_width = 85, base_size = 9, label_name = "Study",
                          call = rlang::caller_env()) {
  source <- forest_source(x, level)
  check_drawable(source, call)
  axis <- forest_axis(source, scale, call)
  lines <- study_lines(source, label, group)
  lines <- order_lines(lines, order)
  pooled <- pool_lines(source)
  axis <- finish_axis(axis, lines, pooled, band, xlim, call)
  lines <- add_subgroups(lines)
  lines <- stack_lines(head_lines(title, source), lines, pooled)
  lines <- write_lines(clip_lines(lines, axis$limits), axis)
  lines$label[lines$kind == "header"] <- label_name
  page <- lay_out_columns(lines, axis, source, label_width, base_size)
  lines <- stack_lines(
    lines, below_lines("heterogeneity", fit_words(source, axis), page$left_room, page),
    below_lines("caption", forest_captions(lines, axis, source), page$width - 4, page)
  )
  lines <- fit_labels(place_lines(lines, page), page)
  page$height <- page_height(lines, page)
  structure(lines, page = page, class = c("mv_forest_layout", "data.frame"))
}

# What is drawn, from a fit or from effects alone: the table, which rows are pooled and
# with what weight. Effects alone have squares by precision and no weights.
forest_source <- function(x, level) {
  is_fit <- inherits(x, "mv_fit")
  effects <- as.data.frame(if (is_fit) x$effects else x)
  fine <- is.finite(effects$yi) & is.finite(effects$vi) & effects$vi >= 0
  used <- if (!is_fit) {
    which(fine & !(effects[["pooled"]] %in% FALSE))
  } else if (is.null(x$used)) {
    seq_len(nrow(effects))
  } else {
    x$used
  }
  weight <- rep(NA_real_, nrow(effects))
  if (is_fit) weight[used] <- unname(forest_weights(x))
  if (is.null(level)) level <- if (is_fit) x$level else 0.95
  list(
    fit = if (is_fit) x, effects = effects, fine = fine, weight = weight,
    used = seq_len(nrow(effects)) %in% used, level = level
  )
}

# The weights that rows have in the pooled effect. One can be below 0, of a row that
# others tell nearly all of; it has the smallest square.
forest_weights <- function(fit) {
  whole <- is_multilevel(fit) && is_intercept_only(fit)
  if (whole) stats::weights(fit, type = "rowsum") else stats::weights(fit)
}

most_rows <- 5000

check_drawable <- function(source, call) {
  rows <- nrow(source$effects)
  if (rows > most_rows) {
    stop_user("A forest plot of {rows} rows cannot be read; {most_rows} are the most.",
      "size", call = call
    )
  }
  if (any(source$fine)) return(invisible())
  stop_user(c(
    "There is no effect to draw.",
    "x" = if (rows == 0) "The table has no rows." else
      "None of the {rows} row{?s} has an effect with a variance."
  ), "empty", call = call)
}

forest_line <- function(kind, label = "", estimate = NA_real_, lower = NA_real_,
                 upper = NA_real_, height = 1, gap = 0, ...) {
  rows <- max(lengths(list(label, estimate)))
  data.frame(
    kind = kind, row = NA_integer_, group = NA_character_, label = label,
    n_t = NA_real_, n_c = NA_real_, weight = NA_real_, estimate = estimate,
    lower = lower, upper = upper, size = NA_real_, hollow = FALSE,
    note = NA_character_, height = height, gap = gap, ...
  )[seq_len(rows), ]
}

study_lines <- function(source, label, group) {
  effects <- source$effects
  half <- stats::qnorm((1 + source$level) / 2) * sqrt(pmax(effects$vi, 0))
  estimate <- replace(effects$yi, !source$fine, NA)
  label <- gsub("[\r\n\t]+", " ", label_rows(effects, label, group))
  label <- star_imputed(label, effects)
  lines <- forest_line("study", label, estimate, estimate - half, estimate + half)
  lines$row <- seq_len(nrow(effects))
  lines$group <- if (is.null(group)) NA_character_ else plain_text(group)
  lines$group_rank <- if (is.null(group)) 1L else group_ranks(group)
  for (arm in c("n_t", "n_c")) {
    if (!is.null(effects[[arm]])) lines[[arm]] <- as.double(effects[[arm]])
  }
  lines$weight <- source$weight
  lines$hollow <- source$fine & !source$used
  lines$note <- line_notes(source)
  lines$size <- square_sizes(source)
  lines
}

# Groups in the order of a factor's levels, else as they come; no group goes last.
group_ranks <- function(group) {
  if (!is.factor(group)) group <- factor(group, unique(group[!is.na(group)]))
  rank <- as.integer(group)
  replace(rank, is.na(rank), nlevels(group) + 1L)
}

line_notes <- function(source) {
  reason <- as.character(source$effects[["reason"]])
  if (length(reason) == 0) reason <- rep(NA_character_, nrow(source$effects))
  missing <- ifelse(is.na(reason), "no effect", paste0("no effect: ", reason))
  ifelse(source$fine, ifelse(source$used, NA, reason), missing)
}

# Squares whose area goes with the weight. Rows out of the pool have the area that
# their precision would give among the others.
square_sizes <- function(source, largest = 3.4, smallest = 0.8) {
  weight <- source$weight
  precision <- 1 / pmax(source$effects$vi, .Machine$double.xmin)
  precision[!source$fine] <- NA
  if (all(is.na(weight))) weight <- replace(precision, !source$used, NA)
  out <- which(source$fine & is.na(weight))
  near <- stats::median(weight, na.rm = TRUE)
  weight[out] <- if (is.na(near)) 1 else near
  pmax(largest * sqrt(pmax(0, weight) / max(weight, na.rm = TRUE)), smallest)
}

order_lines <- function(lines, order) {
  by <- switch(order,
    input = lines$row,
    estimate = lines$estimate,
    weight = -lines$size,
    label = match(lines$label, sort(unique(lines$label), method = "radix"))
  )
  lines[order(lines$group_rank, by, lines$row, method = "radix"), ]
}

# A heading above each group; the groups are told apart by it and nothing is pooled.
add_subgroups <- function(lines) {
  if (all(is.na(lines$group))) return(lines[names(lines) != "group_rank"])
  ranks <- unique(lines$group_rank)
  parts <- lapply(ranks, function(rank) {
    part <- lines[lines$group_rank == rank, names(lines) != "group_rank"]
    name <- part$group[1]
    heading <- forest_line("subgroup", if (is.na(name)) "No group given" else name,
      gap = if (rank == ranks[1]) 0 else 0.4
    )
    heading$group <- name
    rbind(heading, part)
  })
  do.call(rbind, parts)
}

# The pooled diamond and the prediction interval; none for effects alone, nor where
# moderators leave no single mean.
pool_lines <- function(source) {
  fit <- source$fit
  if (is.null(fit) || !is_intercept_only(fit)) return(NULL)
  found <- stats::predict(fit, level = source$level)
  mean <- found[1, ]
  pooled <- forest_line("pooled", paste0("Pooled effect (k = ", fit$k, ")"),
    mean$estimate, mean$ci_lower, mean$ci_upper, gap = 0.35, height = 1.1
  )
  pooled$weight <- 100
  if (!all(is.finite(found$pi_lower))) return(pooled)
  name <- paste0(percent_level(source$level), " prediction interval", level_words(found))
  name <- ifelse(found$pi_reliable %in% TRUE, name, paste(name, "(unreliable)"))
  rbind(pooled, forest_line("prediction", name,
    found$estimate, found$pi_lower, found$pi_upper
  ))
}

percent_level <- function(level) {
  paste(format(100 * level, digits = 4, decimal.mark = "."), "%")
}

# Two lines of header where a column has them (animals, weights).
head_lines <- function(title, source) {
  animals <- unlist(source$effects[intersect(c("n_t", "n_c"), names(source$effects))])
  tall <- !is.null(source$fit) || any(is.finite(animals))
  header <- forest_line("header", height = if (tall) 2 else 1.2)
  if (is.null(title)) return(header)
  rbind(forest_line("title", title, height = 1.7), header)
}

# Sentences that stand below the axis, folded to `room` mm.
below_lines <- function(kind, text, room, page) {
  if (length(text) == 0) return(NULL)
  at <- if (kind == "heterogeneity") ", " else " "
  folded <- fold_text(text, room, word_scale[[kind]] * page$size, at)
  lines <- forest_line(kind, unlist(strsplit(folded, "\n", fixed = TRUE)), height = 0.86)
  write_lines(clip_lines(lines, page$axis$limits), page$axis)
}

stack_lines <- function(...) {
  lines <- do.call(rbind, Filter(Negate(is.null), list(...)))
  row.names(lines) <- NULL
  lines
}

# What lies wholly outside leaves a short stub at the edge, for its arrow.
clip_lines <- function(lines, limits) {
  stub <- 0.04 * diff(limits)
  lines$x_lower <- pmin(pmax(lines$lower, limits[1]), limits[2] - stub)
  lines$x_upper <- pmax(pmin(lines$upper, limits[2]), limits[1] + stub)
  lines$clip_lower <- lines$lower < limits[1] & !is.na(lines$lower)
  lines$clip_upper <- lines$upper > limits[2] & !is.na(lines$upper)
  lines$outside <- !is.na(lines$estimate) &
    (lines$estimate < limits[1] | lines$estimate > limits[2])
  lines
}

# Places lines from the top down and stripes every second study, each group anew. Zero
# is the axis. The words on heterogeneity stand below it, left of the ticks, and the
# captions below both.
place_lines <- function(lines, page) {
  words <- lines$kind == "heterogeneity"
  caption <- lines$kind == "caption"
  body <- !words & !caption
  depth <- cumsum((lines$gap + lines$height) * body)
  lines$y <- max(depth) - depth + lines$height / 2
  lines$y[words] <- -0.1 - 0.86 * seq_len(sum(words))
  below <- min(lines$y[words], -page$axis_height / page$line)
  lines$y[caption] <- below - 0.35 - 0.86 * seq_len(sum(caption))
  is_study <- lines$kind == "study"
  block <- cumsum(lines$kind == "subgroup")
  count <- stats::ave(as.integer(is_study), block, FUN = cumsum)
  lines$stripe <- is_study & count %% 2 == 1
  lines
}

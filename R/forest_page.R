# The page of a forest plot: text columns beside the panel, their widths in mm, and
# what stands in each cell. The columns lie in the plot's margins, at fixed distances
# from the panel's edges, so nothing overlaps however wide the page is.

line_height <- 1.62 # of the font size: lines of a table need air
panel_width <- 75 # mm, on a page that save_forest() chooses
column_gap <- 3.2 # mm between two columns

lay_out_columns <- function(lines, axis, source, label_width, size) {
  left <- left_columns(lines, label_width, size, if (!is.null(source$fit)) 62 else 0)
  right <- right_columns(lines, axis, source, size)
  page <- list(
    size = size, label_width = left$width[1], columns = rbind(left, right),
    left = sum(left$width) + column_gap * nrow(left),
    left_room = sum(left$width) + column_gap * (nrow(left) - 1),
    right = sum(right$width) + column_gap * length(unique(right$block)) + 1,
    ticks = axis_ticks(axis, size - 1, panel_width)
  )
  axis$title <- fold_title(axis$title, size)
  page$axis <- axis
  page$width <- page$left + panel_width + page$right + 4
  point <- size * mm_per_point
  page$line <- line_height * point
  page$axis_height <- 2 + point * (1.2 + 1.2 * count_lines(axis$title))
  page
}

# Height in mm of body, axis and what stands below it, at the full text size.
page_height <- function(lines, page) {
  max(lines$y + lines$height / 2) * page$line + below_axis(lines, page) + 4
}

# Room that the axis or the words and captions below it need, whichever is more.
below_axis <- function(lines, page) {
  max(page$axis_height, -min(lines$y - lines$height / 2) * page$line)
}

text_column <- function(name, header, text, size, align = "right", block = name) {
  width <- max(text_width(text, size), text_width(header, size, bold = TRUE))
  data.frame(name = name, header = header, align = align, block = block, width = width)
}

# Study labels, then the animals of each arm. `x` is the place of the text in mm from
# the panel's left edge.
left_columns <- function(lines, label_width, size, least) {
  study <- lines$kind == "study"
  arms <- rbind(
    if (any(nzchar(lines$text_n_t))) {
      text_column("n_t", "Treated\n(n)", lines$text_n_t, size)
    },
    if (any(nzchar(lines$text_n_c))) {
      text_column("n_c", "Control\n(n)", lines$text_n_c, size)
    }
  )
  labels <- text_column("label", lines$label[lines$kind == "header"],
    shorten(lines$label[study], label_width, size), size, "left"
  )
  labels$width <- labels$width + if (any(lines$kind == "subgroup")) subgroup_indent else 0
  beside <- sum(arms$width) + column_gap * NROW(arms)
  summary <- lines$label[lines$kind %in% c("pooled", "prediction")]
  heading <- lines$label[lines$kind == "subgroup"]
  needed <- max(
    0, text_width(summary, size, bold = TRUE),
    text_width(shorten(heading, label_width, size), size, bold = TRUE)
  )
  labels$width <- max(labels$width, c(needed, least) - beside)
  columns <- rbind(labels, arms)
  ends <- rev(cumsum(rev(columns$width + column_gap)))
  columns$x <- ifelse(columns$align == "left", -ends, -ends + columns$width)
  cbind(columns, edge = 0)
}

subgroup_indent <- 2.5 # mm
word_scale <- c(title = 1.25, heterogeneity = 0.92, caption = 0.92) # of the font size

# Effect and interval in three columns, so that their decimals stand in line, then the
# weight. `x` is from the panel's right edge.
right_columns <- function(lines, axis, source, size) {
  interval <- paste0("[", percent_level(axis$level), " CI]")
  header <- paste(column_title(axis), interval)
  effect <- rbind(
    text_column("estimate", "", lines$text_estimate, size, block = "effect"),
    text_column("lower", "", open_end(lines$text_lower), size, block = "effect"),
    text_column("upper", header, close_end(lines$text_upper), size, block = "effect")
  )
  effect$width[3] <- text_width_max(close_end(lines$text_upper), size)
  effect$width[2:3] <- effect$width[2:3] + size * 0.4 * mm_per_point
  spare <- text_width(header, size, bold = TRUE) - sum(effect$width)
  effect$width[1] <- effect$width[1] + max(0, spare)
  effect$x <- column_gap + cumsum(effect$width)
  if (is.null(source$fit)) return(cbind(effect, edge = 1))
  weight <- text_column("weight", "Weight\n(%)", lines$text_weight, size)
  weight$x <- max(effect$x) + column_gap + weight$width
  cbind(rbind(effect, weight), edge = 1)
}

text_width_max <- function(text, size) max(0, text_width(text, size))
open_end <- function(text) ifelse(nzchar(text), paste0("[", text, ","), "")
close_end <- function(text) ifelse(nzchar(text), paste0(text, "]"), "")

# Cuts labels to the column; headings and summary lines may run on over the animals.
fit_labels <- function(lines, page) {
  size <- page$size
  indent <- if (any(lines$kind == "subgroup")) subgroup_indent else 0
  study <- lines$kind == "study"
  lines$label[study] <- shorten(lines$label[study], page$label_width - indent, size)
  wide <- lines$kind == "subgroup"
  lines$label[wide] <- shorten(lines$label[wide], page$left_room / 1.06, size)
  notes <- study & is.na(lines$estimate)
  room <- panel_width + page$right - column_gap
  lines$note[notes] <- shorten(lines$note[notes], room, size)
  lines
}

# Every text beside or in the panel, one row each: where (edge 0 or 1 of the panel, x
# in mm from it, y in lines), how, and the room it has.
forest_cells <- function(lines, page) {
  cells <- rbind(
    label_cells(lines, page), number_cells(lines, page), header_cells(lines, page),
    note_cells(lines, page), side_cells(lines, page)
  )
  cells[nzchar(cells$text), ]
}

text_cell <- function(text, y, x, edge, hjust, room, face = "plain", colour = "ink",
                 vjust = 0.5, scale = 1) {
  if (length(text) == 0) return(NULL)
  data.frame(text, y, x, edge, hjust, room, face, colour, vjust, scale)
}

label_cells <- function(lines, page) {
  lines <- lines[lines$kind != "header", ]
  label <- page$columns[1, ]
  grouped <- any(lines$kind == "subgroup")
  study <- lines$kind == "study"
  indent <- ifelse(study & grouped, subgroup_indent, 0)
  across <- lines$kind %in% c("title", "caption")
  room <- ifelse(study, label$width - indent, page$left_room)
  mark <- lines$kind == "caption" & lines$label == simulated_mark
  bold <- lines$kind %in% c("title", "subgroup", "pooled") | mark
  quiet <- lines$kind %in% c("heterogeneity", "caption") & !mark |
    (study & is.na(lines$estimate))
  text_cell(lines$label, lines$y, label$x + indent, 0, 0,
    ifelse(across, page$width, room),
    ifelse(bold, "bold", "plain"), ifelse(quiet, "quiet", "ink"),
    scale = ifelse(lines$kind %in% names(word_scale), word_scale[lines$kind], 1)
  )
}

number_cells <- function(lines, page) {
  columns <- page$columns[-1, ]
  body <- lines[lines$kind %in% c("study", "pooled", "prediction"), ]
  cells <- lapply(seq_len(nrow(columns)), function(i) {
    at <- columns[i, ]
    text <- body[[paste0("text_", at$name)]]
    text <- switch(at$name, lower = open_end(text), upper = close_end(text), text)
    text_cell(text, body$y, at$x, at$edge, 1, at$width,
      ifelse(body$kind == "pooled", "bold", "plain")
    )
  })
  do.call(rbind, cells)
}

header_cells <- function(lines, page) {
  columns <- page$columns
  room <- ifelse(columns$name == "upper", 1e3, columns$width)
  text_cell(columns$header, header_base(lines), columns$x, columns$edge,
    ifelse(columns$align == "left", 0, 1), room, "bold", vjust = 0
  )
}

header_base <- function(lines) {
  header <- lines[lines$kind == "header", ]
  header$y - header$height / 2 + 0.3
}

note_cells <- function(lines, page) {
  lines <- lines[lines$kind == "study" & is.na(lines$estimate), ]
  text_cell(lines$note, lines$y, rep(1, nrow(lines)), 0, 0,
    panel_width + page$right - column_gap, "italic", "quiet"
  )
}

side_cells <- function(lines, page) {
  if (is.null(page$axis$sides)) return(NULL)
  text_cell(page$axis$sides, header_base(lines), c(1, -1), 0:1, 0:1, panel_width / 2,
    "italic", "quiet",
    vjust = 0
  )
}

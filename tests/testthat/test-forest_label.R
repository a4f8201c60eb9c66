# Labels of the rows of a forest plot, and the texts of its lines.

rows_labelled <- function(...) label_rows(data.frame(...))

test_that("a row has its study, and as few further columns as tell it apart", {
  study <- c("a", "a", "b")
  expect_identical(rows_labelled(study = c("a", "b")), c("a", "b"))
  expect_identical(
    rows_labelled(study = study, outcome = c("x", "y", "x")), c("a, x", "a, y", "b, x")
  )
  # the treatment alone is enough, and is named first
  expect_identical(
    rows_labelled(study = study, treatment = c("p", "q", "p"),
      outcome = c("x", "y", "x")
    ),
    c("a, p", "a, q", "b, p")
  )
  both <- rows_labelled(study = rep("a", 4), treatment = c("p", "p", "q", "q"),
    outcome = c("x", "y", "x", "y")
  )
  expect_identical(both, c("a, p, x", "a, p, y", "a, q, x", "a, q, y"))
})

test_that("bare numbers say what they are, missing ones nothing", {
  expect_identical(
    rows_labelled(study = c("a", "a", "a"), time = c(7, 14, NA)),
    c("a, time 7", "a, time 14", "a")
  )
})

test_that("below the heading of a study its rows do not name it again", {
  table <- data.frame(study = c("a", "a", "b", "b"), outcome = c("x", "y", "x", "y"))
  expect_identical(label_rows(table, group = table$study), c("x", "y", "x", "y"))
  # the heading already tells the outcomes apart
  expect_identical(label_rows(table, group = table$outcome), table$study)
})

test_that("without studies rows have numbers; labels of the user's stay", {
  expect_identical(rows_labelled(yi = 1:2), c("Row 1", "Row 2"))
  expect_identical(rows_labelled(study = c(NA, "b")), c("(no study)", "b"))
  expect_identical(label_rows(data.frame(study = 1:2), label = c("x", NA)),
    c("x", "(no label)")
  )
})

test_that("text in another encoding can be drawn", {
  latin <- "caf\xe9"
  expect_identical(plain_text(latin), "caf\u00e9")
  expect_true(all(validEnc(plain_text(c(latin, "plain", NA)))))
})

test_that("numbers stand in the unit of the axis, a prediction without its middle", {
  lines <- data.frame(
    kind = c("study", "prediction"), estimate = c(log(0.5), log(0.8)),
    lower = log(c(0.25, 0.4)), upper = log(c(1, 1.6)), weight = c(12.34, NA),
    n_t = c(8, NA), n_c = c(NA, NA)
  )
  percent <- list(scale = "percent", measure = "ROM", sign = 1, decimals = 1)
  found <- write_lines(lines, percent)
  expect_identical(found$text_estimate, c("-50.0", ""))
  expect_identical(found$text_effect, c("-50.0 [-75.0, 0.0]", "[-60.0, 60.0]"))
  expect_identical(found$text_weight, c("12.3", ""))
  expect_identical(found$text_n_t, c("8", ""))
  plain <- write_lines(lines, list(scale = "effect", decimals = 2))
  expect_identical(plain$text_effect[1], "-0.69 [-1.39, 0.00]")
})

test_that("the words below the diamond are those of the fit", {
  fit <- fit_of(drawn_ten(dose = 1:10), mods = ~dose)
  expect_match(moderator_text(fit), "^Moderators ~dose: F\\(1, 8\\) = ")
  z <- fit_of(drawn_ten(dose = 1:10), mods = ~dose, test = "z")
  expect_match(moderator_text(z), "QM(1) = ", fixed = TRUE)
  expect_null(moderator_text(fit_of(drawn_ten())))
  axis <- list(scale = "effect", decimals = 2, level = 0.95)
  words <- fit_words(list(fit = fit), axis)
  expect_match(words[1], "^Residual heterogeneity: ")
  nested <- fit_words(list(fit = nested_fit()), axis)
  expect_match(nested[1], "^Heterogeneity: var\\(study\\) = ")
  expect_null(fit_words(list(fit = NULL), axis))
  # few effects: the prediction interval anew, at the upper limit of tau2
  few <- fit_of(drawn_ten()[1:5, ])
  at_limit <- predict(few)
  expect_identical(wide_text(few, axis), sprintf(
    "Prediction interval at tau2's upper limit: [%.2f, %.2f]", at_limit$pi_lower_wide,
    at_limit$pi_upper_wide
  ))
  expect_null(wide_text(fit, axis))
})

test_that("captions say what a reader must know", {
  lines <- data.frame(
    clip_lower = FALSE, clip_upper = c(TRUE, FALSE), outside = FALSE,
    hollow = c(FALSE, TRUE), note = c(NA, "no variance"), label = c("a", "b")
  )
  effects <- drawn_ten()[1:2, ]
  effects$imputed_t <- c(TRUE, FALSE)
  axis <- list(scale = "percent", band = c(-0.5, 0), band_shown = c(-40, 0))
  found <- forest_captions(lines, axis, list(effects = effects, fit = NULL))
  expect_identical(found[c(1, 2, 4)], c(
    "Shaded: reported range, -40 to 0 %.",
    "Hollow: kept out of the pooled effect (no variance).",
    "Arrow: the interval goes on beyond the axis."
  ))
  expect_match(found[3], "^\\* SD imputed: ")
  expect_identical(star_imputed(c("a", "b"), effects), c("a *", "b"))
  lines[c("clip_upper", "hollow")] <- FALSE
  axis[c("band", "band_shown")] <- NULL
  effects$imputed_t <- FALSE
  expect_null(forest_captions(lines, axis, list(effects = effects, fit = NULL)))
})

test_that("several reasons to be hollow are not all written out", {
  lines <- data.frame(hollow = TRUE, note = c("a", "b", "c"))
  expect_match(hollow_text(lines), "for several reasons")
  expect_match(hollow_text(lines[1:2, ]), "(a; b)", fixed = TRUE)
  expect_identical(hollow_text(data.frame(hollow = TRUE, note = NA)),
    "Hollow: kept out of the pooled effect."
  )
})

test_that("cautions are sentences in which names of parameters stay as they are", {
  expect_identical(
    caution_sentences(c("var(study) is 0", "only 3 independent groups.")),
    c("var(study) is 0.", "Only 3 independent groups.")
  )
  expect_null(caution_sentences(character()))
  expect_null(fit_cautions(NULL))
})

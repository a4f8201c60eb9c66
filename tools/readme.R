# Makes what README.md shows, with the installed metavivo: its picture, and the output of
# its example. Run in the root of the source:
#
#   Rscript tools/readme.R

library(metavivo)
options(width = 80, cli.width = 80)

# ---- the picture: diet and anxiety of the offspring, Besson and others 2016 ----

anxiety <- subset(metadat::dat.besson2016, our_behaviour_classification == "ANXIETY")
# "measure" and "comparison" are names of columns that metavivo makes
names(anxiety)[match(c("measure", "comparison"), names(anxiety))] <- c("reading", "arms")

effects <- as_comparisons(anxiety,
  study = Reference, outcome = paste(response_test, reading), time = response_age_dPP,
  treated = animal_ID, control = con_ID, greater_is_worse = high_better == "no",
  n_t = exp_n, mean_t = exp_mean, error_t = exp_se,
  n_c = con_n, mean_c = con_mean, error_c = con_se, error_type = "sem"
) |>
  effect_sizes("SMD", direction = "benefit")

pool_effects(nest_outcomes(effects, by = study)) |>
  save_forest("man/figures/forest.png", group = species, order = "estimate", dpi = 110)

# ---- the output of the examples, each in the block below it ----

with_output <- function(lines, open) {
  ends <- which(lines == "```" & seq_along(lines) > open)[1:3]
  root <- setwd(tempdir())
  on.exit(setwd(root))
  output <- utils::capture.output(
    source(exprs = parse(text = lines[(open + 1):(ends[1] - 1)]), print.eval = TRUE)
  )
  c(lines[1:ends[2]], output, lines[ends[3]:length(lines)])
}

lines <- readLines("README.md", encoding = "UTF-8")
examples <- sum(lines == "```r")
for (example in seq_len(examples)) {
  lines <- with_output(lines, which(lines == "```r")[example])
}
writeLines(lines, "README.md")

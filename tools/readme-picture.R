# The picture in README.md: maternal diet and anxiety of the offspring in rats and mice,
# Besson and others 2016, from the package metadat. Run in the root of the source:
#
#   Rscript tools/readme-picture.R

library(metavivo)

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

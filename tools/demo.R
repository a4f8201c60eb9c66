# A first whole analysis, four times: on two tables of effects that were printed, on real
# animal groups, and on simulated ones. Each line that begins with ">" is what a user
# types; what R answers stands below it. Tables (.csv) and pictures (.png) go to
# demo-output/ in the working directory.
#
#   sh tools/demo.sh

library(metavivo)
options(width = 95, cli.width = 95)

folder <- "demo-output"
dir.create(folder, showWarnings = FALSE)
written <- character()

# ---- how the transcript is written ---------------------------------------------------

heading <- function(...) {
  title <- paste0(...)
  cat("\n", title, "\n", strrep("=", nchar(title)), "\n", sep = "")
}

say <- function(...) cat("", strwrap(paste0(...), 90), sep = "\n")

# Prints the call, then what comes of it: messages and warnings first, then the value.
run <- function(call, values = parent.frame()) {
  call <- substitute(call)
  print_call(call)
  result <- withCallingHandlers(withVisible(eval(call, values)),
    warning = \(w) tell(w, "Warning: ", "muffleWarning"),
    message = \(m) tell(m, "", "muffleMessage")
  )
  if (result$visible) print(result$value)
  invisible(result$value)
}

tell <- function(condition, lead, restart) {
  cat(lead, sub("\n*$", "\n", conditionMessage(condition)), sep = "")
  invokeRestart(restart)
}

print_call <- function(call) {
  lines <- deparse(call, width.cutoff = 75L)
  cat("", paste(c(">", rep("+", length(lines) - 1)), lines), sep = "\n")
}

# What the package says instead of going on.
refuse <- function(call, values = parent.frame()) {
  call <- substitute(call)
  print_call(call)
  tryCatch(eval(call, values), mv_error = \(error) {
    cat("Error: ", conditionMessage(error), "\n", sep = "")
  })
  invisible()
}

table_out <- function(table, name) {
  path <- file.path(folder, paste0(name, ".csv"))
  utils::write.csv(as.data.frame(table), path, row.names = FALSE)
  written <<- c(written, path)
}

picture_out <- function(x, name, ...) {
  path <- file.path(folder, paste0(name, ".png"))
  save_forest(x, path, ...)
  written <<- c(written, path)
}

# ---- 1. real animals: from group means to a forest plot ------------------------------

rodents <- function() {
  heading("1. Real data: maternal diet and anxiety of the offspring (rats and mice)")
  say(
    "Besson and others 2016 (Biol Rev 91:1065): 473 comparisons of 46 studies, from the ",
    "package metadat. Each row has two group means with standard errors. We take one ",
    "class of behaviour, anxiety, and the columns we need. `high_better` is the ",
    "authors' own coding: \"yes\" where a greater value means a less anxious animal."
  )
  anxiety <- run(anxiety <- with(metadat::dat.besson2016, data.frame(
    study = Reference, species, reading = paste(response_test, measure),
    age = response_age_dPP, high_better, offspring = animal_ID, control_group = con_ID,
    exp_n, exp_mean, exp_se, con_n, con_mean, con_se
  )[our_behaviour_classification == "ANXIETY", ]))

  pairs <- run(pairs <- as_comparisons(anxiety,
    outcome = reading, time = age, treated = offspring, control = control_group,
    greater_is_worse = high_better == "no", n_t = exp_n, mean_t = exp_mean,
    error_t = exp_se, n_c = con_n, mean_c = con_mean, error_c = con_se, error_type = "sem"
  ))
  run(pairs)

  say("Hedges' g, turned so that positive is less anxious. Rows without an SE are named.")
  effects <- run(effects <- effect_sizes(pairs, "SMD", direction = "benefit"))

  say("A study with several effects is not several studies. The package says so:")
  refuse(pool_effects(effects))
  nested <- run(nested <- nest_outcomes(effects, by = study))
  fit <- run(fit <- pool_effects(nested))
  run(summary(fit))

  say(
    "No effect of the mothers' diet on average (the interval is centred near 0), but ",
    "studies differ: the prediction interval is wide."
  )
  table_out(effects, "1-anxiety-effects")
  table_out(nested, "1-anxiety-by-study")
  picture_out(fit, "1-anxiety",
    group = species, order = "estimate", title = "Maternal diet: anxiety of the offspring"
  )
}

# ---- 2. real, printed estimates: sixteen interventions in stroke ---------------------

stroke <- function() {
  heading("2. Real data: sixteen interventions in animal models of stroke")
  say(
    "Sena and others 2010 (PLoS Biol 8:e1000344), Table 2: efficacy in percent with its ",
    "interval, one row an intervention. One interval is not symmetric: a warning says so."
  )
  effects <- run(effects <- as_effects(stroke_efficacy,
    yi = estimate, lower = ci_lower, upper = ci_upper, study = intervention,
    measure = "Efficacy (%)"
  ))
  fit <- run(fit <- pool_effects(effects))
  run(fit)
  run(heterogeneity(fit))
  table_out(tidy(fit), "2-stroke-pooled")
  picture_out(fit, "2-stroke",
    label = intervention, title = "Stroke: efficacy of 16 interventions"
  )
}

# ---- 3. real, printed estimates: do the subgroups add up? ----------------------------

estradiol <- function() {
  heading("3. Real data: do published subgroups add up to the printed total?")
  say(
    "Estradiol after mesenchymal stem cells in ovarian insufficiency (Front Endocrinol ",
    "2023;14:1165574, Table 2). The same 30 comparisons are divided in six ways. ",
    "Pooled with equal effects, each division must give the printed 1.38 (1.16 to ",
    "1.60). The species \"Mice and Rats\" adds up two others and is left out."
  )
  printed <- subset(
    published_subgroups,
    intervention == "MSC" & outcome == "estradiol" & subgroup != "all" &
      level != "Mice and Rats"
  )
  parts <- run(parts <- as_effects(printed,
    yi = fixed, lower = fixed_lower, upper = fixed_upper, study = level, cells = level,
    measure = "SMD"
  ))
  fits <- run(fits <- lapply(split(parts, parts$subgroup), pool_effects,
    method = "EE", test = "z"
  ))
  totals <- run(totals <- do.call(rbind, lapply(fits, predict))[c(
    "estimate", "ci_lower", "ci_upper"
  )])
  run(format(round(totals, 2), nsmall = 2))
  table_out(data.frame(division = rownames(totals), totals), "3-estradiol-totals")
  picture_out(fits[["cell type"]], "3-estradiol-cell-type",
    label = cells, order = "weight", title = "Estradiol after stem cells, by cell type"
  )
}

# ---- 4. simulated animals: does a reported range hold? -------------------------------

simulated <- function() {
  heading("4. SIMULATED data: stem cells in four diseases, against a reported range")
  say(
    "`msc_simulated` is simulated: no animal was treated and nothing here is evidence. ",
    "It has the shape of a real extraction, and its true effects are known ",
    "(?msc_simulated), so that one sees whether the analysis finds them."
  )
  groups <- run(groups <- cohorts(msc_simulated))
  run(groups)
  pairs <- run(pairs <- comparisons(groups))
  ratios <- run(ratios <- effect_sizes(pairs, "ROM"))
  run(ratios)
  say("One effect a study and outcome, then one fit an outcome:")
  nested <- run(nested <- nest_outcomes(ratios, by = c(study, outcome)))
  fits <- run(fits <- lapply(split(nested, nested$outcome), pool_effects))
  run(fits[["amyloid-beta deposits"]])
  pooled <- run(pooled <- do.call(rbind, lapply(fits, predict, scale = "percent")))
  run(round(pooled[c("estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper")], 1))
  table_out(ratios, "4-simulated-effects")
  table_out(data.frame(outcome = rownames(pooled), pooled), "4-simulated-pooled-percent")
  recovery(pairs)
  claims(fits)
}

recovery <- function(pairs) {
  say(
    "Where a healthy sham group was read, NMD tells how much of the disease effect is ",
    "undone, in percent:"
  )
  recovered <- run(recovered <- effect_sizes(pairs, "NMD"))
  recovered <- run(recovered <- nest_outcomes(recovered, by = c(study, outcome)))
  plaque <- run(plaque <- subset(recovered, outcome == "atherosclerotic plaque volume"))
  fit <- run(fit <- pool_effects(plaque))
  run(fit)
  picture_out(fit, "4-simulated-plaque-recovery",
    title = "Plaque volume: percent of the disease effect undone"
  )
}

claims <- function(fits) {
  say(
    "Now the claims. A review is reported to have found these ranges ",
    "(?reported_ranges); the last one gives no figure and is set beside estradiol."
  )
  claimed <- reported_ranges
  claimed$outcome[5] <- "estradiol"
  run(claimed[c("outcome", "change", "lower_percent", "upper_percent")])
  verdicts <- run(verdicts <- reported_range(fits[claimed$outcome],
    claimed$lower_percent, claimed$upper_percent, claimed$change
  ))
  run(verdicts)
  table_out(verdicts, "4-simulated-verdicts")
  for (i in 1:4) {
    outcome <- claimed$outcome[i]
    picture_out(fits[[outcome]], paste0("4-simulated-", gsub("[^a-z]+", "-", outcome)),
      band = c(verdicts$lower[i], verdicts$upper[i]),
      title = paste0(toupper(substr(outcome, 1, 1)), substring(outcome, 2))
    )
  }
}

rodents()
stroke()
estradiol()
simulated()

heading("Written")
cat(written, sep = "\n")

# Comparisons with numbers of every kind, for the measures of the whole registry. Two rows
# of one study: treated groups of their own, all other groups shared.
group_numbers <- list(
  n = c(t1 = 8, t2 = 10, c = 6, s = 7, a = 9, b = 5),
  mean = c(t1 = 12, t2 = 9, c = 8, s = 30, a = 11, b = 7),
  sd = c(t1 = 2, t2 = 3, c = 2.5, s = 2, a = 1.5, b = 2.2),
  events = c(t1 = 3, t2 = 6, c = 4, s = 1, a = 5, b = 2),
  exposure = c(t1 = 40, t2 = 55, c = 30, s = 35, a = 45, b = 25),
  median = c(t1 = 20, t2 = 31, c = 14, s = 50, a = 25, b = 18)
)

own_groups <- list(t = c("t1", "t2"), c = "c", s = "s", a = "a", b = "b")

groups_of <- function(numbers = group_numbers, outcome = "a", time = NA_real_,
                      cohort = own_groups, ...) {
  out <- list(
    comparison = 1:2, study = "A", experiment = "1", outcome = outcome, time = time
  )
  for (field in names(numbers)) {
    out[[paste0(field, "_t")]] <- unname(numbers[[field]][c("t1", "t2")])
    for (arm in c("c", "s", "a", "b")) {
      out[[paste0(field, "_", arm)]] <- numbers[[field]][[arm]]
    }
  }
  for (arm in names(cohort)) out[[paste0("cohort_", arm)]] <- cohort[[arm]]
  out <- data.frame(out, ..., greater_is_worse = FALSE, maximum = 40, r = 0.5,
    shared_c = 2L, row_t = 1:2, reason = NA_character_
  )
  class(out) <- c("mv_comparisons", "data.frame")
  out
}

effects_of <- function(groups, measure, ...) {
  suppressWarnings(sizes_of(groups, measure, ...))
}

# Two readings of the same animals with the same numbers.
read_both <- function(measure, outcome = c("a", "b"), time = NA_real_, ...) {
  same <- group_numbers
  for (field in names(same)) same[[field]][["t2"]] <- same[[field]][["t1"]]
  cohort <- list(t = "t", c = "c", s = "s", a = "a", b = "b")
  effects_of(groups_of(same, outcome, time, cohort), measure, ...)
}

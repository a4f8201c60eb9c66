# More tables than those of helper-escalc.R: sets of metadat, and groups made of sets of
# single animals or patients that come with R.

# Rows with all six numbers, means that have logs and SDs with two degrees of freedom.
two_groups_of <- function(n_t, mean_t, sd_t, n_c, mean_c, sd_c) {
  x <- data.frame(n_t, mean_t, sd_t, n_c, mean_c, sd_c)
  x <- x[which(x$n_t > 2 & x$n_c > 2 & x$sd_t > 0 & x$sd_c > 0), ]
  x <- x[x$mean_t > 0 & x$mean_c > 0, ]
  do.call(pairs_of, unname(as.list(x)))
}

# One row for each `group`: `value` where `treated`, and where not.
groups_of_values <- function(value, group, treated) {
  describe <- \(x) c(length(x), mean(x), stats::sd(x))
  by_group <- \(rows) do.call(rbind, tapply(value[rows], factor(group)[rows], describe))
  t <- by_group(treated)
  c <- by_group(!treated)
  two_groups_of(t[, 1], t[, 2], t[, 3], c[, 1], c[, 2], c[, 3])
}

more_means <- function() {
  diet <- metadat::dat.besson2016
  tables <- with(metadat::dat.michael2013, list(michael = two_groups_of(
    Brain_n, Brain_m, Brain_s, No_brain_n, No_brain_m, No_brain_s
  )))
  tables$besson <- with(diet, two_groups_of(
    exp_n, exp_mean, exp_se * sqrt(exp_n), con_n, con_mean, con_se * sqrt(con_n)
  ))
  tables$dagostino <- with(
    metadat::dat.dagostino1998, two_groups_of(tnt, mt, sdt, tnc, mc, sdc)
  )
  chicks <- datasets::ChickWeight
  tables$chicks <- groups_of_values(chicks$weight, chicks$Time, chicks$Diet == 1)
  tables
}

# The columns of a set by name: events and animals of both groups.
more_counts <- function() {
  two <- function(set, a, n_t, c, n_c) {
    x <- lapply(getExportedValue("metadat", set), as.vector)
    x <- data.frame(
      events_t = x[[a]], n_t = x[[n_t]], events_c = x[[c]], n_c = x[[n_c]]
    )
    do.call(table_of, as.list(x[stats::complete.cases(x), ]))
  }
  list(
    two("dat.axfors2021", "hcq_arm_event", "hcq_arm_total", "control_arm_event",
      "control_arm_total"
    ),
    two("dat.dagostino1998", "xt", "nt", "xc", "nc"),
    two("dat.hartmannboyce2018", "x.nrt", "n.nrt", "x.ctrl", "n.ctrl"),
    two("dat.karner2014", "tiotropium.deaths", "tiotropium.total", "placebo.deaths",
      "placebo.total"
    ),
    two("dat.viechtbauer2021", "xTi", "nTi", "xCi", "nCi")
  )
}

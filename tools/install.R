# Installs R packages from R's own repository.
#
#   Rscript install.R missing <library> <DESCRIPTION> [package ...]
#       what DESCRIPTION imports and the packages named, if absent or too old; fails if
#       an import stays so
#   Rscript install.R newest <library> [package ...]
#       the packages named, in <library> itself, as new as the repository has them; goes
#       on without the network, telling what it has

# The minimum version of each import, named by it; "0" where DESCRIPTION gives none.
read_imports <- function(file) {
  fields <- trimws(strsplit(read.dcf(file, "Imports")[[1]], ",")[[1]])
  minimum <- ifelse(grepl(">=", fields), gsub(".*>= *|\\)", "", fields), "0")
  stats::setNames(minimum, sub("[ (\n].*", "", fields))
}

installed_version <- function(package, library = NULL) {
  version <- suppressWarnings(
    tryCatch(utils::packageDescription(package, library, "Version"), error = \(e) NA)
  )
  if (is.na(version)) "0" else version
}

outdated <- function(minimum, library = NULL) {
  found <- vapply(names(minimum), installed_version, "", library = library)
  older <- mapply(utils::compareVersion, found, minimum) < 0
  names(minimum)[found == "0" | older]
}

# fs, which testthat needs, brings the libuv that a Linux without root may not have.
use_repository <- function() {
  Sys.setenv(USE_BUNDLED_LIBUV = "1")
  options(Ncpus = 2L, timeout = max(600, getOption("timeout")))
  repos <- getOption("repos")
  # nobody has chosen a mirror: the first of R's own list leads to a near one
  if (length(repos) == 0 || "@CRAN@" %in% repos) {
    utils::chooseCRANmirror(graphics = FALSE, ind = 1, local.only = TRUE)
  }
}

install <- function(packages, library) {
  cat("==> installing", packages, "into", library, "\n")
  .libPaths(c(library, .libPaths()))
  try(utils::install.packages(packages, library, quiet = TRUE))
}

install_missing <- function(library, description, packages) {
  imports <- read_imports(description)
  wanted <- c(imports, stats::setNames(rep("0", length(packages)), packages))
  old <- outdated(wanted)
  if (length(old) > 0) install(old, library)
  left <- outdated(wanted)
  if (length(left) > 0) cat("==> not there, or too old:", left, "\n")
  quit(status = as.integer(any(left %in% names(imports))))
}

install_newest <- function(library, packages) {
  known <- suppressWarnings(
    tryCatch(utils::available.packages()[, "Version"], error = \(e) character())
  )
  if (length(known) == 0) {
    cat("==> R's repository cannot be reached:", getOption("repos"), "\n")
  }
  known <- known[intersect(packages, names(known))]
  old <- outdated(known, library)
  if (length(old) > 0) install(old, library)
  for (package in packages) {
    version <- installed_version(package, library)
    cat(package, if (version == "0") "is not there" else version, "\n")
  }
}

arguments <- commandArgs(trailingOnly = TRUE)
use_repository()
switch(arguments[1],
  missing = install_missing(arguments[2], arguments[3], arguments[-(1:3)]),
  newest = install_newest(arguments[2], arguments[-(1:2)])
)

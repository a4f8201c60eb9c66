# Fails on whatever R CMD check found, unless it is listed here word for word.
#
#   Rscript notes.R <00check.log>

# Packages that only some examples or tests use, and that this machine may not have.
optional <- c("clubSandwich", "emmeans", "meta", "metadat", "metafor", "vdiffr")

is_unavoidable <- function(check, output) {
  words <- trimws(gsub("[[:space:]]+", " ", output))
  absent <- sub("^Packages? suggested but not available for checking: ", "", words)
  absent <- gsub("[^A-Za-z0-9.]", "", strsplit(absent, "[ ,]+")[[1]])
  check == "package dependencies" && all(absent %in% optional)
}

log <- commandArgs(trailingOnly = TRUE)[1]
found <- tools::check_packages_in_dir_details(logs = log, drop_ok = TRUE)
found <- found[found$Status != "OK", ]
found$Output <- sub("[[:space:]]*[*] DONE$", "", found$Output)
unavoidable <- mapply(is_unavoidable, found$Check, found$Output)
for (i in seq_len(nrow(found))) {
  cat(if (unavoidable[i]) "accepted" else "NOT ACCEPTED", "-", found$Check[i], "...",
      found$Status[i], "\n", found$Output[i], "\n")
}
quit(status = as.integer(!all(as.logical(unavoidable))))

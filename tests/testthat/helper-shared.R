# Data sets of others, beside the tree; METAVIVO_SHARED says where.
shared_file <- function(name) {
  path <- file.path(Sys.getenv("METAVIVO_SHARED"), "data", name)
  skip_if_not(file.exists(path), paste("the shared", name))
  path
}

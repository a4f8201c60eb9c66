# What the top level of a file gives a name to.
assigned_names <- function(lines) {
  is_assignment <- vapply(lines, \(line) rlang::is_call(line, "<-"), NA)
  vapply(lines[is_assignment], \(line) deparse1(line[[2]]), "")
}

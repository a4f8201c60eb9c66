# Differences and tables as text, for the scripts that compare with other software.

number <- function(x) ifelse(is.na(x), "", formatC(x, format = "e", digits = 1))

markdown <- function(table) {
  row <- \(cells) paste0("| ", paste(cells, collapse = " | "), " |")
  cells <- apply(as.matrix(table), 1, row)
  paste(c(row(names(table)), row(rep("---", ncol(table))), cells), collapse = "\n")
}

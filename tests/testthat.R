library(testthat)
library(metavivo)

test_check("metavivo")

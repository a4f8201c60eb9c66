test_that("a fit prints what was done and what came out", {
  data <- some_effects()
  expect_snapshot(pool_effects(data))
  expect_snapshot(pool_effects(data, ~ dose + species))
  expect_snapshot(pool_effects(data[1:5, ], method = "DL", test = "knha"))
  expect_snapshot(pool_effects(data, method = "EE", test = "z"))
  expect_snapshot(summary(pool_effects(data)))
})

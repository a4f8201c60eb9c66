# Chance with a seed.

# Runs `draw` on the stream of `seed`, the same whatever generator the user has chosen,
# and leaves R's own stream as it was. Without a seed, on R's own stream.
with_own_seed <- function(seed, draw) {
  if (is.null(seed)) return(draw)
  seed <- check_whole(seed, -.Machine$integer.max, .Machine$integer.max)
  old <- globalenv()[[".Random.seed"]]
  kinds <- RNGkind()
  on.exit(if (is.null(old)) {
    suppressWarnings(do.call(RNGkind, as.list(kinds)))
    rm(".Random.seed", envir = globalenv())
  } else {
    assign(".Random.seed", old, envir = globalenv())
  })
  set.seed(seed, "Mersenne-Twister", "Inversion", "Rejection")
  draw
}

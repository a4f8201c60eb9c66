#' Transform estimates by the delta method
#'
#' Gives `f(yi)` and its variance for a smooth function f, by the Taylor series of f to
#' its first or second order.
#'
#' First order: `f(y)`, variance `f'(y)^2 v`. Second order: `f(y) + f''(y) v / 2`,
#' variance `f'(y)^2 v + (f''(y) v)^2 / 2`, for a normal y; it puts right most of the bias
#' that a curved f makes, and is exact for a parabola. Where the two differ much, the
#' standard error is large for the curve, and neither should be trusted.
#'
#' Functions by name have exact derivatives. Those of an R function are numerical, by
#' Richardson extrapolation: about 11 digits of the first and 8 of the second, where f is
#' smooth over a hundredth of y (of its standard error where y is near 0).
#'
#' @param yi,vi Estimates and their variances.
#' @param f `"log"`, `"exp"`, `"sqrt"`, `"square"`, `"inverse"`, `"logit"`, `"expit"`,
#'   `"arcsine"` (of the square root), `"atanh"`, `"tanh"`, or a function of a vector of
#'   numbers.
#' @param order 1 or 2.
#' @return A data frame with `yi`, `vi` and `problem`, a row for each row given.
#' @section Errors: An estimate outside the domain of f, such as a log of 0, and a
#'   negative variance: the row is NA with its `problem`, and one warning names such rows.
#'   A function that does not give one number for each number is an error.
#' @references Oehlert GW (1992). A note on the delta method. *The American Statistician*
#'   46:27.
#' @family conversions
#' @examples
#' convert_delta(yi = c(4.2, 6.1), vi = c(0.3, 0.9), f = "log")
#' convert_delta(yi = -0.4, vi = 0.02, f = \(x) 100 * (exp(x) - 1), order = 2)
#' @export
convert_delta <- function(yi, vi, f, order = 1) {
  given <- read_vectors(yi = yi, vi = vi)
  if (!rlang::is_integerish(order, n = 1) || !order %in% 1:2) {
    stop_user("{.arg order} must be 1 or 2.", "choice")
  }
  given$values$order <- as.double(order)
  if (!is.function(f)) {
    f <- check_choice(f, named_functions())
    return(new_frame(convert_rows(paste0("delta_", f), given, c("yi", "vi"))))
  }
  series <- taylor(f, given$values$yi, given$values$vi)
  given$values <- c(given$values["yi"], series, given$values[c("vi", "order")])
  new_frame(convert_rows("delta", given, c("yi", "vi")))
}

named_functions <- function() {
  known <- .Call(mv_conversion_names)
  sub("^delta_", "", known[startsWith(known, "delta_")])
}

# f, f' and f'' at y. A step is a hundredth of y or of its standard error, the larger,
# but of y where f ends before that. Halved three times: the errors of the four central
# differences are h^2, h^4, h^6, and are taken out one after the other.
taylor <- function(f, y, v, call = rlang::caller_env()) {
  at <- call_smooth(f, y, call)
  near <- 0.01 * pmax(abs(y), sqrt(pmax(v, 0)), na.rm = TRUE)
  step <- rep_len(near, max(length(y), length(near)))
  y <- rep_len(y, length(step))
  step[step == 0] <- 0.01
  ends <- call_smooth(f, y + step, call) + call_smooth(f, y - step, call)
  narrow <- which(!is.finite(ends) & y != 0)
  step[narrow] <- 0.01 * abs(y[narrow])
  first <- second <- list()
  for (k in 1:4) {
    h <- step / 2^(k - 1)
    high <- call_smooth(f, y + h, call)
    low <- call_smooth(f, y - h, call)
    first[[k]] <- (high - low) / ((y + h) - (y - h))
    second[[k]] <- (high - 2 * at + low) / h^2
  }
  list(f = rep_len(at, length(step)), first = richardson(first),
    second = richardson(second)
  )
}

richardson <- function(values) {
  for (power in 4^seq_len(length(values) - 1)) {
    rest <- values[-1]
    values <- Map(\(coarse, fine) fine + (fine - coarse) / (power - 1),
      values[-length(values)], rest
    )
  }
  values[[1]]
}

# Logs of negative numbers warn and are NaN: such a row has its `problem`.
call_smooth <- function(f, x, call) {
  found <- suppressWarnings(f(x))
  if (is.numeric(found) && length(found) == length(x)) return(as.double(found))
  stop_user(c(
    "{.arg f} must give one number for each number of a vector.",
    "x" = "For {length(x)} number{?s} it gave {.obj_type_friendly {found}}."
  ), "type", call = call)
}

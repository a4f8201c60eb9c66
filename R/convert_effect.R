#' One kind of effect into another
#'
#' Turns standardised mean differences, log odds ratios, correlations and Fisher z into
#' one another, with their variances.
#'
#' Each step is a formula, and the variance follows from its derivative (delta method):
#'
#' * SMD and OR (the log odds ratio): `log OR = d * pi / sqrt(3)`, where the outcome
#'   behind the event is logistic (Hasselblad and Hedges 1995), or `1.65 d` with
#'   `method = "cox"`, nearer where it is normal;
#' * SMD and COR: `d / sqrt(d^2 + h)`, `h = (n_t + n_c - 2)(1/n_t + 1/n_c)`: the
#'   point-biserial correlation of the same t; `h = 4` where no group sizes are given;
#' * COR and ZCOR: Fisher's z, `atanh(r)`.
#'
#' All others go through SMD. The SMD is taken as it comes; the formulas are for Cohen's
#' d, and g in its place is some percent off in small groups. A correlation made from
#' two groups is not one of two measured variables: pool like with like.
#'
#' @param yi,vi Effects and their variances.
#' @param from,to What they are and what they shall be: `"SMD"`, `"OR"` (log odds ratio),
#'   `"COR"`, `"ZCOR"`.
#' @param n_t,n_c Animals in the groups, or NULL; only for `"COR"` and `"ZCOR"`.
#' @param method `"logistic"` or `"cox"`, for `"OR"`.
#' @return A data frame with `yi`, `vi` and `problem`, a row for each row given.
#' @section Errors: A correlation outside -1 to 1, or of -1 or 1 itself, and a negative
#'   variance: the row is NA with its `problem`, and one warning names such rows.
#' @references Hasselblad V, Hedges LV (1995). *Psychological Bulletin* 117:167. Cox DR
#'   (1970). *Analysis of Binary Data*. Borenstein M and others (2009). *Introduction to
#'   Meta-Analysis*, chapter 7.
#' @family conversions
#' @examples
#' convert_effect(yi = log(c(0.4, 0.7)), vi = c(0.2, 0.1), from = "OR", to = "SMD")
#' convert_effect(yi = 0.8, vi = 0.25, from = "SMD", to = "ZCOR", n_t = 8, n_c = 10)
#' @export
convert_effect <- function(yi, vi, from, to, n_t = NULL, n_c = NULL,
                           method = c("logistic", "cox")) {
  if (missing(from) || missing(to)) stop_scale()
  from <- check_choice(from, scales_of_effects)
  to <- check_choice(to, scales_of_effects)
  method <- first_choice(method, c("logistic", "cox"))
  given <- read_vectors(yi = yi, vi = vi, n_t = n_t, n_c = n_c)
  steps <- steps_between(from, to, method)
  found <- list(yi = rep_len(given$values$yi, given$rows),
    vi = rep_len(given$values$vi, given$rows), problem = rep(NA_character_, given$rows)
  )
  for (step in steps) {
    given$values[c("yi", "vi")] <- found[c("yi", "vi")]
    before <- found$problem
    found <- convert_rows(step, given, c("yi", "vi"), tell = FALSE)
    bad <- which(!is.na(before))
    found$problem[bad] <- before[bad]
  }
  tell_problems(found$problem)
  new_frame(found)
}

scales_of_effects <- c("SMD", "OR", "COR", "ZCOR")

# Down to SMD, up from it; what lies on both ways is left out.
steps_between <- function(from, to, method) {
  suffix <- if (method == "cox") "_cox" else ""
  down <- list(SMD = NULL, OR = paste0("or_to_d", suffix), COR = "r_to_d",
    ZCOR = c("z_to_r", "r_to_d")
  )
  up <- list(SMD = NULL, OR = paste0("d_to_or", suffix), COR = "d_to_r",
    ZCOR = c("d_to_r", "r_to_z")
  )
  if (from == to) return(NULL)
  if (from == "COR" && to == "ZCOR") return("r_to_z")
  if (from == "ZCOR" && to == "COR") return("z_to_r")
  c(down[[from]], up[[to]])
}

stop_scale <- function(call = rlang::caller_env()) {
  stop_user(c(
    "{.arg from} and {.arg to} must both be given.",
    "i" = "Each is one of {.val {scales_of_effects}}."
  ), "absent", call = call)
}

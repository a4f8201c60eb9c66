# Effects and fits with the columns that forest() reads.
some_effects <- function(yi, vi, measure = "SMD", study = NULL, ...) {
  k <- length(yi)
  study <- study %||% sprintf("Study %02d", seq_len(k))
  effects <- data.frame(
    comparison = seq_len(k), study = study, measure = measure, direction = "raw",
    sign = 1, yi = yi, vi = vi, reason = NA_character_, pooled = TRUE,
    greater_is_worse = NA, ...
  )
  structure(effects, class = c("mv_effects", "data.frame"))
}
set_cols <- function(x, ...) { d <- list(...); for (n in names(d)) x[[n]] <- d[[n]]; x }
fake_fit <- function(effects, method = "REML", test = "adhoc", level = .95) {
  used <- which(is.finite(effects$yi) & !(effects$pooled %in% FALSE))
  yi <- effects$yi[used]; vi <- effects$vi[used]; k <- length(yi)
  w <- 1/vi; mu <- sum(w*yi)/sum(w); Q <- sum(w*(yi-mu)^2)
  tau2 <- if (method=="EE") NA else max(0, (Q-(k-1))/(sum(w)-sum(w^2)/sum(w))); if (k==1) tau2 <- NA
  w <- 1/(vi+ifelse(is.na(tau2),0,tau2)); mu <- sum(w*yi)/sum(w); se <- sqrt(1/sum(w))
  df <- if (test=="z") Inf else k-1
  crit <- if (df > 0) qt(.975, df) else 1.96
  structure(list(beta=c("(Intercept)"=mu), se=se, ci_lower=mu-crit*se, ci_upper=mu+crit*se, df=df, tau2=tau2, method=method,test=test,
    level=level,k=k,p=1,Q=Q,Q_df=k-1,Q_p=pchisq(Q,k-1,lower.tail=FALSE), I2=if (k > 1) max(0,100*(Q-k+1)/Q) else NA, H2=Q/(k-1), yi=yi,vi=vi,used=used,
    effects=effects, mods=~1, X=NULL, dependent=0), class="mv_fit")
}

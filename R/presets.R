# Conventions of other software, chosen by `variance = "revman"` and the like: which form
# of the variance it has for a measure, and which correction for small samples. A measure
# is a row; one that a software does not have is not in its list.

preset_labels <- c(
  revman = "Review Manager 5", cma = "Comprehensive Meta-Analysis", metafor = "metafor",
  camarades = "CAMARADES (Vesterinen 2014)"
)

preset_rows <- function(preset, form, correction = "exact") {
  data.frame(
    preset = preset, measure = names(form), form = unname(form),
    correction = correction
  )
}

# J is 1 - 3/(4N - 9) in all but metafor. metafor's default for RD, IRD and PETO is an
# estimate from cells to which something was added, which is none of ours.
# revman: Deeks & Higgins 2010, Statistical algorithms in Review Manager 5.
# cma: Borenstein et al. 2009, Introduction to Meta-Analysis, ch 4 (the ratio of means is
# not corrected). metafor: its defaults, version 5. camarades: Vesterinen et al. 2014, J
# Neurosci Methods 221:92, with the control's n divided by shared_control = "split".
presets <- rbind(
  preset_rows("revman", c(MD = "LS", SMD = "LS3"), "approximate"),
  preset_rows("cma", c(MD = "HO", SMD = "LS2"), "approximate"),
  preset_rows("cma", c(ROM = "HO"), "none"),
  preset_rows("metafor", c(
    MD = "LS", SMD = "LS", SMDH = "LS", SMD1 = "LS", SMD1H = "LS", ROM = "LS", VR = "LS",
    CVR = "LS", MC = "LS", SMCC = "LS", SMCR = "LS", SMCRH = "LS", ROMC = "LS", MN = "LS",
    MNLN = "LS", SDLN = "LS", CVLN = "LS", RR = "LS", OR = "LS", AS = "LS", PR = "LS",
    PLN = "LS", PLO = "LS", PAS = "LS", PFT = "LS", IRR = "LS", IRSD = "LS", IR = "LS",
    IRLN = "LS", IRS = "LS", IRFT = "LS", COR = "LS", ZCOR = "LS"
  )),
  preset_rows(
    "camarades", c(MD = "LS", SMD = "LS3", NMD = "vesterinen"), "approximate"
  )
)

presets_of <- function(measure) presets$preset[presets$measure == measure]

# The row that `variance` names, or NULL where it names none.
find_preset <- function(measure, variance, call) {
  if (!rlang::is_string(variance) || !variance %in% names(preset_labels)) return(NULL)
  mine <- presets[presets$preset == variance, ]
  if (measure %in% mine$measure) return(as.list(mine[mine$measure == measure, ]))
  stop_user(c(
    "No convention of {preset_labels[[variance]]} for {.val {measure}} is known here.",
    "x" = "There is one for {.val {mine$measure}}.",
    "i" = "Name a form of the variance instead, see {.code ?effect_sizes}."
  ), "choice", call = call)
}

# As the core counts them: crude, exact, approximate.
correction_code <- function(form, correct) {
  kind <- if (is.null(form$correction)) "exact" else form$correction
  if (!correct) kind <- "none"
  match(kind, c("none", "exact", "approximate")) - 1L
}

describe_convention <- function(convention) {
  ifelse(is.na(convention), "", paste0("; as in ", preset_labels[convention]))
}

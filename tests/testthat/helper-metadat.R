# metadat's data sets as effects with independent rows. All of them serve
# validation/metafor.R, some test-metafor.R.

# A recipe: the data set, what tells its studies apart (NULL: each row is a study), a
# moderator (NULL: the row number) and the call of escalc() that makes effects of it.
recipe <- function(set, study, mods, effects) {
  list(set = set, study = substitute(study), mods = mods, effects = substitute(effects))
}

metadat_recipes <- list(
  recipe("dat.aloe2013", NULL, NULL,
    escalc("SPCOR", ti = tval, mi = preds, ni = n, r2i = R2)),
  recipe("dat.anand1999", NULL, ~year,
    escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.anker2025", NULL, ~year, escalc("GEN", yi = total.logrr, sei = total.se)),
  recipe("dat.assink2016", study, ~year, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.axfors2021", id, ~hcq_cq,
    escalc("OR", ai = hcq_arm_event, n1i = hcq_arm_total, ci = control_arm_event,
      n2i = control_arm_total)),
  recipe("dat.bakdash2021", SampleID, ~Year, escalc("GEN", yi = es.z, vi = vi.z)),
  recipe("dat.baker2009", id, ~year, escalc("PLO", xi = exac, ni = total)),
  recipe("dat.bangertdrowns2004", NULL, ~ni, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.bartos2023", NULL, ~flips, escalc("PR", xi = same, ni = flips)),
  recipe("dat.baskerville2012", NULL, ~score, escalc("GEN", yi = smd, sei = se)),
  recipe("dat.bassler2004", NULL, ~blind,
    escalc("OR", ai = Ee, n1i = Ne, ci = Ec, n2i = Nc)),
  recipe("dat.bauer2002", NULL, ~year, escalc("GEN", yi = wmwstat, sei = stderr)),
  recipe("dat.bcg", NULL, ~ablat,
    escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg)),
  recipe("dat.begg1989", study, ~trt, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.berkey1998", trial, ~year, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.berkey1998r", trial, ~year, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.besson2016", study_ID, ~species,
    escalc("SMD", m1i = exp_mean, sd1i = exp_se * sqrt(exp_n), n1i = exp_n,
      m2i = con_mean, sd2i = con_se * sqrt(con_n), n2i = con_n)),
  recipe("dat.bonett2010", NULL, ~caregivers, escalc("ABT", ai = ai, mi = mi, ni = ni)),
  recipe("dat.bornmann2007", study, ~year,
    escalc("OR", ai = waward, n1i = wtotal, ci = maward, n2i = mtotal)),
  recipe("dat.bourassa1996", study, ~year,
    escalc("OR", ai = lh.le, bi = lh.re, ci = rh.le, di = rh.re)),
  recipe("dat.cannon2006", NULL, ~pop,
    escalc("RR", ai = ep1t, n1i = nt, ci = ep1c, n2i = nc)),
  recipe("dat.chiarito2020", NULL, ~year,
    escalc("OR", ai = p2y12.stroke, n1i = p2y12.total, ci = aspirin.stroke,
      n2i = aspirin.total)),
  recipe("dat.cohen1981", NULL, NULL, escalc("ZCOR", ri = ri, ni = ni)),
  recipe("dat.colditz1994", NULL, ~alloc,
    escalc("OR", ai = tpos, bi = tneg, ci = cpos, di = cneg)),
  recipe("dat.collins1985a", NULL, ~year,
    escalc("OR", ai = b.xti, n1i = nti, ci = b.xci, n2i = nci)),
  recipe("dat.collins1985b", NULL, ~year,
    escalc("OR", ai = pre.xti, n1i = pre.nti, ci = pre.xci, n2i = pre.nci)),
  recipe("dat.craft2003", study, ~sport, escalc("ZCOR", ri = ri, ni = ni)),
  recipe("dat.crede2010", studyid, ~year, escalc("ZCOR", ri = ri, ni = ni)),
  recipe("dat.crisafulli2020", NULL, ~pubyear, escalc("PLO", xi = cases, ni = total)),
  recipe("dat.curtin2002", NULL, ~N, escalc("GEN", yi = mean, sei = SE)),
  recipe("dat.curtis1998", paper, ~time,
    escalc("ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
      n2i = n2i)),
  recipe("dat.dagostino1998", study, NULL,
    escalc("SMD", m1i = mt, sd1i = sdt, n1i = tnt, m2i = mc, sd2i = sdc, n2i = tnc)),
  recipe("dat.damico2009", NULL, ~year,
    escalc("OR", ai = xt, n1i = nt, ci = xc, n2i = nc)),
  recipe("dat.debruin2009", NULL, ~scq, escalc("PR", xi = xi, ni = ni)),
  recipe("dat.demir2022", studyid, ~year,
    escalc("ABT", ai = alpha, mi = items, ni = n)),
  recipe("dat.dogliotti2014", id, NULL, escalc("PLO", xi = stroke, ni = total)),
  recipe("dat.dong2013", id, NULL, escalc("PLO", xi = death, ni = randomized)),
  recipe("dat.dorn2007", NULL, ~jadad,
    escalc("RR", ai = x.a, n1i = n.a, ci = x.p, n2i = n.p)),
  recipe("dat.dumouchel1994", NULL, ~smoke,
    escalc("GEN", yi = log(or), sei = log(upper / lower) / (2 * qnorm(.975)))),
  recipe("dat.egger2001", NULL, ~year,
    escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.feng2019", NULL, ~year, escalc("PFT", xi = depr, ni = n)),
  recipe("dat.fine1993", NULL, NULL,
    escalc("OR", ai = e1i, n1i = nei, ci = c1i, n2i = nci)),
  recipe("dat.franchini2012", NULL, NULL,
    escalc("MD", m1i = y2, sd1i = sd2, n1i = n2, m2i = y1, sd2i = sd1, n2i = n1)),
  recipe("dat.frank2008", NULL, NULL,
    escalc("OR", ai = 2 * bc.del.del + bc.ins.del, bi = 2 * bc.ins.ins + bc.ins.del,
      ci = 2 * ct.del.del + ct.ins.del, di = 2 * ct.ins.ins + ct.ins.del)),
  recipe("dat.furukawa2003", NULL, NULL,
    escalc("SMDH", m1i = Me, sd1i = Se, n1i = Ne, m2i = Mc, sd2i = Sc, n2i = Nc)),
  recipe("dat.gibson2002", NULL, ~year,
    escalc("SMD1", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
      n2i = n2i)),
  recipe("dat.graves2010", NULL, NULL,
    escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.greb2008", NULL, NULL,
    escalc("RR", ai = Ee, n1i = Ne, ci = Ec, n2i = Nc)),
  recipe("dat.greenland1992", NULL, ~year, escalc("GEN", yi = b, sei = SE)),
  recipe("dat.gurusamy2011", study, NULL, escalc("PLO", xi = death, ni = n)),
  recipe("dat.hackshaw1998", NULL, ~design, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.hahn2001", NULL, NULL,
    escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.hannum2020", NULL, ~objectivity, escalc("PAS", xi = xi, ni = ni)),
  recipe("dat.hart1999", NULL, ~year,
    escalc("IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i)),
  recipe("dat.hartmannboyce2018", study, ~treatment,
    escalc("RR", ai = x.nrt, n1i = n.nrt, ci = x.ctrl, n2i = n.ctrl)),
  recipe("dat.hasselblad1998", id, ~year, escalc("PLO", xi = xi, ni = ni)),
  recipe("dat.higgins2008", NULL, NULL,
    escalc("RR", ai = resp.halo, bi = fail.halo, ci = resp.plac, di = fail.plac)),
  recipe("dat.hine1989", NULL, NULL,
    escalc("RD", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.ishak2007", NULL, ~mdur, escalc("GEN", yi = y1i, vi = v1i)),
  recipe("dat.kalaian1996", study, ~year, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.karner2014", NULL, ~year,
    escalc("OR", ai = tiotropium.exa, n1i = tiotropium.total, ci = placebo.exa,
      n2i = placebo.total)),
  recipe("dat.kearon1998", NULL, ~year, escalc("PLO", xi = tp, ni = np)),
  recipe("dat.knapp2017", study, ~difficulty, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.konstantopoulos2011", district, ~year, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.landenberger2005", NULL, ~age,
    escalc("OR", ai = n.cbt.rec, bi = n.cbt.non, ci = n.ctrl.rec, di = n.ctrl.non)),
  recipe("dat.laopaiboon2015", NULL, ~year,
    escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.lau1992", NULL, ~year,
    escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.lee2004", NULL, ~year,
    escalc("AS", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.lehmann2018", Short_Title, ~Year, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.li2007", NULL, ~year,
    escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.lim2014$o_o_unadj", article, NULL, escalc("ZCOR", ri = ri, ni = ni)),
  recipe("dat.linde2005", study, ~year,
    escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.linde2015", id, ~year,
    escalc("OR", ai = resp1, n1i = n1, ci = resp2, n2i = n2)),
  recipe("dat.linde2016", id, ~year, escalc("PLO", xi = resp, ni = n)),
  recipe("dat.lloyd2010", NULL, ~year,
    escalc("GEN", yi = mean.das, sei = (upper.das - lower.das) / (2 * qnorm(.975)))),
  recipe("dat.lopez2019", study, ~scale, escalc("GEN", yi = diff, sei = se)),
  recipe("dat.maire2019$dat", site, NULL, escalc("GEN", yi = s1, vi = vars1)),
  recipe("dat.mccurdy2020", article, ~memory_test, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.mcdaniel1994", NULL, ~struct, escalc("ZCOR", ri = ri, ni = ni)),
  recipe("dat.meeker2017", NULL, ~division, escalc("GEN", yi = mean, sei = se)),
  recipe("dat.metap$zhang", NULL, ~phase,
    escalc("GEN", yi = smd, sei = (hi - lo) / (2 * qnorm(.975)))),
  recipe("dat.michael2013", NULL, ~Medium, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.molloy2014", NULL, ~quality, escalc("COR", ri = ri, ni = ni)),
  recipe("dat.moore1998", NULL, ~year,
    escalc("RR", ai = Ee, n1i = Ne, ci = Ec, n2i = Nc)),
  recipe("dat.moura2021$dat", study.id, NULL, escalc("ZCOR", ri = ri, ni = ni)),
  recipe("dat.nakagawa2007", NULL, NULL,
    escalc("ZCOR", ri = Correlation, ni = SampleSize)),
  recipe("dat.nielweise2007", NULL, ~year,
    escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  recipe("dat.nielweise2008", NULL, ~year,
    escalc("IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i)),
  recipe("dat.nissen2007", NULL, ~weeks,
    escalc("PETO", ai = treat.infarction, n1i = treat.total, ci = cont.infarction,
      n2i = cont.total)),
  recipe("dat.normand1999", NULL, NULL,
    escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
      n2i = n2i)),
  recipe("dat.obrien2003", study, ~year, escalc("PLO", xi = cases, ni = total)),
  recipe("dat.pagliaro1992", study, ~trt, escalc("PLO", xi = xi, ni = ni)),
  recipe("dat.pignon2000", NULL, ~grp, escalc("GEN", yi = OmE / V, vi = 1 / V)),
  recipe("dat.poole2003", NULL, ~year,
    escalc("SMD", m1i = Me, sd1i = Se, n1i = Ne, m2i = Mc, sd2i = Sc, n2i = Nc)),
  recipe("dat.pritz1997", NULL, NULL, escalc("PFT", xi = xi, ni = ni)),
  recipe("dat.quan2000", NULL, NULL,
    escalc("OR", ai = Ee, n1i = Ne, ci = Ec, n2i = Nc)),
  recipe("dat.raudenbush1985", NULL, ~weeks, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.riley2003", study, ~outcome, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.rivera2025", NULL, ~Year,
    escalc("OR", ai = TP, bi = FP, ci = FN, di = TN)),
  recipe("dat.roever2022", study, ~year, escalc("PLO", xi = events, ni = total)),
  recipe("dat.senn2013", study, NULL, escalc("MN", mi = mi, sdi = sdi, ni = ni)),
  recipe("dat.spooner2002", NULL, ~agegroup,
    escalc("MD", m1i = Me, sd1i = Se, n1i = Ne, m2i = Mc, sd2i = Sc, n2i = Nc)),
  recipe("dat.steurer2006", NULL, ~year, escalc("GEN", yi = lnHR, sei = selnHR)),
  recipe("dat.stowe2010", NULL, NULL,
    escalc("MD", m1i = y1, sd1i = sd1, n1i = n1, m2i = y2, sd2i = sd2, n2i = n2)),
  recipe("dat.tannersmith2016", studyid, ~propmale, escalc("GEN", yi = yi, vi = vi)),
  recipe("dat.thompson1999", NULL, ~cholr, escalc("GEN", yi = logOR, vi = varlogOR)),
  recipe("dat.tian2009", study, ~duration, escalc("PLO", xi = infarcts, ni = n)),
  recipe("dat.ursino2021", study, ~year, escalc("PLO", xi = events, ni = total)),
  recipe("dat.vanhowe1999", NULL, ~category,
    escalc("OR", ai = non.pos, bi = non.neg, ci = cir.pos, di = cir.neg)),
  recipe("dat.viechtbauer2021", NULL, ~dose,
    escalc("OR", ai = xTi, n1i = nTi, ci = xCi, n2i = nCi)),
  recipe("dat.white2020", study_id, ~class, escalc("ZCOR", ri = r, ni = n)),
  recipe("dat.woods2010", author, NULL, escalc("PLO", xi = r, ni = N)),
  recipe("dat.yusuf1985", trial, ~table,
    escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i))
)

# ---- from a recipe to independent effects ----------------------------------------------

metadat_set <- function(set) {
  parts <- strsplit(set, "$", fixed = TRUE)[[1]]
  found <- new.env()
  utils::data(list = parts[1], package = "metadat", envir = found)
  data <- found[[parts[1]]]
  if (length(parts) > 1) data[[parts[2]]] else data
}

# All rows that have an effect and a variance above 0. A data frame study (each row its
# own where the recipe names none), yi, vi, x (the moderator, NA where it is missing).
metadat_rows <- function(recipe) {
  data <- metadat_set(recipe$set)
  call <- recipe$effects
  call[[1]] <- quote(metafor::escalc)
  call$data <- quote(data)
  effects <- suppressWarnings(eval(call))
  x <- if (is.null(recipe$mods)) seq_len(nrow(data)) else data[[all.vars(recipe$mods)]]
  if (is.character(x)) x <- factor(x)
  study <- eval(recipe$study, data)
  if (is.null(study)) study <- seq_len(nrow(data))
  found <- data.frame(
    study = as.character(study), yi = as.numeric(effects$yi),
    vi = as.numeric(effects$vi), x = x
  )
  found[is.finite(found$yi) & is.finite(found$vi) & found$vi > 0, ]
}

# One row a study, the first.
metadat_effects <- function(recipe) {
  found <- metadat_rows(recipe)
  found[!duplicated(found$study), c("yi", "vi", "x")]
}

# The rows whose moderator is known, as it stands in the data set. Where it does not
# vary, the row number.
with_moderator <- function(effects) {
  effects <- effects[!is.na(effects$x), ]
  if (is.factor(effects$x)) effects$x <- droplevels(effects$x)
  if (length(unique(effects$x)) < 2) effects$x <- seq_len(nrow(effects))
  effects
}

# Numbers as multiples of their standard deviation from their mean. A column of years, as
# it stands, costs rma() up to seven digits (exact_errors() tells whose they are), so fits
# are compared on this one, and columns as they stand with exact arithmetic.
standardised <- function(effects) {
  if (is.numeric(effects$x)) effects$x <- drop(scale(effects$x))
  effects
}

# Tables of dependent effects, for the comparison of multilevel models with metafor: those
# of its help pages and of metadat's, and further ones with obvious clusters. Each is a
# function without arguments that gives list(data, V).

multilevel_data <- list(
  anand1999 = \() {
    data <- with_effects(metadat("anand1999"), measure = "OR", ai = ai, n1i = n1i,
                         ci = ci, n2i = n2i)
    dependent(keep_columns(data, "study", "intensity", "asp.t", "year"))
  },
  anker2025 = \() {
    set <- metadat("anker2025")
    data <- data.frame(
      study = rep(set$study, 2), sex = rep(c("female", "male"), each = nrow(set)),
      yi = c(set$female.logrr, set$male.logrr), vi = c(set$female.se, set$male.se)^2
    )
    dependent(data[stats::complete.cases(data), ])
  },
  assink2016 = \() {
    data <- metadat("assink2016")[-3]
    type <- as.character(data$deltype)
    data$crime <- ifelse(type == "general", "0_general", type)
    dependent(data)
  },
  assink2016_vcalc = \() {
    data <- metadat("assink2016")
    dependent(data[-3], within_cluster(data, "study", "esid", 0.6))
  },
  assink2016_types = \() {
    data <- metadat("assink2016")
    V <- metafor::vcalc(vi, cluster = study, type = deltype, obs = esid, data = data,
                        rho = c(0.7, 0.5))
    dependent(data[-3], V)
  },
  baker2009 = \() arms_of(metadat("baker2009"), "study", "treatment", "exac", "total"),
  bakdash2021 = \() {
    set <- metadat("bakdash2021")
    dependent(data.frame(
      yi = set$es.z, vi = set$vi.z, SampleID = set$SampleID, Outcome = set$Outcome,
      SA.measure.type = set$SA.measure.type
    ))
  },
  bangertdrowns2004 = \() {
    dependent(keep_columns(metadat("bangertdrowns2004"), "id", "author", "grade"))
  },
  bartos2023 = \() {
    set <- metadat("bartos2023")
    flips <- set$flips
    heads <- (set$hsame + set$hdiff) / flips
    same <- (set$hsame + set$tsame) / flips
    between <- (set$hsame / flips - heads * same) / flips
    two <- rep(seq_along(flips), each = 2)
    data <- data.frame(
      person = set$person[two], outcome = c("heads", "same"),
      yi = c(rbind(heads, same)),
      vi = c(rbind(heads * (1 - heads), same * (1 - same))) / flips[two]
    )
    V <- outer(two, two, "==") * between[two]
    diag(V) <- data$vi
    dependent(data, V)
  },
  bcg = \() {
    data <- with_effects(metadat("bcg"), measure = "OR", ai = tpos, bi = tneg, ci = cpos,
                         di = cneg)
    dependent(keep_columns(data, "trial", "ablat", "alloc"))
  },
  bcg_long = \() long_bcg(metadat("bcg")),
  begg1989 = \() {
    data <- metadat("begg1989")
    data$trt <- ifelse(data$trt == "CMO", "0_CMO", as.character(data$trt))
    data$arms <- ifelse(data$arms == 2, "0_2", as.character(data$arms))
    dependent(keep_columns(data, "study", "trt", "arms"))
  },
  berkey1998 = \() {
    data <- metadat("berkey1998")
    V <- metafor::vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = data)
    data$year83 <- data$year - 1983
    dependent(keep_columns(data, "trial", "outcome", "year83"), V)
  },
  besson2016 = \() {
    data <- with_effects(metadat("besson2016"), measure = "SMD", m1i = exp_mean,
      m2i = con_mean, sd1i = exp_se * sqrt(exp_n), sd2i = con_se * sqrt(con_n),
      n1i = exp_n, n2i = con_n)
    dependent(keep_columns(data, "study_ID", "comp_ID", "strain", "species"))
  },
  bornmann2007 = \() {
    data <- with_effects(metadat("bornmann2007"), measure = "OR", ai = waward,
                         n1i = wtotal, ci = maward, n2i = mtotal)
    dependent(keep_columns(data, "study", "obs", "type", "country"))
  },
  bourassa1996 = \() {
    data <- eyedness()
    dependent(keep_columns(data[data$sex == "combined", ], "study", "sample"))
  },
  bourassa1996_sex = \() {
    data <- eyedness()
    apart <- ave(data$study, data$sample, FUN = length) == 3
    data <- data[!apart | data$sex != "combined", ]
    dependent(keep_columns(data, "study", "sample", "sex"))
  },
  cannon2006 = \() {
    set <- metadat("cannon2006")
    long <- lapply(1:5, \(e) data.frame(
      trial = set$trial, endpoint = letters[e], nr = e, x1 = set[[paste0("ep", e, "t")]],
      n1 = set$nt, x2 = set[[paste0("ep", e, "c")]], n2 = set$nc
    ))
    data <- with_effects(do.call(rbind, long), measure = "OR", ai = x1, n1i = n1, ci = x2,
                         n2i = n2)
    dependent(keep_columns(data, "trial", "endpoint", "nr"),
              within_cluster(data, "trial", "endpoint", 0.5))
  },
  colditz1994_long = \() long_bcg(metadat("colditz1994")),
  collins1985a = \() {
    set <- metadat("collins1985a")
    long <- lapply(c("b", "o", "d"), \(e) data.frame(
      id = set$id, outcome = e, x1 = set[[paste0(e, ".xti")]], n1 = set$nti,
      x2 = set[[paste0(e, ".xci")]], n2 = set$nci
    ))
    data <- with_effects(do.call(rbind, long), measure = "OR", ai = x1, n1i = n1, ci = x2,
                         n2i = n2)
    data$nr <- match(data$outcome, c("b", "o", "d"))
    dependent(keep_columns(data, "id", "outcome", "nr"),
              within_cluster(data, "id", "outcome", 0.3))
  },
  craft2003 = \() related(metadat("craft2003"), FALSE),
  craft2003_z = \() related(metadat("craft2003"), TRUE),
  crede2010_grade = \() attendance("grade"),
  crede2010_gpa = \() attendance("gpa"),
  curtis1998 = \() {
    data <- with_effects(metadat("curtis1998"), measure = "ROM", m1i = m1i, sd1i = sd1i,
                         n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i)
    dependent(keep_columns(data, "paper", "genus", "species", "fungrp", "time"))
  },
  dagostino1998 = \() {
    data <- with_effects(metadat("dagostino1998"), measure = "SMD", m1i = mt, m2i = mc,
                         sd1i = sdt, sd2i = sdc, n1i = nt, n2i = nc)
    data <- data[data$outcome %in% c("rnic1", "rnic2"), ]
    dependent(keep_columns(data, "study", "outcome"),
              within_cluster(data, "study", "outcome", 0.7))
  },
  demir2022 = \() {
    data <- with_effects(metadat("demir2022"), measure = "ABT", ai = alpha, mi = items,
                         ni = n)
    dependent(keep_columns(data, "studyid", "esid", "country", "year"))
  },
  dong2013 = \() arms_of(metadat("dong2013"), "id", "treatment", "death", "randomized"),
  dogliotti2014 = \() {
    arms_of(metadat("dogliotti2014"), "study", "treatment", "stroke", "total")
  },
  fine1993 = \() glioma(0.08),
  franchini2012 = \() {
    dependent(wide_arms_of(metadat("franchini2012"), "Study", "Treatment"))
  },
  gibson2002 = \() {
    data <- with_effects(metadat("gibson2002"), measure = "SMD", m1i = m1i, sd1i = sd1i,
                         n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i)
    dependent(keep_columns(data, "author", "type"))
  },
  gurusamy2011 = \() {
    arms_of(metadat("gurusamy2011"), "study", "treatment", "death", "n")
  },
  hackshaw1998 = \() {
    dependent(keep_columns(metadat("hackshaw1998"), "study", "country", "design"))
  },
  hartmannboyce2018 = \() {
    data <- with_effects(metadat("hartmannboyce2018"), measure = "RR", ai = x.nrt,
                         n1i = n.nrt, ci = x.ctrl, n2i = n.ctrl)
    dependent(keep_columns(data, "study", "treatment"))
  },
  hasselblad1998 = \() {
    data <- metadat("hasselblad1998")
    order <- c(no_contact = "a", self_help = "b", ind_counseling = "c",
               grp_counseling = "d")
    data$trt <- order[data$trt]
    arms_of(data, "study", "trt", "xi", "ni")
  },
  hasselblad1998_contrasts = \() {
    data <- metafor::to.wide(metadat("hasselblad1998"), study = "study", grp = "trt",
                             ref = "no_contact", grpvars = 6:7)
    data <- with_effects(data, measure = "OR", ai = xi.1, n1i = ni.1, ci = xi.2,
                         n2i = ni.2, add = 1 / 2, to = "all")
    V <- contrast_matrix(data, "study", 1 / (data$xi.2 + 0.5) +
                           1 / (data$ni.2 - data$xi.2 + 0.5))
    data <- metafor::contrmat(data, grp1 = "trt.1", grp2 = "trt.2")
    dependent(keep_columns(data, "study", "comp", "design", "self_help",
                           "ind_counseling", "grp_counseling"), V)
  },
  ishak2007 = \() {
    data <- stats::reshape(metadat("ishak2007"),
      direction = "long", idvar = "study", v.names = c("yi", "vi"),
      varying = list(c(2, 4, 6, 8), c(3, 5, 7, 9))
    )
    data <- data[order(data$study, data$time), ]
    data <- data[!is.na(data$yi), ]
    V <- metafor::vcalc(vi, cluster = study, time1 = time, phi = 0.97, data = data)
    data$occasion <- letters[data$time]
    data$months <- c(3, 6, 12, 18)[data$time]
    dependent(keep_columns(data, "study", "time", "occasion", "months"), V)
  },
  kalaian1996 = \() coaching(FALSE),
  kalaian1996_hours = \() coaching(TRUE),
  kearon1998 = \() {
    set <- metadat("kearon1998")
    set <- set[set$patients == "asymptomatic", ]
    data <- data.frame(
      study = rep(seq_len(nrow(set)), each = 2), group = c("sensitivity", "specificity"),
      x = c(rbind(set$tp, set$tn)), n = c(rbind(set$np, set$nn))
    )
    data <- with_effects(data, measure = "PLO", xi = x, ni = n, add = 1 / 2, to = "all")
    dependent(keep_columns(data, "study", "group"))
  },
  knapp2017 = \() {
    dependent(keep_columns(metadat("knapp2017"), "study", "comp", "difficulty"))
  },
  knapp2017_vcalc = \() dependent_tasks(FALSE),
  knapp2017_difficulty = \() dependent_tasks(TRUE),
  konstantopoulos2011 = \() dependent(metadat("konstantopoulos2011")),
  landenberger2005 = \() {
    data <- with_effects(metadat("landenberger2005"), measure = "OR", ai = n.ctrl.rec,
                         bi = n.ctrl.non, ci = n.cbt.rec, di = n.cbt.non)
    dependent(keep_columns(data, "study", "country", "design", "setting"))
  },
  lehmann2018 = \() {
    data <- metadat("lehmann2018")
    data <- data[is.finite(data$yi) & is.finite(data$vi), ]
    data$paper <- as.integer(factor(data$Full_Citation))
    dependent(keep_columns(data, "paper", "Gender", "Continent"))
  },
  lim2014 = \() sizes_of_animals("o_o_unadj"),
  lim2014_adjusted = \() sizes_of_animals("o_o_adj"),
  lim2014_mothers = \() sizes_of_animals("m_o_size"),
  lim2014_fecundity = \() sizes_of_animals("m_o_fecundity"),
  linde2015 = \() {
    set <- metadat("linde2015")
    long <- lapply(1:3, \(a) data.frame(
      id = set$id, treatment = set[[paste0("treatment", a)]],
      x = set[[paste0("resp", a)]], n = set[[paste0("n", a)]]
    ))
    long <- do.call(rbind, long)
    arms_of(long[stats::complete.cases(long), ], "id", "treatment", "x", "n")
  },
  linde2016 = \() {
    set <- metadat("linde2016")
    twice <- duplicated(set[c("id", "int")])
    arms_of(set[!twice, ], "id", "int", "resp", "n")
  },
  lopez2019 = \() {
    data <- metafor::to.wide(metadat("lopez2019"), study = "study", grp = "treatment",
      ref = "TAU", grpvars = c("diff", "se", "n"), postfix = c("1", "2"))
    data$yi <- data$diff1 - data$diff2
    data$vi <- data$se1^2 + data$se2^2
    V <- contrast_matrix(data, "study", data$se2^2)
    data <- metafor::contrmat(data, grp1 = "treatment1", grp2 = "treatment2")
    data$CBT <- +(data$F2F.CBT + data$Hybrid.CBT + data$Multimedia.CBT > 0)
    parts <- c("multi", "cog", "ba", "psed", "home", "prob", "soc", "relax", "goal",
               "final")
    dependent(keep_columns(data, "study", "comp", "design", "No.treatment", "Wait.list",
      "Placebo", "F2F.CBT", "Hybrid.CBT", "Multimedia.CBT", "CBT", parts), V)
  },
  maire2019 = \() {
    data <- metadat("maire2019", "dat")
    data$yi <- data$s1
    data$vi <- data$vars1
    dependent(keep_columns(data, "site", "station", "site_station"))
  },
  mccurdy2020 = \() {
    columns <- c("article", "experiment", "sample", "id", "pairing", "condition")
    dependent(metadat("mccurdy2020")[c("yi", "vi", columns)])
  },
  mcdaniel1994 = \() {
    data <- with_effects(metadat("mcdaniel1994"), measure = "ZCOR", ri = ri, ni = ni)
    data <- data[!is.na(data$type), ]
    dependent(keep_columns(data, "study", "type", "struct"))
  },
  moura2021 = \() {
    data <- with_effects(metadat("moura2021", "dat"), measure = "ZCOR", ri = ri, ni = ni)
    data$species.id.phy <- data$species.id
    dependent(keep_columns(data, "study.id", "effect.size.id", "species.id",
      "species.id.phy", "spatially.pooled", "temporally.pooled"))
  },
  nakagawa2007 = \() {
    data <- with_effects(metadat("nakagawa2007"), measure = "ZCOR", ri = Correlation,
                         ni = SampleSize)
    dependent(keep_columns(data, "StudyID", "Place"))
  },
  nielweise2008 = \() {
    set <- metadat("nielweise2008")
    data <- data.frame(
      study = rep(set$study, 2), arm = rep(c("treated", "control"), each = nrow(set)),
      x = c(set$x1i, set$x2i), t = c(set$t1i, set$t2i)
    )
    data <- with_effects(data, measure = "IRLN", xi = x, ti = t, add = 1 / 2, to = "all")
    dependent(keep_columns(data, "study", "arm"))
  },
  obrien2003 = \() {
    data <- metadat("obrien2003")
    data$centred <- data$bmi - stats::ave(data$bmi, data$study)
    data <- with_effects(data, measure = "PR", xi = cases, ni = total)
    data$yi <- data$yi * 100
    data$vi <- data$vi * 100^2
    data[c("spline2", "spline3")] <- spline_columns(data$centred, c(.05, .35, .65, .95))
    dependent(keep_columns(data, "study", "grp", "centred", "spline2", "spline3"))
  },
  pagliaro1992 = \() {
    data <- metadat("pagliaro1992")
    data$trt <- ifelse(data$trt == "control", "0_control", as.character(data$trt))
    data <- with_effects(data, measure = "PLO", xi = xi, ni = ni)
    dependent(keep_columns(data, "study", "trt"))
  },
  pignon2000 = \() {
    set <- metadat("pignon2000")
    dependent(data.frame(yi = set$OmE / set$V, vi = 1 / set$V, trial = set$trial,
                         grp = set$grp, id = set$id))
  },
  raudenbush1985 = \() {
    dependent(keep_columns(metadat("raudenbush1985"), "author", "study", "weeks"))
  },
  riley2003 = \() {
    data <- metadat("riley2003")
    dependent(keep_columns(data, "study", "outcome"),
              within_cluster(data, "study", "outcome", 0.5))
  },
  riley2003_apart = \() {
    dependent(keep_columns(metadat("riley2003"), "study", "outcome"))
  },
  roever2022 = \() doses(metadat("roever2022")),
  senn2013 = \() {
    data <- with_effects(metadat("senn2013"), measure = "MN", mi = mi, sdi = sdi, ni = ni)
    treatment <- as.character(data$treatment)
    data$treatment <- ifelse(treatment == "placebo", "0_placebo", treatment)
    dependent(keep_columns(data, "study", "treatment"))
  },
  senn2013_contrasts = \() {
    data <- metadat("senn2013")[c(1, 4:2, 5:6)]
    data <- metafor::to.wide(data, study = "study", grp = "treatment", ref = "placebo",
                             grpvars = 4:6)
    data <- with_effects(data, measure = "MD", m1i = mi.1, sd1i = sdi.1, n1i = ni.1,
                         m2i = mi.2, sd2i = sdi.2, n2i = ni.2)
    V <- contrast_matrix(data, "study", data$sdi.2^2 / data$ni.2)
    data <- metafor::contrmat(data, grp1 = "treatment.1", grp2 = "treatment.2")
    treatments <- c("acarbose", "benfluorex", "metformin", "miglitol", "pioglitazone",
                    "rosiglitazone", "sitagliptin", "sulfonylurea", "vildagliptin")
    dependent(keep_columns(data, "study", "comp", "design", treatments), V)
  },
  stowe2010 = \() dependent(wide_arms_of(metadat("stowe2010"), "study", "t", "")),
  tannersmith2016 = \() {
    data <- metadat("tannersmith2016")
    data$aget1 <- stats::ave(data$aget1, data$studyid)
    data$aget2 <- stats::ave(data$aget2, data$studyid)
    data$esid <- seq_len(nrow(data))
    dependent(keep_columns(data, "studyid", "esid", "aget1", "aget2", "sexmix"),
              within_cluster(data, "studyid", "esid", 0.8))
  },
  tian2009 = \() {
    set <- metadat("tian2009")
    data <- data.frame(study = set$study, group = set$group, population = set$population,
                       x = set$infarcts, n = set$n)
    data <- with_effects(data, measure = "PLO", xi = x, ni = n, add = 1 / 2, to = "all")
    dependent(keep_columns(data, "study", "group", "population"))
  },
  ursino2021 = \() doses(metadat("ursino2021")),
  vanhowe1999 = \() {
    data <- with_effects(metadat("vanhowe1999"), measure = "OR", ai = non.pos,
                         bi = non.neg, ci = cir.pos, di = cir.neg)
    dependent(keep_columns(data, "study", "category"))
  },
  white2020 = \() {
    data <- with_effects(metadat("white2020"), measure = "ZCOR", ri = r, ni = n)
    dependent(keep_columns(data, "study_id", "obs", "class", "species"))
  },
  woods2010 = \() {
    arms_of(metadat("woods2010"), "author", "treatment", "r", "N")
  },
  yusuf1985 = \() {
    data <- with_effects(metadat("yusuf1985"), measure = "OR", ai = ai, n1i = n1i,
                         ci = ci, n2i = n2i)
    dependent(keep_columns(data, "table", "trial", "id"))
  }
)

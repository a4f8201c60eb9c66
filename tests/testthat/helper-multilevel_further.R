# Multilevel models that no help page fits, on metadat's tables: every structure with
# REML and ML, crossed and nested intercepts, slopes, trees, moderators, parameters that
# are fixed or tied.

# Each structure on the same table.
every_structure <- function(label, data, random, mods, structs, method = "REML") {
  lapply(structs, \(struct) {
    name <- paste0(label, ", ", struct, if (method == "ML") ", ML")
    ml_case(name, data, random, mods, struct, method)
  })
}

unordered <- c("CS", "HCS", "UN", "DIAG", "ID")
ordered <- c("AR", "HAR")

structure_cases <- c(
  every_structure("ishak by time", "ishak2007", ~ time | study, ~ 0 + occasion,
    c(unordered, "AR", "CAR")),
  every_structure("ishak by time", "ishak2007", ~ time | study, ~ 0 + occasion,
    c(unordered, ordered, "CAR"), "ML"),
  every_structure("ishak by month", "ishak2007", ~ months | study, ~months,
    c("CAR", "AR", "HAR")),
  every_structure("ishak by month", "ishak2007", ~ months | study, ~months, "CAR", "ML"),
  every_structure("fine", "fine1993", ~ time | study, ~ 0 + occasion,
    c(unordered, "AR", "CAR")),
  every_structure("fine", "fine1993", ~ time | study, ~year, c("HAR", "CAR", "AR"), "ML"),
  every_structure("berkey", "berkey1998", ~ outcome | trial, ~ 0 + outcome,
    c("CS", "HCS", "DIAG", "ID")),
  every_structure("riley", "riley2003", ~ outcome | study, ~ 0 + outcome, unordered),
  every_structure("riley, no V", "riley2003_apart", ~ outcome | study, ~ 0 + outcome,
    unordered),
  every_structure("riley, no V", "riley2003_apart", ~ outcome | study, ~ 0 + outcome,
    unordered, "ML"),
  every_structure("bcg arms", "bcg_long", ~ group | study, ~group,
    c("CS", "HCS", "DIAG", "ID")),
  every_structure("collins", "collins1985a", ~ outcome | id, ~ 0 + outcome, unordered),
  every_structure("collins", "collins1985a", ~ outcome | id, ~ 0 + outcome,
    c("CS", "UN"), "ML"),
  every_structure("cannon", "cannon2006", ~ endpoint | trial, ~ 0 + endpoint,
    c("CS", "HCS", "ID", "DIAG")),
  every_structure("cannon", "cannon2006", ~ nr | trial, ~ 0 + endpoint, c("AR", "CAR")),
  every_structure("kalaian", "kalaian1996", ~ outcome | study, ~ 0 + outcome,
    c("CS", "HCS", "DIAG")),
  every_structure("anker", "anker2025", ~ sex | study, ~sex, c("CS", "UN", "DIAG")),
  every_structure("bartos", "bartos2023", ~ outcome | person, ~ 0 + outcome,
    c("CS", "HCS", "DIAG"), "ML"),
  every_structure("kearon", "kearon1998", ~ group | study, ~ 0 + group,
    c("CS", "DIAG"), "ML"),
  every_structure("nielweise arms", "nielweise2008", ~ arm | study, ~arm,
    c("CS", "UN", "HCS")),
  every_structure("tian", "tian2009", ~ group | study, ~group, c("CS", "UN", "DIAG")),
  every_structure("collins", "collins1985a", ~ nr | id, ~ 0 + outcome, ordered)
)

# Pairs of designs that are one: three nested levels, a CS inside, a residual.
nested_cases <- list(
  ml_case("assink, ML", "assink2016", ~ 1 | study / .row, method = "ML"),
  ml_case("assink, V, ML", "assink2016_vcalc", ~ 1 | study / .row, ~ year + pubstatus,
    method = "ML"),
  ml_case("konstantopoulos, year, ML", "konstantopoulos2011", ~ 1 | district / school,
    ~ I(year - 1990), method = "ML"),
  ml_case("konstantopoulos, ID and residual", "konstantopoulos2011",
    list(~ 1 | district, ~ school | district), struct = "ID"),
  ml_case("bangertdrowns, author", "bangertdrowns2004", ~ 1 | author / id),
  ml_case("bangertdrowns, grade crossed", "bangertdrowns2004",
    list(~ 1 | author / .row, ~ 1 | grade)),
  ml_case("bornmann, country", "bornmann2007", ~ 1 | country / study / obs, ~type),
  ml_case("bornmann, country crossed, ML", "bornmann2007",
    list(~ 1 | study / .row, ~ 1 | country), method = "ML"),
  ml_case("bourassa, four levels, ML", "bourassa1996_sex", ~ 1 | study / sample / .row,
    method = "ML"),
  ml_case("curtis, paper", "curtis1998", ~ 1 | paper / .row),
  ml_case("curtis, paper and group, ML", "curtis1998", ~ 1 | paper / .row, ~fungrp,
    method = "ML"),
  ml_case("curtis, genus crossed", "curtis1998", list(~ 1 | paper / .row, ~ 1 | genus)),
  ml_case("curtis, species in genus crossed", "curtis1998",
    list(~ 1 | paper / .row, ~ 1 | genus / species)),
  ml_case("curtis, four crossed, ML", "curtis1998",
    list(~ 1 | paper, ~ 1 | .row, ~ 1 | genus, ~ 1 | fungrp), method = "ML"),
  ml_case("crede, all of grade, ML", "crede2010_grade", ~ 1 | studyid / .row, ~year,
    method = "ML"),
  ml_case("demir, study", "demir2022", ~ 1 | studyid / esid),
  ml_case("demir, country crossed", "demir2022",
    list(~ 1 | studyid / esid, ~ 1 | country), ~ I(year - 2000)),
  ml_case("gibson, type", "gibson2002", ~ 1 | type / author),
  ml_case("hackshaw, country", "hackshaw1998", ~ 1 | country / study),
  ml_case("hackshaw, country, design, ML", "hackshaw1998", ~ 1 | country / study,
    ~design, method = "ML"),
  ml_case("hartmannboyce, study", "hartmannboyce2018", ~ 1 | study / .row, ~treatment),
  ml_case("hartmannboyce, treatment crossed", "hartmannboyce2018",
    list(~ 1 | study / .row, ~ 1 | treatment)),
  ml_case("landenberger, country", "landenberger2005", ~ 1 | country / study / .row),
  ml_case("landenberger, design crossed", "landenberger2005",
    list(~ 1 | study / .row, ~ 1 | design, ~ 1 | country), ~setting),
  ml_case("lehmann, paper", "lehmann2018", ~ 1 | paper / .row),
  ml_case("lehmann, paper and gender, ML", "lehmann2018", ~ 1 | paper / .row, ~Gender,
    method = "ML"),
  ml_case("lehmann, continent crossed", "lehmann2018",
    list(~ 1 | paper / .row, ~ 1 | Continent)),
  ml_case("lim, article and species, ML", "lim2014",
    list(~ 1 | article / esid, ~ 1 | species), method = "ML"),
  ml_case("maire, site", "maire2019", ~ 1 | site / station),
  ml_case("mcdaniel, type crossed", "mcdaniel1994", list(~ 1 | study, ~ 1 | type)),
  ml_case("nakagawa, place", "nakagawa2007", ~ 1 | Place / StudyID),
  ml_case("pignon, group", "pignon2000", ~ 1 | grp / id),
  ml_case("raudenbush, author", "raudenbush1985", ~ 1 | author / study, ~weeks),
  ml_case("tian, population crossed", "tian2009",
    list(~ 1 | study / .row, ~ 1 | population), ~group),
  ml_case("vanhowe, category", "vanhowe1999", ~ 1 | category / study),
  ml_case("white, class crossed, ML", "white2020",
    list(~ 1 | study_id / obs, ~ 1 | class), method = "ML"),
  ml_case("white, species crossed", "white2020",
    list(~ 1 | study_id / obs, ~ 1 | species), ~class),
  ml_case("yusuf, table and trial", "yusuf1985", list(~ 1 | table / .row, ~ 1 | trial)),
  ml_case("besson, strain crossed", "besson2016",
    list(~ 1 | study_ID / .row, ~ 1 | strain), slow = TRUE),
  ml_case("besson, strain and species, ML", "besson2016",
    list(~ 1 | study_ID / .row, ~ 1 | strain), ~species, method = "ML", slow = TRUE)
)

# Networks by arms, the contrast's variance being that of the arm.
arm_case <- function(set, method = "REML", ...) {
  ml_case(paste0(set, " arms", if (method == "ML") ", ML"), set, ~ trt | study,
    ~ 0 + factor(study) + trt, method = method, fix = network("study", "trt"),
    theirs = list(rho = 1 / 2), ...)
}

network_cases <- c(
  lapply(c("baker2009", "dong2013", "dogliotti2014", "franchini2012", "gurusamy2011",
           "linde2015", "stowe2010", "woods2010"), arm_case),
  list(
    arm_case("dong2013", "ML"),
    ml_case("baker, arms random", "baker2009", list(~ 1 | study, ~ trt | study),
      ~ 0 + trt, "DIAG"),
    ml_case("dogliotti, CS", "dogliotti2014", ~ trt | study, ~ 0 + trt),
    ml_case("franchini, CS", "franchini2012", ~ trt | study, ~ 0 + trt),
    ml_case("stowe, CS", "stowe2010", ~ trt | study, ~trt),
    ml_case("linde, CS", "linde2015", ~ trt | study, ~trt),
    ml_case("linde 2016, CS", "linde2016", ~ trt | study, ~ 0 + trt)
  )
)

slope_cases <- list(
  ml_case("obrien, slopes apart", "obrien2003", ~ 1 + centred | study, ~centred, "GDIAG",
    theirs = list(random = ~ centred | study)),
  ml_case("obrien, slopes, ML", "obrien2003", ~ 1 + centred | study, ~centred, "GEN",
    "ML", theirs = list(random = ~ centred | study)),
  ml_case("obrien, slopes and residual", "obrien2003",
    list(~ 1 + centred | study, ~ 1 | .row), ~centred, "GEN",
    theirs = list(random = list(~ centred | study, ~ 1 | .row))),
  ml_case("roever, dose", "roever2022", ~ 1 + logdose | study, ~logdose, "GEN",
    theirs = list(random = ~ logdose | study), flat = TRUE),
  ml_case("roever, dose apart", "roever2022", ~ 1 + logdose | study, ~logdose, "GDIAG",
    theirs = list(random = ~ logdose | study)),
  ml_case("ursino, dose", "ursino2021", ~ 1 + logdose | study, ~logdose, "GEN",
    theirs = list(random = ~ logdose | study), flat = TRUE),
  ml_case("ursino, dose apart, ML", "ursino2021", ~ 1 + logdose | study, ~logdose,
    "GDIAG", "ML", theirs = list(random = ~ logdose | study)),
  ml_case("ishak, months", "ishak2007", ~ 1 + months | study, ~months, "GEN",
    theirs = list(random = ~ months | study)),
  ml_case("ishak, months apart and residual", "ishak2007",
    list(~ 1 + months | study, ~ 1 | .row), ~months, "GDIAG",
    theirs = list(random = list(~ months | study, ~ 1 | .row)))
)

tree_cases <- list(
  ml_case("lim, adjusted", "lim2014_adjusted",
    list(~ 1 | article / esid, ~ 1 | species, ~ 1 | species.phy),
    R = by_species("o_o_adj"), slow = TRUE),
  ml_case("lim, tree alone, ML", "lim2014", list(~ 1 | esid, ~ 1 | species.phy),
    method = "ML", R = by_species("o_o_unadj")),
  ml_case("lim, mothers", "lim2014_mothers",
    list(~ 1 | article / esid, ~ 1 | species, ~ 1 | species.phy),
    R = by_species("m_o_size"), slow = TRUE),
  ml_case("lim, fecundity", "lim2014_fecundity",
    list(~ 1 | article / esid, ~ 1 | species.phy), R = by_species("m_o_fecundity"),
    slow = TRUE)
)

# What rma.mv() cannot tie is another structure of its own.
fixed_cases <- list(
  ml_case("riley, UN with a correlation given", "riley2003", ~ outcome | study,
    ~ 0 + outcome, "UN",
    fix = c("cor(outcome=DFS, outcome=OS | study)" = 0.3), theirs = list(rho = 0.3)),
  ml_case("assink, a variance given", "assink2016", ~ 1 | study / .row,
    fix = c("var(study)" = 0.1), theirs = list(sigma2 = c(0.1, NA))),
  ml_case("assink, all given", "assink2016", ~ 1 | study / .row,
    fix = c("var(study)" = 0.1, "var(study/.row)" = 0.2),
    theirs = list(sigma2 = c(0.1, 0.2))),
  ml_case("ishak, HCS, all tied", "ishak2007", ~ occasion | study, ~ 0 + occasion, "HCS",
    tie = list(sprintf("var(occasion=%s | study)", letters[1:4])),
    theirs = list(struct = "CS")),
  ml_case("ishak, AR given", "ishak2007", ~ time | study, ~ 0 + occasion, "AR",
    fix = c("cor(time | study)" = 0.5), theirs = list(rho = 0.5)),
  ml_case("berkey, UN tied", "berkey1998", ~ outcome | trial, ~ 0 + outcome, "UN",
    tie = list(c("var(outcome=AL | trial)", "var(outcome=PD | trial)")),
    theirs = list(struct = "CS"))
)

further_cases <- c(structure_cases, nested_cases, network_cases, slope_cases, tree_cases,
                   fixed_cases)

ml_cases <- c(documented_cases, further_cases)
names(ml_cases) <- vapply(ml_cases, `[[`, "", "name")

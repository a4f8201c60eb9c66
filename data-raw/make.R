# Makes data/ from the csv files of this folder and from msc_simulated.R.
# Run at the root of the repository: Rscript data-raw/make.R

# Text stays text, "TRUE" becomes logical, an empty cell NA; counts are whole numbers and
# every other number is a double, also where all printed values happen to be whole.
read_facts <- function(name, counts = character()) {
  path <- file.path("data-raw", paste0(name, ".csv"))
  x <- utils::read.csv(path, na.strings = "", encoding = "UTF-8")
  stopifnot(!grepl("[^ -~]", unlist(lapply(x, as.character))))
  whole <- vapply(x, is.integer, NA) & !names(x) %in% counts
  x[whole] <- lapply(x[whole], as.double)
  x
}

keep <- function(name, x) {
  assign(name, x)
  path <- file.path("data", paste0(name, ".rda"))
  save(list = name, file = path, version = 3, compress = "xz")
}

dir.create("data", showWarnings = FALSE)

# A row must name its source when it stands alone.
ranges <- read_facts("reported_ranges")
ranges$source[ranges$source == "same"] <- ranges$source[1]
keep("reported_ranges", ranges)

keep("reported_effects", read_facts("reported_effects"))
keep("stroke_efficacy", read_facts("stroke_efficacy"))
keep("published_pooled", read_facts("published_pooled", c("k", "animals")))
keep("published_subgroups", read_facts("published_subgroups", c("k", "animals")))

simulation <- new.env()
sys.source(file.path("data-raw", "msc_simulated.R"), simulation)
keep("msc_simulated", simulation$simulate_msc())

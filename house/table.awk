# Turns what go test -bench prints, after the three lines of make bench about the
# machine, into a table for the README. Figures not asked for are shown as well.

BEGIN {
	asked["Run/coroutines/2x1"] = "at least 1,000,000 schedules/s"
	asked["Run/coroutines/3x3"] = "at most 70 ns/step"
	asked["Run/processes/2x1"] = "at least 10,000 schedules/s"
	asked["Run/processes/8x1"] = "at least 1,000 schedules/s"
	asked["Idle/get"] = asked["Idle/set"] = asked["Idle/add"] = "at most 1 ns/point"
	asked["Sampler/random/actors=2"] = asked["Sampler/random/actors=8"] = "at most 70 ns/step"
	split("pct pos urw surw", samplers)
	for (s in samplers)
		for (n = 2; n <= 8; n += 6) asked["Sampler/" samplers[s] "/actors=" n] = "at most 100 ns/step"
	asked["DPOR/readers(13)"] = asked["DPOR/lastzero(10)"] = asked["DPOR/casrot(8)"] = asked["DPOR/indexer(15)"] = "at least 50 x-reference"
	asked["Detector"] = "ratio at most 2"
	asked["Pair/mutex"] = "ratio at most 0.7"
	asked["Pair/robust"] = asked["Together/pingpong/same"] = "ratio at most 1.2"
	asked["Pair/semaphore"] = asked["Pair/read"] = asked["Together/contended"] = "ratio at most 1"
	asked["Together/roundtrip"] = "ratio at most 1.5"
	asked["Together/messages"] = "ratio at most 0.05: 20 times a pipe's messages"
}

# figure prints three digits that count, and commas in what is large.
function figure(x, s) {
	if (x < 100) return sprintf("%.3g", x)
	s = sprintf("%.0f", x)
	while (match(s, /[0-9][0-9][0-9][0-9]($|,)/)) s = substr(s, 1, RSTART) "," substr(s, RSTART + 1)
	return s
}

NR == 1 { go = $3; next }
NR == 2 { kernel = $1; next }
NR == 3 { cores = $1; next }

$1 == "cpu:" && !headed {
	headed = 1
	sub(/^cpu: /, "")
	printf "Measured by `make bench` on %s, %d cores, Linux %s, %s.\n\n", $0, cores, kernel, go
	print "| benchmark | measured | asked for |\n|---|---|---|"
	next
}

/^Benchmark.* ns\/|^Benchmark.* ratio/ {
	name = $1
	sub(/^Benchmark/, "", name)
	sub(/-[0-9]+$/, "", name)
	figures = ""
	for (i = 3; i < NF; i += 2)
		if ($(i + 1) !~ /\/op$/ || $i > 0 && $(i + 1) != "ns/op")
			figures = figures (figures == "" ? "" : ", ") figure($i) " " $(i + 1)
	printf "| %s | %s | %s |\n", name, figures, name in asked ? asked[name] : asked[substr(name, 1, index(name, "/") - 1)]
	next
}

/^(goos|goarch|pkg|cpu):|^PASS|^ok / { next }
{ print > "/dev/stderr" }

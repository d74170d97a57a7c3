# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# What grows with a list, from files of "entries, value" that tests/bench/run
# leaves in the working folder: time above, sizes below.

set terminal pngcairo size 900,1000
set multiplot layout 2,1
set logscale xy
set format x "10^{%T}"
set xlabel "entries"
set key left top Left reverse
set grid

set title "p11-distrust as its list grows: time"
set ylabel "ns"
plot "miss.plot" with linespoints title "miss, warm", \
	"miss-cold.plot" with linespoints title "miss, caches cold", \
	"miss-memory.plot" with linespoints title "miss, from memory", \
	"hit.plot" with linespoints title "hit", \
	"load.plot" using 1:($2*1e3) with linespoints title "load", \
	"peer-miss.plot" with linespoints dt 2 title "miss, p11-kit-trust", \
	"peer-load.plot" using 1:($2*1e3) with linespoints dt 2 \
		title "load, p11-kit-trust"

set title "sizes"
set ylabel "KiB, instructions, s"
plot "dirty.plot" with linespoints title "memory of its own, KiB", \
	"file.plot" with linespoints title "catalog, KiB", \
	"instructions-miss.plot" with linespoints title "miss, instructions", \
	"compile.plot" with linespoints title "to compile it, s"

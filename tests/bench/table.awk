# Makes a table of lines "pair WHAT BESIDE AIM ours theirs", "memory STEP MEGABYTES ours" and "stage FILE
# STAGE ROWS ours", with tabs between; ours and theirs are what measure printed: wall seconds, CPU
# seconds, peak KB.
BEGIN { FS = "\t" }

$1 == "pair" {
    row = $2 FS $3
    if (!(row in count)) {
        order[++rows] = row
        aim[row] = $4
    }
    i = ++count[row]
    split($5, ours, " ")
    split($6, theirs, " ")
    value["wall", row, i] = ours[1]
    value["their wall", row, i] = theirs[1]
    value["ratio", row, i] = ours[1] / theirs[1]
    value["cpu", row, i] = theirs[2] > 0 ? ours[2] / theirs[2] : 0
    value["memory", row, i] = ours[3] / 1024
    value["their memory", row, i] = theirs[3] / 1024
}

$1 == "stage" {
    row = "stage" SUBSEP $2 SUBSEP $3
    if (!(row in count)) {
        stage[++stages] = row
        stage_name[stages] = $3 ", " $2
        stage_rows[stages] = $4
    }
    i = ++count[row]
    split($5, ours, " ")
    value["wall", row, i] = ours[1]
    value["cpu", row, i] = ours[2]
    value["memory", row, i] = ours[3] / 1024
}

$1 == "memory" {
    if (!($3 in seen))
        size[++sizes] = $3
    seen[$3] = 1
    split($4, ours, " ")
    peak[$2, $3] = ours[3] / 1024
}

$1 == "syncs" {
    if (!($2 in synced))
        night[++nights] = $2
    i = ++synced[$2]
    split($3, ours, " ")
    split($4, seen, " ")
    count["syncs", $2] = i
    value["calls", "syncs" SUBSEP $2, i] = seen[1]
    value["in them", "syncs" SUBSEP $2, i] = seen[2]
    value["traced", "syncs" SUBSEP $2, i] = ours[1]
    value["share", "syncs" SUBSEP $2, i] = 100 * seen[2] / ours[1]
}

# Sets low, median and high of a column of a row.
function summarize(column, row,    n, i, j, x, v) {
    n = count[row]
    for (i = 1; i <= n; i++) {
        x = value[column, row, i]
        for (j = i - 1; j > 0 && v[j] > x; j--)
            v[j + 1] = v[j]
        v[j + 1] = x
    }
    low = v[1]
    high = v[n]
    median = n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function middle(format, column, row) {
    summarize(column, row)
    return sprintf(format, median)
}

END {
    printf "%-31s %-23s %4s %8s %8s  %-21s %6s %8s %8s  %s\n", "what", "beside", "runs", "wall s",
        "beside", "ratio (least, most)", "CPU", "peak MB", "beside", "aim"
    for (r = 1; r <= rows; r++) {
        row = order[r]
        split(row, name, FS)
        summarize("ratio", row)
        ratio = sprintf("%.3f (%.3f, %.3f)", median, low, high)
        printf "%-31s %-23s %4d %8s %8s  %-21s %6s %8s %8s  %s\n", name[1], name[2], count[row],
            middle("%.3f", "wall", row), middle("%.3f", "their wall", row), ratio,
            middle("%.2f", "cpu", row), middle("%.1f", "memory", row),
            middle("%.1f", "their memory", row), aim[row]
    }
    if (stages > 0)
        printf "\n%-31s %4s %8s %8s %8s %8s\n", "up to this stage, 1 processor", "runs", "wall s", "CPU s",
            "ns/row", "peak MB"
    for (r = 1; r <= stages; r++) {
        row = stage[r]
        summarize("cpu", row)
        printf "%-31s %4d %8s %8s %8.0f %8s\n", stage_name[r], count[row], middle("%.3f", "wall", row),
            middle("%.3f", "cpu", row), median * 1e9 / stage_rows[r], middle("%.1f", "memory", row)
    }
    if (sizes > 0)
        printf "\n%-31s %8s %8s %8s  %s\n", "peak MB with one opaque file of", "submit", "bundle",
        "verify", "aim"
    for (i = 1; i <= sizes; i++)
        printf "%28d MB %8.1f %8.1f %8.1f  %s\n", size[i], peak["submit", size[i]],
            peak["bundle", size[i]], peak["verify", size[i]], "< 32, and the same for all"
    if (nights > 0)
        printf "\n%-31s %4s %8s %8s %8s %7s\n", "syncing, as strace sees it", "runs", "calls", "in them s", "wall s",
            "share"
    for (i = 1; i <= nights; i++) {
        row = "syncs" SUBSEP night[i]
        printf "%-31s %4d %8s %9s %8s %6s%%\n", night[i], count[row], middle("%d", "calls", row),
            middle("%.3f", "in them", row), middle("%.3f", "traced", row), middle("%.0f", "share", row)
    }
}

# awk -v name=lb -v night=17 -v study=S1 -f data.awk: one dataset of the made-up study as it is in that night, as CSV
# with a header. Cumulative: a later night has all records of an earlier one, some corrected. The same bytes everywhere.

function subject(i) { return sprintf("%s-%03d", study, i) }
function day(n) { return sprintf("2025-%02d-%02d", 9 + int(n / 28), 1 + n % 28) }

# Exact in doubles: a number below `below` that belongs to these three.
function value(a, b, c, below,    x) {
    x = (a * 7919 + b * 104729 + c * 1299709 + 17) % 2147483647
    x = (x * 16807) % 2147483647
    return (x * 16807 % 2147483647) % below
}

function row(text) { print study "," toupper(name) "," text }

function dm(    i) {
    print "STUDYID,DOMAIN,USUBJID,AGE,SEX"
    for (i = 1; i <= subjects; i++) row(subject(i) "," 18 + value(i, 1, 1, 60) "," (value(i, 2, 1, 2) ? "F" : "M"))
}

# A new event every third night; each was mild until the night behind it.
function ae(    k) {
    print "STUDYID,DOMAIN,USUBJID,AESEQ,AETERM,AESEV"
    for (k = 1; k <= night / 3; k++)
        row(subject(1 + k % subjects) "," k ",HEADACHE," (3 * k >= night - 1 ? "MILD" : "MODERATE"))
}

# Two results a night; each tenth night corrects the one before it.
function lb(    k, result) {
    print "STUDYID,DOMAIN,USUBJID,LBSEQ,LBTESTCD,LBORRES,LBDTC"
    for (k = 1; k <= 2 * night; k++) {
        result = 10 + value(k, 3, 1, 50)
        if (k % 20 == 18 && night >= k / 2 + 1) result += 0.5
        row(subject(1 + k % 8) "," k ",ALT," result "," day(int(k / 2)))
    }
}

BEGIN {
    subjects = 8 + int(night / 6)
    if (name == "dm") dm()
    if (name == "ae") ae()
    if (name == "lb") lb()
}

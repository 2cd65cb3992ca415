# Which revision is a file in hand?
# shellcheck shell=sh disable=SC2154 # run, trialseal, samples come from tests/cli/test_golden.sh
trialseal init home --origin demo.example --test
trialseal --now 2026-01-11T12:00:00Z study add DEMO-101 >other
trialseal --now 2026-01-11T12:00:00Z study add DEMO-102 >other
for night in 1 2; do
    cp -r "$samples/$night"/* home/inbox/DEMO-101
    trialseal --now "2026-01-1$((night + 1))T22:00:00Z" run
done
first=$samples/1/DEMO-101_2026-01-12 second=$samples/2/DEMO-101_2026-01-13
cp "$first/lb.csv" "$first/ae.xpt" .
run trialseal identify lb.csv
run trialseal identify ae.xpt
cp "$second/lb.csv" second.csv
run trialseal identify second.csv
sed 's/$/\r/' "$first/lb.csv" >lb.csv
run trialseal identify lb.csv
run trialseal --json identify lb.csv DEMO-101
run trialseal identify lb.csv DEMO-102
run trialseal identify lb.csv DEMO-103
(head -n 1 "$second/lb.csv" && tail -n +2 "$second/lb.csv" | sort -r) >lb.csv
run trialseal identify lb.csv
sed '5s/,[0-9]*,/,99,/' "$second/lb.csv" >lb.csv
run trialseal identify lb.csv
run trialseal --json identify lb.csv
run trialseal -q identify lb.csv
sed '1s/LBSEQ/LBNO/' "$second/lb.csv" >lb.csv
run trialseal identify lb.csv
printf 'A,B\n1,2\n' >never-seen.csv
run trialseal identify never-seen.csv
printf 'A,B\n1\n' >lb.csv
run trialseal identify lb.csv
printf '%%PDF-1.4\n' >a.pdf
run trialseal identify a.pdf
run trialseal identify
trialseal --now 2026-01-15T22:00:00Z withdraw DEMO-101/LB@1 --reason 'Sent by mistake' >other
cp "$first/lb.csv" lb.csv
run trialseal identify lb.csv
# By digests: whatever it is called, and though the bytes were erased.
trialseal --now 2026-01-16T22:00:00Z erase DEMO-101/LB@1 --reason 'On request' >other 2>&1
sed 's/$/\r/' "$first/lb.csv" >labs.csv
run trialseal identify labs.csv
# Only a dataset with the same columns can have records in common, whatever it is called.
sed '5s/,[0-9]*,/,99,/' "$second/lb.csv" >labs.csv
run trialseal identify labs.csv
run trialseal --json identify labs.csv DEMO-102

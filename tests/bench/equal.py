"""equal.py A.csv B.csv: whether both have the same rows, by DuckDB: EXCEPT both ways, on as many threads as it likes."""
import sys

import duckdb

left, right = (f"(FROM read_csv('{name}', header = true, all_varchar = true))" for name in sys.argv[1:])
count = "SELECT count(*) FROM (FROM {} EXCEPT FROM {})"
db = duckdb.connect()
rows = [db.execute(count.format(a, b)).fetchone()[0] for a, b in ((left, right), (right, left))]
print(rows)
sys.exit(rows != [0, 0])

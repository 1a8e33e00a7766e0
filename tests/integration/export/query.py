# Runs each statement of standard input in the folder that is the argument, and prints its rows as JSON, a list a line.
import json, os, sys, duckdb
os.chdir(sys.argv[1])
connection = duckdb.connect(config={'autoinstall_known_extensions': 'false', 'autoload_known_extensions': 'false'})
connection.execute("SET TimeZone = 'UTC'")
for statement in sys.stdin.read().split(';'):
    if statement.strip():
        rows = connection.execute(statement)
        names = [column[0] for column in rows.description]
        print(json.dumps([dict(zip(names, row)) for row in rows.fetchall()], default=str))

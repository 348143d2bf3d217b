"""Draws how long the lines of a ticker live: python plot_ticker.py DSN IMAGE

The statement is the third one of docs/analysts.md. It needs pandas, matplotlib and psycopg.
"""

import re
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas
import psycopg

GUIDE = Path(__file__).parents[1] / "analysts.md"
END = "11:00"
CHARACTERS = 48


def hours(clock: pandas.Series) -> pandas.Series:
    parts = clock.str.split(":", expand=True).astype(int)
    return parts[0] + parts[1] / 60


dsn, image = sys.argv[1:]
statement = re.findall(r"```sql\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)[2]
with psycopg.connect(dsn) as connection:
    connection.execute("SET timezone = 'UTC'")
    found = connection.execute(statement)
    lines = pandas.DataFrame(found.fetchall(), columns=[column.name for column in found.description])

came, went = hours(lines.came), hours(lines.went.fillna(END))
runs = lines.went.isna()
names = [text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}…" for text in lines.text]
figure, axes = plt.subplots(figsize=(10, 0.4 * len(lines) + 1))
axes.barh(range(len(lines)), went - came, left=came, color=["#9db8d6" if one else "#2f5d8a" for one in runs])
axes.set_yticks(range(len(lines)), names)
axes.invert_yaxis()
axes.xaxis.set_major_formatter(lambda hour, _: f"{int(hour)}:{round(hour % 1 * 60):02}")
axes.set_xlabel("19 November 2025, UTC; a line in light blue still runs")
axes.spines[["top", "right"]].set_visible(False)
figure.tight_layout()
figure.savefig(image, dpi=110, metadata={"Software": None})

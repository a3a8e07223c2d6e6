#!/usr/bin/python3
# Writes dashboards/*.json: what Grafana reads, out of the modules beside this file, which are for people.
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))
import calls
import overview
import pipeline
import process
import stores

MODULES = (overview, pipeline, stores, calls, process)


def made():
    """{file beside this one: its text}"""
    shown = {f"dashboards/{module.__name__}.json": module.DASHBOARD.json() for module in MODULES}
    return {name: json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n" for name, dashboard in shown.items()}


if __name__ == "__main__":
    if "--show" in sys.argv:  # For the check, which compares.
        print(json.dumps(made()))
    else:
        for name, text in made().items():
            (FOLDER / name).write_text(text)

# What the dashboards are made of: a panel asks one question, says what to do, and has the queries that answer it.
# https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
from dataclasses import dataclass, field

SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH, HEIGHT = 8, 8  # Three in a row of 24.
OTHERS = {  # A menu of the other dashboards.
    "type": "dashboards",
    "title": "productd",
    "tags": ["productd"],
    "asDropdown": True,
    "keepTime": True,
    "includeVars": True,
    "targetBlank": False,
    "icon": "external link",
    "tooltip": "The other dashboards",
}


@dataclass(frozen=True)
class Panel:
    question: str
    advice: str  # What to do when the answer is a bad one.
    queries: list  # (PromQL, what a line is called)
    unit: str = "short"
    kind: str = "timeseries"  # Or stat, or table.
    bound: float | None = None  # Red from there on.
    names: dict = field(default_factory=dict)  # What a value means in words.


@dataclass(frozen=True)
class Row:
    title: str
    panels: list


@dataclass(frozen=True)
class Dashboard:
    uid: str
    title: str
    description: str
    rows: list

    def json(self):
        panels, top = [], 0
        for row in self.rows:
            position = {"x": 0, "y": top, "w": 3 * WIDTH, "h": 1}
            panels.append({"type": "row", "title": row.title, "collapsed": False, "panels": [], "gridPos": position})
            top += 1
            for number, panel in enumerate(row.panels):
                x, y = number % 3 * WIDTH, top + number // 3 * HEIGHT
                panels.append(shown(panel) | {"gridPos": {"x": x, "y": y, "w": WIDTH, "h": HEIGHT}})
            top += -(-len(row.panels) // 3) * HEIGHT
        for number, panel in enumerate(panels, 1):
            panel["id"] = number
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["productd"],
            "schemaVersion": 38,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "10s",
            "time": {"from": "now-1h", "to": "now"},
            "links": [OTHERS],
            "templating": {"list": [instances()]},
            "annotations": {"list": []},
            "panels": panels,
        }


def instances():
    query = "label_values(productd_build_info, instance)"
    return {
        "name": "instance",
        "label": "instance",
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": "instances"},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def shown(panel):
    steps = [{"color": "green", "value": None}]
    if panel.bound is not None:
        steps.append({"color": "red", "value": panel.bound})
    mappings = []
    if panel.names:
        mappings = [{"type": "value", "options": {value: {"text": text} for value, text in panel.names.items()}}]
    defaults = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}, "mappings": mappings}
    if panel.kind == "timeseries":
        style = "off" if panel.bound is None else "line"
        defaults |= {"min": 0, "custom": {"fillOpacity": 8, "showPoints": "auto", "thresholdsStyle": {"mode": style}}}
    return {
        "type": panel.kind,
        "title": panel.question,
        "description": panel.advice,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": OPTIONS[panel.kind],
        "targets": [target(panel, number, *query) for number, query in enumerate(panel.queries)],
    }


OPTIONS = {
    "timeseries": {"tooltip": {"mode": "multi", "sort": "desc"}, "legend": {"displayMode": "list", "placement": "bottom"}},
    "stat": {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "background", "textMode": "value_and_name"},
    "table": {"showHeader": True},
}


def target(panel, number, expression, legend):
    return {
        "refId": chr(ord("A") + number),
        "datasource": SOURCE,
        "expr": expression,
        "legendFormat": legend,
        "instant": panel.kind != "timeseries",
        "range": panel.kind == "timeseries",
        "format": "table" if panel.kind == "table" else "time_series",
        # A trace of a slow request is a click away, where the service gives exemplars.
        "exemplar": "_bucket" in expression,
    }


# ---------------------------------------------------------------------------------------------- queries

HERE = 'instance=~"$instance"'


def selector(labels):
    return ",".join([HERE, *(f'{name}=~"{value}"' for name, value in labels.items())])


def rate(metric, by="", **labels):
    """Per second, summed up by these labels."""
    return f"sum by ({by}) (rate({metric}{{{selector(labels)}}}[$__rate_interval]))"


def quantile(share, metric, by="", **labels):
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket', f'le, {by}' if by else 'le', **labels)})"


def gauge(metric, **labels):
    """As each instance tells it."""
    return f"{metric}{{{selector(labels)}}}"

# That the check of deploy/ sees what it is there for.
import copy

import check_deploy
import pytest


@pytest.fixture
def boards():
    return check_deploy.dashboards()


@pytest.fixture
def alerts():
    return {rule["alert"]: copy.deepcopy(rule) for rule in check_deploy.rules() if "alert" in rule}


def test_what_is_asked_for_is_found_in_an_expression():
    asked = check_deploy.metrics_in(
        'sum by (job_name) (increase(a_total{code=~"b_c",x_y!="z"}[5m] offset 10m)) / on (in_stance) job:c_d:rate5m > up'
    )
    assert asked == {"a_total", "job:c_d:rate5m", "up"}


def test_an_alert_without_a_section_and_a_section_without_an_alert_are_told(alerts):
    assert list(check_deploy.untold(alerts)) == []
    alerts["ProductdNew"] = alerts.pop("ProductdDown")
    told = "\n".join(check_deploy.untold(alerts))
    assert "has a section ProductdDown, which is no alert" in told
    assert "ProductdNew has no section" in told and "ProductdNew does not name its section" in told


def test_an_alert_that_no_test_shows_is_told_once_for_each_way(alerts):
    assert list(check_deploy.unshown(alerts)) == []
    told = list(check_deploy.unshown(alerts | {"ProductdNew": {}}))
    assert told == ["ProductdNew is in no test that sees it fire", "ProductdNew is in no test that sees it not fire"]


def test_a_metric_that_is_not_there_is_told(monkeypatch, boards):
    assert list(check_deploy.unknown(boards)) == []
    wrong = {"alert": "ProductdNew", "expr": 'productd_redy{job="productd"} == 0 or node_load1 > 5'}
    monkeypatch.setattr(check_deploy, "rules", lambda: [wrong])
    assert "ProductdNew asks for productd_redy, which is not in docs/metrics.md" in list(check_deploy.unknown({}))


def test_a_metric_on_no_dashboard_is_told_unless_what_is_recorded_of_it_is_on_one(boards):
    assert list(check_deploy.unseen(boards)) == []
    few = {name: board for name, board in boards.items() if not name.endswith("/process.json")}
    told = list(check_deploy.unseen(few))
    assert "process_threads is on no dashboard" in told and "productd_ready is on no dashboard" not in told
    assert all("sqlite_wal" not in sentence for sentence in told)


def test_a_panel_without_question_or_advice_or_that_hides_another_is_told(boards):
    assert list(check_deploy.unclear(boards)) == []
    (name, board) = next(iter(boards.items()))
    first, second, *_ = check_deploy.panels(board)
    first["title"], second["description"], second["gridPos"] = "CPU", "", first["gridPos"]
    told = "\n".join(check_deploy.unclear({name: board}))
    assert "'CPU' is no question" in told and "does not say what to do" in told and "lies on 'CPU'" in told


def test_what_a_program_would_make_otherwise_is_told(monkeypatch):
    assert list(check_deploy.stale()) == []
    monkeypatch.setattr(check_deploy, "text", lambda name: "by hand")
    told = [sentence.split()[0] for sentence in check_deploy.stale()]
    assert "deploy/prometheus/rules/objectives.yml" in told and "deploy/grafana/dashboards/overview.json" in told

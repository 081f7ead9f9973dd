"""What a forked worker tells its service."""

from copydesk.runtime.metrics import PIPE_BYTES, Metrics, StageReport


def test_a_report_arrives_as_it_was_sent():
    report = StageReport("dedup", conflicts=3, deaths=1)
    report.add("original", 0.25)
    report.add("rejected:paywall", 0.5)
    report.removed.update({"recurring": 4, "share": 1})
    report.learned.update({"learned": 2, "lapsed": 1})
    metrics = Metrics("deduper")
    lines = report.messages()
    assert all(len(line) <= PIPE_BYTES for line in lines)
    for line in lines:
        metrics.count(StageReport.parse(line))

    def value(name, **labels):
        return metrics.registry.get_sample_value(name, labels)

    assert value("copydesk_learned_blocks_total", change="learned") == 2
    assert value("copydesk_learned_blocks_total", change="lapsed") == 1
    assert value("copydesk_removed_blocks_total", reason="recurring") == 4
    assert value("copydesk_stage_outcomes_total", stage="dedup", outcome="rejected", reason="paywall") == 1
    assert value("copydesk_stage_seconds_sum", stage="dedup") == 0.75
    assert value("copydesk_admit_conflicts_total") == 3


def test_a_report_that_says_only_what_was_learned_is_sent():
    report = StageReport("dedup")
    assert report.messages() == []
    report.learned["learned"] += 1
    [line] = report.messages()
    assert StageReport.parse(line).learned == {"learned": 1}

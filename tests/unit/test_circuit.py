from copydesk_services.delivery.circuit import ASKED_MOST, MOST, OPEN_AFTER, Circuit


def test_pauses_grow_up_to_a_bound_and_begin_anew_with_a_success():
    circuit = Circuit(first=1.0)
    pauses = [circuit.failed() for _ in range(20)]
    for number, pause in enumerate(pauses):
        whole = min(MOST, 2.0**number)
        assert whole / 2 <= pause <= whole
    assert circuit.succeeded()
    assert not circuit.succeeded()
    assert circuit.failed() <= 1.0


def test_what_the_target_asks_for_is_heeded_within_bounds():
    assert Circuit().failed(asked=120.0) == 120.0
    assert Circuit().failed(asked=10.0**9) == ASKED_MOST


def test_states():
    circuit = Circuit()
    for _ in range(OPEN_AFTER - 1):
        circuit.failed()
        circuit.tried()
        assert circuit.state == "closed"
    circuit.failed()
    assert circuit.state == "open"
    circuit.tried()
    assert circuit.state == "half_open"
    circuit.failed()
    assert circuit.state == "open"
    circuit.succeeded()
    assert circuit.state == "closed"

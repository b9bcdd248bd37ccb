"""The identities of pay pass on the computed warehouse (see conftest) and fail on a spoilt copy of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
from pay_warehouse import Computed, run_dbt

# One fault per identity, each as small as it can be.
_FAULTS = {
    "assert_incentive_credits_sum_to_their_line": (
        "UPDATE incentives.mart_incentives__s02_credits SET credited_net_amount = credited_net_amount + 0.0000000001"
        " WHERE credit_id = (SELECT min(credit_id) FROM incentives.mart_incentives__s02_credits)"
    ),
    "assert_incentive_steps_sum_to_the_payout": (
        "UPDATE incentives.mart_incentives__steps SET effect_amount = effect_amount + 0.0000000001"
        " WHERE scenario_id = 'a_partial_refund_takes_back_its_part' AND step_name = 'rounding' AND role = 'nurse'"
    ),
    "assert_incentive_payouts_keep_the_global_limit": (
        "UPDATE schemes.global_limits SET net_revenue_share = net_revenue_share - 0.0001"
        " WHERE scenario_id = 'the_global_limit_is_a_share_of_all_revenue'"
    ),
    "assert_incentive_roundings_stay_below_a_kopeck": (
        "UPDATE incentives.mart_incentives__s11_rounding SET rounding_effect_amount = -0.01"
        " WHERE scenario_id = 'one_kopeck_goes_to_the_largest_part' AND role = 'doctor'"
    ),
    "unique_key_mart_incentives__payouts": (
        "INSERT INTO incentives.mart_incentives__payouts SELECT * FROM incentives.mart_incentives__payouts"
        " WHERE scenario_id = 'one_kopeck_goes_to_the_largest_part' AND role = 'nurse'"
    ),
}


def test_each_identity_fails_on_its_own_fault_and_no_other_test_does(computed: Computed, tmp_path: Path) -> None:
    spoilt = tmp_path / "warehouse.duckdb"
    shutil.copyfile(computed.warehouse, spoilt)
    with duckdb.connect(spoilt) as connection:
        for fault in _FAULTS.values():
            assert connection.execute(fault).fetchall()[0][0] > 0
    run_dbt("test", spoilt, computed.scratch, "--exclude-resource-type", "unit_test")
    results = json.loads((computed.scratch / "run_results.json").read_text())["results"]
    results = [item for item in results if item["unique_id"].startswith("test.")]
    failed = {item["unique_id"].split(".")[2] for item in results if item["status"] == "fail"}
    assert {next(name for name in _FAULTS if test.startswith(name)) for test in failed} == set(_FAULTS)
    assert len(failed) == len(_FAULTS)
    assert {item["status"] for item in results} == {"fail", "pass"}

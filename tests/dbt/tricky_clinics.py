"""A hand-made network in which every rule of the numbers is met at least once. Small enough to be worked out on paper.

2026-03-02 is a Monday. K1 keeps Moscow time (UTC+3), K2 Yekaterinburg's (UTC+5); all moments below are UTC.
"""

from __future__ import annotations

from raw_warehouse import RawWarehouse, Row

SOURCE = "mis"
SLOTS_ONLY = "slots_only"
FIRST_EXPORT, LAST_EXPORT = "2026-03-02", "2026-03-06"


def at(day: int, time: str) -> str:
    return f"2026-03-{day:02d} {time}:00"


def clinics() -> list[Row]:
    return [
        {"clinic_id": "K1", "clinic_name": "One", "time_zone": "Europe/Moscow", "currency": "RUB"},
        {"clinic_id": "K2", "clinic_name": "Two", "time_zone": "Asia/Yekaterinburg", "currency": "RUB"},
        # The article: five rooms of ten hours, 25 hours in shifts, 15 hours sold.
        {"clinic_id": "ART", "clinic_name": "Article", "time_zone": "UTC", "currency": "RUB"},
    ]


def resources() -> list[Row]:
    rooms = [
        {"resource_id": "R1", "clinic_id": "K1", "is_capacity": True},
        {"resource_id": "R2", "clinic_id": "K1", "is_capacity": True, "valid_to": "2026-03-03"},
        {"resource_id": "D1", "clinic_id": "K1", "is_capacity": False, "resource_kind": "device"},
        {"resource_id": "R9", "clinic_id": "K2", "is_capacity": True},
        *[{"resource_id": f"A{n}", "clinic_id": "ART", "is_capacity": True} for n in range(1, 6)],
    ]
    return [{"resource_name": room["resource_id"], "resource_kind": "room", **room} for room in rooms]


def resource_hours() -> list[Row]:
    rules = [
        ("R1", "open", {"weekday": 1}, "09:00", "18:00"),
        ("R1", "open", {"weekday": 1}, "17:00", "20:00"),
        ("R1", "out_of_service", {"on_date": "2026-03-02"}, "12:00", "13:00"),
        ("R1", "out_of_service", {"on_date": "2026-03-02"}, "19:00", "22:00"),
        ("R1", "open", {"weekday": 2}, "09:00", "18:00"),
        ("R1", "open", {"on_date": "2026-03-03"}, "10:00", "12:00"),
        ("R2", "open", {"weekday": 1, "valid_from": "2026-03-03"}, "09:00", "10:00"),
        ("R2", "open", {"weekday": 2}, "09:00", "10:30"),
        ("R2", "open", {"weekday": 3}, "09:00", "10:00"),
        ("D1", "open", {"weekday": 1}, "00:00", "24:00"),
        *[(f"A{n}", "open", {"on_date": "2026-03-02"}, "08:00", "18:00") for n in range(1, 6)],
    ]
    return [
        {
            "resource_hours_id": f"H{n}",
            "resource_id": resource,
            "rule_kind": kind,
            **when,
            "opens_at": opens,
            "closes_at": closes,
        }
        for n, (resource, kind, when, opens, closes) in enumerate(rules)
    ]


def shifts() -> list[Row]:
    rows = [
        {"clinic_id": "K1", "resource_id": "R1", "starts_at": at(2, "06:00"), "ends_at": at(2, "10:00")},
        {"clinic_id": "K1", "resource_id": "R1", "starts_at": at(2, "09:00"), "ends_at": at(2, "11:00")},
        {
            "clinic_id": "K1",
            "resource_id": "R1",
            "starts_at": at(2, "12:00"),
            "ends_at": at(2, "15:00"),
            "is_cancelled": True,
        },
        {
            "clinic_id": "K1",
            "resource_id": "R1",
            "starts_at": at(2, "12:00"),
            "ends_at": at(2, "15:00"),
            "is_clinical": False,
        },
        {"clinic_id": "K1", "resource_id": "D1", "starts_at": at(2, "06:00"), "ends_at": at(2, "10:00")},
        {"clinic_id": "K1", "resource_id": None, "starts_at": at(2, "06:00"), "ends_at": at(2, "10:00")},
        *[
            {"clinic_id": "ART", "resource_id": f"A{n}", "starts_at": at(2, "08:00"), "ends_at": at(2, "13:00")}
            for n in range(1, 6)
        ],
    ]
    return [{"shift_id": f"S{n}", "employee_id": "E1", **row} for n, row in enumerate(rows)]


def appointments() -> list[Row]:
    def visit(
        name: str,
        patient: str,
        room: str | None,
        plan: tuple[str, str],
        actual: tuple[str, str] | None = None,
        **more: object,
    ) -> Row:
        row: Row = {
            "appointment_id": name,
            "clinic_id": "K1",
            "patient_id": patient,
            "resource_id": room,
            "planned_start_at": at(2, plan[0]),
            "planned_end_at": at(2, plan[1]),
            "status": "attended",
            "visit_kind": "treatment",
        }
        if actual:
            row |= {"started_at": at(2, actual[0]), "ended_at": at(2, actual[1])}
        return row | more

    return [
        visit("V1", "P1", "R1", ("06:00", "06:30"), ("06:05", "06:35"), visit_kind="consultation"),
        visit("V2", "P2", "R1", ("06:30", "07:00"), ("06:20", "06:50"), visit_kind="consultation"),  # overlaps V1
        visit("V3", "P3", "R1", ("10:45", "11:30")),  # no stamps; runs past the shift
        visit("V4", "P6", "R1", ("08:00", "09:00"), status="no_show"),
        visit("V5", "P1", None, ("12:00", "12:30"), ("12:00", "12:20")),  # no resource
        visit("V6", "P4", "R1", ("13:00", "13:30"), ("13:00", "13:15"), is_complaint=True),
        visit("V7", "P2", "D1", ("07:00", "07:30"), ("07:00", "07:30")),  # on a device that is no capacity
        visit("V8", "P5", "R1", ("14:00", "14:30"), ("14:10", "14:00")),  # inverted stamps
        visit("V9", "P7", "R1", ("21:30", "22:00"), ("21:30", "22:00")),  # after midnight in Moscow
        visit(
            "V10", "P8", "R9", ("19:30", "20:00"), ("19:30", "20:00"), clinic_id="K2"
        ),  # after midnight in Yekaterinburg
        visit(
            "V11",
            "P9",
            "R1",
            ("08:00", "09:00"),
            planned_start_at=at(9, "08:00"),
            planned_end_at=None,
            status="scheduled",
        ),
        *[
            visit(f"A{n}", f"PA{n}", f"A{n}", ("08:00", "11:00"), ("08:00", "11:00"), clinic_id="ART")
            for n in range(1, 6)
        ],
    ]


def services() -> list[Row]:
    return [
        {
            "service_id": "S1",
            "service_name": "Consultation",
            "stage": "consultation",
            "norm_direct_cost_amount": "10.05",
        },
        {"service_id": "S2", "service_name": "Treatment", "stage": "treatment"},
    ]


def service_lines() -> list[Row]:
    def line(name: str, net: str, patient: str | None, visit: str | None, moment: str, **more: object) -> Row:
        return {
            "service_line_id": name,
            "clinic_id": "K1",
            "patient_id": patient,
            "appointment_id": visit,
            "service_id": "S2",
            "performed_at": moment,
            "quantity": "1",
            "list_amount": net,
            "discount_amount": "0",
            "net_amount": net,
            "status": "performed",
        } | more

    return [
        line("L1", "1000", "P1", "V1", at(2, "06:30"), list_amount="1200", discount_amount="200", service_id="S1",
             quantity="2.5"),
        line("L2", "500", "P2", "V2", at(2, "06:40"), service_id="S1", direct_cost_amount="120.50"),
        line("L3", "99.99", None, None, at(2, "09:00")),  # retail without a card
        line("L4", "300", "P1", "V5", at(2, "12:10")),  # a visit without a resource
        line("L5", "50", "P4", "V6", at(2, "13:10")),  # a complaint visit is never a paid one
        line("L6", "5000", "P1", "V1", at(2, "06:30"), status="voided"),
        line("L7", "5000", "P1", "V1", at(2, "06:30"), status="planned"),
        line("L8", "200", "P2", "V7", at(2, "07:20")),  # on a device that is no capacity
        line("L9", "700", "P3", "V3", at(2, "11:00"), plan_item_id="I1"),  # from a plan of the day
        line("L10", "-1000", "P1", "V1", at(3, "09:00"), original_line_id="L1", quantity="-2.5", list_amount="-1200",
             discount_amount="-200", service_id="S1"),  # refunded the day after
        line("L11", "400", "P1", None, at(3, "09:00"), plan_item_id="I2"),  # from an earlier plan
        line("L12", "30", "P1", None, at(3, "09:00"), plan_item_id="I-unknown"),
        line("L13", "31", "P1", None, at(3, "09:00"), plan_item_id="I-draft"),
        line("L14", "32", "P1", None, at(3, "09:00"), plan_item_id="I4"),  # an item of the second version
        line("L15", "33", "P1", None, at(3, "09:00"), plan_item_id="I-later"),  # before its plan was presented
        line("L16", "64", "P7", "V9", at(2, "21:40")),  # 00:40 on the 3rd in Moscow
        line("L20", "20", "P8", "V10", at(2, "18:59"), clinic_id="K2"),  # 23:59 on the 2nd, its visit on the 3rd
        line("L21", "21", "P8", "V10", at(2, "19:40"), clinic_id="K2"),  # 00:40 on the 3rd
        line("L30", "10.01", "P1", "V1", at(4, "09:00"), clinic_id="KX"),  # a clinic that no export describes
        line("L40", "15000", "PA1", "A1", at(2, "10:00"), clinic_id="ART"),
    ]  # fmt: skip


def plans() -> dict[str, list[Row]]:
    def plan(name: str, version: int, presented: str | None, visit: str | None) -> Row:
        return {
            "plan_id": name,
            "plan_version": version,
            "clinic_id": "K1",
            "patient_id": "P1",
            "appointment_id": visit,
            "presented_at": presented,
        }

    def item(name: str, plan: str, version: int, amount: str, **more: object) -> Row:
        return {
            "plan_item_id": name,
            "plan_id": plan,
            "plan_version": version,
            "service_id": "S2",
            "quantity": "1",
            "price_amount": amount,
            "item_amount": amount,
            "position": 1,
        } | more

    return {
        "treatment_plans": [
            plan("PL1", 1, at(2, "06:20"), "V1"),
            plan("PL1", 2, at(5, "09:00"), "V1"),
            plan("PL2", 1, at(5, "09:00"), None),
            plan("PL3", 1, None, "V2"),  # a draft
        ],
        "plan_items": [
            item("I1", "PL1", 1, "700", direct_cost_amount="100", accepted_at=at(2, "06:30")),
            item("I2", "PL1", 1, "400", alternative_group="g", position=2, accepted_at=at(2, "06:30")),
            item("I3", "PL1", 1, "900", alternative_group="g", position=1, direct_cost_amount="50.50"),
            item("I4", "PL1", 2, "9999"),
            item("I-later", "PL2", 1, "33"),
            item("I-draft", "PL3", 1, "31"),
        ],
    }


def others() -> dict[str, list[Row]]:
    def payment(name: str, amount: str, kind: str, status: str | None) -> Row:
        return {
            "payment_id": name, "clinic_id": "K1", "paid_at": at(2, "09:00"), "payment_kind": kind,
            "payment_amount": amount, "status": status,
        }  # fmt: skip

    def lead(name: str, visit: str | None) -> Row:
        return {
            "lead_id": name,
            "clinic_id": "K1",
            "created_at": at(1, "21:30"),
            "channel": "web",
            "first_appointment_id": visit,
        }

    return {
        "payments": [
            payment("M1", "1000", "payment", "done"),
            payment("M2", "70", "payment", "pending"),
            payment("M3", "80", "payment", "failed"),
            payment("M4", "500", "deposit", None),
            payment("M5", "-100", "refund", "done"),
        ],
        "leads": [lead("Q1", "V1"), lead("Q2", "V4"), lead("Q3", "V11"), lead("Q4", None)],
        "marketing_spend": [
            {"clinic_id": "K1", "spend_date": "2026-03-02", "channel": "web", "spend_amount": "100.01"},
            {"clinic_id": "K1", "spend_date": "2026-03-02", "channel": "radio", "spend_amount": "200"},
        ],
        "invoices": [
            {
                "invoice_id": "N1",
                "clinic_id": "K1",
                "issued_at": at(2, "09:00"),
                "invoice_amount": "1000",
                "status": "paid",
            },
            {
                "invoice_id": "N2",
                "clinic_id": "K1",
                "issued_at": at(2, "09:00"),
                "invoice_amount": "7",
                "status": "cancelled",
            },
        ],
        "line_performers": [{"service_line_id": "L1", "employee_id": "E1", "performer_role": "doctor"}],
        "employees": [{"employee_id": "E1", "clinic_id": "K1", "staff_role": "doctor", "salary_amount": "1"}],
    }


def slots_only() -> dict[str, list[Row]]:
    """A second source in the same warehouse: slots and visits; no rooms, no money, no end of a visit."""
    return {
        "clinics": [{"clinic_id": "K1", "clinic_name": "Slots", "time_zone": "Europe/Madrid", "currency": "EUR"}],
        "slots": [
            {
                "slot_id": f"T{n}",
                "clinic_id": "K1",
                "starts_at": at(2, "09:00"),
                "slot_minutes": "15",
                "is_booked": n < 3,
            }
            for n in range(4)
        ],
        "appointments": [
            {
                "appointment_id": "V1",
                "clinic_id": "K1",
                "patient_id": "P1",
                "planned_start_at": at(2, "09:00"),
                "status": "attended",
            }
        ],
    }


def load(warehouse: RawWarehouse) -> None:
    warehouse.provide(SOURCE)
    missing = [entity for entity in warehouse.contracts if entity not in ("clinics", "slots", "appointments")]
    warehouse.provide(
        SLOTS_ONLY,
        without={
            **{entity: [] for entity in missing},
            "appointments": ["resource_id", "visit_kind", "ended_at", "planned_end_at"],
        },
    )
    first_day = {
        "clinics": clinics(),
        "resources": resources(),
        "resource_hours": resource_hours(),
        "shifts": shifts(),
        "appointments": appointments(),
        "services": services(),
        "service_lines": service_lines(),
        **plans(),
        **others(),
    }
    warehouse.load(SOURCE, FIRST_EXPORT, first_day)
    warehouse.load(SLOTS_ONLY, FIRST_EXPORT, slots_only())
    # Later exports: an old version that must lose, then the last day, on which nothing happened.
    stale = {**service_lines()[1], "net_amount": "123456"}
    warehouse.load(SOURCE, "2026-03-01", {"service_lines": [stale]})
    warehouse.load(SOURCE, LAST_EXPORT, {"services": services()})

-- Bookings with everything that became of them; all times are the clinic's wall clock.

CREATE TABLE visits AS
WITH joined AS (
    SELECT
        b.visit_no, b.clinic_no, b.employee_no, b.specialty, b.minutes, b.starts_at, b.ends_at, b.visit_kind,
        coalesce(s.patient_no, a.patient_no) AS patient_no,
        s.item_no, s.known_at, a.outcome, a.is_by_clinic,
        a.is_walk_in AND s.item_no IS NULL AND a.outcome = 'attended' AS is_walk_in,
        b.booking_no % 10 = 0 AS is_regular,
        CASE
            WHEN
                b.specialty = 'Терапия' AND b.visit_kind = 'consultation' AND rnd(b.visit_no, 'online') < 0.08
                THEN NULL
            WHEN b.specialty = 'УЗИ' AND rnd(b.visit_no, 'portable') < 0.04 THEN d.resource_no
            ELSE b.resource_no
        END AS resource_no,
        b.opening_no
    FROM (SELECT *, booking_no // 10 AS opening_no FROM bookings) AS b
    INNER JOIN attendance AS a USING (visit_no)
    LEFT JOIN sessions AS s USING (visit_no)
    LEFT JOIN resources AS d ON d.clinic_no = b.clinic_no AND d.specialty = 'УЗИ' AND d.resource_kind = 'device'
), moved AS (
    -- 5 % were first booked for an earlier time, which is a row of its own.
    SELECT *,
        CASE WHEN is_regular AND NOT is_walk_in AND item_no IS NULL AND rnd(visit_no, 'moved') < 0.05
                AND starts_at::DATE - 1 - pick(visit_no, 'moved by', 6) >= first_day()
            THEN starts_at - to_days(1 + pick(visit_no, 'moved by', 6)) END AS moved_from
    FROM joined
), booked AS (
    SELECT *,
        CASE
            WHEN is_walk_in THEN starts_at - INTERVAL 5 MINUTE
            WHEN moved_from IS NOT NULL THEN at_minute(moved_from::DATE - 1, 1020 + pick(visit_no, 'call', 120))
            ELSE greatest(
                least(
                    at_minute((starts_at - to_minutes(floor(-ln(1 - rnd(visit_no, 'lead time')) * 7200)::BIGINT))::DATE,
                        540 + pick(visit_no, 'booking minute', 660)),
                    starts_at - to_minutes(45::BIGINT + pick(visit_no, 'shortest', 90))),
                coalesce(known_at + INTERVAL 1 HOUR, TIMESTAMP '2000-01-01'))
        END AS booked_at
    FROM moved
), rows AS (
    SELECT
        visit_no,
        clinic_no,
        employee_no,
        specialty,
        resource_no,
        visit_kind,
        patient_no,
        item_no,
        starts_at,
        ends_at,
        outcome,
        is_by_clinic, is_walk_in, booked_at, NULL::BIGINT AS moved_to, minutes, opening_no
    FROM booked
    UNION ALL
    SELECT
        50000000 + visit_no, clinic_no, employee_no, specialty, resource_no, visit_kind, patient_no, NULL, moved_from,
        moved_from + to_minutes(minutes), 'rescheduled', NULL, false,
        at_minute(
            moved_from::DATE - 2 - pick(visit_no, 'first booked', 7), 540 + pick(visit_no, 'booking minute', 660)
        ),
        visit_no, minutes, NULL
    FROM booked
    WHERE moved_from IS NOT NULL
), timed AS (
    SELECT *,
        outcome = 'attended' AS is_attended,
        starts_at
        + to_minutes((pick(visit_no, 'delay', 28) - 8 + if(rnd(visit_no, 'late') < 0.05, 30, 0))::BIGINT) AS went_in_at,
        (minutes * (70 + pick(visit_no, 'length', 71)) // 100)::BIGINT AS lasted,
        rnd(visit_no, 'stamps') AS stamp_draw
    FROM rows
), stamped AS (
    SELECT * EXCLUDE (went_in_at, lasted, stamp_draw),
        CASE WHEN is_attended AND rnd(visit_no, 'reception') < 0.93
            THEN
                least(went_in_at - INTERVAL 1 MINUTE, starts_at - to_minutes((pick(visit_no, 'early', 25) - 4)::BIGINT))
            END AS arrived_at,
        CASE WHEN is_attended AND stamp_draw >= 0.006 THEN went_in_at END AS started_at,
        -- Missing in 2 %, and in a few typed in as earlier than the start.
        CASE WHEN is_attended AND stamp_draw >= 0.020
            THEN went_in_at + to_minutes(if(stamp_draw > 0.998, -40, lasted)) END AS ended_at,
        is_attended AND rnd(visit_no, 'complaint') < 0.012 AND visit_kind <> 'diagnostics' AS is_complaint
    FROM timed
)
SELECT *,
    -- What a reader of the rules gets as the interval: see "Numbers v1".
    if(coalesce(ended_at, ends_at) < coalesce(started_at, starts_at), starts_at, coalesce(started_at, starts_at))
        AS from_at,
    if(coalesce(ended_at, ends_at) < coalesce(started_at, starts_at), ends_at, coalesce(ended_at, ends_at)) AS until_at,
    outcome IN ('attended', 'no_show') AND late_days(visit_no, 'late visit', 0.02) > 0 AS is_entered_late,
    CASE outcome
        WHEN 'attended' THEN greatest(coalesce(ended_at, ends_at), coalesce(started_at, starts_at)) + INTERVAL 5 MINUTE
            + to_days(late_days(visit_no, 'late visit', 0.02))
        WHEN
            'no_show'
            THEN
                at_minute(
                    starts_at::DATE + late_days(visit_no, 'late visit', 0.02), 1320 + pick(visit_no, 'closing', 60)
                )
        WHEN 'unknown' THEN at_minute(starts_at::DATE, 1380)
        WHEN 'rescheduled' THEN at_minute(starts_at::DATE - 1, 1020 + pick(visit_no - 50000000, 'call', 120))
        ELSE greatest(booked_at + INTERVAL 5 MINUTE, least(starts_at - INTERVAL 20 MINUTE, at_minute(
            booked_at::DATE + pick(visit_no, 'changes mind', date_diff('day', booked_at, starts_at) + 1),
            540 + pick(visit_no, 'rings', 660)
            )
            )
            )
    END AS settled_at,
    CASE WHEN is_attended AND rnd(visit_no, 'signed') < 0.93
        THEN 1 + pick(visit_no, 'signing', 4) * (rnd(visit_no, 'signed') < 0.25)::INTEGER END AS signed_after,
    -- Registered at the wrong time or room and put right some days later.
    CASE WHEN is_attended AND rnd(visit_no, 'correction') < 0.006 THEN 1 + pick(visit_no, 'correction days', 12) END
        AS corrected_after,
    CASE WHEN specialty IN ('МРТ', 'УЗИ') THEN opening_no END AS slot_no
FROM stamped;

-- Appointment rows as the MIS would export them: booked, settled, record signed, corrected. seen_on is the day of the
-- file.

CREATE TABLE appointment_versions AS
WITH booked AS (
    SELECT visit_no, 0 AS stage, booked_at AS updated_at FROM visits WHERE NOT is_walk_in
    UNION ALL
    SELECT visit_no, 1, settled_at FROM visits
    UNION ALL
    -- Most records are signed the same day, and then the settled row says so already.
    SELECT visit_no, 2, at_minute(settled_at::DATE + signed_after, 1140) FROM visits WHERE signed_after > 1
    UNION ALL
    SELECT visit_no, 3, at_minute(settled_at::DATE + 4 + corrected_after, 660)
    FROM visits
    WHERE corrected_after IS NOT NULL
), kept AS (
    SELECT visit_no, stage, updated_at, export_day(updated_at) AS seen_on
    FROM booked
    WHERE updated_at::DATE <= final_day()
    QUALIFY row_number() OVER (PARTITION BY visit_no, seen_on ORDER BY updated_at DESC, stage DESC) = 1
)
SELECT
    k.visit_no, k.stage, k.updated_at, k.seen_on,
    v.clinic_no, v.patient_no, v.employee_no, v.slot_no, v.item_no AS intended_item_no, v.visit_kind, v.booked_at, v.moved_to,
    -- Until it is corrected, a wrong row says another hour of another day.
    v.starts_at - to_days(is_wrong::INTEGER) AS starts_at,
    v.ends_at - to_days(is_wrong::INTEGER) AS ends_at,
    if(k.stage > 0, v.arrived_at - to_days(is_wrong::INTEGER), NULL) AS arrived_at,
    if(k.stage > 0, v.started_at - to_days(is_wrong::INTEGER), NULL) AS started_at,
    if(k.stage > 0, v.ended_at - to_days(is_wrong::INTEGER), NULL) AS ended_at,
    v.resource_no,
    if(k.stage > 0, v.outcome, 'scheduled') AS status,
    if(k.stage > 0 AND v.outcome = 'cancelled', if(v.is_by_clinic, 'clinic', 'patient'), NULL) AS cancelled_by,
    if(k.stage > 0, v.is_complaint, NULL) AS is_complaint,
    if(k.stage > 0 AND v.is_attended, k.stage >= 2 OR coalesce(v.signed_after, 9) = 1, NULL) AS is_record_signed
FROM kept AS k
INNER JOIN
    (SELECT *, corrected_after IS NOT NULL AND visit_no % 3 = 0 AS may_be_wrong FROM visits) AS v
USING (visit_no)
CROSS JOIN LATERAL (SELECT v.may_be_wrong AND k.stage IN (1, 2) AND v.starts_at::DATE > first_day() AS is_wrong) AS w;

-- The right answers, from the generator's own tables and the written definitions alone: latest version of each row as
-- of the last export day, then one row per clinic and local day. Nothing here reads an export or the pipeline. Amounts
-- are kopecks, durations are seconds.

CREATE TABLE now_appointments AS
SELECT *, starts_at::DATE AS day,
    coalesce(ended_at, ends_at) < coalesce(started_at, starts_at) AS is_backwards
FROM appointment_versions
QUALIFY row_number() OVER (PARTITION BY visit_no ORDER BY seen_on DESC, updated_at DESC) = 1;

CREATE TABLE now_attended AS
SELECT a.visit_no, a.clinic_no, a.day, a.resource_no, a.is_complaint, r.is_capacity,
    if(is_backwards, a.starts_at, coalesce(a.started_at, a.starts_at)) AS from_at,
    if(is_backwards, a.ends_at, coalesce(a.ended_at, a.ends_at)) AS until_at
FROM now_appointments AS a
LEFT JOIN resources AS r USING (resource_no)
WHERE a.status = 'attended';

CREATE TABLE now_lines AS
SELECT *, performed_at::DATE AS day
FROM service_line_versions
QUALIFY row_number() OVER (PARTITION BY line_no ORDER BY seen_on DESC, updated_at DESC) = 1;

CREATE TABLE now_plans AS
SELECT *
FROM plan_versions
QUALIFY row_number() OVER (PARTITION BY plan_no, version ORDER BY seen_on DESC, updated_at DESC) = 1;

CREATE TABLE now_plan_items AS
SELECT *
FROM plan_item_versions
QUALIFY row_number() OVER (PARTITION BY item_no ORDER BY seen_on DESC, updated_at DESC) = 1;

CREATE TABLE now_leads AS
SELECT *, created_at::DATE AS day
FROM lead_versions
QUALIFY row_number() OVER (PARTITION BY lead_no ORDER BY seen_on DESC, updated_at DESC) = 1;

CREATE TABLE now_payments AS
SELECT *, paid_at::DATE AS day
FROM payment_versions
QUALIFY row_number() OVER (PARTITION BY payment_no ORDER BY seen_on DESC, updated_at DESC) = 1;

CREATE TABLE now_shifts AS
SELECT s.*, s.starts_at::DATE AS day
FROM (
    SELECT * FROM shift_versions
    QUALIFY row_number() OVER (PARTITION BY shift_no ORDER BY seen_on DESC, updated_at DESC) = 1
) AS s
INNER JOIN resources AS r USING (resource_no)
WHERE r.is_capacity AND coalesce(s.clinical_tick, true) AND NOT s.is_withdrawn;

-- Seconds covered by the union of the intervals (resource_no, day, from_at, until_at) of a table.
CREATE MACRO covered(intervals) AS TABLE
SELECT
    resource_no,
    day,
    sum(greatest(0, epoch(until_at) - epoch(greatest(from_at, coalesce(reached, from_at)))))::BIGINT AS seconds
FROM (
    SELECT *, max(until_at) OVER (
        PARTITION BY resource_no, day ORDER BY from_at, until_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        AS reached
    FROM query_table(intervals)
)
GROUP BY resource_no, day;

CREATE TABLE sold_intervals AS SELECT resource_no, day, from_at, until_at FROM now_attended WHERE is_capacity;
CREATE TABLE shift_intervals AS SELECT resource_no, day, starts_at AS from_at, ends_at AS until_at FROM now_shifts;
CREATE TABLE doctor_intervals AS SELECT * FROM sold_intervals UNION ALL SELECT * FROM shift_intervals;

CREATE TABLE known_rules AS
SELECT h.*
FROM resource_hours AS h
WHERE h.known_on <= (SELECT max(day) FROM snapshot_days WHERE entity = 'resource_hours');

CREATE TABLE open_intervals AS
WITH days AS (
    SELECT r.resource_no, cal.day, cal.weekday
    FROM resources AS r CROSS JOIN calendar AS cal
    WHERE
        r.is_capacity
        AND cal.day <= final_day()
        AND cal.day BETWEEN coalesce(r.valid_from, cal.day) AND coalesce(r.valid_to, cal.day)
), dated AS (
    SELECT d.resource_no, d.day, k.opens, k.closes
    FROM days AS d
    INNER JOIN known_rules AS k ON k.resource_no = d.resource_no AND k.on_date = d.day AND k.rule_kind = 'open'
), weekly AS (
    SELECT d.resource_no, d.day, k.opens, k.closes
    FROM days AS d
    INNER JOIN known_rules AS k ON k.resource_no = d.resource_no AND k.weekday = d.weekday AND k.rule_kind = 'open'
        AND d.day BETWEEN k.valid_from AND coalesce(k.valid_to, d.day)
    ANTI JOIN dated ON dated.resource_no = d.resource_no AND dated.day = d.day
)
SELECT resource_no, day, at_minute(day, opens) AS from_at, at_minute(day, closes) AS until_at
FROM (SELECT * FROM dated UNION ALL SELECT * FROM weekly);

-- |open less closed| = |open or closed| - |closed|
CREATE TABLE closed_intervals AS
SELECT o.resource_no, o.day, at_minute(o.day, k.opens) AS from_at, at_minute(o.day, k.closes) AS until_at
FROM (SELECT DISTINCT resource_no, day FROM open_intervals) AS o
INNER JOIN known_rules AS k ON k.resource_no = o.resource_no AND k.on_date = o.day AND k.rule_kind = 'out_of_service';
CREATE TABLE touched_intervals AS SELECT * FROM open_intervals UNION ALL SELECT * FROM closed_intervals;

CREATE TABLE true_lines AS
WITH first_versions AS (
    SELECT plan_no, arg_min(presented_at::DATE, version) AS presented_on FROM now_plans GROUP BY plan_no
), judged AS (
    SELECT l.*, NOT coalesce(a.is_complaint, false) AS is_no_complaint,
        coalesce(a.status = 'attended' AND r.is_capacity AND a.clinic_no = l.clinic_no AND a.day = l.day, false)
            AS is_slotted,
        f.presented_on
    FROM now_lines AS l
    LEFT JOIN now_appointments AS a USING (visit_no)
    LEFT JOIN resources AS r ON r.resource_no = a.resource_no
    LEFT JOIN now_plan_items AS i USING (item_no)
    LEFT JOIN first_versions AS f ON f.plan_no = i.plan_no
    WHERE l.status = 'performed'
)
SELECT *,
    patient_no IS NOT NULL AND net > 0 AND is_no_complaint AS is_paid,
    min(CASE WHEN patient_no IS NOT NULL AND net > 0 AND is_no_complaint THEN day END)
        OVER (PARTITION BY clinic_no, patient_no)
        AS first_paid_on,
    CASE
        WHEN item_no IS NULL THEN 'without' WHEN presented_on = day THEN 'new' WHEN
            presented_on < day
            THEN 'earlier' ELSE 'unpresented'
    END AS plan_origin
FROM judged;

CREATE TABLE presented_plans AS
WITH first_plans AS (
    SELECT * FROM now_plans QUALIFY version = min(version) OVER (PARTITION BY plan_no)
), offered AS (
    SELECT *
    FROM now_plan_items
    QUALIFY
        NOT is_alternative
        OR row_number() OVER (PARTITION BY plan_no, version, is_alternative ORDER BY position, item_no) = 1
), valued AS (
    SELECT plan_no, version, sum(amount) AS amount, sum(amount) FILTER (accepted_at IS NOT NULL) AS accepted
    FROM offered GROUP BY plan_no, version
)
SELECT
    p.plan_no,
    p.clinic_no,
    p.visit_no,
    p.presented_at::DATE AS day,
    coalesce(v.amount, 0) AS amount,
    coalesce(v.accepted, 0) AS accepted
FROM first_plans AS p
LEFT JOIN valued AS v USING (plan_no, version)
WHERE p.presented_at IS NOT NULL;

CREATE TABLE true_measures AS
SELECT clinic_no, day,
    count(*) FILTER (status = 'scheduled') AS appointments_scheduled,
    count(*) FILTER (status = 'attended') AS appointments_attended,
    count(*) FILTER (status = 'no_show') AS appointments_no_show,
    count(*) FILTER (status = 'cancelled') AS appointments_cancelled,
    count(*) FILTER (status = 'rescheduled') AS appointments_rescheduled,
    count(*) FILTER (status = 'unknown') AS appointments_unknown,
    count(*) FILTER (status = 'attended' AND is_complaint) AS complaint_visits,
    count(*) FILTER (status = 'attended' AND visit_kind = 'consultation') AS consultations,
    count(*) FILTER (status = 'attended' AND visit_kind = 'consultation' AND EXISTS (
        SELECT 1 FROM presented_plans AS p WHERE p.visit_no = a.visit_no AND p.day BETWEEN a.day AND a.day + 14))
        AS consultations_with_plan
FROM now_appointments AS a GROUP BY clinic_no, day
UNION ALL BY NAME
SELECT
    clinic_no,
    day,
    sum(epoch(until_at) - epoch(from_at))::BIGINT AS attended_seconds,
    count(*) FILTER (is_capacity) AS slots_sold
FROM now_attended GROUP BY clinic_no, day
UNION ALL BY NAME
SELECT r.clinic_no, c.day, c.seconds AS sold_seconds
FROM covered('sold_intervals') AS c
INNER JOIN resources AS r USING (resource_no)
UNION ALL BY NAME
SELECT r.clinic_no, c.day, c.seconds AS shift_seconds, -c.seconds AS overtime_seconds
FROM covered('shift_intervals') AS c INNER JOIN resources AS r USING (resource_no)
UNION ALL BY NAME
SELECT r.clinic_no, c.day, c.seconds AS doctor_seconds, c.seconds AS overtime_seconds
FROM covered('doctor_intervals') AS c INNER JOIN resources AS r USING (resource_no)
UNION ALL BY NAME
SELECT r.clinic_no, c.day, c.seconds AS room_seconds
FROM covered('touched_intervals') AS c
INNER JOIN resources AS r USING (resource_no)
UNION ALL BY NAME
SELECT r.clinic_no, c.day, -c.seconds AS room_seconds
FROM covered('closed_intervals') AS c
INNER JOIN resources AS r USING (resource_no)
UNION ALL BY NAME
SELECT clinic_no, day,
    sum(net) AS net_revenue, sum(list) AS gross_revenue, sum(discount) AS discount_amount,
    sum(net) FILTER (patient_no IS NOT NULL AND coalesce(day = first_paid_on, false)) AS primary_revenue,
    sum(net) FILTER (patient_no IS NOT NULL AND NOT coalesce(day = first_paid_on, false)) AS secondary_revenue,
    sum(net) FILTER (patient_no IS NULL) AS unattributed_revenue,
    count(DISTINCT patient_no) FILTER (is_paid) AS paid_visits,
    count(DISTINCT patient_no) FILTER (is_paid AND day = first_paid_on) AS primary_patients,
    count(DISTINCT patient_no) FILTER (is_paid AND day > first_paid_on) AS secondary_patients,
    sum(net) FILTER (is_slotted) AS slotted_revenue, sum(net) FILTER (NOT is_slotted) AS unslotted_revenue,
    sum(net) FILTER (plan_origin = 'new') AS revenue_from_new_plans,
    sum(net) FILTER (plan_origin = 'earlier') AS revenue_from_earlier_plans,
    sum(net) FILTER (plan_origin = 'unpresented') AS revenue_from_unpresented_plans,
    sum(net) FILTER (plan_origin = 'without') AS revenue_without_plan
FROM true_lines GROUP BY clinic_no, day
UNION ALL BY NAME
SELECT clinic_no, day, count(*) AS plans_presented, sum(amount) AS presented_value, sum(accepted) AS accepted_value
FROM presented_plans GROUP BY clinic_no, day
UNION ALL BY NAME
SELECT clinic_no, day, count(*) AS payments, sum(amount) AS payments_amount
FROM now_payments WHERE coalesce(status, 'done') = 'done' GROUP BY clinic_no, day
UNION ALL BY NAME
SELECT clinic_no, day, count(*) AS leads, count(visit_no) AS leads_booked FROM now_leads GROUP BY clinic_no, day
UNION ALL BY NAME
SELECT
    a.clinic_no,
    a.day,
    count(*) FILTER (a.status <> 'scheduled') AS first_bookings_due,
    count(*) FILTER (a.status = 'attended') AS first_bookings_attended
FROM now_leads AS l INNER JOIN now_appointments AS a USING (visit_no) GROUP BY a.clinic_no, a.day
UNION ALL BY NAME
SELECT clinic_no, spend_date AS day, sum(amount) AS marketing_spend
FROM marketing_spend_versions
GROUP BY clinic_no, spend_date
;

CREATE TABLE true_days AS
SELECT clinic_no, day, coalesce(sum(COLUMNS(* EXCLUDE (clinic_no, day))), 0)::BIGINT
FROM (
    SELECT * FROM true_measures
    UNION ALL BY NAME
    -- Every day of the demo is there, with zeros if nothing happened.
    SELECT clinic_no, day FROM clinics CROSS JOIN calendar WHERE day <= final_day()
)
GROUP BY clinic_no, day;

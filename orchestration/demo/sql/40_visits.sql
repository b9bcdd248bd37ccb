-- Who took which time, as first booked: one row per booking, before treatment courses claim their share (60_visits.sql
-- completes them).

CREATE TABLE bookings AS
WITH regular AS (
    SELECT
        opening_no * 10 AS booking_no,
        clinic_no,
        employee_no,
        resource_no,
        specialty,
        minutes,
        starts_at,
        false AS is_extra
    FROM openings
    WHERE rnd(opening_no, 'taken') < least(0.97, wish * getvariable('demand'))
), overlapping AS (
    -- Squeezed in on top of another patient.
    SELECT booking_no + 1, clinic_no, employee_no, resource_no, specialty, minutes, starts_at + INTERVAL 10 MINUTE, true
    FROM regular
    WHERE rnd(booking_no, 'squeeze') < 0.025
), after_hours AS (
    SELECT
        opening_no * 10 + 2,
        clinic_no,
        employee_no,
        resource_no,
        specialty,
        minutes,
        starts_at + to_minutes(minutes + 15),
        true
    FROM openings
    WHERE is_last AND rnd(opening_no, 'after hours') < 0.05
), bookings AS (
    SELECT * FROM regular UNION ALL SELECT * FROM overlapping UNION ALL SELECT * FROM after_hours
), mixed AS (
    SELECT b.*, rnd(booking_no, 'kind') AS kind_draw, s.consultation, s.diagnostics, s.treatment
    FROM bookings AS b INNER JOIN specialties AS s USING (specialty)
)
SELECT
    row_number() OVER (ORDER BY starts_at, booking_no) AS visit_no,
    booking_no, clinic_no, employee_no, resource_no, specialty, minutes, starts_at, is_extra,
    starts_at + to_minutes(minutes) AS ends_at,
    CASE
        WHEN kind_draw < consultation THEN 'consultation'
        WHEN kind_draw < consultation + diagnostics THEN 'diagnostics'
        WHEN kind_draw < consultation + diagnostics + treatment THEN 'treatment'
        ELSE 'check_up'
    END AS visit_kind
FROM mixed;

-- Patients of a clinic are numbered in the order in which they come. A booking is a newcomer's, or that of someone who
-- came before: the more likely the more recently. Numbers below zero were patients before the demo began.
CREATE TABLE patient_bases AS
SELECT clinic_no, count(*) * 0.06 AS memory, (count(*) * 0.12)::BIGINT + 20 AS old_base
FROM bookings GROUP BY clinic_no;

CREATE MACRO patient_number(clinic_no, ordinal) AS (clinic_no) * 10000000::BIGINT + 2000000 + (ordinal);

CREATE TABLE attendance AS
WITH homes AS (
    SELECT visit_no,
        -- A few patients go to another clinic of the network.
        if(rnd(visit_no, 'home') < 0.02, clinic_no % getvariable('clinics') + 1, clinic_no) AS home,
        rnd(visit_no, 'new') < 0.27 AS is_new
    FROM bookings
), counted AS (
    -- Newcomers so far: a running count, told by two row numbers because those stream.
    SELECT *,
        row_number() OVER (PARTITION BY home, is_new ORDER BY visit_no) AS own_rank,
        row_number() OVER (PARTITION BY home ORDER BY visit_no) AS overall_rank
    FROM homes
)
SELECT
    h.visit_no,
    patient_number(h.home, if(h.is_new, h.own_rank, greatest(
        h.overall_rank - h.own_rank - floor(-ln(1 - rnd(h.visit_no, 'return')) * p.memory)::BIGINT,
        -1 - pick(h.visit_no, 'old', p.old_base)
    ))) AS patient_no,
    CASE
        WHEN rnd(h.visit_no, 'outcome') < 0.075 THEN 'no_show'
        WHEN rnd(h.visit_no, 'outcome') < 0.155 THEN 'cancelled'
        WHEN rnd(h.visit_no, 'outcome') < 0.160 THEN 'unknown'
        ELSE 'attended'
    END AS outcome,
    rnd(h.visit_no, 'by clinic') < 0.2 AS is_by_clinic,
    rnd(h.visit_no, 'walk in') < 0.06 AS is_walk_in
FROM counted AS h
INNER JOIN patient_bases AS p ON p.clinic_no = h.home;

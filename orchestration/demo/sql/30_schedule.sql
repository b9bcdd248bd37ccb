-- Shifts on resources, and the times in them that a patient could take.

CREATE TABLE shift_windows AS
WITH windows AS (
    SELECT
        r.resource_no,
        r.clinic_no,
        r.n,
        r.specialty,
        r.minutes,
        cal.day,
        cal.weekday,
        w.half,
        w.from_minute,
        w.to_minute
    FROM resources AS r
    INNER JOIN clinics AS c USING (clinic_no)
    CROSS JOIN calendar AS cal
    CROSS JOIN LATERAL (
        SELECT unnest(CASE
            WHEN cal.is_holiday THEN []
            WHEN cal.is_short THEN [{'half': 0, 'from_minute': 600, 'to_minute': 960}]
            WHEN r.specialty = 'МРТ' THEN [
                {'half': 0, 'from_minute': 480, 'to_minute': 900}, {'half': 1, 'from_minute': 900, 'to_minute': 1320}]
            WHEN c.is_sanatorium THEN [
                {'half': 0, 'from_minute': 480, 'to_minute': 780}, {'half': 1, 'from_minute': 780, 'to_minute': 1080}]
            WHEN cal.weekday = 7 THEN []
            WHEN cal.weekday = 6 THEN [{'half': 0, 'from_minute': 540, 'to_minute': 900}]
            ELSE [{'half': 0, 'from_minute': 480, 'to_minute': 840}, {'half': 1, 'from_minute': 840, 'to_minute': 1200}]
        END, recursive := true)
    ) AS w
    WHERE r.is_capacity AND cal.day BETWEEN r.valid_from AND coalesce(r.valid_to, cal.day)
)
SELECT
    -- Room for 30 years of days and two halves in each resource's block of numbers.
    (resource_no::BIGINT * 10000 + date_diff('day', first_day(), day)) * 2 + half AS window_no,
    *,
    clinic_no * 10000 + n * 2 + abs(date_diff('day', DATE '2020-01-06', day) + half) % 2 AS employee_no
FROM windows;

CREATE TABLE shifts AS
WITH doctors AS (
    SELECT
        window_no * 10 AS shift_no, window_no, clinic_no, employee_no, resource_no,
        at_minute(day, from_minute) AS starts_at, at_minute(day, to_minute) AS ends_at,
        true AS is_clinical, rnd(window_no, 'withdrawn') < 0.02 AS is_cancelled, specialty, weekday
    FROM shift_windows
    WHERE rnd(window_no, 'published') < 0.68
        AND rnd(employee_no * 1000::BIGINT + date_diff('week', DATE '2020-01-06', day), 'vacation') > 0.05
), helpers AS (
    -- An assistant stands at the chair with the doctor: two shifts on one resource, counted once.
    SELECT d.shift_no + 1, d.window_no, d.clinic_no, t.employee_no, d.resource_no,
        d.starts_at - INTERVAL 15 MINUTE, d.ends_at - to_minutes(60 * pick(d.window_no, 'leaves', 2)),
        true, false, d.specialty, d.weekday
    FROM doctors AS d
    INNER JOIN
        teams AS t
    ON t.clinic_no = d.clinic_no AND t.staff_role = 'assistant' AND t.k = pick(d.window_no, 'assistant', t.people)
    WHERE d.specialty = 'Стоматология' AND NOT d.is_cancelled
    UNION ALL
    SELECT d.shift_no + 2, d.window_no, d.clinic_no, t.employee_no, NULL,
        d.starts_at, d.ends_at, true, false, d.specialty, d.weekday
    FROM doctors AS d
    INNER JOIN
        teams AS t
    ON t.clinic_no = d.clinic_no AND t.staff_role = 'nurse' AND t.k = pick(d.window_no, 'nurse', t.people)
    WHERE d.specialty IN ('Терапия', 'Физиотерапия')
    UNION ALL
    -- Paper work in an empty room is a shift, and not clinical.
    SELECT d.shift_no + 3, d.window_no, d.clinic_no, d.employee_no, d.resource_no,
        d.ends_at, d.ends_at + INTERVAL 90 MINUTE, false, false, d.specialty, d.weekday
    FROM doctors AS d
    WHERE d.weekday = 1 AND d.specialty = 'Кардиология' AND NOT d.is_cancelled
)
SELECT
    *,
    -- Empty counts as clinical: some MIS leave the tick out.
    if(is_clinical AND rnd(shift_no, 'tick') < 0.1, NULL, is_clinical) AS clinical_tick,
    at_minute(starts_at::DATE - 14 - pick(shift_no, 'ahead', 14), 12 * 60) AS published_at,
    at_minute(starts_at::DATE - 1 - pick(shift_no, 'notice', 3), 15 * 60) AS withdrawn_at
FROM (SELECT * FROM doctors UNION ALL SELECT * FROM helpers);

-- `wish` is the expected demand for the time before it is scaled to the target.
CREATE TABLE openings AS
SELECT
    s.window_no * 100 + p.position AS opening_no,
    s.clinic_no, s.employee_no, s.resource_no, r.specialty, r.minutes,
    s.starts_at + to_minutes(p.position * r.minutes) AS starts_at,
    p.position = date_diff('minute', s.starts_at, s.ends_at) // r.minutes - 1 AS is_last,
    c.popularity * cal.season * cal.weekday_weight * 0.64
    * [0.70, 1.10, 1.20, 1.15, 0.95, 0.80, 0.75, 0.85, 0.95, 1.15, 1.20, 0.95, 0.60, 0.50]
        [hour(s.starts_at + to_minutes(p.position * r.minutes)) - 7]
    * if(r.specialty = idle_specialty() AND cal.weekday = idle_weekday(), 0.15, 1)
    * if(is_sensitive_season(r.specialty, s.starts_at), 1.45, 1)
    * (
        0.92
        + 0.16
        * date_diff('day', first_day(), s.starts_at::DATE)
        / greatest(1, date_diff('day', first_day(), final_day()))
    ) AS wish
FROM shifts AS s
INNER JOIN resources AS r USING (resource_no)
INNER JOIN clinics AS c ON c.clinic_no = s.clinic_no
INNER JOIN calendar AS cal ON cal.day = s.starts_at::DATE
CROSS JOIN LATERAL (SELECT unnest(range(date_diff('minute', s.starts_at, s.ends_at) // r.minutes)) AS position) AS p
WHERE s.shift_no % 10 = 0 AND NOT s.is_cancelled;

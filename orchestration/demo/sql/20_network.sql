-- Clinics, what stands in them, when it is open, and who works there.

CREATE TABLE clinics AS
SELECT
    n::INTEGER AS clinic_no,
    'K' || n AS clinic_id,
    n = getvariable('clinics') AND n > 1 AS is_sanatorium,
    CASE
        WHEN n = getvariable('clinics') AND n > 1 THEN 'Кисловодск'
        WHEN n = 2 THEN 'Екатеринбург'
        ELSE
            ['Москва', 'Казань', 'Тула', 'Воронеж', 'Нижний Новгород', 'Краснодар', 'Ярославль', 'Рязань'][
                1 + (n - 1) % 8
            ]
    END AS city,
    if(n = 2, 'Asia/Yekaterinburg', 'Europe/Moscow') AS time_zone,
    make_date(2012 + n::INTEGER % 9, 1 + n::INTEGER % 12, 1) AS opened_on,
    0.85 + rnd(n, 'popularity') * 0.3 AS popularity
FROM range(1, getvariable('clinics')::BIGINT + 1) AS clinic (n);

-- n counts the resources of a clinic; the second therapist's room opens during the demo, a physiotherapy room of K1
-- closes.
CREATE TABLE resources AS
WITH rooms AS (
    SELECT
        c.clinic_no,
        s.specialty,
        s.resource_kind,
        s.minutes,
        s.door || ' ' || copy AS resource_name,
        true AS is_capacity,
        s.specialty_no * 1000 + copy AS sort_no, copy
    FROM clinics AS c
    CROSS JOIN specialties AS s
    CROSS JOIN range(1, 500) AS copies (copy)
    WHERE copy <= if(c.is_sanatorium, s.sanatorium_rooms, s.rooms) * getvariable('rooms')
), devices AS (
    SELECT clinic_no, 'УЗИ', 'device', 20, 'УЗИ-аппарат переносной', false, 90000, 1 FROM clinics
    UNION ALL
    SELECT clinic_no, 'Физиотерапия', 'device', 30, 'Лазер терапевтический', false, 90001, 1 FROM clinics
    UNION ALL
    SELECT clinic_no, NULL, 'bed', NULL, 'Место ' || bed, false, 95000 + bed, bed
    FROM clinics CROSS JOIN range(1, 25) AS beds (bed)
    WHERE is_sanatorium
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY clinic_no ORDER BY sort_no)::INTEGER AS n
    FROM (SELECT * FROM rooms UNION ALL SELECT * FROM devices)
)
SELECT
    clinic_no * 10000 + n AS resource_no,
    clinic_no, n, specialty, resource_kind, minutes, resource_name, is_capacity,
    CASE WHEN specialty = 'Терапия' AND copy = 2 THEN first_day() + 20 ELSE first_day() - 730 END AS valid_from,
    CASE WHEN specialty = 'Физиотерапия' AND is_capacity AND copy = 2 AND clinic_no = 1 THEN first_day() + 120 END
        AS valid_to,
    CASE
        WHEN specialty = 'МРТ' THEN 8500000000
        WHEN resource_kind = 'device' THEN 120000000 + pick(clinic_no * 10000 + n, 'cost', 900) * 100000
        WHEN resource_kind = 'chair' THEN 95000000
    END AS purchase_cost
FROM numbered;

-- The hours in which a resource works on a weekday: (from, to) minutes; overlapping rules of the dental chairs are
-- meant.
CREATE TABLE opening_patterns AS
SELECT r.resource_no, p.weekday::INTEGER AS weekday, o.opens, o.closes, o.valid_from, o.valid_to, o.part
FROM resources AS r
INNER JOIN clinics AS c USING (clinic_no)
CROSS JOIN range(1, 8) AS p (weekday)
CROSS JOIN LATERAL (
    SELECT unnest(CASE
        WHEN
            r.specialty = 'МРТ'
            THEN [{'part': 1, 'opens': 480, 'closes': 1320, 'valid_from': first_day() - 365, 'valid_to': NULL::DATE}]
        WHEN
            c.is_sanatorium
            THEN [{'part': 1, 'opens': 480, 'closes': 1080, 'valid_from': first_day() - 365, 'valid_to': NULL::DATE}]
        WHEN p.weekday = 7 THEN []
        WHEN
            p.weekday = 6
            THEN [{'part': 1, 'opens': 540, 'closes': 900, 'valid_from': first_day() - 365, 'valid_to': NULL::DATE}]
        WHEN r.resource_kind = 'chair' THEN [
            {'part': 1, 'opens': 480, 'closes': 840, 'valid_from': first_day() - 365, 'valid_to': NULL::DATE},
            {'part': 2, 'opens': 810, 'closes': 1200, 'valid_from': first_day() - 365, 'valid_to': NULL::DATE}]
        WHEN r.specialty = 'Терапия' THEN [
            {'part': 1, 'opens': 480, 'closes': 1200, 'valid_from': first_day() - 365, 'valid_to': first_day() + 99},
            {'part': 2, 'opens': 480, 'closes': 1260, 'valid_from': first_day() + 100, 'valid_to': NULL::DATE}]
        ELSE [{'part': 1, 'opens': 480, 'closes': 1200, 'valid_from': first_day() - 365, 'valid_to': NULL::DATE}]
    END, recursive := true)
) AS o
WHERE r.is_capacity;

-- known_on is the day from which the rule is in the export: some repairs are entered a day after they happened.
CREATE TABLE resource_hours AS
WITH dated AS (
    SELECT r.resource_no, cal.day, cal.is_holiday, cal.is_short
    FROM resources AS r
    CROSS JOIN calendar AS cal
    WHERE r.is_capacity AND cal.day <= final_day() + 30
), repairs AS (
    SELECT resource_no, day, resource_no::BIGINT * 100000 + date_diff('day', DATE '2020-01-01', day) AS repair_no
    FROM dated
    WHERE
        NOT is_holiday
        AND rnd(resource_no::BIGINT * 100000 + date_diff('day', DATE '2020-01-01', day), 'repair') < 0.012
), rules AS (
    SELECT
        resource_no * 100::BIGINT + weekday * 10 + part AS rule_no,
        resource_no,
        'open' AS rule_kind,
        NULL::DATE AS on_date,
        weekday,
        valid_from, valid_to, opens, closes, first_day() AS known_on
    FROM opening_patterns
    UNION ALL
    SELECT
        resource_no * 100000::BIGINT + date_diff('day', DATE '2020-01-01', day) + 10000000000000,
        resource_no,
        'out_of_service',
        day,
        NULL,
        NULL, NULL, 0, 1439, greatest(first_day(), day - 60)
    FROM dated WHERE is_holiday
    UNION ALL
    SELECT
        resource_no * 100000::BIGINT + date_diff('day', DATE '2020-01-01', day) + 20000000000000,
        resource_no,
        'open',
        day,
        NULL,
        NULL, NULL, 600, 960, greatest(first_day(), day - 60)
    FROM dated WHERE is_short
    UNION ALL
    SELECT repair_no + 30000000000000, resource_no, 'out_of_service', day, NULL,
        NULL, NULL, 480 + 30 * pick(repair_no, 'from', 12), 900 + 30 * pick(repair_no, 'to', 12),
        greatest(first_day(), day + if(rnd(repair_no, 'known') < 0.3, 1, -4))
    FROM repairs
)
SELECT row_number() OVER (ORDER BY rule_no) AS resource_hours_no, * FROM rules;

CREATE TABLE staffing (staff_role VARCHAR, role_no INTEGER, people INTEGER, salary BIGINT);
INSERT INTO staffing VALUES
    ('nurse', 1, 6, 5200000),
    ('assistant', 2, 3, 5000000),
    ('operator', 3, 3, 5600000),
    ('anaesthetist', 4, 1, 9800000),
    ('administrator', 5, 3, 4700000),
    ('curator', 6, 1, 6100000),
    ('manager', 7, 1, 12500000),
    ('call_centre', 8, 2, 4300000);

-- Two doctors for each resource that has hours, and the clinic's other staff, numbered by k within the role.
CREATE TABLE employees AS
WITH people AS (
    SELECT
        clinic_no * 10000 + n * 2 + pair.k AS employee_no,
        clinic_no,
        'doctor' AS staff_role,
        specialty,
        pair.k::INTEGER AS k,
        8500000 AS salary
    FROM resources CROSS JOIN range(2) AS pair (k)
    WHERE is_capacity
    UNION ALL
    SELECT
        c.clinic_no * 10000 + 5000 + s.role_no * 100 + member.k,
        c.clinic_no,
        s.staff_role,
        NULL,
        member.k::INTEGER,
        s.salary
    FROM clinics AS c
    CROSS JOIN staffing AS s
    CROSS JOIN range(0, 90) AS member (k)
    WHERE member.k < least(90, s.people * getvariable('rooms'))
)
SELECT
    *,
    staff_role = 'doctor' AND rnd(employee_no, 'expert') < 0.2 AS is_expert,
    [100, 100, 100, 75, 50][1 + pick(employee_no, 'fte', 5)] AS fte_percent,
    first_day() - 30 - pick(employee_no, 'hired', 3300) AS hired_on
FROM people;

CREATE TABLE teams AS
SELECT clinic_no, staff_role, k, employee_no, count(*) OVER (PARTITION BY clinic_no, staff_role)::INTEGER AS people
FROM employees WHERE staff_role <> 'doctor';

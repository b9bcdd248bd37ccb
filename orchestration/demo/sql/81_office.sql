-- What the office keeps: shifts as published, slots, timesheets, scores, marketing, expenses and balances. Amounts are
-- kopecks.

CREATE TABLE shift_versions AS
WITH stages AS (
    SELECT *, published_at AS updated_at, false AS is_withdrawn FROM shifts
    UNION ALL
    SELECT *, withdrawn_at, true FROM shifts WHERE is_cancelled
)
SELECT
    shift_no,
    clinic_no,
    employee_no,
    resource_no,
    starts_at,
    ends_at,
    clinical_tick,
    is_withdrawn,
    updated_at,
    export_day(updated_at) AS seen_on
FROM stages
WHERE updated_at::DATE <= final_day()
QUALIFY row_number() OVER (PARTITION BY shift_no, seen_on ORDER BY updated_at DESC) = 1;

-- Only diagnostics publishes slots beside shifts.
CREATE TABLE slot_versions AS
WITH published AS (
    SELECT
        o.opening_no,
        o.clinic_no,
        o.resource_no,
        o.employee_no,
        o.starts_at,
        o.minutes,
        o.starts_at::DATE - 14 AS published_on,
        v.booked_at
    FROM openings AS o
    LEFT JOIN visits AS v ON v.slot_no = o.opening_no AND v.booked_at::DATE <= final_day()
    WHERE o.specialty IN ('МРТ', 'УЗИ')
), stages AS (
    SELECT *, at_minute(published_on, 480) AS updated_at, false AS is_booked FROM published
    UNION ALL
    SELECT *, greatest(booked_at, at_minute(published_on, 481)), true FROM published WHERE booked_at IS NOT NULL
)
SELECT
    opening_no,
    clinic_no,
    resource_no,
    employee_no,
    starts_at,
    minutes,
    is_booked,
    updated_at,
    export_day(updated_at) AS seen_on
FROM stages
WHERE updated_at::DATE <= final_day()
QUALIFY row_number() OVER (PARTITION BY opening_no, seen_on ORDER BY updated_at DESC, is_booked DESC) = 1;

CREATE TABLE timesheet_versions AS
SELECT
    employee_no, any_value(clinic_no) AS clinic_no, starts_at::DATE AS work_date,
    -- Who helps in two rooms at once does not work twice as long.
    least(1200, sum(date_diff('minute', starts_at, ends_at))::INTEGER // 6 * 10)
        + 25
        * pick(employee_no * 100000::BIGINT + date_diff('day', first_day(), starts_at::DATE), 'stays', 3)
            AS hours_hundredths,
    at_minute(starts_at::DATE + 1, 560) AS updated_at, starts_at::DATE + 1 AS seen_on
FROM shifts
WHERE NOT is_cancelled AND starts_at::DATE + 1 <= final_day()
GROUP BY employee_no, starts_at::DATE;

-- Months whose end has been reported: the one before the demo, and those that end in it.
CREATE TABLE months AS
SELECT month::DATE AS month, last_day(month)::DATE AS ends_on
FROM
    generate_series(date_trunc('month', first_day()) - INTERVAL 1 MONTH, final_day()::TIMESTAMP, INTERVAL 1 MONTH) AS m (month);

CREATE TABLE employee_score_versions AS
SELECT e.employee_no, m.month, s.score_code,
    CASE s.score_code
        WHEN 'ktu' THEN 70 + 5 * pick(e.employee_no * 1000::BIGINT + month(m.month) + year(m.month) * 12, 'ktu', 15)
        WHEN 'nps' THEN 100 * (20 + pick(e.employee_no * 1000::BIGINT + month(m.month) + year(m.month) * 12, 'nps', 80))
        WHEN
            'documentation'
            THEN 60 + pick(e.employee_no * 1000::BIGINT + month(m.month) + year(m.month) * 12, 'documentation', 41)
        ELSE 100 * (60 + pick(e.employee_no * 1000::BIGINT + month(m.month) + year(m.month) * 12, 'quality', 41)) END
        AS score_hundredths,
    at_minute(m.ends_on + 5, 840) AS updated_at, export_day(m.ends_on + 5) AS seen_on
FROM employees AS e
CROSS JOIN months AS m
CROSS JOIN (VALUES ('ktu'), ('nps'), ('documentation'), ('quality')) AS s (score_code)
WHERE m.ends_on + 5 <= final_day() AND (e.staff_role = 'doctor' OR s.score_code IN ('ktu', 'quality'));

-- Told on Mondays, for the week before.
CREATE TABLE marketing_spend_versions AS
SELECT c.clinic_no, cal.day AS spend_date, ch.channel,
    (ch.rubles * 100 * c.popularity * cal.season)::BIGINT * getvariable('rooms')
        + pick(
            c.clinic_no * 1000000::BIGINT + ch.n * 100000 + date_diff('day', first_day(), cal.day), 'spend', 120000
        ) AS amount,
    at_minute(cal.day + 8 - cal.weekday, 615) AS updated_at, cal.day + 8 - cal.weekday AS seen_on
FROM clinics AS c CROSS JOIN calendar AS cal
CROSS JOIN
    (VALUES (1, 'Яндекс Директ', 4200), (2, 'Карты', 1300), (3, 'Соцсети', 2100), (4, 'Агрегатор', 900))
        AS ch (n, channel, rubles)
WHERE cal.day + 8 - cal.weekday <= final_day();

CREATE TABLE expense_versions AS
SELECT
    c.clinic_no * 1000000 + (year(m.month) * 12 + month(m.month)) * 10 + k.n AS expense_no,
    c.clinic_no,
    m.ends_on AS expense_date,
    k.expense_kind,
    (
        k.rubles
        * 100::BIGINT
        * getvariable('rooms')
        * (85 + pick(c.clinic_no * 1000 + k.n * 100 + month(m.month), 'expense', 30))
        // 100
    )
        + pick(c.clinic_no * 1000 + k.n * 100 + month(m.month), 'kopecks', 100) AS amount,
    at_minute(m.ends_on + 4, 1005) AS updated_at, export_day(m.ends_on + 4) AS seen_on
FROM clinics AS c CROSS JOIN months AS m
CROSS JOIN
    (
        VALUES (1, 'payroll', 3100000),
        (2, 'rent', 780000),
        (3, 'marketing', 150000),
        (4, 'administration', 260000),
        (5, 'materials', 410000),
    (6, 'depreciation', 320000), (7, 'interest', 60000), (8, 'tax', 190000), (9, 'other', 45000))
    AS k (n, expense_kind, rubles)
WHERE m.ends_on + 4 <= final_day();

CREATE TABLE balance_versions AS
SELECT c.clinic_no, m.ends_on AS balance_date, b.balance_code,
    CASE WHEN b.balance_code = 'multiple' THEN 450
        ELSE
            b.rubles * 100::BIGINT * getvariable('rooms')
            + pick(c.clinic_no * 1000 + b.n * 100 + month(m.month), 'balance', 90000000)
        END AS amount,
    at_minute(m.ends_on + 4, 1010) AS updated_at, export_day(m.ends_on + 4) AS seen_on
FROM clinics AS c CROSS JOIN months AS m
CROSS JOIN
    (VALUES (1, 'assets', 64000000), (2, 'cash', 5200000), (3, 'debt', 11000000), (4, 'multiple', 0))
        AS b (n, balance_code, rubles)
WHERE m.ends_on + 4 <= final_day();

-- Stays in the beds of the sanatorium and what each department earns from each night. Amounts are kopecks.

CREATE TABLE stays AS
WITH turns AS (
    SELECT b.resource_no * 1000::BIGINT + t.n AS stay_no, b.resource_no, b.clinic_no,
        first_day() - 8 + pick(b.resource_no, 'offset', 10) + (t.n * 15)::INTEGER AS from_day
    FROM resources AS b
    CROSS JOIN range(0, 200) AS t (n)
    WHERE b.resource_kind = 'bed'
), guests AS (
    SELECT patient_no, row_number() OVER (ORDER BY patient_no) - 1 AS place, count(*) OVER () AS guests
    FROM patient_versions
    WHERE edition = 0 AND merged_into IS NULL AND seen_on = first_day()
)
SELECT t.stay_no, t.resource_no, t.clinic_no, g.patient_no,
    t.from_day + pick(t.stay_no, 'gap', 4) AS arrived_on,
    t.from_day + pick(t.stay_no, 'gap', 4) + 7 + pick(t.stay_no, 'nights', 5) AS departed_on,
    ['Сердце', 'Опора', 'Антистресс'][1 + pick(t.stay_no, 'package', 3)] AS package,
    at_minute(t.from_day - 5 - pick(t.stay_no, 'booked', 30), 700) AS booked_at,
    rnd(t.stay_no, 'cancels') < 0.04 AS is_cancelled
FROM turns AS t
INNER JOIN guests AS g ON g.place = pick(t.stay_no, 'guest', g.guests)
WHERE
    t.from_day <= final_day() + 20 AND rnd(t.stay_no, 'sold') < 0.5 + 0.4 * [0.3, 0.3, 0.5, 0.6, 0.9, 1, 1, 1, 1, 0.8, 0.5, 0.6][month(t.from_day)];

CREATE TABLE stay_versions AS
WITH stages AS (
    SELECT *, booked_at AS updated_at, 'booked' AS status FROM stays
    UNION ALL
    SELECT *, at_minute(arrived_on - 2, 800), 'cancelled' FROM stays WHERE is_cancelled
    UNION ALL
    SELECT *, at_minute(arrived_on, 845), 'in_house' FROM stays WHERE NOT is_cancelled
    UNION ALL
    SELECT *, at_minute(departed_on, 725), 'departed' FROM stays WHERE NOT is_cancelled
)
SELECT stay_no, resource_no, clinic_no, patient_no, arrived_on, package, status, updated_at,
    if(status = 'departed', departed_on, NULL) AS departed_on, export_day(updated_at) AS seen_on
FROM stages
WHERE updated_at::DATE <= final_day()
QUALIFY row_number() OVER (PARTITION BY stay_no, seen_on ORDER BY updated_at DESC) = 1;

CREATE TABLE stay_charge_versions AS
SELECT s.stay_no, n.night::DATE AS night_date, d.department,
    d.rubles * 100 + if(d.department = 'other', pick(s.stay_no * 100 + day(n.night), 'bar', 90000), 0) AS amount,
    at_minute(n.night::DATE + 1, 400) AS updated_at, export_day(n.night + INTERVAL 1 DAY) AS seen_on
FROM stays AS s
CROSS JOIN LATERAL (SELECT unnest(generate_series(s.arrived_on, s.departed_on - 1, INTERVAL 1 DAY)) AS night) AS n
CROSS JOIN (VALUES ('rooms', 4200), ('food', 1900), ('medical', 2300), ('other', 150)) AS d (department, rubles)
WHERE NOT s.is_cancelled AND n.night::DATE >= first_day() AND n.night::DATE + 1 <= final_day();

-- Enquiries and patient cards, and the referrals between doctors.

CREATE TABLE lead_versions AS
WITH first_visits AS (
    -- Cards below the 2,000,000 mark were opened before the demo.
    SELECT visit_no, patient_no, clinic_no, booked_at, outcome
    FROM visits
    WHERE patient_no % 10000000 >= 2000000 AND NOT is_walk_in
    QUALIFY row_number() OVER (PARTITION BY patient_no ORDER BY booked_at, visit_no) = 1
), converted AS (
    SELECT visit_no * 10 + 1 AS lead_no, clinic_no, patient_no, visit_no, outcome,
        booked_at + INTERVAL 2 MINUTE AS won_at,
        booked_at
        - to_minutes(
            (8 + if(rnd(visit_no, 'thinks') < 0.7, pick(visit_no, 'soon', 90), pick(visit_no, 'later', 4000)))::BIGINT
        ) AS created_at
    FROM first_visits
    WHERE rnd(visit_no, 'lead') < 0.7
), enquiries AS (
    SELECT * FROM converted
    UNION ALL
    SELECT lead_no + 1, clinic_no, NULL, NULL, NULL, NULL,
        date_trunc('day', created_at)
        + to_minutes(510 + pick(lead_no, 'no sale minute', 720)::BIGINT)
        + to_days(pick(lead_no, 'no sale', 3))
    FROM converted WHERE rnd(lead_no, 'no sale also') < 0.75
), stages AS (
    SELECT *, created_at + INTERVAL 1 MINUTE AS updated_at, false AS is_won FROM enquiries
    UNION ALL
    SELECT *, won_at, true FROM enquiries WHERE won_at IS NOT NULL
)
SELECT lead_no, clinic_no, created_at, updated_at,
    CASE
        WHEN is_lured(outcome, lead_no) THEN luring_channel()
        WHEN pick(lead_no, 'channel', 100) < 30 THEN 'Яндекс Директ' WHEN pick(lead_no, 'channel', 100) < 52 THEN 'Сайт'
        WHEN pick(lead_no, 'channel', 100) < 68 THEN 'Карты' WHEN pick(lead_no, 'channel', 100) < 82 THEN 'Соцсети'
        WHEN pick(lead_no, 'channel', 100) < 95 THEN 'Рекомендация' ELSE luring_channel() END AS channel,
    if(is_won, patient_no, NULL) AS patient_no, if(is_won, visit_no, NULL) AS visit_no,
    export_day(updated_at) AS seen_on
FROM stages
WHERE created_at >= first_day() AND updated_at::DATE <= final_day()
QUALIFY row_number() OVER (PARTITION BY lead_no, seen_on ORDER BY updated_at DESC) = 1;

CREATE TABLE visit_leads AS
SELECT visit_no, lead_no, channel FROM lead_versions WHERE visit_no IS NOT NULL;

CREATE TABLE patient_versions AS
WITH cards AS (
    SELECT v.patient_no, min(v.booked_at) AS first_at, any_value(l.channel) AS channel
    FROM visits AS v LEFT JOIN visit_leads AS l USING (visit_no)
    WHERE v.booked_at::DATE <= final_day()
    GROUP BY v.patient_no
), opened AS (
    SELECT *, patient_no % 10000000 < 2000000 AS is_old,
        NULL::BIGINT AS merged_into,
        if(patient_no % 10000000 < 2000000, first_day() - 30 - pick(patient_no, 'old card', 2200), first_at::DATE)
            AS registered_on
    FROM cards
    UNION ALL
    -- A second card of the same person, without visits, was merged into the first.
    SELECT patient_no + 5000000, first_at, channel, false, patient_no, first_at::DATE
    FROM cards WHERE rnd(patient_no, 'twice') < 0.004 AND patient_no % 10000000 >= 2000000
), versions AS (
    SELECT *, least(first_at, at_minute(registered_on, 600)) AS updated_at, 0 AS edition FROM opened
    UNION ALL
    -- A new telephone.
    SELECT *, first_at + to_days(20 + pick(patient_no, 'new phone', 60)), 1
    FROM opened
    WHERE rnd(patient_no, 'changes') < 0.02
)
SELECT *, export_day(updated_at) AS seen_on, rnd(patient_no, 'sex') < 0.58 AS is_female,
    DATE '1940-01-01' + pick(patient_no, 'born', 30000) AS birth_date
FROM versions
WHERE updated_at::DATE <= final_day()
QUALIFY row_number() OVER (PARTITION BY patient_no, seen_on ORDER BY edition DESC) = 1;

CREATE TABLE referral_versions AS
WITH later AS (
    SELECT visit_no, clinic_no, patient_no, employee_no, specialty, visit_kind, is_attended, until_at,
        lead(visit_no) OVER w AS next_no,
        lead(employee_no) OVER w AS next_employee_no,
        lead(specialty) OVER w AS next_specialty,
        lead(starts_at) OVER w AS next_at,
        lead(settled_at) OVER w AS next_settled_at,
        lead(is_attended) OVER w AS next_attended
    FROM visits
    WHERE outcome <> 'rescheduled'
    WINDOW w AS (PARTITION BY patient_no, clinic_no ORDER BY starts_at, visit_no)
), written AS (
    SELECT
        *,
        next_no IS NOT NULL
        AND next_specialty <> specialty
        AND next_at < until_at + INTERVAL 30 DAY
        AND next_attended AS is_seen
    FROM later
    WHERE is_attended AND visit_kind = 'consultation' AND rnd(visit_no, 'referral') < 0.09
), stages AS (
    SELECT *, until_at + INTERVAL 4 MINUTE AS updated_at, 'pending' AS outcome FROM written
    UNION ALL
    SELECT
        *, next_settled_at + INTERVAL 5 MINUTE, if(rnd(visit_no, 'not indicated') < 0.08, 'not_indicated', 'performed')
    FROM written
    WHERE is_seen
    UNION ALL
    SELECT *, at_minute(until_at::DATE + 45, 600), 'lost' FROM written WHERE NOT coalesce(is_seen, false)
)
SELECT
    visit_no AS referral_no,
    clinic_no,
    patient_no,
    employee_no AS from_no,
    visit_no AS from_visit_no,
    until_at + INTERVAL 3 MINUTE AS referred_at,
    if(outcome IN ('performed', 'not_indicated'), next_employee_no, NULL) AS to_no,
    if(outcome IN ('performed', 'not_indicated'), next_no, NULL) AS to_visit_no,
    CASE WHEN is_seen THEN next_specialty
        ELSE ['Физиотерапия', 'УЗИ', 'Неврология', 'Кардиология'][1 + pick(visit_no, 'block', 4)] END AS to_specialty,
    outcome, updated_at, export_day(updated_at) AS seen_on
FROM stages
WHERE updated_at::DATE <= final_day()
QUALIFY row_number() OVER (PARTITION BY referral_no, seen_on ORDER BY updated_at DESC, outcome) = 1;

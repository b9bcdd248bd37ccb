-- Treatment plans out of consultations, their versions and items, and the sessions of them that find a place in the
-- schedule.

CREATE TABLE plans AS
WITH consultations AS (
    SELECT b.visit_no AS plan_no, b.visit_no, b.clinic_no, b.employee_no, b.specialty, a.patient_no, b.ends_at,
        rnd(b.visit_no, 'presented') AS presented_draw
    FROM bookings AS b INNER JOIN attendance AS a USING (visit_no)
    WHERE b.visit_kind = 'consultation' AND a.outcome = 'attended' AND b.ends_at::DATE <= final_day()
        AND rnd(b.visit_no, 'plan') < if(b.employee_no = quiet_doctor_no(), 0.10, 0.45)
), presented AS (
    SELECT *,
        -- Never exactly on the 14th day after the visit, where a window of 14 days could be read in two ways.
        CASE
            WHEN presented_draw < 0.80 THEN ends_at + INTERVAL 5 MINUTE
            WHEN
                presented_draw < 0.94
                THEN at_minute(ends_at::DATE + 1 + pick(plan_no, 'shown', 9), 720 + pick(plan_no, 'minute', 300))
            WHEN
                presented_draw < 0.97
                THEN at_minute(ends_at::DATE + 16 + pick(plan_no, 'shown', 5), 720 + pick(plan_no, 'minute', 300))
        END AS presented_at
    FROM consultations
), decided AS (
    SELECT *,
        CASE
            WHEN presented_at IS NOT NULL AND rnd(plan_no, 'accepts') < 0.62
                THEN
                    presented_at
                    + to_minutes(
                        1440::BIGINT * pick(plan_no, 'days', 8) * (rnd(plan_no, 'at once') >= 0.4)::INTEGER + 10
                    )
        END AS accepted_at
    FROM presented
)
SELECT *,
    1 + pick(plan_no, 'items', 4) AS items,
    rnd(plan_no, 'alternatives') < 0.15 AND pick(plan_no, 'items', 4) > 0 AS has_alternatives,
    CASE
        WHEN rnd(plan_no, 'revised') < 0.10 THEN accepted_at + to_days((10 + pick(plan_no, 'revision', 10))::INTEGER)
    END AS revised_at,
    CASE WHEN specialty IN ('Физиотерапия', 'Неврология') AND rnd(plan_no, 'programme') < 0.5 THEN 'Здоровая спина'
        WHEN specialty = 'Кардиология' AND rnd(plan_no, 'programme') < 0.4 THEN 'Контроль давления'
        WHEN specialty = 'Стоматология' AND rnd(plan_no, 'programme') < 0.2 THEN 'Улыбка за год' END AS programme,
    -- Without a decision the work may start all the same: on a spoken agreement, or before the plan is shown.
    coalesce(accepted_at, if(rnd(plan_no, 'accepts') < 0.5 AND presented_at IS NULL, ends_at, NULL)) IS NOT NULL
        AS is_started,
    if(presented_draw >= 0.94, ends_at, accepted_at) AS starts_from
FROM decided;

CREATE TABLE plan_items AS
WITH first_items AS (
    SELECT
        p.plan_no * 100 + 10 + i.position AS item_no, p.plan_no, 1 AS version, i.position::INTEGER AS position,
        p.presented_at, p.accepted_at, p.revised_at, p.ends_at, p.is_started, p.starts_from, p.clinic_no, p.patient_no,
        coalesce(p.presented_at, p.ends_at)::DATE AS priced_on,
        if(
            p.specialty IN ('Неврология', 'Кардиология', 'Терапия')
            AND rnd(p.plan_no * 100 + i.position, 'physio') < 0.4,
            'Физиотерапия', p.specialty) AS specialty,
        p.has_alternatives AND i.position <= 2 AS is_alternative,
        CASE
            WHEN p.accepted_at IS NULL THEN false
            WHEN p.has_alternatives AND i.position <= 2 THEN (rnd(p.plan_no, 'choice') < 0.7) = (i.position = 1)
            ELSE rnd(p.plan_no * 100 + i.position, 'agrees') < 0.88
        END AS is_accepted
    FROM plans AS p
    CROSS JOIN range(1, 6) AS i (position)
    WHERE i.position <= p.items
), chosen AS (
    SELECT f.*, s.service_no, s.norm_cost,
        price_of(s.base_price, f.clinic_no, 100, price_revision(f.priced_on)) AS price,
        CASE WHEN s.stage = 'rehabilitation' OR s.specialty = 'Физиотерапия' THEN 3 + pick(item_no, 'course', 6)
            WHEN s.norm_minutes <= 30 THEN 1 + pick(item_no, 'units', 3) ELSE 1 END AS quantity
    FROM first_items AS f
    INNER JOIN menu AS m ON m.specialty = f.specialty AND m.course = 'treatment'
        AND m.choice = pick(f.item_no, 'service', m.choices)
    INNER JOIN services AS s ON s.service_no = m.service_no
), first_choices AS (
    SELECT *,
        -- Begun in the very visit that it was agreed in.
        position = 1
        AND quantity = 1
        AND is_accepted
        AND accepted_at::DATE = ends_at::DATE
        AND rnd(item_no, 'right away') < 0.5 AS is_immediate
    FROM chosen
), revised AS (
    -- A later edit is a new version: it keeps what was accepted and has numbers of its own.
    SELECT * REPLACE (item_no + 20 AS item_no, 2 AS version, false AS is_immediate)
    FROM first_choices
    WHERE is_accepted AND revised_at IS NOT NULL
    UNION ALL
    SELECT
        * REPLACE (item_no + 25 AS item_no, 2 AS version, 6 AS position, false AS is_alternative, false AS is_immediate,
        1 AS quantity)
    FROM first_choices WHERE position = 1 AND revised_at IS NOT NULL
)
SELECT *,
    price * quantity AS amount,
    CASE WHEN rnd(item_no, 'costed') < 0.9 THEN coalesce(norm_cost, 0) * quantity END AS planned_cost,
    if(rnd(item_no, 'required') < 0.15, NULL, position <= 3) AS is_required
FROM (SELECT * FROM first_choices UNION ALL SELECT * FROM revised);

-- Sessions that the patient still wants: the k-th of a week gets the k-th free place of that week, or else waits for
-- the next one.
CREATE TABLE sessions AS
WITH wanted AS (
    SELECT
        i.item_no, i.plan_no, i.clinic_no, i.patient_no, i.specialty, i.starts_from, i.revised_at, unit.n AS unit,
        date_trunc('week', i.starts_from + to_days((7 + (i.position - 1) * 4 + (unit.n - 1) * 3)::INTEGER))::DATE
            AS week
    FROM plan_items AS i
    CROSS JOIN range(1, 20) AS unit (n)
    WHERE
        i.version = 1
        AND unit.n <= i.quantity
        AND NOT i.is_immediate
        AND i.is_started
        AND (i.is_accepted OR i.accepted_at IS NULL)
        AND unit.n <= i.quantity * (0.5 + 0.9 * rnd(i.item_no, 'perseverance'))
), queue AS (
    SELECT
        *,
        row_number()
            OVER (PARTITION BY clinic_no, specialty, week ORDER BY rnd(item_no * 100 + unit, 'queue'), item_no, unit)
            AS place
    FROM wanted
), places AS (
    SELECT visit_no, clinic_no, specialty, starts_at, date_trunc('week', starts_at)::DATE AS week,
        row_number() OVER (PARTITION BY clinic_no, specialty, date_trunc('week', starts_at)
            ORDER BY rnd(visit_no, 'place'), visit_no) AS place
    FROM bookings
    WHERE visit_kind = 'treatment' AND rnd(visit_no, 'for plans') < 0.88
), on_time AS (
    SELECT p.visit_no, p.starts_at, q.*
    FROM places AS p INNER JOIN queue AS q USING (clinic_no, specialty, week, place)
), waiting AS (
    SELECT q.*, row_number() OVER (PARTITION BY q.clinic_no, q.specialty, q.week ORDER BY q.place) AS turn
    FROM queue AS q ANTI JOIN on_time AS o ON o.item_no = q.item_no AND o.unit = q.unit
), left_over AS (
    SELECT p.*, row_number() OVER (PARTITION BY p.clinic_no, p.specialty, p.week ORDER BY p.place) AS turn
    FROM places AS p ANTI JOIN on_time AS o ON o.visit_no = p.visit_no
), a_week_later AS (
    SELECT l.visit_no, l.starts_at, w.* EXCLUDE (turn)
    FROM left_over AS l
    INNER JOIN
        waiting AS w
    ON w.clinic_no = l.clinic_no AND w.specialty = l.specialty AND w.week + 7 = l.week AND w.turn = l.turn
)
SELECT visit_no, patient_no, starts_from AS known_at,
    item_no + if(revised_at IS NOT NULL AND starts_at > revised_at, 20, 0) AS item_no
FROM (FROM on_time UNION ALL BY NAME FROM a_week_later);

-- Plan and item rows as the MIS would export them: shown, accepted, revised, closed.

CREATE TABLE plan_versions AS
WITH work AS (
    -- Counted over sessions that were attended and not undone by a voided line.
    SELECT i.plan_no, i.item_no % 100 % 20 AS slot, count(s.line_no) AS done, max(s.performed_at) AS last_at
    FROM plan_items AS i INNER JOIN sales AS s USING (item_no)
    WHERE s.status = 'performed'
    GROUP BY ALL
), progress AS (
    SELECT i.plan_no, bool_and(coalesce(w.done, 0) >= i.quantity) AS is_complete, max(w.last_at) AS last_at
    FROM plan_items AS i LEFT JOIN work AS w ON w.plan_no = i.plan_no AND w.slot = i.item_no % 100 % 20
    WHERE i.version = 1 AND i.is_accepted AND coalesce(i.is_required, true)
    GROUP BY i.plan_no
), plans_to_date AS (
    SELECT p.*,
        -- Work may be done before the plan is shown or entered; it is closed after that.
        CASE WHEN g.is_complete THEN greatest(g.last_at + INTERVAL 15 MINUTE,
                p.accepted_at + if(rnd(p.plan_no, 'late plan') < 0.02, INTERVAL 7 DAY, INTERVAL 1 HOUR))
            WHEN
                rnd(p.plan_no, 'given up') < 0.5
                THEN at_minute(p.ends_at::DATE + 60 + pick(p.plan_no, 'patience', 60), 1080)
            END AS closed_at,
        coalesce(g.is_complete, false) AS is_complete
    FROM plans AS p LEFT JOIN progress AS g USING (plan_no)
), events AS (
    SELECT *, 1 AS version, 'shown' AS event, coalesce(presented_at, ends_at) + INTERVAL 3 MINUTE
        + to_days(late_days(plan_no, 'late plan', 0.02)) AS updated_at FROM plans_to_date
    UNION ALL
    SELECT *, 1, 'accepted', accepted_at + INTERVAL 6 DAY + INTERVAL 4 MINUTE
    FROM plans_to_date WHERE accepted_at IS NOT NULL AND rnd(plan_no, 'late plan') < 0.02
    UNION ALL
    SELECT *, 1, 'accepted', accepted_at + INTERVAL 4 MINUTE
    FROM plans_to_date
    WHERE accepted_at IS NOT NULL AND rnd(plan_no, 'late plan') >= 0.02
    UNION ALL
    SELECT *, 2, 'revised', revised_at + INTERVAL 4 MINUTE FROM plans_to_date WHERE revised_at IS NOT NULL
    UNION ALL
    SELECT *, if(revised_at IS NULL OR closed_at <= revised_at, 1, 2), 'closed', closed_at + INTERVAL 2 MINUTE
    FROM plans_to_date WHERE closed_at IS NOT NULL AND presented_at IS NOT NULL
), stated AS (
    SELECT *, export_day(updated_at) AS seen_on
    FROM events
    WHERE updated_at::DATE <= final_day()
)
SELECT
    plan_no, version, clinic_no, patient_no, employee_no, visit_no, programme, event, updated_at, seen_on,
    if(version = 1, presented_at, revised_at) AS presented_at,
    CASE WHEN version = 2 THEN revised_at WHEN event <> 'shown' THEN accepted_at END AS signed_at,
    if(event = 'closed', closed_at, NULL) AS closed_at,
    CASE event
        WHEN 'shown' THEN if(presented_at IS NULL, 'draft', 'presented')
        WHEN 'closed' THEN if(is_complete, 'completed', 'abandoned')
        ELSE 'accepted'
    END AS status
FROM stated
QUALIFY row_number() OVER (PARTITION BY plan_no, version, seen_on ORDER BY updated_at DESC, event DESC) = 1;

CREATE TABLE plan_item_versions AS
WITH events AS (
    SELECT i.*, p.ends_at AS written_at, coalesce(i.presented_at, p.ends_at) + INTERVAL 3 MINUTE
        + to_days(late_days(i.plan_no, 'late plan', 0.02)) AS updated_at, false AS is_decided
    FROM plan_items AS i INNER JOIN plans AS p USING (plan_no) WHERE i.version = 1
    UNION ALL
    SELECT
        i.*, p.ends_at, i.accepted_at + INTERVAL 4 MINUTE + to_days(if(rnd(i.plan_no, 'late plan') < 0.02, 6, 0)), true
    FROM plan_items AS i INNER JOIN plans AS p USING (plan_no) WHERE i.version = 1 AND i.accepted_at IS NOT NULL
    UNION ALL
    SELECT i.*, p.ends_at, i.revised_at + INTERVAL 4 MINUTE, true
    FROM plan_items AS i INNER JOIN plans AS p USING (plan_no) WHERE i.version = 2
)
SELECT
    item_no,
    plan_no,
    version,
    position,
    service_no,
    quantity,
    price,
    amount,
    planned_cost,
    is_required,
    is_alternative,
    updated_at,
    CASE WHEN is_decided AND (is_accepted OR version = 2) THEN if(version = 2, revised_at, accepted_at) END
        AS accepted_at,
    CASE WHEN is_decided AND NOT is_accepted AND version = 1 THEN accepted_at END AS declined_at,
    export_day(updated_at) AS seen_on
FROM events
WHERE updated_at::DATE <= final_day()
QUALIFY row_number() OVER (PARTITION BY item_no, seen_on ORDER BY updated_at DESC, is_decided DESC) = 1;

-- Service lines with their refunds, and who performed them. Amounts are kopecks; a refund is a negative line of its
-- own.

CREATE TABLE line_seeds AS
WITH performed AS (
    SELECT v.*, until_at AS done_at
    FROM visits AS v
    WHERE is_attended AND starts_at::DATE <= final_day() AND rnd(visit_no, 'no lines') >= 0.012
), main AS (
    SELECT
        visit_no * 10 + 1 AS line_no,
        visit_no,
        clinic_no,
        patient_no,
        employee_no,
        resource_no,
        item_no,
        done_at AS performed_at,
        specialty AS menu_specialty,
        if(visit_kind = 'check_up', 'consultation', visit_kind) AS course,
        is_complaint,
        1 AS quantity
    FROM performed
), extra AS (
    SELECT
        visit_no * 10 + n AS line_no,
        visit_no,
        clinic_no,
        patient_no,
        employee_no,
        NULL AS resource_no,
        NULL AS item_no,
        -- Some laboratory work is done the next day: money of another day than the visit's.
        if(
            rnd(visit_no * 10 + n, 'next day') < 0.08,
            at_minute(done_at::DATE + 1, 600 + pick(visit_no, 'laboratory', 300)),
            done_at
        ) AS performed_at,
        if(specialty IN ('Стоматология', 'Физиотерапия') AND n = 2, specialty, 'Лаборатория') AS menu_specialty,
        if(specialty IN ('Стоматология', 'Физиотерапия') AND n = 2, 'treatment', 'diagnostics') AS course,
        false, 1 + pick(visit_no * 10 + n, 'units', 2) * (n - 2)::INTEGER
    FROM performed CROSS JOIN range(2, 4) AS extra (n)
    WHERE rnd(visit_no, 'extra') < [0.38, 0.13][n - 1] AND NOT is_complaint
), fees AS (
    SELECT
        visit_no * 10 + 4,
        visit_no,
        clinic_no,
        patient_no,
        NULL,
        NULL,
        NULL,
        at_minute(starts_at::DATE, 1200),
        'Прочее',
        'other',
        false,
        1
    FROM visits WHERE outcome = 'no_show' AND starts_at::DATE <= final_day() AND rnd(visit_no, 'fee') < 0.02
), right_away AS (
    SELECT v.visit_no * 10 + 6, v.visit_no, v.clinic_no, v.patient_no, v.employee_no, NULL, i.item_no,
        greatest(v.done_at, i.accepted_at + INTERVAL 20 MINUTE), i.specialty, 'treatment', false, 1
    FROM performed AS v INNER JOIN plan_items AS i ON i.plan_no = v.visit_no
    WHERE i.is_immediate AND NOT v.is_complaint
), counter AS (
    -- Sold at the desk: some to patients with a card, most to people without one.
    SELECT
        90000000 + visit_no * 10 + 5,
        NULL,
        clinic_no,
        if(rnd(visit_no, 'card') < 0.35, patient_no, NULL),
        NULL,
        NULL,
        NULL,
        starts_at + INTERVAL 7 MINUTE, if(rnd(visit_no, 'goods') < 0.75, 'Товары', 'Лаборатория'),
        if(rnd(visit_no, 'goods') < 0.75, 'retail', 'diagnostics'), false, 1 + pick(visit_no, 'pieces', 2)
    FROM visits WHERE starts_at::DATE <= final_day() AND rnd(visit_no, 'counter') < 0.035
)
SELECT * FROM main UNION ALL SELECT * FROM extra UNION ALL SELECT * FROM fees
UNION ALL SELECT * FROM right_away UNION ALL SELECT * FROM counter;

CREATE TABLE sales AS
WITH chosen AS (
    SELECT l.* EXCLUDE (clinic_no), l.clinic_no AS home_no,
        -- A laboratory of another clinic of the network does some of the work.
        if(l.menu_specialty = 'Лаборатория' AND l.visit_no IS NOT NULL AND rnd(l.line_no, 'elsewhere') < 0.01,
            l.clinic_no % getvariable('clinics') + 1, l.clinic_no) AS clinic_no,
        coalesce(i.service_no, m.service_no) AS service_no, i.price AS planned_price,
        CASE
            WHEN l.item_no IS NOT NULL THEN 'base'
            WHEN rnd(l.patient_no, 'insured') < 0.12 AND l.menu_specialty NOT IN ('Товары', 'Прочее') THEN 'dms'
            WHEN e.is_expert THEN 'expert' ELSE 'base'
        END AS fee_level,
        CASE
            WHEN rnd(l.patient_no, 'discount') < 0.72 THEN 0 ELSE [3, 5, 7, 10, 15][1 + pick(l.patient_no, 'card', 5)]
        END AS card_percent
    FROM line_seeds AS l
    LEFT JOIN plan_items AS i USING (item_no)
    LEFT JOIN
        menu AS m
    ON m.specialty = l.menu_specialty AND m.course = l.course AND m.choice = pick(l.line_no, 'service', m.choices)
    LEFT JOIN employees AS e USING (employee_no)
), priced AS (
    SELECT c.*, s.stage, s.norm_cost, s.specialty,
        c.quantity
        * coalesce(
            c.planned_price, price_of(s.base_price, c.clinic_no, f.level_percent, price_revision(c.performed_at))
        ) AS list
    FROM chosen AS c
    INNER JOIN services AS s USING (service_no)
    INNER JOIN fee_levels AS f USING (fee_level)
), discounted AS (
    SELECT *,
        CASE
            WHEN is_complaint AND rnd(line_no, 'free') < 0.75 THEN list
            WHEN fee_level = 'dms' OR patient_no IS NULL THEN 0
            ELSE
                least(
                    list,
                    percent_of(
                        list,
                        card_percent
                        + if(is_sensitive_season(specialty, performed_at), sensitive_discount_percent(), 0)
                    )
                    + if(rnd(line_no, 'points') < 0.03, pick(line_no, 'points spent', 30000), 0)
                )
        END AS discount
    FROM priced
)
SELECT
    line_no, NULL::BIGINT AS original_no, clinic_no, patient_no, visit_no, item_no, service_no, employee_no,
    CASE WHEN stage = 'diagnostics' THEN employee_no END AS ordered_by_no,
    CASE WHEN specialty = 'Физиотерапия' THEN NULL ELSE resource_no END AS resource_no,
    stage, specialty, performed_at, quantity, list, discount, list - discount AS net,
    CASE
        WHEN
            norm_cost IS NOT NULL AND rnd(line_no, 'costed') < 0.75
            THEN quantity * percent_of(norm_cost, 80 + pick(line_no, 'cost', 50))
    END AS cost,
    fee_level,
    CASE
        WHEN fee_level = 'dms' THEN ['АльфаМед', 'РосЗдоровье', 'Северная Звезда'][1 + pick(patient_no, 'insurer', 3)]
    END AS payer,
    CASE WHEN visit_no IS NOT NULL AND list > discount THEN visit_no * 10 + (clinic_no <> home_no)::INTEGER END
        AS invoice_no,
    if(rnd(line_no, 'void') < 0.006, 'voided', 'performed') AS status,
    performed_at + INTERVAL 5 MINUTE + to_days(late_days(line_no, 'late line', 0.02)) AS entered_at,
    rnd(line_no, 'late line') < 0.02 AS is_late,
    CASE WHEN rnd(line_no, 'correction') < 0.009 THEN 1 + pick(line_no, 'correction days', 10) END AS corrected_after
FROM discounted;

CREATE TABLE refunds AS
SELECT
    line_no + 100000000000 AS line_no, line_no AS original_no,
    s.* EXCLUDE (
        line_no,
        original_no,
        ordered_by_no,
        performed_at,
        quantity,
        list,
        discount,
        net,
        cost,
        status,
        entered_at,
        is_late,
        corrected_after
    ),
    -- Some come back the same day, before the visit's money is cold.
    if(rnd(line_no, 'refund at once') < 0.12, performed_at + INTERVAL 20 MINUTE,
        at_minute(performed_at::DATE + 1 + pick(line_no, 'refund days', 25), 660 + pick(line_no, 'refund minute', 400))
        ) AS performed_at,
    -quantity AS quantity,
    -if(is_part, list // 2, list) AS list,
    -if(is_part, discount // 2, discount) AS discount,
    -(if(is_part, list // 2, list) - if(is_part, discount // 2, discount)) AS net
FROM (SELECT *, rnd(line_no, 'part back') < 0.3 AS is_part FROM sales) AS s
WHERE status = 'performed' AND net > 0 AND corrected_after IS NULL AND NOT is_late AND rnd(line_no, 'refund') < 0.011;

CREATE TABLE service_line_versions AS
WITH final AS (
    SELECT * EXCLUDE (entered_at, corrected_after, is_late), entered_at AS updated_at, is_late, false AS is_correction
    FROM sales WHERE corrected_after IS NULL
    UNION ALL BY NAME
    SELECT
        * EXCLUDE (entered_at, corrected_after, is_late),
        at_minute(entered_at::DATE + corrected_after, 690) AS updated_at,
        is_late,
        true AS is_correction
    FROM sales WHERE corrected_after IS NOT NULL
    UNION ALL BY NAME
    -- First entered wrong: too dear, and every third of them a day early.
    SELECT * EXCLUDE (entered_at, corrected_after, is_late) REPLACE (
            list + 15000 AS list,
            net + 15000 AS net,
            performed_at - to_days((line_no % 3 = 0 AND performed_at::DATE > first_day())::INTEGER) AS performed_at
            ),
        entered_at AS updated_at, is_late, false AS is_correction
    FROM sales WHERE corrected_after IS NOT NULL
    UNION ALL BY NAME
    SELECT
        *,
        'performed' AS status,
        NULL::BIGINT AS ordered_by_no,
        NULL::BIGINT AS cost,
        performed_at + INTERVAL 3 MINUTE AS updated_at,
        false AS is_late, false AS is_correction
    FROM refunds
)
SELECT *, export_day(updated_at) AS seen_on
FROM final
WHERE updated_at::DATE <= final_day()
QUALIFY is_correction IS NOT NULL AND row_number() OVER (PARTITION BY line_no, seen_on ORDER BY updated_at DESC) = 1;

-- Refund lines carry the performers of the line that they take back, so that credits are reduced too.
CREATE TABLE line_performer_versions AS
WITH lines AS (
    SELECT
        line_no,
        coalesce(original_no, line_no) AS work_no,
        clinic_no,
        employee_no,
        stage,
        specialty,
        updated_at,
        seen_on
    FROM service_line_versions
    WHERE employee_no IS NOT NULL AND NOT is_correction AND rnd(coalesce(original_no, line_no), 'no performers') >= 0.02
), roles AS (
    SELECT *, 'doctor' AS performer_role, NULL AS staff_role FROM lines
    UNION ALL
    SELECT *, 'assistant', 'assistant'
    FROM lines
    WHERE stage = 'treatment' AND specialty = 'Стоматология' AND rnd(work_no, 'assisted') < 0.85
    UNION ALL
    SELECT *, 'nurse', 'nurse'
    FROM lines
    WHERE specialty IN ('Терапия', 'Физиотерапия', 'Лаборатория') AND rnd(work_no, 'nursed') < 0.6
    UNION ALL
    SELECT *, 'operator', 'operator' FROM lines WHERE specialty IN ('УЗИ', 'МРТ') AND rnd(work_no, 'operated') < 0.9
    UNION ALL
    SELECT *, 'anaesthetist', 'anaesthetist'
    FROM lines
    WHERE specialty = 'Стоматология' AND stage = 'treatment' AND rnd(work_no, 'asleep') < 0.05
), staffed AS (
    SELECT r.line_no, r.work_no, r.performer_role, r.updated_at, r.seen_on,
        if(r.staff_role IS NULL, r.employee_no, t.employee_no) AS employee_no
    FROM roles AS r
    LEFT JOIN (SELECT DISTINCT clinic_no, staff_role, people FROM teams) AS size USING (clinic_no, staff_role)
    LEFT JOIN
        teams AS t
    ON t.clinic_no = r.clinic_no AND t.staff_role = r.staff_role AND t.k = pick(r.work_no, 'member', size.people)
)
SELECT line_no, employee_no, performer_role, updated_at, seen_on,
    if(rnd(work_no, 'hours noted') < 0.5, 25 + 25 * pick(work_no, 'hours', 6), NULL) AS hours_hundredths,
    if(
        performer_role IN ('assistant', 'nurse') AND rnd(work_no, 'points noted') < 0.5,
        1 + pick(work_no, 'points', 5),
        NULL
    ) AS points
FROM staffed;

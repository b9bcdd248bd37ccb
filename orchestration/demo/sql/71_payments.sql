-- Invoices of visits, the money that came for them, and how it was set against them. Amounts are kopecks.

CREATE TABLE invoices AS
SELECT
    invoice_no,
    min(clinic_no) AS clinic_no,
    min(patient_no) AS patient_no,
    min(payer) AS payer,
    sum(net)::BIGINT AS amount,
    min(performed_at) + INTERVAL 6 MINUTE + to_days(late_days(invoice_no, 'late invoice', 0.01)) AS issued_at,
    CASE
        WHEN min(payer) IS NOT NULL THEN 'insurer'
        WHEN rnd(invoice_no, 'settles') < 0.82 THEN 'at once'
        WHEN rnd(invoice_no, 'settles') < 0.91 THEN 'in parts'
        WHEN rnd(invoice_no, 'settles') < 0.955 THEN 'later'
        WHEN rnd(invoice_no, 'settles') < 0.975 THEN 'deposit'
        ELSE 'never'
    END AS habit
FROM sales
WHERE invoice_no IS NOT NULL AND status = 'performed'
GROUP BY invoice_no;

-- One row per movement, with the invoice it pays, if any.
CREATE TABLE payments AS
WITH movements AS (
    SELECT
        invoice_no * 10 + 1 AS payment_no,
        invoice_no,
        clinic_no,
        patient_no,
        NULL AS payer,
        issued_at + INTERVAL 4 MINUTE AS paid_at,
        'payment' AS payment_kind, if(habit = 'in parts', amount // 2, amount) AS amount
    FROM invoices WHERE habit IN ('at once', 'in parts')
    UNION ALL
    SELECT invoice_no * 10 + 2, invoice_no, clinic_no, patient_no, NULL,
        at_minute(issued_at::DATE + 2 + pick(invoice_no, 'rest', 20), 600 + pick(invoice_no, 'rest minute', 500)),
        'payment',
        if(habit = 'in parts', amount - amount // 2, amount)
    FROM invoices WHERE habit IN ('in parts', 'later') AND rnd(invoice_no, 'rest comes') < 0.9
    UNION ALL
    SELECT invoice_no * 10 + 3, invoice_no, clinic_no, patient_no, NULL,
        greatest(at_minute(issued_at::DATE - 1 - pick(invoice_no, 'advance', 10), 780), at_minute(first_day(), 480)),
        'deposit',
        amount
    FROM invoices WHERE habit = 'deposit'
    UNION ALL
    SELECT invoice_no * 10 + 4, invoice_no, clinic_no, patient_no, payer,
        at_minute(issued_at::DATE + 20 + pick(invoice_no, 'insurer pays', 20), 900), 'payment', amount
    FROM invoices WHERE habit = 'insurer'
    UNION ALL
    SELECT
        invoice_no * 10 + 5,
        invoice_no,
        clinic_no,
        patient_no,
        NULL,
        at_minute(issued_at::DATE + 9, 840),
        'chargeback',
        -amount
    FROM invoices WHERE habit = 'at once' AND rnd(invoice_no, 'chargeback') < 0.0015
    UNION ALL
    SELECT line_no * 10 + 6, NULL, clinic_no, patient_no, NULL, performed_at + INTERVAL 2 MINUTE, 'payment', net
    FROM sales WHERE visit_no IS NULL AND status = 'performed' AND net > 0
    UNION ALL
    SELECT
        r.line_no * 10,
        r.invoice_no,
        r.clinic_no,
        r.patient_no,
        NULL,
        r.performed_at + INTERVAL 10 MINUTE,
        'refund',
        r.net
    FROM refunds AS r LEFT JOIN invoices AS i USING (invoice_no)
    WHERE coalesce(i.habit, 'at once') = 'at once'
)
SELECT *,
    if(payer IS NOT NULL, 'transfer', ['card', 'card', 'cash', 'sbp'][1 + pick(payment_no, 'method', 4)]) AS method,
    -- Empty means settled: the cash desk of this MIS leaves the state out.
    CASE
        WHEN rnd(payment_no, 'state') < 0.06 THEN NULL WHEN
            rnd(payment_no, 'state') < 0.065 AND payment_kind = 'payment'
            THEN 'failed'
        ELSE 'done' END AS status,
    payment_kind = 'payment' AND rnd(payment_no, 'pending') < 0.02 AS is_first_pending,
    paid_at + INTERVAL 1 MINUTE + to_days(late_days(payment_no, 'late payment', 0.015)) AS entered_at,
    rnd(payment_no, 'late payment') < 0.015 AS is_late
FROM movements;

CREATE TABLE payment_versions AS
WITH versions AS (
    SELECT * EXCLUDE (entered_at), entered_at AS updated_at FROM payments WHERE NOT is_first_pending
    UNION ALL BY NAME
    SELECT * EXCLUDE (entered_at) REPLACE ('pending' AS status), entered_at AS updated_at
    FROM payments
    WHERE is_first_pending
    UNION ALL BY NAME
    SELECT * EXCLUDE (entered_at), entered_at + INTERVAL 1 DAY AS updated_at FROM payments WHERE is_first_pending
)
SELECT *, export_day(updated_at) AS seen_on FROM versions WHERE updated_at::DATE <= final_day();

CREATE TABLE allocation_versions AS
SELECT
    p.payment_no,
    p.invoice_no,
    p.amount,
    moments.at AS allocated_at,
    moments.at AS updated_at,
    export_day(moments.at) AS seen_on
FROM payments AS p
INNER JOIN invoices AS i USING (invoice_no)
CROSS JOIN LATERAL (SELECT greatest(p.entered_at, i.issued_at) + INTERVAL 1 MINUTE AS at) AS moments
WHERE coalesce(p.status, 'done') = 'done' AND moments.at::DATE <= final_day();

CREATE TABLE invoice_versions AS
WITH paid AS (
    SELECT a.invoice_no, max(a.allocated_at) AS paid_at
    FROM allocation_versions AS a INNER JOIN invoices AS i USING (invoice_no)
    GROUP BY a.invoice_no
    HAVING sum(a.amount) >= min(i.amount)
), versions AS (
    SELECT *, 'open' AS status, issued_at + INTERVAL 1 MINUTE AS updated_at FROM invoices
    UNION ALL
    SELECT i.*, 'paid', p.paid_at + INTERVAL 1 MINUTE FROM invoices AS i INNER JOIN paid AS p USING (invoice_no)
    UNION ALL
    SELECT *, 'written_off', at_minute(issued_at::DATE + 90, 720)
    FROM invoices
    WHERE habit = 'never' AND rnd(invoice_no, 'bad debt') < 0.5
)
SELECT *, export_day(updated_at) AS seen_on
FROM versions
WHERE updated_at::DATE <= final_day()
QUALIFY row_number() OVER (PARTITION BY invoice_no, seen_on ORDER BY updated_at DESC, status DESC) = 1;

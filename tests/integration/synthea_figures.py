"""Figures of Synthea, counted in its files by the words of the catalogue. No tests."""

from __future__ import annotations

from raw_figures import Figure

# Moments are told in UTC, days are those of the clinics, in New York; bare dates are such days already.
VIEWS = """
    create view charges as
    select
        PATIENTID as patient,
        PLACEOFSERVICE as clinic,
        PROVIDERID as practitioner,
        timezone('America/New_York', cast(FROMDATE as timestamptz)) as charged_at,
        cast(charged_at as date) as day,
        cast(AMOUNT as decimal(18, 2)) as amount
    from claims_transactions where TYPE = 'CHARGE';

    create view payments as
    select
        PLACEOFSERVICE as clinic,
        cast(timezone('America/New_York', cast(FROMDATE as timestamptz)) as date) as day,
        cast(PAYMENTS as decimal(18, 2)) as amount
    from claims_transactions where TYPE = 'PAYMENT';

    create view visits as
    select
        Id as visit,
        ORGANIZATION as clinic,
        ENCOUNTERCLASS as class,
        cast(timezone('America/New_York', cast(START as timestamptz)) as date) as day,
        date_diff('second', cast(START as timestamptz), cast(STOP as timestamptz)) as seconds
    from encounters;

    create view plans as
    select ENCOUNTER as visit, DESCRIPTION as programme, cast(START as date) as day from careplans;

    create view years as select cast(year as bigint) as year from range(1968, 2025) as years (year);
"""

FIGURES = [
    Figure(
        "visits, new and treated patients and charges by year",
        """
        with
        treated as (
            select
                year(day) as year, count(distinct (patient, day)) as visits, count(distinct patient) as patients,
                sum(amount) as amount
            from charges group by year
        ),
        first_days as (select min(day) as day from charges group by patient),
        new_ones as (select year(day) as year, count(*) as patients from first_days group by year)
        select
            year, coalesce(treated.visits, 0), coalesce(new_ones.patients, 0), coalesce(treated.patients, 0),
            coalesce(treated.amount, 0)
        from years left join treated using (year) left join new_ones using (year)
        order by year
        """,
        """
        select year(period_start), visits, new_patient_visits, treated_patients, gross_revenue_amount
        from mart_kpi__periods where scope_kind = 'network' and period_kind = 'year' order by period_start
        """,
    ),
    Figure(
        "lengths of appointments by year, those above 12 hours apart",
        """
        select
            year, count(visit), count(visit) filter (seconds between 1 and 43200),
            count(visit) filter (seconds not between 1 and 43200),
            coalesce(sum(seconds) filter (seconds between 1 and 43200), 0)
        from years left join visits on year = year(day)
        group by year order by year
        """,
        """
        select year(period_start), attended_appointments, timed_appointments, untimed_appointments, timed_seconds
        from mart_kpi__periods where scope_kind = 'network' and period_kind = 'year' order by period_start
        """,
    ),
    Figure(
        "active patients and charges of 18 months at the ends of years",
        """
        select make_date(year, 12, 31) as ends_on, count(distinct patient), coalesce(sum(amount), 0)
        from years
        left join charges on day <= make_date(year, 12, 31) and day + interval 18 month > make_date(year, 12, 31)
        where year < 2024
        group by year order by year
        """,
        """
        select period_end, active_patients, window_net_amount from mart_kpi__periods
        where scope_kind = 'network' and period_kind = 'year' and period_end < date '2024-01-01' order by period_end
        """,
    ),
    Figure(
        "retention: who of each month's first payers comes back when, and what they bring",
        """
        with
        months as (
            select
                patient, cast(date_trunc('month', day) as date) as month, sum(amount) as amount,
                max(amount) > 0 as is_paid
            from charges group by all
        ),
        cohorts as (select patient, min(month) as first_month from months where is_paid group by patient)
        select first_month, date_diff('month', first_month, month) as age, count(*) filter (is_paid), sum(amount)
        from months inner join cohorts using (patient)
        where month >= first_month
        group by first_month, age having bool_or(is_paid)
        order by first_month, age
        """,
        """
        select period_start, months_since, returned_patients, revenue_amount from mart_patients__retention
        where scope_kind = 'network' and returned_patients > 0 order by period_start, months_since
        """,
    ),
    Figure(
        "RFM at the end of 2023",
        """
        with patients as (
            select
                date '2023-12-31' - max(day) filter (amount > 0) as days_since,
                count(distinct (clinic, day)) filter (amount > 0) as visits,
                sum(amount) as amount
            from charges where day between date '2022-07-01' and date '2023-12-31'
            group by patient having visits > 0
        )
        select
            case when days_since <= 90 then 3 when days_since <= 270 then 2 else 1 end as recency,
            case when visits >= 4 then 3 when visits >= 2 then 2 else 1 end as frequency,
            case when amount >= 50000 then 3 when amount >= 10000 then 2 else 1 end as money,
            count(*), sum(visits), sum(amount)
        from patients group by recency, frequency, money order by recency, frequency, money
        """,
        """
        select recency_score, frequency_score, monetary_score, patients, paid_visits, revenue_amount
        from mart_patients__rfm
        where scope_kind = 'network' and period_start = date '2023-12-01' and patients > 0
        order by recency_score, frequency_score, monetary_score
        """,
    ),
    Figure(
        "season: charges and paid visits by hour of the clinics' day",
        """
        with paid as (
            select min(hour(charged_at)) as hour from charges where amount > 0 group by patient, clinic, day
        )
        select
            lpad(cast(hours.hour as text), 2, '0') as hour,
            coalesce((select sum(amount) from charges where hour(charged_at) = hours.hour), 0),
            (select count(*) from paid where paid.hour = hours.hour)
        from range(24) as hours (hour) order by hours.hour
        """,
        """
        select dimension_value, net_revenue_amount, paid_visits from mart_patients__seasonality
        where scope_kind = 'network' and dimension_kind = 'hour' order by dimension_value
        """,
    ),
    Figure(
        "plans by programme and month",
        """
        select cast(date_trunc('month', day) as date) as month, programme, count(*)
        from plans group by month, programme order by month, programme
        """,
        """
        select period_start, programme, plans_presented from mart_programmes__periods
        where scope_kind = 'network' and period_kind = 'month' and plans_presented > 0
        order by period_start, programme
        """,
    ),
    Figure(
        "plans by day and clinic, a plan being its visit's clinic's",
        """
        select plans.day, 'synthea:' || clinic as clinic, count(*)
        from plans inner join visits using (visit)
        group by plans.day, clinic order by plans.day, 2
        """,
        """
        select local_date, clinic_id, plans_presented from mart_potential__clinic_day
        where plans_presented > 0 order by local_date, clinic_id
        """,
    ),
    Figure(
        "consultations by year, and those with a plan within 14 days",
        """
        with consultations as (
            select visits.visit, visits.day, bool_or(plans.day between visits.day and visits.day + 14) as is_planned
            from visits left join plans using (visit)
            where class in ('ambulatory', 'outpatient', 'urgentcare', 'virtual')
            group by visits.visit, visits.day
        )
        select year, count(visit), count(*) filter (is_planned)
        from years left join consultations on year = year(day) group by year order by year
        """,
        """
        select year(period_start), consultations, consultations_with_plan from mart_potential__tree
        where scope_kind = 'network' and period_kind = 'year' order by period_start
        """,
    ),
    Figure(
        "charges by insurer and year, by the insurance that the claim names",
        """
        with insured as (
            select
                year(timezone('America/New_York', cast(FROMDATE as timestamptz))) as year,
                coalesce(payers.NAME, '(self-pay)') as payer,
                cast(AMOUNT as decimal(18, 2)) as amount
            from claims_transactions
            inner join claims on claims_transactions.CLAIMID = claims.Id
            left join payers on claims.PRIMARYPATIENTINSURANCEID = payers.Id
            where TYPE = 'CHARGE'
        )
        select year, payer, sum(amount), round(sum(amount) / sum(sum(amount)) over (partition by year), 6)
        from insured group by year, payer order by year, payer
        """,
        """
        select year(period_start) as year, payer, payer_net_amount, payer_share::double from mart_kpi__payers
        where scope_kind = 'network' and period_kind = 'year' order by year, payer
        """,
    ),
    Figure(
        "payments by clinic and year",
        """
        select 'synthea:' || clinic as clinic, year(day) as year, count(*), sum(amount)
        from payments group by all order by 1, year
        """,
        """
        select clinic_id, year(local_date) as year, sum(payments), sum(cash_amount) from mart_finance__clinic_day
        group by clinic_id, year having sum(payments) > 0 order by clinic_id, year
        """,
    ),
]

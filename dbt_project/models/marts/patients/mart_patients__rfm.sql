with

scope_months as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('network', 'clinic') and period_kind = 'month' and is_complete
),

available as (
    {{ available_metrics('mart_patients__rfm') }}
),

patient_months as (
    select * from {{ ref('int_patient_months__treated') }}
),

scores as (
    {%- for score in [1, 2, 3] %}
    {{ 'union all' if not loop.first }}
    select {{ score }} as score
    {%- endfor %}
),

-- The months of the window that ends with each month; whoever paid a visit in it is active.
windows as (
    select
        scope_months.scope_id,
        scope_months.period_start,
        scope_months.period_end,
        patient_months.patient_id,
        sum(patient_months.paid_visits) as paid_visits,
        max(patient_months.last_paid_on) as last_paid_on,
        sum(patient_months.net_amount) as revenue_amount
    from scope_months
    inner join patient_months
        on
            scope_months.scope_id = patient_months.scope_id
            and scope_months.period_start >= patient_months.period_start
            and {{ months_between('patient_months.period_start', 'scope_months.period_start') }}
            < {{ var('rfm_window_months') }}
    group by scope_months.scope_id, scope_months.period_start, scope_months.period_end, patient_months.patient_id
    having sum(patient_months.paid_visits) > 0
),

aged as (
    select
        *,
        {{ days_between('last_paid_on', 'period_end') }} as days_since
    from windows
),

scored as (
    select
        *,
        case
            when days_since <= {{ var('rfm_recent_days') }} then 3
            when days_since <= {{ var('rfm_cooling_days') }} then 2
            else 1
        end as recency_score,
        case
            when paid_visits >= {{ var('rfm_frequent_visits') }} then 3
            when paid_visits >= {{ var('rfm_repeat_visits') }} then 2
            else 1
        end as frequency_score,
        case
            when revenue_amount >= {{ var('rfm_high_amount') }} then 3
            when revenue_amount >= {{ var('rfm_middle_amount') }} then 2
            else 1
        end as monetary_score
    from aged
),

segments as (
    select
        scope_id,
        period_start,
        recency_score,
        frequency_score,
        monetary_score,
        count(*) as patients,
        sum(paid_visits) as paid_visits,
        sum(revenue_amount) as revenue_amount
    from scored
    group by scope_id, period_start, recency_score, frequency_score, monetary_score
),

totals as (
    select
        scope_id,
        period_start,
        count(distinct patient_id) as active_patients,
        sum(revenue_amount) as active_revenue_amount
    from windows
    group by scope_id, period_start
),

named as (
    select
        scope_months.*,
        recency.score as recency_score,
        frequency.score as frequency_score,
        monetary.score as monetary_score,
        segments.patients,
        segments.paid_visits,
        segments.revenue_amount,
        totals.active_patients,
        totals.active_revenue_amount
    from scope_months
    cross join scores as recency
    cross join scores as frequency
    cross join scores as monetary
    left join totals on scope_months.scope_id = totals.scope_id and scope_months.period_start = totals.period_start
    left join segments
        on
            scope_months.scope_id = segments.scope_id
            and scope_months.period_start = segments.period_start
            and recency.score = segments.recency_score
            and frequency.score = segments.frequency_score
            and monetary.score = segments.monetary_score
),

measured as (
    select
        {{ scope_and_period_columns('named') }},
        cast(named.recency_score as bigint) as recency_score,
        cast(named.frequency_score as bigint) as frequency_score,
        cast(named.monetary_score as bigint) as monetary_score,
        {{ available_measures('mart_patients__rfm') }}
    from named
    left join available on named.source_id = available.source_id
),

final as (
    select
        {{ scope_and_period_columns() }},
        recency_score,
        frequency_score,
        monetary_score,
        {{ metric_columns('mart_patients__rfm') }}
    from measured
)

select * from final

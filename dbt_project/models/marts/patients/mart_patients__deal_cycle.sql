with

scope_months as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('network', 'clinic') and period_kind = 'month'
),

available as (
    {{ available_metrics('mart_patients__deal_cycle') }}
),

buckets as (
    select * from {{ ref('deal_cycle_buckets') }}
),

leads as (
    select * from {{ ref('int_leads__followed') }}
),

plans as (
    select * from {{ ref('fct_plans') }}
    where local_date is not null
),

lines as (
    select * from {{ ref('int_lines__performed') }}
    where plan_id is not null and not is_refund
),

-- From the day of presentation to that of the first line performed on any item.
plan_cycles as (
    select
        plans.plan_id,
        plans.source_id,
        plans.clinic_id,
        plans.currency,
        plans.local_date,
        min(lines.local_date) as performed_on
    from plans
    left join lines on plans.plan_id = lines.plan_id and plans.local_date <= lines.local_date
    group by plans.plan_id, plans.source_id, plans.clinic_id, plans.currency, plans.local_date
),

cycles as (
    select
        source_id,
        clinic_id,
        currency,
        1 as is_lead,
        days_to_paid_visit as days,
        {{ period_start_of('month', 'local_date') }} as period_start
    from leads
    union all
    select
        source_id,
        clinic_id,
        currency,
        0 as is_lead,
        {{ days_between('local_date', 'performed_on') }} as days,
        {{ period_start_of('month', 'local_date') }} as period_start
    from plan_cycles
),

sorted as (
    select
        cycles.*,
        buckets.bucket
    from cycles
    inner join buckets
        on
            (cycles.days is null and buckets.first_day is null)
            or (cycles.days >= buckets.first_day and cycles.days <= coalesce(buckets.last_day, cycles.days))
),

sums as (
    select
        scope_id,
        period_start,
        bucket,
        sum(is_lead) as lead_deals,
        sum(1 - is_lead) as plan_deals,
        sum(is_lead * days) as lead_days,
        sum((1 - is_lead) * days) as plan_days
    from ({{ in_scopes('sorted', ['network', 'clinic']) }}) as scoped
    group by scope_id, period_start, bucket
),

named as (
    select
        scope_months.*,
        buckets.bucket,
        buckets.bucket_order,
        sums.lead_deals,
        sums.plan_deals,
        case when buckets.first_day is not null then coalesce(sums.lead_days, 0) end as lead_days,
        case when buckets.first_day is not null then coalesce(sums.plan_days, 0) end as plan_days
    from scope_months
    cross join buckets
    left join sums
        on
            scope_months.scope_id = sums.scope_id
            and scope_months.period_start = sums.period_start
            and buckets.bucket = sums.bucket
),

measured as (
    select
        {{ scope_and_period_columns('named') }},
        cast(named.bucket as string) as bucket,
        cast(named.bucket_order as bigint) as bucket_order,
        {{ available_measures('mart_patients__deal_cycle') }}
    from named
    left join available on named.source_id = available.source_id
),

final as (
    select
        {{ scope_and_period_columns() }},
        bucket,
        bucket_order,
        {{ metric_columns('mart_patients__deal_cycle') }}
    from measured
)

select * from final

{#
  How the forms interact: what a way of acquiring patients does to the load and to the value of the hour. A policy is a channel and whether
  the patients are primary. Rows where there is money, a visit or an hour; the policies of a scope and period sum to it.
#}
with

scope_periods as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('network', 'clinic') and period_kind in ('month', 'quarter', 'year')
),

available as (
    {{ available_metrics('mart_triune__policies') }}
),

patient_periods as (
    select served.*
    from {{ ref('int_patient_periods__served') }} as served
    inner join scope_periods using (scope_id, period_kind, period_start)
),

appointments as (
    select * from {{ ref('int_appointments__sold') }}
),

acquired as (
    select * from {{ ref('int_patients__acquired') }}
),

rooms as (
    select * from {{ ref('int_resource_days__loaded') }}
),

visits as (
    select * from (
        {{ sum_by_scope_and_period('appointments', ['network', 'clinic'], {
            'sold_seconds': 'sold_seconds'
        }, ['patient_id']) }}
    ) as summed
    where period_kind in ('month', 'quarter', 'year')
),

open_hours as (
    {{ sum_by_scope_and_period('rooms', ['network', 'clinic'], {'scope_room_seconds': 'room_seconds'}) }}
),

-- A visit without a line is of a patient who is not primary.
parts as (
    select
        scope_id,
        period_kind,
        period_start,
        coalesce(acquired.channel, '(none)') as channel,
        case
            when patient_id = '(none)' then '(none)'
            when patient_periods.is_primary then 'primary'
            else 'secondary'
        end as patient_kind,
        patient_periods.is_paid,
        patient_periods.paid_visits,
        patient_periods.net_amount,
        patient_periods.slotted_amount,
        patient_periods.direct_cost_amount,
        visits.sold_seconds
    from patient_periods
    full outer join visits using (scope_id, period_kind, period_start, patient_id)
    left join acquired using (patient_id)
),

policies as (
    select
        scope_id,
        period_kind,
        period_start,
        channel,
        patient_kind,
        {{ count_if('is_paid') }} as patients,
        sum(paid_visits) as paid_visits,
        sum(net_amount) as revenue_amount,
        sum(direct_cost_amount) as direct_cost_amount,
        sum(sold_seconds) as sold_seconds,
        sum(slotted_amount) as slotted_revenue_amount
    from parts
    group by scope_id, period_kind, period_start, channel, patient_kind
),

wholes as (
    select
        *,
        sum(revenue_amount) over (partition by scope_id, period_kind, period_start) as scope_revenue_amount,
        sum(slotted_revenue_amount) over (partition by scope_id, period_kind, period_start)
            as scope_slotted_revenue_amount,
        sum(sold_seconds) over (partition by scope_id, period_kind, period_start) as scope_sold_seconds
    from policies
),

measured as (
    select
        {{ available_measures('mart_triune__policies') }},
        wholes.channel,
        wholes.patient_kind,
        scope_periods.*
    from scope_periods
    inner join wholes using (scope_id, period_kind, period_start)
    left join open_hours using (scope_id, period_kind, period_start)
    left join available on scope_periods.source_id = available.source_id
),

final as (
    select
        {{ metric_columns('mart_triune__policies') }},
        cast(channel as string) as channel,
        cast(patient_kind as string) as patient_kind,
        {{ scope_and_period_columns() }}
    from measured
)

select * from final

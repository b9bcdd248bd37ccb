with

events as (
    select * from {{ ref('mart_incentives__s01_events') }}
),

participants as (
    select * from {{ ref('mart_incentives__s02_participants') }}
),

-- Signs are set aside and put back, so that a refund splits as the mirror image of its line.
roles as (
    select distinct
        event_id,
        participants.role,
        greatest(participants.performers, 1) as heads,
        sign(events.net_amount) as net_sign,
        sign(events.direct_cost_amount) as cost_sign,
        {{ to_units('abs(events.net_amount)') }} as net_units,
        {{ to_units('abs(events.direct_cost_amount)') }} as cost_units,
        {{ to_units('participants.role_share') }} as share_units,
        {{ to_units('participants.shares_total') }} as total_units
    from participants
    inner join events using (event_id)
),

role_quotas as (
    select
        *,
        {{ proportion_floor('net_units', 'share_units', 'total_units') }} as net_floor,
        {{ proportion_remainder('net_units', 'share_units', 'total_units') }} as net_remainder,
        {{ proportion_floor('cost_units', 'share_units', 'total_units') }} as cost_floor,
        {{ proportion_remainder('cost_units', 'share_units', 'total_units') }} as cost_remainder
    from roles
),

role_parts as (
    select
        event_id,
        role,
        heads,
        net_sign,
        cost_sign,
        {{ largest_remainder('net_units', 'net_floor', 'net_remainder', ['event_id'], ['role']) }} as net_units,
        {{ largest_remainder('cost_units', 'cost_floor', 'cost_remainder', ['event_id'], ['role']) }} as cost_units
    from role_quotas
),

head_quotas as (
    select
        participants.credit_id,
        participants.employee_id,
        participants.is_kept_by_clinic,
        role_parts.*,
        {{ floor_quotient('role_parts.net_units', 'role_parts.heads') }} as net_floor,
        {{ floor_remainder('role_parts.net_units', 'role_parts.heads') }} as net_remainder,
        {{ floor_quotient('role_parts.cost_units', 'role_parts.heads') }} as cost_floor,
        {{ floor_remainder('role_parts.cost_units', 'role_parts.heads') }} as cost_remainder
    from participants
    inner join role_parts using (event_id, role)
),

{% set of_role = ['event_id', 'role'] %}
head_parts as (
    select
        *,
        {{ largest_remainder('net_units', 'net_floor', 'net_remainder', of_role, ['employee_id']) }} as net_part,
        {{ largest_remainder('cost_units', 'cost_floor', 'cost_remainder', of_role, ['employee_id']) }} as cost_part
    from head_quotas
),

final as (
    select
        cast(head_parts.credit_id as string) as credit_id,
        cast(event_id as string) as event_id,
        cast(events.scenario_id as string) as scenario_id,
        cast(events.scheme_id as string) as scheme_id,
        cast(events.module as string) as module,
        cast(events.service_line_id as string) as service_line_id,
        cast(events.clinic_id as string) as clinic_id,
        cast(head_parts.employee_id as string) as employee_id,
        cast(head_parts.role as string) as role,
        cast(events.currency as string) as currency,
        cast(head_parts.is_kept_by_clinic as boolean) as is_kept_by_clinic,
        cast({{ from_units('net_sign * net_part') }} as decimal(38, 10)) as credited_net_amount,
        cast({{ from_units('cost_sign * cost_part') }} as decimal(38, 10)) as credited_cost_amount,
        cast(events.period_month as date) as period_month,
        cast(events.local_date as date) as local_date,
        cast(events.terms_date as date) as terms_date
    from head_parts
    inner join events using (event_id)
)

select * from final

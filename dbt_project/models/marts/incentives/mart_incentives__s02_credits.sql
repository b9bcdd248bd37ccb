with

events as (
    select * from {{ ref('mart_incentives__s01_events') }}
),

line_performers as (
    select * from {{ ref('fct_line_performers') }}
),

modules as (
    select * from {{ source('schemes', 'modules') }}
),

role_shares as (
    select * from {{ source('schemes', 'role_shares') }}
),

lines_with_performers as (
    select distinct service_line_id from line_performers
),

-- A refund line that names nobody takes back from those who did the work.
participants as (
    select
        events.event_id,
        line_performers.performer_role as role,
        line_performers.employee_id
    from events
    left join lines_with_performers on events.service_line_id = lines_with_performers.service_line_id
    inner join line_performers
        on line_performers.service_line_id = case
            when lines_with_performers.service_line_id is null then coalesce(events.original_line_id, events.service_line_id)
            else events.service_line_id
        end
),

role_counts as (
    select
        event_id,
        role,
        count(*) as performers
    from participants
    group by event_id, role
),

roles as (
    select
        events.event_id,
        events.net_amount,
        events.direct_cost_amount,
        role_shares.role,
        modules.unfilled_role,
        coalesce(role_counts.performers, 0) as performers,
        {{ to_units('role_shares.role_share') }} as share_units,
        sum(case when role_counts.performers > 0 then {{ to_units('role_shares.role_share') }} else 0 end)
            over (partition by events.event_id) as filled_units
    from events
    inner join modules
        on events.scenario_id = modules.scenario_id
        and events.scheme_id = modules.scheme_id
        and events.module = modules.module
    inner join role_shares
        on events.scenario_id = role_shares.scenario_id
        and events.scheme_id = role_shares.scheme_id
        and events.module = role_shares.module
        and events.terms_date between role_shares.valid_from and coalesce(role_shares.valid_to, events.terms_date)
    left join role_counts on events.event_id = role_counts.event_id and role_shares.role = role_counts.role
),

-- An event in which nobody has a share stays with the clinic whatever the rule: there is no one to redistribute to.
sharing_roles as (
    select
        *,
        case when unfilled_role = 'redistribute' and filled_units > 0 then filled_units else 10000000000 end as whole_share_units
    from roles
    where unfilled_role != 'redistribute' or filled_units = 0 or performers > 0
),

-- Signs are set aside and put back, so that a refund splits as the mirror image of its line.
role_quotas as (
    select
        *
        {%- for part in ['net', 'direct_cost'] %},
        {{ proportion_floor(to_units('abs(' ~ part ~ '_amount)'), 'share_units', 'whole_share_units') }} as {{ part }}_floor,
        {{ proportion_remainder(to_units('abs(' ~ part ~ '_amount)'), 'share_units', 'whole_share_units') }} as {{ part }}_remainder
        {%- endfor %}
    from sharing_roles
),

role_parts as (
    select
        event_id,
        role,
        performers,
        sign(net_amount) as net_sign,
        sign(direct_cost_amount) as direct_cost_sign
        {%- for part in ['net', 'direct_cost'] %},
        {{ largest_remainder(
            to_units('abs(' ~ part ~ '_amount)'), part ~ '_floor', part ~ '_remainder', ['event_id'], ['role']
        ) }} as {{ part }}_units
        {%- endfor %}
    from role_quotas
),

-- A role without performers keeps one row, without an employee.
shared as (
    select
        role_parts.*,
        participants.employee_id
        {%- for part in ['net', 'direct_cost'] %},
        {{ floor_quotient('role_parts.' ~ part ~ '_units', 'greatest(role_parts.performers, 1)') }} as {{ part }}_floor,
        {{ floor_remainder('role_parts.' ~ part ~ '_units', 'greatest(role_parts.performers, 1)') }} as {{ part }}_remainder
        {%- endfor %}
    from role_parts
    left join participants on role_parts.event_id = participants.event_id and role_parts.role = participants.role
),

employee_parts as (
    select
        event_id,
        role,
        employee_id
        {%- for part in ['net', 'direct_cost'] %},
        {{ part }}_sign * (
            {{ largest_remainder(
                part ~ '_units', part ~ '_floor', part ~ '_remainder', ['event_id', 'role'], ['employee_id']
            ) }}
        ) as {{ part }}_units
        {%- endfor %}
    from shared
),

final as (
    select
        cast({{ surrogate_key(['employee_parts.event_id', 'employee_parts.role', 'employee_parts.employee_id']) }} as string)
            as credit_id,
        cast(events.event_id as string) as event_id,
        cast(events.scenario_id as string) as scenario_id,
        cast(events.scheme_id as string) as scheme_id,
        cast(events.module as string) as module,
        cast(events.service_line_id as string) as service_line_id,
        cast(events.clinic_id as string) as clinic_id,
        cast(employee_parts.employee_id as string) as employee_id,
        cast(employee_parts.role as string) as role,
        cast(events.currency as string) as currency,
        cast(employee_parts.employee_id is null as boolean) as is_kept_by_clinic,
        cast({{ from_units('employee_parts.net_units') }} as decimal(38, 10)) as credited_net_amount,
        cast({{ from_units('employee_parts.direct_cost_units') }} as decimal(38, 10)) as credited_cost_amount,
        cast(events.period_month as date) as period_month,
        cast(events.local_date as date) as local_date,
        cast(events.terms_date as date) as terms_date
    from employee_parts
    inner join events on employee_parts.event_id = events.event_id
)

select * from final

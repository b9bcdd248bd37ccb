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
    select distinct service_line_id as performed_line_id from line_performers
),

-- A refund line that names nobody takes back from those who did the work.
performed as (
    select
        events.event_id,
        coalesce(lines_with_performers.performed_line_id, events.original_line_id) as performed_line_id
    from events
    left join lines_with_performers on events.service_line_id = lines_with_performers.performed_line_id
),

performers as (
    select
        performed.event_id,
        line_performers.performer_role as role,
        line_performers.employee_id
    from performed
    inner join line_performers on performed.performed_line_id = line_performers.service_line_id
),

performer_counts as (
    select
        event_id,
        role,
        count(*) as performers
    from performers
    group by event_id, role
),

roles as (
    select
        events.event_id,
        role_shares.role,
        role_shares.role_share,
        modules.unfilled_role,
        coalesce(performer_counts.performers, 0) as performers,
        sum(case when performer_counts.performers > 0 then role_shares.role_share else 0 end)
            over (partition by events.event_id) as filled_share
    from events
    inner join modules using (scenario_id, scheme_id, module)
    inner join role_shares
        on
            events.scenario_id = role_shares.scenario_id
            and events.scheme_id = role_shares.scheme_id
            and events.module = role_shares.module
            and events.terms_date between role_shares.valid_from and coalesce(role_shares.valid_to, events.terms_date)
    left join performer_counts
        on events.event_id = performer_counts.event_id and role_shares.role = performer_counts.role
),

-- An event in which nobody has a share stays with the clinic whatever the rule: there is no one to redistribute to.
sharing_roles as (
    select
        *,
        case when unfilled_role = 'redistribute' and filled_share > 0 then filled_share else 1 end as shares_total
    from roles
    where unfilled_role != 'redistribute' or filled_share = 0 or performers > 0
),

final as (
    select
        cast({{ surrogate_key(['event_id', 'role', 'performers.employee_id']) }} as string) as credit_id,
        cast(event_id as string) as event_id,
        cast(performers.employee_id as string) as employee_id,
        cast(role as string) as role,
        cast(performers.employee_id is null as boolean) as is_kept_by_clinic,
        cast(sharing_roles.performers as bigint) as performers,
        cast(sharing_roles.role_share as decimal(38, 10)) as role_share,
        cast(sharing_roles.shares_total as decimal(38, 10)) as shares_total
    from sharing_roles
    left join performers using (event_id, role)
)

select * from final

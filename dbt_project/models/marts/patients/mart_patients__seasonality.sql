{%- set keys = [
    'scope_id', 'scope_kind', 'source_id', 'currency', 'clinic_id', 'dimension_kind', 'dimension_value'
] -%}
{%- set measures = ['days', 'net_amount', 'paid_visits', 'visits'] -%}
with

scopes as (
    select * from {{ ref('int_scopes') }}
    where scope_kind in ('network', 'clinic')
),

available as (
    {{ available_metrics('mart_patients__seasonality') }}
),

busy_hours as (
    select * from {{ ref('int_clinic_hours__busy') }}
),

dates as (
    select * from {{ ref('int_dates__profiled') }}
),

clinic_days as (
    select
        source_id,
        clinic_id,
        currency,
        local_date,
        1 as days,
        sum(net_amount) as net_amount,
        sum(paid_visits) as paid_visits,
        sum(visits) as visits
    from busy_hours
    group by source_id, clinic_id, currency, local_date
),

-- Every hour of the day comes once a day, whether anything is done in it or not.
hours as (
    {%- for hour in range(24) %}
    {{ 'union all' if not loop.first }}
    select {{ hour }} as local_hour
    {%- endfor %}
),

sorted as (
    select
        clinic_days.*,
        dates.dimension_kind,
        dates.dimension_value
    from clinic_days
    inner join dates on clinic_days.local_date = dates.local_date
    union all
    select
        clinic_days.source_id,
        clinic_days.clinic_id,
        clinic_days.currency,
        clinic_days.local_date,
        clinic_days.days,
        coalesce(busy_hours.net_amount, 0) as net_amount,
        coalesce(busy_hours.paid_visits, 0) as paid_visits,
        coalesce(busy_hours.visits, 0) as visits,
        'hour' as dimension_kind,
        right('0' || cast(hours.local_hour as string), 2) as dimension_value
    from clinic_days
    cross join hours
    left join busy_hours
        on
            clinic_days.clinic_id = busy_hours.clinic_id
            and clinic_days.local_date = busy_hours.local_date
            and hours.local_hour = busy_hours.local_hour
),

profiles as (
    select
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        scope_id,
        dimension_kind,
        dimension_value
    from ({{ in_scopes('sorted', ['network', 'clinic']) }}) as scoped
    group by scope_id, dimension_kind, dimension_value
),

totals as (
    select
        {%- for measure in measures %}
        sum({{ measure }}) as all_{{ measure }},
        {%- endfor %}
        scope_id
    from ({{ in_scopes('clinic_days', ['network', 'clinic']) }}) as scoped
    group by scope_id
),

-- What a day (an hour) of the kind holds, against what any day (hour) holds.
named as (
    select
        scopes.*,
        profiles.net_amount as net_revenue_amount,
        profiles.paid_visits,
        profiles.visits as attended_visits,
        {%- for index, measure in {
            'revenue_index': 'net_amount', 'paid_visits_index': 'paid_visits', 'attended_visits_index': 'visits'
        }.items() %}
        {{ exact_quotient(
            'profiles.' ~ measure ~ " * totals.all_days * case when profiles.dimension_kind = 'hour' then 24 else 1 end",
            'totals.all_' ~ measure ~ ' * profiles.days'
        ) }} as {{ index }},
        {%- endfor %}
        profiles.dimension_kind,
        profiles.dimension_value,
        profiles.days
    from scopes
    inner join profiles on scopes.scope_id = profiles.scope_id
    inner join totals on scopes.scope_id = totals.scope_id
),

measured as (
    select
        {%- for key in keys %}
        cast(named.{{ key }} as string) as {{ key }},
        {%- endfor %}
        {{ available_measures('mart_patients__seasonality') }}
    from named
    left join available on named.source_id = available.source_id
),

final as (
    select
        {{ keys | join(',\n        ') }},
        {{ metric_columns('mart_patients__seasonality') }}
    from measured
)

select * from final

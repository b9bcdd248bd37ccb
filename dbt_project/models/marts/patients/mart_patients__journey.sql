{%- set stages = {
    'leads_booked': 'is_booked',
    'leads_shown': 'is_shown',
    'leads_planned': 'is_planned',
    'leads_accepted': 'is_accepted',
    'leads_performed': 'is_performed',
    'leads_paid': 'is_paid',
    'leads_returned': 'is_returned'
} -%}
with

scope_months as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind in ('network', 'clinic') and period_kind = 'month'
),

available as (
    {{ available_metrics('mart_patients__journey') }}
),

leads as (
    select
        *,
        {{ period_start_of('month', 'local_date') }} as period_start
    from {{ ref('int_leads__followed') }}
),

stages as (
    select
        scope_id,
        period_start,
        {%- for stage, condition in stages.items() %}
        {{ count_if(condition) }} as {{ stage }},
        {%- endfor %}
        count(*) as leads
    from ({{ in_scopes('leads', ['network', 'clinic']) }}) as scoped
    group by scope_id, period_start
),

named as (
    select
        scope_months.*,
        {%- for stage in stages %}
        stages.{{ stage }},
        {%- endfor %}
        stages.leads
    from scope_months
    left join stages on scope_months.scope_id = stages.scope_id and scope_months.period_start = stages.period_start
),

measured as (
    select
        {{ scope_and_period_columns('named') }},
        {{ available_measures('mart_patients__journey') }}
    from named
    left join available on named.source_id = available.source_id
),

final as (
    select
        {{ scope_and_period_columns() }},
        {{ metric_columns('mart_patients__journey') }}
    from measured
)

select * from final

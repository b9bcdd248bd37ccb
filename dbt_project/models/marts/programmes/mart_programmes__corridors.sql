{%- set fill, price = var('regime_fill_percent'), var('regime_price_percent') -%}
{%- set discount, premium = var('corridor_discount_max_pct'), var('corridor_premium_max_pct') -%}
with

months as (
    select * from {{ ref('int_scope_periods') }}
    where scope_kind = 'clinic' and period_kind = 'month'
),

available as (
    {{ available_metrics('mart_programmes__corridors') }}
),

micro_seasons as (
    select * from {{ ref('int_micro_seasons__filled') }}
),

service_lines as (
    select * from {{ ref('int_lines__performed') }}
    where is_slotted
),

clinic_months as (
    select
        clinic_id,
        period_start,
        sum(sold_seconds) as slotted_seconds
    from micro_seasons
    group by clinic_id, period_start
),

revenues as (
    select
        clinic_id,
        {{ period_start_of('month', 'local_date') }} as period_start,
        sum(net_amount) as slotted_revenue_amount,
        cast(sum(direct_cost_amount) as decimal(18, 2)) as slotted_cost_amount
    from service_lines
    group by clinic_id, {{ period_start_of('month', 'local_date') }}
),

-- The fill rate within the thresholds, in hundredths of the open time: what the straight line is drawn over.
joined as (
    select
        months.*,
        micro_seasons.weekday,
        micro_seasons.hour_of_day,
        micro_seasons.open_seconds,
        micro_seasons.sold_seconds,
        clinic_months.slotted_seconds,
        coalesce(revenues.slotted_revenue_amount, 0) as slotted_revenue_amount,
        coalesce(revenues.slotted_cost_amount, 0) as slotted_cost_amount,
        least(
            greatest(100 * micro_seasons.sold_seconds, {{ fill }} * micro_seasons.open_seconds),
            {{ price }} * micro_seasons.open_seconds
        ) - {{ fill }} * micro_seasons.open_seconds as above_fill
    from micro_seasons
    inner join months
        on micro_seasons.clinic_id = months.clinic_id and micro_seasons.period_start = months.period_start
    inner join clinic_months
        on micro_seasons.clinic_id = clinic_months.clinic_id and micro_seasons.period_start = clinic_months.period_start
    left join revenues
        on micro_seasons.clinic_id = revenues.clinic_id and micro_seasons.period_start = revenues.period_start
),

-- (100 − discount + (discount + premium) × share of the way between the thresholds) / 100
indexed as (
    select
        *,
        {{ 100 - discount }} * {{ price - fill }} * open_seconds + {{ discount + premium }} * above_fill as index_part,
        100 * {{ price - fill }} * open_seconds as index_whole
    from joined
),

valued as (
    select
        *,
        {{ exact_quotient('index_part', 'index_whole') }} as price_index,
        case
            when index_whole > 0
                then greatest(
                    {{ exact_quotient(
                        'cast(slotted_revenue_amount * 3600 as decimal(38, 2)) * index_part',
                        'cast(slotted_seconds as decimal(38, 0)) * index_whole', scale=2
                    ) }},
                    {{ money_quotient('slotted_cost_amount * 3600', 'slotted_seconds') }}
                )
        end as advised_hour_value,
        {{ money_quotient('slotted_revenue_amount * ' ~ 36 * (100 + premium), 'slotted_seconds') }}
            as ceiling_hour_value
    from indexed
),

measured as (
    select
        valued.*,
        {{ available_measures('mart_programmes__corridors') }}
    from valued
    left join available on valued.source_id = available.source_id
),

final as (
    select
        {{ scope_and_period_columns() }},
        cast(weekday as integer) as weekday,
        cast(hour_of_day as integer) as hour_of_day,
        {{ metric_columns('mart_programmes__corridors') }}
    from measured
)

select * from final

{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'fct_revenues'}}}) }}
{# Whatever the clock, a line counts for no more than it is, and not against its sign; by the clock of work it counts in full. #}

with

counted as (
    select service_line_id, sum(net_amount) as counted_amount
    from {{ ref('fct_revenues') }}
    group by service_line_id
)

select lines.service_line_id, lines.net_amount, counted.counted_amount
from {{ ref('fct_service_lines') }} as lines
full outer join counted on lines.service_line_id = counted.service_line_id
where
    lines.service_line_id is null
    or (counted.service_line_id is not null and not lines.is_performed)
    or counted.counted_amount not between least(lines.net_amount, 0) and greatest(lines.net_amount, 0)
    {%- if var('revenue_clock') == 'performed' %}
    or (lines.is_performed and counted.counted_amount is distinct from lines.net_amount)
    {%- endif %}

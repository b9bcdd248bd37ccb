{# A calendar without gaps: groups that have fewer rows than days between their first and last local_date. #}
{% test contiguous_days(model, group_by) %}

select {{ group_by | join(', ') }}, count(*) as row_count, min(local_date) as first_date, max(local_date) as last_date
from {{ model }}
group by {{ group_by | join(', ') }}
having count(*) <> {{ days_between('min(local_date)', 'max(local_date)') }} + 1

{% endtest %}

{# A history without gaps or overlaps: versions after which the next does not begin on the very next day, and first ones that begin late. #}
{% test contiguous_versions(model, key) %}

select *
from (
    select
        {{ key | join(', ') }},
        version_from,
        version_to,
        row_number() over (partition by {{ key | join(', ') }} order by version_from) as version_number,
        lead(version_from) over (partition by {{ key | join(', ') }} order by version_from) as next_from
    from {{ model }}
) as versions
where
    (version_number = 1 and version_from <> {{ beginning_of_time() }})
    or version_to is distinct from {{ add_days('next_from', -1) }}

{% endtest %}

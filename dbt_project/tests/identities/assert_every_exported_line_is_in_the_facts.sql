{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'fct_service_lines'}}}) }}
{# Joins may neither lose nor multiply a line: facts and staging agree per clinic in count and in money, whatever the status. #}

select
    coalesce(staged.clinic_id, stored.clinic_id) as clinic_id,
    staged.service_lines as staged_lines,
    stored.service_lines as stored_lines,
    staged.net_amount as staged_amount,
    stored.net_amount as stored_amount
from (
    select clinic_id, count(*) as service_lines, sum(net_amount) as net_amount
    from {{ ref('stg_service_lines') }}
    group by clinic_id
) as staged
full outer join (
    select clinic_id, count(*) as service_lines, sum(net_amount) as net_amount
    from {{ ref('fct_service_lines') }}
    group by clinic_id
) as stored on staged.clinic_id = stored.clinic_id
where
    staged.service_lines is distinct from stored.service_lines
    or staged.net_amount is distinct from stored.net_amount

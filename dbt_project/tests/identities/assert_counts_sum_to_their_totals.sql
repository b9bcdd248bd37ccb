{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_utilisation__clinic_day'}}}) }}
{# Statuses partition the appointments; every paid visit is of a primary or a secondary patient; every movement has a kind. #}

select 'appointments' as what, clinic_id, local_date
from {{ ref('mart_utilisation__clinic_day') }}
where
    appointments
    <> appointments_scheduled + appointments_attended + appointments_no_show + appointments_cancelled
    + appointments_rescheduled + appointments_unknown

union all

select 'paid visits' as what, clinic_id, local_date
from {{ ref('mart_commerce__clinic_day') }}
where paid_visits <> primary_patients + secondary_patients

union all

select 'movements' as what, clinic_id, local_date
from {{ ref('mart_finance__clinic_day') }}
where movements <> payments + refunds + deposits + chargebacks
